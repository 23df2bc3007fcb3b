using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The range of quantiles on the host: every run of planes counts the whole image for itself, which is faster than to wait for another, and writes its own planes.
/// </summary>
internal sealed unsafe class QuantileRangeHostStage(in StepPlace place) : HostStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;

    // Counts, and a plane up to a multiple of sixteen.
    /// <inheritdoc/>
    public override long ScratchLength => QuantileRange.Bins + HostMath.RoundUp(shape.Height * shape.Width, 16);

    // The range; a difference, a product and a conversion; a difference and a product.
    /// <inheritdoc/>
    public override LaneCost Cost => new(7, 11);

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image)
    {
        QuantileRange.Drawn drawn = Real16.Drawn<QuantileRange.Drawn>(in row, first);
        int* counts = stackalloc int[QuantileRange.Bins];
        new Span<int>(counts, QuantileRange.Bins).Clear();
        (float minimum, float maximum) = ((float)image.Min(), (float)image.Max());
        var bins = new QuantileBins(minimum, maximum);
        foreach (double value in image)
        {
            counts[bins.Of((float)value)]++;
        }

        QuantileScale scale = ScaleOf(in drawn, counts, in bins, minimum, maximum);
        return [.. image.Select(value => (value - scale.Low) * scale.Factor)];
    }

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        QuantileRange.Drawn drawn = Real16.Drawn<QuantileRange.Drawn>(in row, this.first);
        int* counts = (int*)scratch;
        float* plane = scratch + QuantileRange.Bins;
        int voxels = shape.Height * shape.Width;
        ReductionPartial range = Reduction.Empty();
        for (int z = 0; z < shape.Depth; z++)
        {
            source.Plane(z, plane, shape.Width);
            for (int at = 0; at < voxels; at += Reduction.ChunkLength)
            {
                range = Reduction.Merge(range, Reduction.HostChunk(plane + at, Math.Min(Reduction.ChunkLength, voxels - at)));
            }
        }

        new Span<int>(counts, QuantileRange.Bins).Clear();
        var bins = new QuantileBins(range.Minimum, range.Maximum);
        for (int z = 0; z < shape.Depth; z++)
        {
            source.Plane(z, plane, shape.Width);
            Count(plane, voxels, in bins, counts);
        }

        QuantileScale scale = ScaleOf(in drawn, counts, in bins, range.Minimum, range.Maximum);
        return Write(new Scaled<TSource>(source, scale, voxels), first, end, shape, image);
    }

    // Sixteen bins at a time; a count after another.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(float* values, int count, in QuantileBins bins, int* counts)
    {
        int* places = stackalloc int[16];
        Vector512<float> minimum = Vector512.Create(bins.Minimum);
        Vector512<float> perUnit = Vector512.Create(bins.PerUnit);
        int at = 0;
        for (; at + 16 <= count; at += 16)
        {
            Vector512<int> bin = Vector512.ConvertToInt32((Vector512.Load(values + at) - minimum) * perUnit);
            Vector512.Max(Vector512<int>.Zero, Vector512.Min(bin, Vector512.Create(QuantileRange.Bins - 1))).Store(places);
            for (int lane = 0; lane < 16; lane++)
            {
                counts[places[lane]]++;
            }
        }

        for (; at < count; at++)
        {
            counts[bins.Of(values[at])]++;
        }
    }

    private QuantileScale ScaleOf(in QuantileRange.Drawn drawn, int* counts, in QuantileBins bins, float minimum, float maximum)
    {
        float low = Quantile(drawn.Low * shape.VoxelCount, counts, in bins, out int lowBin);
        float high = Quantile(drawn.High * shape.VoxelCount, counts, in bins, out int highBin);
        return lowBin == highBin ? new(minimum, maximum) : new(low, high);
    }

    private static float Quantile(float target, int* counts, in QuantileBins bins, out int bin)
    {
        int before = 0;
        bin = 0;
        while (bin < QuantileRange.Bins - 1 && (counts[bin] == 0 || before + counts[bin] < target))
        {
            before += counts[bin];
            bin++;
        }

        return bins.At(bin, before, counts[bin], target);
    }

    // Planes in rows of the volume's width.
    private readonly struct Scaled<TSource>(TSource source, QuantileScale scale, int voxels) : IPlaneSource
        where TSource : struct, IPlaneSource
    {
        private readonly TSource source = source;

        public void Plane(int z, float* plane, int stride)
        {
            TSource planes = source;
            planes.Plane(z, plane, stride);
            int at = 0;
            for (; at + 16 <= voxels; at += 16)
            {
                ((Vector512.Load(plane + at) - Vector512.Create(scale.Low)) * Vector512.Create(scale.Factor)).Store(plane + at);
            }

            for (; at < voxels; at++)
            {
                plane[at] = (plane[at] - scale.Low) * scale.Factor;
            }
        }
    }
}
