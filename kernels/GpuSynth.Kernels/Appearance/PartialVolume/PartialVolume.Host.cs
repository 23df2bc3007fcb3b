using System.Numerics;

namespace GpuSynth.Kernels;

/// <summary>
/// Partial volumes on the host: of three planes in hand the middle one is copied, and its voxels on borders, which are looked for 32 at once, get their shares
/// one by one.
/// </summary>
internal sealed unsafe class PartialVolumeHostStage(in StepPlace place) : HostStage
{
    private const int Planes = 3;
    private const int Lanes = LabelBorders.Lanes;

    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly BorderShape border = new(place.Facts.Shape);
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    public override long ScratchLength => (long)Planes * shape.Height * shape.Width;

    // 27 comparisons of 32 labels at once, and five times as many sums; a voxel in ten lies on a border, and takes some 200 operations on whole numbers
    // and 12 on others.
    /// <inheritdoc/>
    public override LaneCost Cost => new(2, 26);

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
        // The ends of a row have neighbours outside; the last 32 voxels between them may be worked out twice.
        int here = border.At(z, y, 0);
        int last = shape.Width - 1;
        int wide = shape.Width >= Lanes + 2 ? last : 1;
        var rows = new LabelBorders.Rows(
            border.RowAt(z - 1, y) - here, border.RowAt(z + 1, y) - here, border.RowAt(z, y - 1) - here, border.RowAt(z, y + 1) - here);
        sbyte* sums = stackalloc sbyte[LabelBorders.Length];
        for (int x = 1; x < wide; x += Lanes)
        {
            int from = Math.Min(x, last - Lanes);
            for (uint open = LabelBorders.Of(labels.At + here + from, in rows, border.Reach != 0, sums); open != 0; open &= open - 1)
            {
                int lane = BitOperations.TrailingZeroCount(open);
                Put(LabelBorders.At(sums, lane, border.Reach != 0), labels, amount, z, y, from + lane, planes, plane);
            }
        }

        for (int x = 0; x < shape.Width; x += x == 0 && wide == last && last > 0 ? last : 1)
        {
            Put(LabelBorder.Of(labels, border, z, y, x), labels, amount, z, y, x, planes, plane);
        }
    }

    private void Put(LabelBorder here, HostLabels labels, float amount, int z, int y, int x, float* planes, float* plane)
    {
        float share = amount * here.Share();
        if (share > 0)
        {
            int voxels = shape.Height * shape.Width;
            int across = here.Across(labels, border, z, y, x);
            int at = (y * shape.Width) + x;
            float value = planes[(z % Planes * voxels) + at];
            plane[at] = value + (share * (planes[(across / voxels % Planes * voxels) + (across % voxels)] - value));
        }
    }

    private readonly struct HostLabels(byte* labels) : ILabels
    {
        public byte* At => labels;

        public int this[int voxel] => labels[voxel];
    }
}
