using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// BiasField: a volume times exp(b) in place, row by row, b from its nodes. The nodes are drawn before: they are few.
/// </summary>
[HostForm(BenchmarkKind.Component, OnImages = true)]
internal sealed unsafe class BiasFieldBenchmark : KernelBenchmark
{
    // The smallest and the middle of the preset's law, uniform(16, 32) voxels.
    private const float SmallestSigma = (float)(16 / Bias.FwhmPerSigma);
    private const float Sigma = (float)(24 / Bias.FwhmPerSigma);
    private const float Std = 0.05f;
    private const int Taps = 83;
    private static readonly RandomPlace Place = new(42, 3, Streams.BiasCells);
    private static readonly float[] Sigmas = [Sigma, Sigma, Sigma];
    private readonly BiasGrid grid;
    private readonly BiasFieldHost kernel;
    private readonly NativeMemoryBlock<float> nodes;
    private readonly NativeMemoryBlock<float> original;
    private readonly NativeMemoryBlock<float> image;

    public BiasFieldBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        grid = new BiasGrid(shape, SmallestSigma, Taps);
        kernel = new BiasFieldHost(grid);
        nodes = Allocate<float>(kernel.NodeLength);
        original = Allocate<float>((long)shape.Depth * shape.Height * RowStride);
        image = Allocate<float>(original.Length);
        FillUniform(original);
        image.CopyFrom(original);
        AllocateScratch(kernel.RowScratchLength + RowStride + 16);
        using var scratch = new NativeMemoryBlock<float>(kernel.DrawScratchLength);
        kernel.DrawNodes(Place, Std, Sigmas, 0.5f, nodes.Pointer, scratch.Pointer);
    }

    public override KernelCost Cost => CostOf(Shape, grid);

    public override MemoryWalk Walk => MemoryWalk.Update;

    public override int Pieces(int phase) => RowPieces;

    // Per voxel 2 permutations and a lerp along x, an exponential, a product; per node of a row 3 lerps along y and z. A float
    // read and written; the nodes are in cache.
    public static KernelCost CostOf(VolumeShape shape, BiasGrid grid) =>
        KernelCost.Integer(2) + KernelCost.Lerp + KernelCost.Exp + KernelCost.Simple(1)
        + ((double)grid.Nodes.X / shape.Width * 3 * KernelCost.Lerp) + KernelCost.Traffic(8);

    public override void Prepare() => image.CopyFrom(original);

    public override void Run(int phase, int piece, int thread)
    {
        float* logField = Scratch(thread);
        (int first, int count) = RowRange(piece);
        for (int row = first; row < first + count; row++)
        {
            kernel.Row(nodes.Pointer, row / Shape.Height, row % Shape.Height, logField, logField + RowStride);
            BiasFieldHost.HostApply(image.Pointer + ((long)row * RowStride), logField, Shape.Width);
        }
    }

    // Against the drawn nodes interpolated in double: the nodes themselves, drawn once a sample, are the tests' business.
    public override void Check()
    {
        VolumeShape small = Shape.Dimensions == 3 ? VolumeShape.Volume(9, 8, 37) : VolumeShape.Image(35, 37);
        using var benchmark = new BiasFieldBenchmark(small, 1);
        BiasGrid layout = benchmark.grid;
        var reference = new double[small.VoxelCount];
        var host = new float[small.VoxelCount];
        for (int piece = 0; piece < benchmark.RowPieces; piece++)
        {
            benchmark.Run(0, piece, 0);
        }

        for (int i = 0; i < host.Length; i++)
        {
            int x = i % small.Width;
            int row = i / small.Width;
            long at = ((long)row * benchmark.RowStride) + x;
            host[i] = benchmark.image.Pointer[at];
            double field = 0;
            for (int node = 0; node < layout.NodeCount; node++)
            {
                field += benchmark.nodes.Pointer[node]
                    * Hat(row / small.Height, small.Depth, node / (layout.Nodes.Y * layout.Nodes.X), layout.Nodes.Z)
                    * Hat(row % small.Height, small.Height, node / layout.Nodes.X % layout.Nodes.Y, layout.Nodes.Y)
                    * Hat(x, small.Width, node % layout.Nodes.X, layout.Nodes.X);
            }

            reference[i] = benchmark.original.Pointer[at] * Math.Exp(field);
        }

        CheckClose(host, reference, Cost.Flops);
    }

    private static double Hat(int voxel, int voxels, int node, int nodes) =>
        voxels == 1 ? 1 : Math.Max(0, 1 - Math.Abs((voxel * (nodes - 1.0) / (voxels - 1)) - node));
}
