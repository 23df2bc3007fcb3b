using System.Numerics;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// Partial volumes on the host: of three planes in hand the middle one is copied, and its voxels on borders, which 32 comparisons of labels at once find, are
/// worked out one by one.
/// </summary>
internal sealed unsafe class PartialVolumeHostStage(in StepPlace place) : HostStage
{
    private const int Planes = 3;

    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly BorderShape border = new(place.Facts.Shape);
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    public override long ScratchLength => (long)Planes * shape.Height * shape.Width;

    // 26 comparisons of 32 labels at once and as many ands; a voxel in ten lies on a border, and takes some 300 operations on whole numbers.
    /// <inheritdoc/>
    public override LaneCost Cost => new(0, 32);

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image) => [.. image];

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image, byte[] labels)
    {
        float amount = Real16.Drawn<PartialVolume.Drawn>(in row, first).Amount;
        var after = new double[image.Length];
        fixed (byte* at = labels)
        {
            var own = new HostLabels(at);
            for (int voxel = 0; voxel < after.Length; voxel++)
            {
                int line = voxel / shape.Width;
                (int z, int y, int x) = (line / shape.Height, line % shape.Height, voxel % shape.Width);
                LabelBorder here = LabelBorder.Of(own, border, z, y, x);
                double other = image[here.Across(own, border, z, y, x)];
                after[voxel] = image[voxel] + (amount * here.ExactShare() * (other - image[voxel]));
            }
        }

        return after;
    }

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        float amount = Real16.Drawn<PartialVolume.Drawn>(in row, this.first).Amount;
        if (amount == 0 || source.Labels == null)
        {
            return Write(source, first, end, shape, image);
        }

        long voxels = (long)shape.Height * shape.Width;
        ReductionPartial range = Reduction.Empty();
        int made = Math.Max(0, first - border.Reach);
        for (int z = first; z < end; z++)
        {
            for (; made <= Math.Min(z + border.Reach, shape.Depth - 1); made++)
            {
                source.Plane(made, scratch + (made % Planes * voxels), shape.Width);
            }

            float* to = image + (z * voxels);
            new ReadOnlySpan<float>(scratch + (z % Planes * voxels), checked((int)voxels)).CopyTo(new Span<float>(to, (int)voxels));
            for (int y = 0; y < shape.Height; y++)
            {
                Mix(new HostLabels(source.Labels), amount, z, y, scratch, to);
            }

            range = Reduction.Merge(range, RangeOf(to, voxels));
        }

        return range;
    }

    private void Mix(HostLabels labels, float amount, int z, int y, float* planes, float* plane)
    {
        int x = 0;
        while (x < shape.Width)
        {
            // The ends of a row have neighbours outside.
            bool isWide = x > 0 && x + Vector256<byte>.Count < shape.Width;
            int count = isWide ? Vector256<byte>.Count : 1;
            for (uint open = isWide ? Borders(labels, z, y, x) : 1; open != 0; open &= open - 1)
            {
                At(labels, amount, z, y, x + BitOperations.TrailingZeroCount(open), planes, plane);
            }

            x += count;
        }
    }

    // Which of 32 voxels of a row have a neighbour of another label, a bit each.
    private uint Borders(HostLabels labels, int z, int y, int x)
    {
        Vector256<byte> own = Vector256.Load(labels.At + border.At(z, y, x));
        Vector256<byte> same = Vector256<byte>.AllBitsSet;
        for (int dz = -border.Reach; dz <= border.Reach; dz++)
        {
            for (int dy = -1; dy <= 1; dy++)
            {
                byte* row = labels.At + border.RowAt(z + dz, y + dy) + x;
                same &= Vector256.Equals(own, Vector256.Load(row - 1)) & Vector256.Equals(own, Vector256.Load(row))
                    & Vector256.Equals(own, Vector256.Load(row + 1));
            }
        }

        return ~same.ExtractMostSignificantBits();
    }

    private void At(HostLabels labels, float amount, int z, int y, int x, float* planes, float* plane)
    {
        LabelBorder here = LabelBorder.Of(labels, border, z, y, x);
        float share = amount * here.Share();
        if (share > 0)
        {
            int voxels = shape.Height * shape.Width;
            int across = here.Across(labels, border, z, y, x);
            float value = plane[(y * shape.Width) + x];
            plane[(y * shape.Width) + x] = value + (share * (planes[(across / voxels % Planes * voxels) + (across % voxels)] - value));
        }
    }

    private readonly struct HostLabels(byte* labels) : ILabels
    {
        public byte* At => labels;

        public int this[int voxel] => labels[voxel];
    }
}
