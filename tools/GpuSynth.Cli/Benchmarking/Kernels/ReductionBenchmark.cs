using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>Reduction: minimum, maximum and sum of a volume, chunk by chunk, and the chunks combined.</summary>
[HostForm(BenchmarkKind.Stage)]
internal sealed unsafe class ReductionBenchmark : KernelBenchmark
{
    private readonly NativeMemoryBlock<float> image;
    private readonly ReductionPartial[] partials;

    public ReductionBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        image = Allocate<float>(shape.VoxelCount);
        partials = new ReductionPartial[Reduction.ChunkCount(shape.VoxelCount)];
        FillUniform(image);
    }

    // 3 comparisons, a sum, a difference; 2 selects and a logical and; a float read. Lanes and chunks are merged once per 4096
    // voxels.
    public static KernelCost CostPerVoxel => KernelCost.Simple(5) + KernelCost.Integer(3) + KernelCost.Traffic(4);

    public override KernelCost Cost => CostPerVoxel;

    public override MemoryWalk Walk => MemoryWalk.Read;

    public override int Phases => 2;

    public override int Pieces(int phase) => phase == 0 ? partials.Length : 1;

    public override void Run(int phase, int piece, int thread)
    {
        if (phase == 0)
        {
            partials[piece] = Chunk(image, piece);
        }
        else
        {
            _ = Reduction.Combine(partials);
        }
    }

    public override void Check()
    {
        using var values = new NativeMemoryBlock<float>(10_007);
        FillUniform(values);
        var parts = new ReductionPartial[Reduction.ChunkCount(values.Length)];
        for (int chunk = 0; chunk < parts.Length; chunk++)
        {
            parts[chunk] = Chunk(values, chunk);
        }

        ReductionResult result = Reduction.Combine(parts);
        (double minimum, double maximum, double sum, _) = Reduction.ReferenceAll(values.Span);
        CheckClose([result.Minimum, result.Maximum], [minimum, maximum], 0);

        // A lane sums 256 voxels of a chunk.
        CheckClose([(float)result.Sum], [sum], 256);
    }

    private static ReductionPartial Chunk(NativeMemoryBlock<float> values, int chunk)
    {
        long first = (long)chunk * Reduction.ChunkLength;
        return Reduction.HostChunk(values.Pointer + first, (int)Math.Min(Reduction.ChunkLength, values.Length - first));
    }
}
