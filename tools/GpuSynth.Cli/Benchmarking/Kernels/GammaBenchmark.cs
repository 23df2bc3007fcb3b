using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>Gamma: a volume raised to a power in place.</summary>
[HostForm(BenchmarkKind.Component)]
internal sealed unsafe class GammaBenchmark : KernelBenchmark
{
    private const float Exponent = 0.8f;
    private readonly NativeMemoryBlock<float> original;
    private readonly NativeMemoryBlock<float> image;

    public GammaBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        original = Allocate<float>(shape.VoxelCount);
        image = Allocate<float>(shape.VoxelCount);
        FillUniform(original);
    }

    // Logarithm, product, exponential; a maximum, 3 comparisons and 3 selects keep 0, 1 and NaN; a float read and written.
    public override KernelCost Cost =>
        KernelCost.Log + KernelCost.Exp + KernelCost.Simple(5) + KernelCost.Integer(3) + KernelCost.Traffic(8);

    public override MemoryWalk Walk => MemoryWalk.Update;

    public override int Pieces(int phase) => FlatPieces;

    public override void Prepare() => image.CopyFrom(original);

    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        Gamma.Host(image.Pointer + first, count, Exponent);
    }

    public override void Check()
    {
        using var host = new NativeMemoryBlock<float>(1003);
        FillUniform(host);
        double[] reference = Gamma.ReferenceImage(host.Span, Exponent);
        Gamma.Host(host.Pointer, host.Length, Exponent);
        CheckClose(host.Span, reference, Cost.Flops);
    }
}
