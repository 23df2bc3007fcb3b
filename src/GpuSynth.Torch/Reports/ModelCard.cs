using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// The model card of pre-trained weights: Markdown with the YAML head that model hubs read (licence, library, tags, pipeline).
/// </summary>
public static class ModelCard
{
    /// <summary>The file's usual name in a run's folder.</summary>
    public const string FileName = "MODEL_CARD.md";

    /// <summary>The card's text.</summary>
    public static string Write(ModelCardFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        PretrainRunFacts run = facts.Run;
        string[] parts =
            [Head(facts), Introduction(run), Data(run), Training(facts), Evaluation(facts), Limits(facts), Loading(facts)];
        return string.Join("\n\n", parts) + "\n";
    }

    private static string Head(ModelCardFacts facts) =>
        $"""
        ---
        license: {facts.License}
        library_name: monai
        pipeline_tag: image-segmentation
        tags:
        - medical-imaging
        - synthetic-data
        - self-supervised
        - pre-training
        - {facts.Run.Dimensions}d
        - {facts.Run.RecipeName}
        - gpusynth
        ---
        """;

    private static string Introduction(PretrainRunFacts run) =>
        $"""
        # {run.Name}

        Weights of a {run.Network} ({Count(run.ParameterCount)} parameters, {run.FeatureChannels} feature channels),
        pre-trained on synthetic {(run.Dimensions == 2 ? "images" : "volumes")} alone with GpuSynth{NoScan(run)}.
        They are a starting point for fine-tuning on labelled medical images, not a model that segments anything by itself.
        """;

    private static string Data(PretrainRunFacts run) =>
        $"""
        ## Training data

        - Recipe: `{run.RecipeName}`, SHA-256 `{run.RecipeSha256}` (the file `recipe.yaml` beside the weights)
        - Anatomies: {run.LabelMaps ?? "random shapes, from no data at all"}
        - Seed: {Number(run.Seed)}. Seed and recipe give every sample again, to the bit on one kind of device.
        - Samples: {run.Shape}, {run.LabelCount} labels
        - Unique samples seen: **{Count(run.UniqueSamples)}**, each of them once

        The count is of different samples. The counts that are published for RaSD (1.2 million volumes, 9.6 million images) are
        presentations: its trainer keeps a queue and shows every sample about as many times as a batch has places. Compare unique
        with unique.

        ```yaml
        {run.RecipeText.TrimEnd()}
        ```
        """;

    private static string Training(ModelCardFacts facts)
    {
        PretrainRunFacts run = facts.Run;
        string versions = run.Versions.Count == 0
            ? "not recorded"
            : string.Join(", ", run.Versions.Select(pair => $"{pair.Name} {pair.Version}"));
        string loss = facts.LastRow is MetricsRow row && row.TryGet(MetricsRow.Loss, out double value)
            ? $"{ReportText.Number(value)} at step {Count(row.Step)}"
            : "no step was done";
        return
            $"""
            ## Training

            | | |
            | --- | --- |
            | Objective | {run.Objective} |
            | Optimiser | {run.Optimiser} |
            | Batch | {run.BatchSize}{(run.AccumulatedBatches > 1 ? $" x {run.AccumulatedBatches} accumulated" : "")} |
            | Steps | {Count(run.StepsDone)} of {Count(run.StepsPlanned)} |
            | Last loss | {loss} |
            | Precision | {run.Precision} |
            | Device | {run.Device}; synthesis on {run.SynthesisDevice}; {run.Cores} cores |
            | Time | {Hours(run.Duration)} |
            | Versions | {versions} |

            Command:

            ```
            {run.Command}
            ```
            """;
    }

    private static string Evaluation(ModelCardFacts facts)
    {
        if (facts.Evaluation.Count == 0)
        {
            return
                """
                ## Evaluation

                None was made with these weights yet. `gpusynth finetune --data DIR --init RUN --compare` compares them with
                training from scratch on your data.
                """;
        }

        IEnumerable<string> rows = facts.Evaluation.OrderBy(group => group.TrainCases).Select(group =>
            $"| {group.TrainCases} | {group.Init} | {group.Seeds} | {ReportText.Interval(group.Dice, 3)} "
            + $"| {ReportText.Interval(group.Hd95, 2)} |");
        return
            $"""
            ## Evaluation

            {facts.EvaluationNote}

            | Cases trained on | Weights | Seeds | Test Dice | Test HD95 (mm) |
            | ---: | --- | ---: | ---: | ---: |
            {string.Join("\n", rows)}
            """;
    }

    private static string Limits(ModelCardFacts facts) =>
        $"""
        ## Limits

        - Not a medical device; nothing here was tested for clinical use.
        - One input channel, which training scaled to mean 0 and standard deviation 1, every sample by itself. Give scans the same
          scale.
        - {Unseen(facts.Run)} What transfers is measured by
          fine-tuning only{(facts.Evaluation.Count == 0 ? ", which has not been done here" : "")}.
        - Trained at {facts.Run.Shape}; other sizes work where the network allows them, and were not tried.
        """;

    private static string NoScan(PretrainRunFacts run) => run.LabelMaps is null ? ": no real scan was used" : string.Empty;

    private static string Unseen(PretrainRunFacts run) => run.LabelMaps is null
        ? "The anatomies are random shapes: no organ, lesion or acquisition of a real scanner was seen."
        : "The anatomies are deformed label maps: no acquisition of a real scanner was seen, and no anatomy beyond the maps'.";

    private static string Loading(ModelCardFacts facts) =>
        $"""
        ## How to load

        In C#, with GpuSynth:

        ```csharp
        using GpuSynth.Torch.Networks;
        using GpuSynth.Torch.Training;

        using var checkpoint = CheckpointReader.Open("{facts.WeightsFile}");
        var network = NetworkFactory.Create(checkpoint.Network);
        Weights.Load(network, "{facts.WeightsFile}", strict: true);
        ```

        In Python, with MONAI; the names and shapes are MONAI's own, so that nothing may be missing:

        ```python
        from monai.networks.nets import {facts.MonaiExpression.Split('(')[0]}
        from safetensors.torch import load_file

        network = {facts.MonaiExpression}
        network.load_state_dict(load_file("{facts.WeightsFile}"), strict=True)
        ```

        From the command line: `gpusynth finetune --data DIR --init {facts.WeightsFile} --out RUN`.
        """;

    private static string Hours(TimeSpan time) => time.TotalHours >= 0.1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.##} hours ({ReportText.Duration(time)})")
        : ReportText.Duration(time);

    private static string Count(long value) => ReportText.Count(value);

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
