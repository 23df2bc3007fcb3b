using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>Contrast: a mean intensity per label, eight labels.</summary>
[HostForm(BenchmarkKind.Component)]
internal sealed unsafe class ContrastBenchmark : KernelBenchmark
{
    private const int Labels = 8;
    private const int MeansLength = 32;
    private readonly NativeMemoryBlock<byte> labels;
    private readonly NativeMemoryBlock<float> means;
    private readonly NativeMemoryBlock<float> image;

    public ContrastBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        labels = Allocate<byte>(shape.VoxelCount);
        means = Allocate<float>(MeansLength);
        image = Allocate<float>(shape.VoxelCount);
        for (long voxel = 0; voxel < shape.VoxelCount; voxel++)
        {
            labels.Pointer[voxel] = (byte)(voxel / 13 % Labels);
        }

        FillUniform(means);
    }

    // A label widened, a permutation of the means in registers; a byte read, a float written.
    public override KernelCost Cost => KernelCost.Integer(2) + KernelCost.Traffic(5);

    public override int Pieces(int phase) => FlatPieces;

    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        Contrast.HostRow(labels.Pointer + first, means.Pointer, Labels, image.Pointer + first, count);
    }

    public override void Check()
    {
        int count = (int)Math.Min(1003, Shape.VoxelCount);
        using var host = new NativeMemoryBlock<float>(count);
        Contrast.HostRow(labels.Pointer, means.Pointer, Labels, host.Pointer, count);
        CheckClose(host.Span, Contrast.ReferenceImage(labels.Span[..count], means.Span), 0);
    }
}
