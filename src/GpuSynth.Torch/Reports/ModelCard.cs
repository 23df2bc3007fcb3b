using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// The model card of pre-trained weights: Markdown with the YAML head that model hubs read (licence, library, tags, pipeline).
/// </summary>
public sealed record ModelCard
{
    /// <summary>The file's usual name in a run's folder.</summary>
    public const string FileName = "MODEL_CARD.md";

    /// <summary>The run that made the weights.</summary>
    public required PretrainDescription Run { get; init; }

    /// <summary>The weights' file in the run's folder.</summary>
    public string WeightsFile { get; init; } = "weights.safetensors";

    /// <summary>
    /// Python that builds the same network in MONAI: an expression, such as <c>UNet(spatial_dims=3, ...)</c>; null where MONAI has none.
    /// </summary>
    public required string? MonaiExpression { get; init; }

    /// <summary>The licence of the weights, as the hub abbreviates it.</summary>
    public string License { get; init; } = "mit";

    /// <summary>The last row of the metrics, with the final loss. Null where the run did no step.</summary>
    public MetricsRow? LastRow { get; init; }

    /// <summary>What other commands measured with the weights.</summary>
    public IReadOnlyList<MeasuredBlock> Measured { get; init; } = [];

    /// <summary>The card's text.</summary>
    public string ToMarkdown() =>
        string.Join("\n\n", [Head(), Introduction(), Data(), Training(), Results(), Limits(), Loading()]) + "\n";

    private string Head() =>
        $"""
        ---
        license: {License}
        library_name: {(MonaiExpression is null ? "gpusynth" : "monai")}
        pipeline_tag: image-segmentation
        tags:
        - medical-imaging
        - synthetic-data
        - self-supervised
        - pre-training
        - {Run.Dimensions}d
        - {Run.RecipeName}
        - gpusynth
        ---
        """;

    private string Introduction() =>
        $"""
        # {Run.Name}

        Weights of a {Run.Network} ({Count(Run.ParameterCount)} parameters, {Run.FeatureChannels} feature channels),
        pre-trained on synthetic {(Run.Dimensions == 2 ? "images" : "volumes")} alone with GpuSynth{NoScan}.
        They are a starting point for fine-tuning on labelled medical images, not a model that segments anything by itself.
        """;

    private string Data() =>
        $"""
        ## Training data

        - Recipe: `{Run.RecipeName}`, SHA-256 `{Run.RecipeSha256}` (the file `recipe.yaml` beside the weights)
        - Anatomies: {Run.LabelMaps ?? "random shapes, from no data at all"}
        - Seed: {Number(Run.Seed)}. Seed and recipe give every sample again, to the bit on one kind of device.
        - Samples: {Run.SampleText}, {Run.LabelCount} labels
        - Unique samples seen: **{Count(Run.UniqueSamples)}**, {(Run.SamplesSeen is { } seen && seen > Run.UniqueSamples ? $"seen {Count(seen)} times in all" : "each of them once")}

        The count is of different samples. The counts that are published for RaSD (1.2 million volumes, 9.6 million images) are
        presentations: its trainer keeps a queue and shows every sample about as many times as a batch has places. Compare unique
        with unique.

        ```yaml
        {Run.RecipeText.TrimEnd()}
        ```
        """;

    private string Training()
    {
        string versions = Run.Versions.Count == 0
            ? "not recorded"
            : string.Join(", ", Run.Versions.Select(pair => $"{pair.Name} {pair.Version}"));
        string loss = LastRow is MetricsRow row && row.TryGet(MetricsRow.Loss, out double value)
            ? $"{ReportText.Number(value)} at step {Count(row.Step)}"
            : "no step was done";
        return
            $"""
            ## Training

            | | |
            | --- | --- |
            | Objective | {Run.Objective} |
            | Optimiser | {Run.Optimiser} |
            | Batch | {Run.BatchSize}{(Run.AccumulatedBatches > 1 ? $" x {Run.AccumulatedBatches} accumulated" : "")} |
            | Steps | {Count(Run.StepsDone)} of {Count(Run.StepsPlanned)} |
            | Last loss | {loss} |
            | Precision | {Run.Precision} |
            | Device | {Run.Device}; synthesis on {Run.SynthesisDevice}; {Run.Cores} cores |
            | Time | {Hours(Run.Duration)} |
            | Versions | {versions} |

            Command:

            ```
            {Run.Command}
            ```
            """;
    }

    private string Results() => MeasuredBlock.Section(
        Measured,
        """
        None was made with these weights yet. `gpusynth probe --data DIR --init RUN` judges their features on your data in a minute;
        `gpusynth finetune --data DIR --init RUN --compare` compares them with training from scratch. Both write here what they
        measure.
        """);

    private string Limits() =>
        $"""
        ## Limits

        - Not a medical device; nothing here was tested for clinical use.
        - One input channel, which training scaled to mean 0 and standard deviation 1, every sample by itself. Give scans the same
          scale.
        - {Unseen} What transfers is measured by
          fine-tuning only: see Evaluation.
        - Trained at {Run.Shape}; other sizes work where the network allows them, and were not tried.
        """;

    private string NoScan => Run.LabelMaps is null ? ": no real scan was used" : string.Empty;

    private string Unseen => Run.LabelMaps is null
        ? "The anatomies are random shapes: no organ, lesion or acquisition of a real scanner was seen."
        : "The anatomies are deformed label maps: no acquisition of a real scanner was seen, and no anatomy beyond the maps'.";

    private string Loading() =>
        $"""
        ## How to load

        In C#, with GpuSynth:

        ```csharp
        using GpuSynth.Torch.Networks;
        using GpuSynth.Torch.Training;

        using var checkpoint = CheckpointReader.Open("{WeightsFile}");
        var network = NetworkFactory.Create(checkpoint.Network);
        Weights.Load(network, "{WeightsFile}", strict: true);
        ```

        {InPython()}

        From the command line: `gpusynth finetune --data DIR --init {WeightsFile} --out RUN`.
        """;

    private string InPython() => MonaiExpression is null
        ? $"""The network is GpuSynth's own: MONAI has none of its names. `safetensors.torch.load_file("{WeightsFile}")` reads the tensors in Python."""
        : $"""
        In Python, with MONAI; the names and shapes are MONAI's own, so that nothing may be missing:

        ```python
        from monai.networks.nets import {MonaiExpression.Split('(')[0]}
        from safetensors.torch import load_file

        network = {MonaiExpression}
        network.load_state_dict(load_file("{WeightsFile}"), strict=True)
        ```
        """;

    private static string Hours(TimeSpan time) => time.TotalHours >= 0.1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.##} hours ({ReportText.Duration(time)})")
        : ReportText.Duration(time);

    private static string Count(long value) => ReportText.Count(value);

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
