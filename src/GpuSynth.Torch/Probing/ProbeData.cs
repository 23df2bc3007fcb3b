using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Probing;

/// <summary>The cases of a probe: those that read-outs are fitted on, and others that they are measured on.</summary>
/// <param name="Training">To fit.</param>
/// <param name="Evaluation">To measure.</param>
/// <param name="LabelNames">Names of the classes; class 0 is the background.</param>
/// <param name="Channels">Channels of the images.</param>
/// <param name="Dimensions">2 or 3.</param>
/// <param name="Notices">What a user has to know of the data.</param>
internal sealed record ProbeData(
    IReadOnlyList<ProbeCase> Training,
    IReadOnlyList<ProbeCase> Evaluation,
    IReadOnlyList<string> LabelNames,
    int Channels,
    int Dimensions,
    Notices Notices)
{
    /// <summary>Rows that the effective rank is of, at least.</summary>
    public const int RankRows = 4096;

    private const long MostVoxels = 1 << 23;

    /// <summary>Classes, the background included.</summary>
    public int Classes => LabelNames.Count;

    /// <summary>Chooses and reads the cases.</summary>
    /// <exception cref="GpuSynthException">There are too few, they have one class only, or a file cannot be used.</exception>
    public static ProbeData Read(ProbeOptions options, CancellationToken stop = default)
    {
        var notices = new Notices();
        SegmentationDataset dataset = SegmentationDataset.Open(options.DataFolder, notices);
        DataSplit split = DataSplit.Of(dataset.Cases, options.ValidationCases, options.TestCases);
        if (options.TrainCases < 2 || options.TrainCases > split.Training.Count)
        {
            throw new GpuSynthException(
                $"A probe is fitted on 2 or more training cases, and {options.TrainCases} of {split.Training.Count} were asked for; "
                + "change --train-cases, --validation-cases or --test-cases, or add cases.");
        }

        CaseFiles[] evaluation =
        [
            .. (options.OnTest ? split.Test : split.Validation.Concat(split.Training.Skip(options.TrainCases))).Take(options.EvalCases),
        ];
        if (evaluation.Length < options.EvalCases)
        {
            notices.Add("cases to measure on", $"There are {evaluation.Length} cases to measure on, not {options.EvalCases}");
        }

        var own = new DataSplit([.. split.Training.Take(options.TrainCases)], evaluation, []);
        using var data = SegmentationData.Read(dataset, own, Reading(options), notices, stop: stop);
        SegmentationCase[] cases = [.. data.Training, .. data.Validation];
        if (cases.FirstOrDefault(static one => one.Shape.VoxelCount > MostVoxels) is { } large)
        {
            throw new GpuSynthException(
                $"Case '{large.Name}' has {large.Shape} voxels, more than a probe holds at once; give a coarser --spacing.");
        }

        int uniform = ((RankRows - 1) / cases.Length) + 1;
        ProbeCase[] drawn = [.. cases.Select((one, n) => ProbeCase.Of(one, n, data.Classes, options, uniform))];
        ProbeCase[] training = drawn[..data.Training.Count];
        if (training.SelectMany(static one => one.ClassesOf(one.Fit)).Distinct().Count() < 2)
        {
            throw new GpuSynthException(
                $"The {training.Length} training cases hold one class only, '{training[0].Name}' first, and there is nothing to tell apart; "
                + "check the label maps, or fit on more cases (--train-cases).");
        }

        return new ProbeData(
            training, drawn[data.Training.Count..], data.LabelNames, data.Channels, data.Dimensions, notices);
    }

    private static FineTuneOptions Reading(ProbeOptions options) => new()
    {
        DataFolder = options.DataFolder,
        OutFolder = options.OutFolder,
        Spacing = options.Spacing,
        Intensity = options.Intensity,
        IgnoreLabel = options.IgnoreLabel,
    };
}
