using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>Uniform: a volume of uniform numbers.</summary>
[HostForm(BenchmarkKind.Kernel)]
internal sealed unsafe class UniformBenchmark : KernelBenchmark
{
    private static readonly RandomPlace Place = new(42, 3, Streams.NoiseVoxels);
    private readonly NativeMemoryBlock<float> numbers;

    public UniformBenchmark(VolumeShape shape, int threads)
        : base(shape, threads) => numbers = Allocate<float>(shape.VoxelCount);

    // One word, its map, one float written.
    public override KernelCost Cost => KernelCost.PhiloxWord + KernelCost.UniformMap + KernelCost.Traffic(4);

    public override int Pieces(int phase) => FlatPieces;

    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        Uniform.HostFill(numbers.Pointer + first, count, Place, first);
    }

    public override void Check()
    {
        using var host = new NativeMemoryBlock<float>(1000);
        Uniform.HostFill(host.Pointer, host.Length, Place, 37);
        CheckClose(host.Span, Uniform.ReferenceValues(Place, 37, 1000), 1);
    }
}
