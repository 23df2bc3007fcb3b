using GpuSynth.IO;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.FineTuning;

/// <summary>Brings a run's results into the form of its report.</summary>
internal sealed class FineTunePage(FineTuneOptions options, SegmentationData data, FineTuneRun run, FineTuneFolder folder)
{
    public void Write(
        FineTuneSummary summary,
        IReadOnlyList<ArmResult> arms,
        IReadOnlyList<string> notices,
        string status,
        string command,
        CheckpointReader? initial,
        TimeSpan duration)
    {
        string html = FineTuneReport.ToHtml(
            Description(status, command, initial, duration) with { Notices = notices },
            summary.Groups,
            summary.Comparisons,
            [.. arms.Select(Arm)],
            Pictures(arms));
        AtomicFile.WriteText(folder.FilePath("report.html"), html);
    }

    private string Rates() => options.LearningRates.Count == 1
        ? FormattableString.Invariant($"{options.LearningRates[0]}")
        : $"at {string.Join(", ", options.LearningRates.Select(static rate => FormattableString.Invariant($"{rate}")))} (of each arm "
            + "the one with the best validation Dice)";

    private string Parts() => (options.Transfer == TransferredPart.Encoder ? "encoder only; " : string.Empty)
        + (options.BodyRate == 1 ? string.Empty : FormattableString.Invariant($"body at {options.BodyRate} of the rate; "))
        + (options.LayerDecay == 1 ? string.Empty : FormattableString.Invariant($"layer decay {options.LayerDecay}; "))
        + (options.DropPath == 0 ? string.Empty : FormattableString.Invariant($"drop path {options.DropPath}; "));

    private FineTuneArmResult Arm(ArmResult arm) => new()
    {
        Init = arm.Init,
        TrainCases = arm.TrainCases,
        Seed = arm.Seed,
        Fold = arm.Fold,
        Metrics = MetricsLog.Read(Path.Combine(FolderOf(arm), MetricsLog.FileName)),
        BestValidationDice = arm.BestValidationDice,
        BestStep = arm.BestStep,
        Rate = arm.Rate,
        Curve = [.. arm.Curve.Select(static point => (point.Step, point.Dice))],
        CurveArea = arm.CurveArea,
        Trials = [.. arm.Trials.Select(static trial => (trial.Rate, trial.BestValidationDice))],
        TestDice = SegmentationMetrics.Mean(arm.Test.Select(static one => SegmentationMetrics.Mean(one.Dice))),
        TestHd95 = SegmentationMetrics.Mean(arm.Test.Select(static one => SegmentationMetrics.Mean(one.Hausdorff95))),
        Seconds = arm.TrainingSeconds,
    };

    // One picture for each initialisation, at its largest number of cases.
    private ReportPicture[] Pictures(IReadOnlyList<ArmResult> arms) =>
    [
        .. arms.GroupBy(static arm => arm.Init)
            .Select(static group => group.OrderByDescending(static arm => arm.TrainCases).ThenBy(static arm => arm.Seed).First())
            .Where(arm => File.Exists(PictureOf(arm)))
            .Select(arm => new ReportPicture(
                $"Test cases with their labels and predictions: {arm.Arm.Name}",
                File.ReadAllBytes(PictureOf(arm)))),
    ];

    private string FolderOf(ArmResult arm) => folder.ArmFolder(arm.Arm.Name);

    private string PictureOf(ArmResult arm) => Path.Combine(FolderOf(arm), TestEvaluation.PreviewName);

    /// <summary>The run in words.</summary>
    public FineTuneDescription Description(string status, string command, CheckpointReader? initial, TimeSpan duration) => new()
    {
        Name = ReportText.FolderName(options.OutFolder),
        Status = status,
        Command = command,
        Task = $"segmentation of {ReportText.FolderName(options.DataFolder)} "
            + $"({data.Classes - 1} label{(data.Classes == 2 ? string.Empty : "s")})",
        TrainCases = data.Training.Count,
        ValidationCases = data.Validation.Count,
        TestCases = data.Test.Count,
        Folds = options.Folds,
        LabelNames = [.. data.LabelNames.Skip(1)],
        Network = $"{run.Network.Kind} {run.Network.Dimensions}D",
        ParameterCount = run.ParameterCount,
        Steps = options.Steps,
        Training = "Dice + cross-entropy, "
            + $"AdamW {Rates()}, a tenth of the steps linear up then a cosine down, "
            + FormattableString.Invariant($"weight decay {options.WeightDecay}, batch {options.Batch}; ")
            + $"crops changed by {options.Augmentation.Text}"
            + (options.Appearance is { } change ? FormattableString.Invariant($"; with probability {change.Probability} by the appearance of {change.Recipe.Name}") : string.Empty),
        Preprocessing = $"spacing {data.Spacing}, {options.Intensity}, crops of {run.Patch}"
            + (data.Channels > 1 ? $", channels {string.Join(", ", data.ChannelNames)}" : string.Empty),
        Compared = (FineTuneOptions.PretrainedName, FineTuneOptions.ScratchName),
        IntervalMethod = FineTuneSummary.IntervalMethod,
        Device = options.Device == "host" ? "cpu" : options.Device,
        Cores = Environment.ProcessorCount,
        Duration = duration,
        Inits =
        [
            .. options.Inits.Select(name => (name, name == FineTuneOptions.ScratchName
                ? $"new weights; {run.Heads.Last().Text}"
                : $"head {run.Heads.First().Text}; {Parts()}{options.Init}, recipe {initial?.RecipeName ?? "unknown"}, step {initial?.Step?.ToString() ?? "unknown"}")),
        ],
        Versions = TorchVersions.All,
    };
}
