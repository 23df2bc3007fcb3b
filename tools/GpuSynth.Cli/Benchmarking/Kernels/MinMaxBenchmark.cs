using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>MinMax: a volume brought to 0 to 1 in place, its range known.</summary>
[HostForm(BenchmarkKind.Component)]
internal sealed unsafe class MinMaxBenchmark : KernelBenchmark
{
    private const float Epsilon = 1e-6f;
    private readonly NativeMemoryBlock<float> image;

    public MinMaxBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        image = Allocate<float>(shape.VoxelCount);
        FillUniform(image);
    }

    // A difference and a quotient; a float read and written. (The range is the reduction's.)
    public override KernelCost Cost => KernelCost.Simple(2) + KernelCost.Traffic(8);

    public override MemoryWalk Walk => MemoryWalk.Update;

    public override int Pieces(int phase) => FlatPieces;

    // Minimum 0 and a range of just over 1: repeating it hardly changes the voxels.
    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        MinMax.Host(image.Pointer + first, count, 0f, 1f + Epsilon);
    }

    public override void Check()
    {
        using var host = new NativeMemoryBlock<float>(1003);
        FillUniform(host);
        double[] reference = MinMax.ReferenceImage(host.Span, Epsilon);
        ReductionPartial range = Reduction.HostChunk(host.Pointer, (int)host.Length);
        MinMax.Host(host.Pointer, host.Length, range.Minimum, MinMax.Range(range.Minimum, range.Maximum, Epsilon));
        CheckClose(host.Span, reference, 4);
    }
}
