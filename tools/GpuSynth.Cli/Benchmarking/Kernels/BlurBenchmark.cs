using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Blur: seven taps per axis, in two walks. The first takes a plane (of an image: sixteen rows and those around them) through x
/// and y, x into scratch; the second sums planes along z.
/// </summary>
[HostForm(BenchmarkKind.Component, OnImages = true)]
internal sealed unsafe class BlurBenchmark : KernelBenchmark
{
    private const int Taps = 7;
    private const int Radius = Taps / 2;
    private static readonly float[] Sigmas = [0.5f, 0.6f, 0.7f];
    private readonly NativeMemoryBlock<float> image;
    private readonly NativeMemoryBlock<float> between;
    private readonly NativeMemoryBlock<float> blurred;
    private readonly NativeMemoryBlock<float> weights;

    public BlurBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        long length = (long)shape.Depth * shape.Height * RowStride;
        image = Allocate<float>(length);
        between = Allocate<float>(shape.Dimensions == 3 ? length : 0);
        blurred = Allocate<float>(length);
        weights = Allocate<float>(3 * Taps);
        for (int axis = 0; axis < 3; axis++)
        {
            Blur.Weights(Sigmas[axis], weights.Span.Slice(axis * Taps, Taps));
        }

        FillUniform(image);
        AllocateScratch(((long)(RowRange(0).Count + (2 * Radius)) * RowStride) + RowStride + (4 * 16));
    }

    // Per walk a float read and written; the other taps are still in cache.
    public override KernelCost Cost => CostOf(Shape, Taps) + KernelCost.Traffic(8 * Phases);

    public override int Phases => Shape.Dimensions == 3 ? 2 : 1;

    public override int Pieces(int phase) => RowPieces;

    // Per axis a product, and a multiply-add for each further tap.
    public static KernelCost CostOf(VolumeShape shape, int taps) =>
        shape.Dimensions * (KernelCost.Simple(1) + ((taps - 1) * KernelCost.MultiplyAdd));

    public override void Run(int phase, int piece, int thread)
    {
        if (phase == 0)
        {
            InPlane(piece, Scratch(thread), Shape.Dimensions == 3 ? between.Pointer : blurred.Pointer);
        }
        else
        {
            Across(piece);
        }
    }

    public override void Check()
    {
        VolumeShape small = Shape.Dimensions == 3 ? VolumeShape.Volume(9, 8, 37) : VolumeShape.Image(35, 37);
        using var benchmark = new BlurBenchmark(small, 1);
        int rows = small.Depth * small.Height;
        var before = new double[small.VoxelCount];
        var after = new float[small.VoxelCount];
        for (int i = 0; i < before.Length; i++)
        {
            before[i] = benchmark.image.Pointer[(i / small.Width * benchmark.RowStride) + (i % small.Width)];
        }

        for (int phase = 0; phase < benchmark.Phases; phase++)
        {
            for (int piece = 0; piece < benchmark.Pieces(phase); piece++)
            {
                benchmark.Run(phase, piece, 0);
            }
        }

        for (int row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(benchmark.blurred.Pointer + ((long)row * benchmark.RowStride), small.Width)
                .CopyTo(after.AsSpan(row * small.Width));
        }

        CheckClose(after, Blur.ReferenceImage(before, small, Sigmas, Taps), Cost.Flops);
    }

    private void InPlane(int piece, float* scratch, float* to)
    {
        (int first, int count) = RowRange(piece);
        int planeFirst = first / Shape.Height * Shape.Height;
        int from = Math.Max(planeFirst, first - Radius);
        int end = Math.Min(planeFirst + Shape.Height, first + count + Radius);
        float* alongX = scratch + RowStride + (3 * 16);
        float* row = scratch + 16;
        new Span<float>(scratch, RowStride + (3 * 16)).Clear();
        for (int y = from; y < end; y++)
        {
            new ReadOnlySpan<float>(image.Pointer + ((long)y * RowStride), Shape.Width).CopyTo(new Span<float>(row, Shape.Width));
            Blur.HostRow(row, weights.Pointer + (2 * Taps), Taps, alongX + ((long)(y - from) * RowStride), Shape.Width);
        }

        float** rows = stackalloc float*[Taps];
        for (int y = first; y < first + count; y++)
        {
            int low = Math.Max(from, y - Radius);
            int taps = Math.Min(end - 1, y + Radius) - low + 1;
            for (int i = 0; i < taps; i++)
            {
                rows[i] = alongX + ((long)(low + i - from) * RowStride);
            }

            Blur.HostSum(rows, weights.Pointer + Taps + low - y + Radius, taps, to + ((long)y * RowStride), RowStride);
        }
    }

    private void Across(int z)
    {
        long plane = (long)Shape.Height * RowStride;
        int low = Math.Max(0, z - Radius);
        int taps = Math.Min(Shape.Depth - 1, z + Radius) - low + 1;
        float** rows = stackalloc float*[Taps];
        for (int y = 0; y < Shape.Height; y++)
        {
            for (int i = 0; i < taps; i++)
            {
                rows[i] = between.Pointer + ((low + i) * plane) + ((long)y * RowStride);
            }

            float* to = blurred.Pointer + (z * plane) + ((long)y * RowStride);
            Blur.HostSum(rows, weights.Pointer + low - z + Radius, taps, to, RowStride);
        }
    }
}
