using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>Normal: a volume of normal numbers.</summary>
[HostForm(BenchmarkKind.Kernel)]
internal sealed unsafe class NormalBenchmark : KernelBenchmark
{
    private static readonly RandomPlace Place = new(42, 3, Streams.NoiseVoxels);
    private readonly NativeMemoryBlock<float> numbers;

    public NormalBenchmark(VolumeShape shape, int threads)
        : base(shape, threads) => numbers = Allocate<float>(shape.VoxelCount);

    // One normal number, times the standard deviation, one float written.
    public override KernelCost Cost => KernelCost.NormalNumber + KernelCost.Simple(1) + KernelCost.Traffic(4);

    public override int Pieces(int phase) => FlatPieces;

    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        Normal.HostFill(numbers.Pointer + first, count, Place, first, 0.2f);
    }

    public override void Check()
    {
        using var host = new NativeMemoryBlock<float>(1000);
        Normal.HostFill(host.Pointer, host.Length, Place, 37);
        CheckClose(host.Span, Normal.ReferenceValues(Place, 37, 1000), Cost.Flops);
    }
}
