using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>A data set split, checked and prepared: in memory, or where it does not fit in a scratch file.</summary>
internal sealed class SegmentationData : IDisposable
{
    private readonly ScratchFile? scratch;

    private SegmentationData(
        DataSplit split, IReadOnlyList<SegmentationCase> cases, LabelClasses labels, VoxelSpacing spacing, ScratchFile? scratch)
    {
        int training = split.Training.Count;
        Training = [.. cases.Take(training)];
        Validation = [.. cases.Skip(training).Take(split.Validation.Count)];
        Test = [.. cases.Skip(training + split.Validation.Count)];
        (Labels, Spacing, this.scratch) = (labels, spacing, scratch);
    }

    public IReadOnlyList<SegmentationCase> Training { get; }

    public IReadOnlyList<SegmentationCase> Validation { get; }

    public IReadOnlyList<SegmentationCase> Test { get; }

    /// <summary>What the labels' numbers in the files are.</summary>
    public LabelClasses Labels { get; }

    /// <summary>Names of the labels; label 0 is the background.</summary>
    public IReadOnlyList<string> LabelNames => Labels.Names;

    public int Classes => Labels.Count;

    /// <summary>Names of the images' channels, one for each.</summary>
    public required IReadOnlyList<string> ChannelNames { get; init; }

    public int Channels => ChannelNames.Count;

    public int Dimensions => Training[0].Shape.Dimensions;

    /// <summary>Of the prepared volumes.</summary>
    public VoxelSpacing Spacing { get; }

    /// <summary>What the data needs of the memory.</summary>
    public required MemoryPlan Memory { get; init; }

    /// <summary>For every label the one that it becomes in a mirror along left and right; null: each stays itself.</summary>
    public required byte[]? LateralExchange { get; init; }

    /// <summary>Reads the headers of every case, then every case.</summary>
    /// <param name="dataset">The folder.</param>
    /// <param name="split">Its cases.</param>
    /// <param name="options">Spacing, range of values, ignored label, memory.</param>
    /// <param name="notices">Is told what a user has to know of the files.</param>
    /// <param name="say">Told what will be held, before anything is read.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="DatasetException">Names the file that cannot be used.</exception>
    public static SegmentationData Read(
        SegmentationDataset dataset,
        DataSplit split,
        FineTuneOptions options,
        Notices notices,
        Action<string>? say = null,
        CancellationToken stop = default)
    {
        CaseFiles[] files = [.. split.Training, .. split.Validation, .. split.Test];
        CaseHeader[] headers = ReadHeaders(files, stop);
        VoxelSpacing spacing = options.Spacing
            ?? VoxelSpacing.Median([.. headers.Take(split.Training.Count).Select(static one => one.Spacing)]);
        // In cross-validation every case is tested once.
        int tested = options.Folds is null ? split.Test.Count : files.Length;
        long memory = options.MemoryBytes ?? MemoryPlan.MachineBytes;
        MemoryPlan Plan(int classes) => MemoryPlan.Of(headers, tested, spacing, classes, memory);
        MemoryPlan plan = Plan(dataset.Labels?.Count ?? 2);
        say?.Invoke($"data: {plan}");
        var coder = new LabelCoder(dataset.Labels, options.IgnoreLabel);
        ScratchFile? scratch = plan.IsStreamed ? new ScratchFile(options.OutFolder, plan.HeldBytes) : null;
        try
        {
            var cases = new SegmentationCase[files.Length];
            for (int n = 0; n < files.Length; n++)
            {
                stop.ThrowIfCancellationRequested();
                cases[n] = SegmentationCase.Read(files[n], notices, coder);
                cases[n].Prepare(spacing, options.Intensity, n >= files.Length - tested, scratch);
            }

            LabelClasses labels = coder.Finish(
                [.. files.Zip(cases, static (own, one) => (own, one.Numbers))], split.Training.Count, out byte[] classOf);
            plan = Plan(labels.Count); // Refuses what cannot be tested with so many.
            if (classOf.Where(static (to, code) => to != code).Any())
            {
                Array.ForEach(cases, one => one.Recode(classOf));
            }

            scratch?.Map();
            DataNotices.Tell(files, cases, split.Training.Count, labels, notices);
            return new SegmentationData(split, cases, labels, spacing, scratch)
            {
                ChannelNames = DataNotices.ChannelNames(headers[0], dataset.ChannelNames, notices),
                Memory = plan,
                LateralExchange = LateralNames.Exchange(labels.Names, notices),
            };
        }
        catch
        {
            scratch?.Dispose();
            throw;
        }
    }

    /// <summary>The median shape of the training cases, axis by axis.</summary>
    public VolumeShape MedianShape()
    {
        int Middle(Func<VolumeShape, int> axis) =>
            Training.Select(one => axis(one.Shape)).Order().ElementAt((Training.Count - 1) / 2);
        int height = Middle(static shape => shape.Height);
        int width = Middle(static shape => shape.Width);
        return Dimensions == 2
            ? VolumeShape.Image(height, width)
            : VolumeShape.Volume(Middle(static shape => shape.Depth), height, width);
    }

    public void Dispose() => scratch?.Dispose();

    private static CaseHeader[] ReadHeaders(CaseFiles[] files, CancellationToken stop)
    {
        var headers = new CaseHeader[files.Length];
        for (int n = 0; n < files.Length; n++)
        {
            stop.ThrowIfCancellationRequested();
            headers[n] = CaseHeader.Read(files[n]);
            if (headers[n].Shape.Dimensions != headers[0].Shape.Dimensions)
            {
                throw new DatasetException(
                    $"'{files[n].ImagePath}' has {headers[n].Shape} voxels and '{files[0].ImagePath}' {headers[0].Shape}; "
                    + "images and volumes cannot be mixed.");
            }

            if (headers[n].Channels != headers[0].Channels)
            {
                throw new DatasetException(
                    $"'{files[n].ImagePath}' has {headers[n].Channels} channels and '{files[0].ImagePath}' {headers[0].Channels}; "
                    + "a network takes the same channels of every case.");
            }
        }

        return headers;
    }
}
