using GpuSynth.IO;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The model cards of a run: one for every arm, and what was measured in the card of the weights that it began with.</summary>
internal sealed class FineTuneCards(FineTuneOptions options, SegmentationData data, FineTuneFolder folder)
{
    /// <summary>Writes the cards.</summary>
    /// <param name="run">The run in words.</param>
    /// <param name="summary">Of all arms.</param>
    /// <param name="arms">The complete arms.</param>
    /// <param name="initialChecksum">Of the weights that it began with; null: none.</param>
    /// <param name="say">Told where a card of other commands could not be written.</param>
    public void Write(
        FineTuneDescription run, FineTuneSummary summary, IReadOnlyList<ArmResult> arms, string? initialChecksum, Action<string> say)
    {
        foreach (ArmResult arm in arms)
        {
            string path = Path.Combine(folder.ArmFolder(arm.Arm.Name), ModelCard.FileName);
            MeasuredBlock own = Tested(arm);
            MeasuredBlock[] others = [.. MeasuredBlock.OfFile(path).Where(block => block.Key != own.Key)];
            AtomicFile.WriteText(path, CardOf(arm, run, [own, .. others]).ToMarkdown());
        }

        if (options.Init is not { } init || !Directory.Exists(init))
        {
            return;
        }

        new MeasuredBlock(
            $"finetune {run.Name}",
            $"""
            ### Fine-tuned: {run.Task}

            From weights with SHA-256 `{initialChecksum?[..16]}`; {run.Training}; {run.Preprocessing}.

            {FineTuneTable.Markdown(summary).TrimEnd()}

            Intervals: {FineTuneSummary.IntervalMethod}. `{run.Command}`
            """).AddTo(Path.Combine(init, ModelCard.FileName), say);
    }

    private MeasuredBlock Tested(ArmResult arm)
    {
        static string Number(double value, string format) =>
            double.IsNaN(value) ? "-" : value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
        IEnumerable<string> rows = data.LabelNames.Skip(1).Select((name, label) =>
            $"| {name} | {Number(SegmentationMetrics.Mean(arm.Test.Select(one => one.Dice[label])), "0.000")} "
            + $"| {Number(SegmentationMetrics.Mean(arm.Test.Select(one => one.Hausdorff95[label])), "0.00")} |");
        return new MeasuredBlock(
            "test",
            $"""
            ### Test: {arm.Test.Count} cases that were not trained on

            | Class | Mean Dice | Mean HD95 (mm) |
            | --- | ---: | ---: |
            {string.Join("\n", rows)}
            """);
    }

    private SegmentationCard CardOf(ArmResult arm, FineTuneDescription run, IReadOnlyList<MeasuredBlock> measured) => new()
    {
        Name = arm.Arm.Name,
        DataName = ReportText.FolderName(options.DataFolder),
        Network = run.Network,
        Dimensions = data.Dimensions,
        ParameterCount = run.ParameterCount,
        Classes = [.. data.Labels.Numbers.Zip(data.LabelNames)],
        Channels = data.ChannelNames,
        Preprocessing = run.Preprocessing,
        InitialWeights = run.Inits.First(one => one.Init == arm.Init).Description,
        Cases = arm.Cases,
        Training = FormattableString.Invariant($"{options.Steps} steps, rate {arm.Rate}; ") + run.Training,
        Command = run.Command,
        Measured = measured,
    };
}
