using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Probing;

/// <summary>A labelled case and the voxels of it that are looked at, the same for all features.</summary>
/// <param name="Name">The case's name.</param>
/// <param name="Image">The image.</param>
/// <param name="Labels">A class per voxel, or <see cref="LabelClasses.Ignored"/>.</param>
/// <param name="Fit">Voxels for the linear read-out, balanced over the classes.</param>
/// <param name="Neighbours">Voxels for nearest neighbours, balanced over the classes.</param>
/// <param name="Uniform">Voxels drawn uniformly, for the effective rank.</param>
internal sealed record ProbeCase(
    string Name, ProbeImage Image, byte[] Labels, int[] Fit, int[] Neighbours, int[] Uniform)
{
    /// <summary>Draws the voxels of a case.</summary>
    /// <param name="one">The case.</param>
    /// <param name="number">Its number.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="options">How many, and the seed.</param>
    /// <param name="uniform">Voxels for the effective rank.</param>
    public static ProbeCase Of(SegmentationCase one, int number, int classes, ProbeOptions options, int uniform)
    {
        byte[] labels = one.Labels.ToArray();
        var random = new PlaceRandom(options.Seed, (ulong)number, PlaceRandom.ProbeVoxelStream);
        int[] fit = Balanced(labels, classes, options.Voxels, ref random);
        int[] neighbours = Balanced(labels, classes, options.NeighbourVoxels, ref random);
        int[] all = [.. Enumerable.Range(0, labels.Length)];
        return new ProbeCase(
            one.Name, new ProbeImage(one.Image.ToArray(), one.Channels, one.Shape), labels, fit, neighbours,
            Drawn(all, uniform, ref random));
    }

    /// <summary>The class of every one of some voxels.</summary>
    public byte[] ClassesOf(int[] voxels) => [.. voxels.Select(voxel => Labels[voxel])];

    /// <summary>How many voxels of the case a drawn one of a class stands for.</summary>
    /// <param name="drawn">The classes of the drawn ones.</param>
    /// <param name="classes">Classes.</param>
    public double[] VoxelsOf(byte[] drawn, int classes) =>
    [
        .. Enumerable.Range(0, classes).Select(label =>
            (double)Labels.Count(own => own == label) / Math.Max(1, drawn.Count(own => own == label))),
    ];

    /// <summary>
    /// Voxels balanced over the classes that there are: the rarest first, each its share of what is left, or all it has.
    /// </summary>
    internal static int[] Balanced(byte[] labels, int classes, int count, ref PlaceRandom random)
    {
        List<int>[] members = [.. Enumerable.Range(0, classes).Select(static _ => new List<int>())];
        for (int n = 0; n < labels.Length; n++)
        {
            if (labels[n] < classes)
            {
                members[labels[n]].Add(n);
            }
        }

        List<int> drawn = [];
        List<int>[] present = [.. members.Where(static own => own.Count > 0).OrderBy(static own => own.Count)];
        for (int n = 0; n < present.Length; n++)
        {
            drawn.AddRange(Drawn([.. present[n]], (count - drawn.Count) / (present.Length - n), ref random));
        }

        return [.. drawn];
    }

    /// <summary>Some of the given numbers, without repetition; all in random order where there are not more.</summary>
    internal static int[] Drawn(int[] from, int count, ref PlaceRandom random)
    {
        count = Math.Min(count, from.Length);
        for (int n = 0; n < count; n++)
        {
            int other = n + random.Below(from.Length - n);
            (from[n], from[other]) = (from[other], from[n]);
        }

        return from[..count];
    }
}
