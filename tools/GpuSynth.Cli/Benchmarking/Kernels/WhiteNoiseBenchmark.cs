using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>WhiteNoise: noise added to a volume in place.</summary>
[HostForm(BenchmarkKind.Component)]
internal sealed unsafe class WhiteNoiseBenchmark : KernelBenchmark
{
    private const float Sigma = 0.2f;
    private static readonly RandomPlace Place = new(42, 3, Streams.NoiseVoxels);
    private readonly NativeMemoryBlock<float> image;

    public WhiteNoiseBenchmark(VolumeShape shape, int threads)
        : base(shape, threads) => image = Allocate<float>(shape.VoxelCount);

    // One normal number and a multiply-add; a float read and written.
    public static KernelCost CostPerVoxel => KernelCost.NormalNumber + KernelCost.MultiplyAdd + KernelCost.Traffic(8);

    public override KernelCost Cost => CostPerVoxel;

    public override MemoryWalk Walk => MemoryWalk.Update;

    public override int Pieces(int phase) => FlatPieces;

    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        WhiteNoise.HostAdd(image.Pointer + first, first, count, Place, Sigma);
    }

    public override void Check()
    {
        using var host = new NativeMemoryBlock<float>(1000);
        FillUniform(host);
        double[] reference = WhiteNoise.ReferenceImage(host.Span, Sigma, Place);
        WhiteNoise.HostAdd(host.Pointer, 0, host.Length, Place, Sigma);
        CheckClose(host.Span, reference, Cost.Flops);
    }
}
