using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>A data set in memory, split, checked and prepared.</summary>
internal sealed class SegmentationData
{
    private SegmentationData(
        IReadOnlyList<SegmentationCase> training,
        IReadOnlyList<SegmentationCase> validation,
        IReadOnlyList<SegmentationCase> test,
        IReadOnlyList<string> labelNames,
        VoxelSpacing spacing,
        byte[]? lateralExchange) =>
        (Training, Validation, Test, LabelNames, Spacing, LateralExchange) =
            (training, validation, test, labelNames, spacing, lateralExchange);

    public IReadOnlyList<SegmentationCase> Training { get; }

    public IReadOnlyList<SegmentationCase> Validation { get; }

    public IReadOnlyList<SegmentationCase> Test { get; }

    /// <summary>Names of the labels; label 0 is the background.</summary>
    public IReadOnlyList<string> LabelNames { get; }

    public int Classes => LabelNames.Count;

    public int Dimensions => Training[0].Shape.Dimensions;

    /// <summary>Of the prepared volumes.</summary>
    public VoxelSpacing Spacing { get; }

    /// <summary>For every label the one that it becomes in a mirror along left and right; null: each stays itself.</summary>
    public byte[]? LateralExchange { get; }

    /// <summary>Reads and prepares every case.</summary>
    /// <param name="split">The cases.</param>
    /// <param name="labelNames">As the data set tells them; null: the labels are those of the training cases.</param>
    /// <param name="spacing">Common spacing; null: the median of the training cases.</param>
    /// <param name="intensity">Common range of values.</param>
    /// <param name="notices">Is told what a user has to know of the files.</param>
    /// <param name="stop">Ends the reading.</param>
    public static SegmentationData Read(
        DataSplit split,
        IReadOnlyList<string>? labelNames,
        VoxelSpacing? spacing,
        IntensityScale intensity,
        Notices notices,
        CancellationToken stop = default)
    {
        CaseFiles[] files = [.. split.Training, .. split.Validation, .. split.Test];
        var cases = new SegmentationCase[files.Length];
        for (int n = 0; n < files.Length; n++)
        {
            stop.ThrowIfCancellationRequested();
            cases[n] = SegmentationCase.Read(files[n], notices);
            if (cases[n].FileShape.Dimensions != cases[0].FileShape.Dimensions)
            {
                throw new DatasetException(
                    $"'{files[n].ImagePath}' has {cases[n].FileShape} voxels and '{files[0].ImagePath}' {cases[0].FileShape}; "
                    + "images and volumes cannot be mixed.");
            }
        }

        TellEmpty(files, cases, notices);
        int training = split.Training.Count;
        labelNames ??= NamesOf(cases.AsSpan(0, training));
        for (int n = 0; n < files.Length; n++)
        {
            CheckLabels(files[n], cases[n].FileLabels, labelNames.Count);
        }

        VoxelSpacing common = spacing ?? VoxelSpacing.Median([.. cases.Take(training).Select(static one => one.CanonicalSpacing)]);
        foreach (SegmentationCase one in cases)
        {
            stop.ThrowIfCancellationRequested();
            one.Prepare(common, intensity);
        }

        return new SegmentationData(
            [.. cases.Take(training)],
            [.. cases.Skip(training).Take(split.Validation.Count)],
            [.. cases.Skip(training + split.Validation.Count)],
            labelNames,
            common,
            LateralNames.Exchange(labelNames, notices));
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

    // A case without a label is trained on as background alone, and tells a test nothing.
    private static void TellEmpty(CaseFiles[] files, SegmentationCase[] cases, Notices notices)
    {
        int[] empty = [.. Enumerable.Range(0, cases.Length).Where(n => !cases[n].FileLabels.AsSpan().ContainsAnyExcept((byte)0))];
        if (empty.Length == cases.Length)
        {
            throw new DatasetException(
                $"None of the {cases.Length} cases has a labelled voxel ('{files[0].LabelPath}' and the others hold background "
                + "alone); check the label files.");
        }

        if (empty.Length > 0)
        {
            notices.Add(
                "no labels",
                $"{empty.Length} of {cases.Length} cases have no labelled voxel on their image's grid, such as "
                + $"'{files[empty[0]].LabelPath}'; they are background alone");
        }
    }

    private static string[] NamesOf(ReadOnlySpan<SegmentationCase> training)
    {
        bool[] isThere = new bool[256];
        foreach (SegmentationCase one in training)
        {
            foreach (byte label in one.FileLabels)
            {
                isThere[label] = true;
            }
        }

        int[] labels = [.. Enumerable.Range(0, 256).Where(label => isThere[label])];
        if (labels.Length < 2 || labels[^1] != labels.Length - 1)
        {
            string found = labels.Length > 8 ? $"{string.Join(", ", labels.Take(8))} ..." : string.Join(", ", labels);
            throw new DatasetException(
                $"The training cases hold the labels {found}, but labels are 0 (the background), 1, 2 and so on without a gap; "
                + "renumber them.");
        }

        return [.. labels.Select(static label => label == 0
            ? "background"
            : string.Create(CultureInfo.InvariantCulture, $"label {label}"))];
    }

    private static void CheckLabels(CaseFiles files, byte[] labels, int classes)
    {
        int at = Array.FindIndex(labels, label => label >= classes);
        if (at >= 0)
        {
            throw new DatasetException(
                $"'{files.LabelPath}' holds the label {labels[at]}, but the classes are 0 to {classes - 1}; correct the file.");
        }
    }
}
