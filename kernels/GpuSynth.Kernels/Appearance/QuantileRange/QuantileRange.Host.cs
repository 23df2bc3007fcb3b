using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The range of quantiles on the host: runs of planes are looked at for their extremes, then counted into bins, of all threads together; then each is scaled
/// where it lies.
/// </summary>
internal sealed unsafe class QuantileRangeHostStage(in StepPlace place) : HostStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;

    // Counts of one thread.
    /// <inheritdoc/>
    public override long ScratchLength => QuantileRange.Bins;

    // Counts of the sample, and the extremes of every plane.
    /// <inheritdoc/>
    public override long MemoryLength => QuantileRange.Bins + ((long)shape.Depth * sizeof(ReductionPartial) / sizeof(float));

    // For the extremes, and to count.
    /// <inheritdoc/>
    public override int SurveyCount => 2;

    /// <inheritdoc/>
    public override bool IsPlanewise => true;

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

        QuantileScale scale = ScaleOf(in drawn, counts, in bins);
        return [.. image.Select(value => (value - scale.Low) * scale.Factor)];
    }

    /// <inheritdoc/>
    public override void Survey(in Row row, int number, float* image, int first, int end, float* memory, float* scratch)
    {
        int* counts = (int*)memory;
        int voxels = shape.Height * shape.Width;
        if (number == 0)
        {
            new Span<int>(counts, first == 0 ? QuantileRange.Bins : 0).Clear();
            for (int z = first; z < end; z++)
            {
                PlaneRanges(memory)[z] = RangeOf(image + ((long)z * voxels), voxels);
            }

            return;
        }

        ReductionPartial range = RangeIn(memory);
        var bins = new QuantileBins(range.Minimum, range.Maximum);
        int* own = (int*)scratch;
        new Span<int>(own, QuantileRange.Bins).Clear();
        for (int z = first; z < end; z++)
        {
            Count(image + ((long)z * voxels), voxels, in bins, own);
        }

        // Whole numbers: the order of threads is nothing to their sums.
        for (int bin = 0; bin < QuantileRange.Bins; bin++)
        {
            if (own[bin] != 0)
            {
                Interlocked.Add(ref counts[bin], own[bin]);
            }
        }
    }

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        QuantileRange.Drawn drawn = Real16.Drawn<QuantileRange.Drawn>(in row, this.first);
        ReductionPartial range = RangeIn(source.Memory);
        var bins = new QuantileBins(range.Minimum, range.Maximum);
        QuantileScale scale = ScaleOf(in drawn, (int*)source.Memory, in bins);
        int voxels = shape.Height * shape.Width;
        ReductionPartial after = Reduction.Empty();
        for (int z = first; z < end; z++)
        {
            float* to = image + ((long)z * voxels);
            Scale(source.Image + ((long)z * voxels), scale, voxels, to);
            after = Reduction.Merge(after, RangeOf(to, voxels));
        }

        return after;
    }

    private static ReductionPartial* PlaneRanges(float* memory) => (ReductionPartial*)(memory + QuantileRange.Bins);

    private ReductionPartial RangeIn(float* memory)
    {
        ReductionPartial range = Reduction.Empty();
        for (int z = 0; z < shape.Depth; z++)
        {
            range = Reduction.Merge(range, PlaneRanges(memory)[z]);
        }

        return range;
    }

    private static void Scale(float* from, QuantileScale scale, int count, float* to)
    {
        int at = 0;
        for (; at + 16 <= count; at += 16)
        {
            ((Vector512.Load(from + at) - Vector512.Create(scale.Low)) * Vector512.Create(scale.Factor)).Store(to + at);
        }

        for (; at < count; at++)
        {
            to[at] = (from[at] - scale.Low) * scale.Factor;
        }
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

    private QuantileScale ScaleOf(in QuantileRange.Drawn drawn, int* counts, in QuantileBins bins)
    {
        float low = Quantile(drawn.Low * shape.VoxelCount, counts, in bins, out int lowBin);
        float high = Quantile(drawn.High * shape.VoxelCount, counts, in bins, out int highBin);
        return bins.Scale(low, lowBin, high, highBin);
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
}
