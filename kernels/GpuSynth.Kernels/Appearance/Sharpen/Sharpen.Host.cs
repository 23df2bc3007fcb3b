using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>The sharpening on the host: two filters, one after the other's planes; the planes between them that are needed stay in hand.</summary>
internal sealed unsafe class SharpenHostStage(StepPlace place, int taps) : HostStage
{
    private readonly SeparableFilter filter = new(place.Facts.Shape, taps, OutsideVolume.Nothing);

    /// <inheritdoc/>
    public override long ScratchLength => (2 * filter.ScratchLength) + ((filter.RingPlanes + 1L) * filter.PlaneLength);

    // Two filters; then a difference and a multiply-add.
    /// <inheritdoc/>
    public override LaneCost Cost => filter.Cost + filter.Cost + new LaneCost(3, 2);

    /// <inheritdoc/>
    public override double[] Exact(in Row row, double[] image)
    {
        float* weights = (float*)row.WordsAddress + place.Entry.Lists;
        double amount = Real16.Drawn<Sharpen.Drawn>(in row, place.Entry.First).Amount;
        double[] smooth = filter.Exact(image, weights);
        double[] blurred = filter.Exact(smooth, weights + (3 * taps));
        return [.. smooth.Select((f, voxel) => f + (amount * (f - blurred[voxel])))];
    }

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        float* weights = (float*)row.WordsAddress + place.Entry.Lists;
        float amount = Real16.Drawn<Sharpen.Drawn>(in row, place.Entry.First).Amount;
        float* kept = scratch + (2 * filter.ScratchLength);
        int firstSmooth = FilteredPlanes<TSource>.FirstBefore(in filter, first);
        var smooth = new FilteredPlanes<TSource>(in filter, weights, source, firstSmooth, scratch);
        var detail = new FilteredPlanes<Kept<TSource>>(
            in filter, weights + (3 * taps), new Kept<TSource>(smooth, filter, kept), first, scratch + filter.ScratchLength);
        var sharp = new Sharp<TSource>(detail, filter, kept, amount);
        return Write(sharp, first, end, filter.Shape, image);
    }

    // The planes of the first filter, the last few of which stay.
    private struct Kept<TSource>(FilteredPlanes<TSource> smooth, SeparableFilter filter, float* ring) : IPlaneSource
        where TSource : struct, IPlaneSource
    {
        private FilteredPlanes<TSource> smooth = smooth;

        public void Plane(int z, float* plane, int stride)
        {
            smooth.Plane(z, plane, stride);
            long bytes = (long)filter.PlaneLength * sizeof(float);
            Buffer.MemoryCopy(plane, ring + ((long)(z % filter.RingPlanes) * filter.PlaneLength), bytes, bytes);
        }
    }

    // f + a (f - G f).
    private struct Sharp<TSource>(FilteredPlanes<Kept<TSource>> detail, SeparableFilter filter, float* ring, float amount) : IPlaneSource
        where TSource : struct, IPlaneSource
    {
        private FilteredPlanes<Kept<TSource>> detail = detail;

        public void Plane(int z, float* plane, int stride)
        {
            float* blurred = ring + ((long)filter.RingPlanes * filter.PlaneLength);
            detail.Plane(z, blurred, filter.RowStride);
            float* smooth = ring + ((long)(z % filter.RingPlanes) * filter.PlaneLength);
            for (long at = 0; at < filter.PlaneLength; at += 16)
            {
                Vector512<float> f = Vector512.Load(smooth + at);
                HostMath.Fma(Vector512.Create(amount), f - Vector512.Load(blurred + at), f).Store(blurred + at);
            }

            for (int y = 0; y < filter.Shape.Height; y++)
            {
                long bytes = filter.Shape.Width * sizeof(float);
                Buffer.MemoryCopy(blurred + ((long)y * filter.RowStride), plane + ((long)y * stride), bytes, bytes);
            }
        }
    }
}
