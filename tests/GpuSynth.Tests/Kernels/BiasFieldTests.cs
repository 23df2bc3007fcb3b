using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

[Category("Host")]
public sealed class BiasFieldTests
{
    private const float Std = 0.05f;
    private const float SmallestSigma = 16 / 2.355f;
    private const int Taps = 83;
    private static readonly VolumeShape[] Shapes = [.. Ladder.Shapes, VolumeShape.Volume(40, 33, 47)];

    [Test]
    public void CellEdge_FollowsTheSmallestSigma()
    {
        float[] sigmas = [0.1f, 1.6f, 3.1f, 3.3f, 4.9f, SmallestSigma, 100f];
        int[] edges = [1, 1, 1, 2, 3, 4, 4];
        Assert.That(sigmas.Select(BiasField.CellEdge), Is.EqualTo(edges));
        Assert.That(() => BiasField.CellEdge(0f), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => BiasField.CellEdge(float.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Grid_CoversTheVolume()
    {
        var grid = new BiasGrid(VolumeShape.Volume(128, 3, 1), SmallestSigma, Taps);
        Assert.That(grid.Cells, Is.EqualTo((32, 1, 1)));
        Assert.That(grid.Nodes, Is.EqualTo((33, 2, 1)));
        var image = new BiasGrid(VolumeShape.Image(2, 130), SmallestSigma, Taps);
        Assert.That(image.Cells, Is.EqualTo((1, 1, 33)));
        Assert.That(image.Nodes, Is.EqualTo((1, 2, 34)));
    }

    [Test]
    public void AxisMatrix_IsZeroBeyondTheReachOfThePasses(
        [Values(1, 2, 3, 5, 31, 130, 601)] int length,
        [Values(1, 5, 83)] int taps,
        [Values(1.7f, 3.3f, 5f, 7f)] float smallestSigma)
    {
        var grid = new BiasGrid(VolumeShape.Image(2, length), smallestSigma, taps);
        BiasAxis axis = BiasAxis.Of(grid, 2);
        var matrix = new float[axis.Nodes * axis.Cells];
        BiasField.AxisMatrix(grid, 2, 1000f, matrix);
        for (int node = 0; node < axis.Nodes; node++)
        {
            for (int cell = 0; cell < axis.Cells; cell++)
            {
                if (Math.Abs(cell - (node * axis.Cells / axis.Nodes)) > axis.Reach)
                {
                    Assert.That(matrix[(node * axis.Cells) + cell], Is.Zero, $"node {node}, cell {cell}");
                }
            }
        }
    }

    [Test]
    public void AxisMatrix_RefusesAnotherLength()
    {
        var grid = new BiasGrid(VolumeShape.Image(2, 8), SmallestSigma, Taps);
        Assert.That(
            () => BiasField.AxisMatrix(grid, 2, 9f, new float[3]),
            Throws.ArgumentException.With.Message.StartsWith("matrix holds 3 values, expected 6."));
    }

    [Test]
    public void PlainFloat_IsTheReference_UpToRounding([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        var grid = new BiasGrid(shape, SmallestSigma, Taps);
        float[] sigmas = [7f, 13.1f, 9.4f];
        float[] cells = Cells(grid, sample: 1);
        const float u = 0.37f;
        double[] field = BiasField.ReferenceCoarse(grid, sigmas, cells, Std * NormalQuantile.OfMaximum(u, shape.VoxelCount));
        float[] image = AppearanceTests.Uniforms(shape, 6);
        double[] reference = BiasField.ReferenceApply(image, field);
        // Up to 3 x 12 products per node, the rescaling by a maximum of comparable size, interpolation, exp and product.
        Ladder.AssertRounding(reference, PlainForms.Bias(grid, Std, sigmas, cells, u, image), roundings: 16);
    }

    [Test]
    public void Factor_BringsTheMaximumToTheWhiteNoises_AndIsFiniteForNothing()
    {
        float factor = BiasField.Factor(Std, 0.5f, 1000, 2f);
        Assert.That(factor * 2f, Is.EqualTo(Std * NormalQuantile.OfMaximum(0.5, 1000)).Within(1e-7));
        Assert.That(BiasField.Factor(0f, 0.5f, 1000, 2f), Is.EqualTo(0f));
        Assert.That(BiasField.Factor(Std, 0.5f, 1000, 0f), Is.EqualTo(0f));
    }

    // The two quick forms that the test of equivalence runs on are the references.
    [Test]
    public void QuickForms_AreTheReferences()
    {
        VolumeShape shape = VolumeShape.Volume(9, 14, 11);
        float[] sigmas = [7f, 9f, 12f];
        double[] white = White(shape, 3);
        Assert.That(
            Textbook(shape, sigmas, white), Is.EqualTo(BiasField.ReferenceTextbook(white, shape, sigmas, Taps)).Within(1e-12));
        var grid = new BiasGrid(shape, SmallestSigma, Taps);
        float[] cells = Cells(grid, 3);
        double[] expected = BiasField.ReferenceCoarse(grid, sigmas, cells,
            Std * NormalQuantile.OfMaximum(0.25, shape.VoxelCount));
        Assert.That(Coarse(grid, sigmas, cells, 0.25f), Is.EqualTo(expected).Within(1e-6));
    }

    // The coarse law against the full one: voxel values at the centre, a corner and the middle of a coarse cell, spread within
    // the
    // volume, correlation over 8 voxels, gradient, maximum. Two samples of n = 300, Kolmogorov-Smirnov at alpha 1e-3: the
    // critical
    // distance is 0.159.
    [Test]
    public void CoarseLaw_IsTheFullLaw_KS_n300_alpha1e3([Values(16f, 24f, 32f)] float fwhmVoxels)
    {
        VolumeShape shape = VolumeShape.Volume(25, 32, 28);
        float sigma = fwhmVoxels / 2.355f;
        double[][] textbook = TextbookStatistics(shape, [sigma, sigma, sigma], 300);
        double[][] coarse = CoarseStatistics(shape, [sigma, sigma, sigma], 300);
        for (int statistic = 0; statistic < Names.Length; statistic++)
        {
            double distance = Ladder.KolmogorovSmirnov(textbook[statistic], coarse[statistic]);
            Assert.That(distance, Is.LessThan(Ladder.Critical(1e-3, 300, 300)), Names[statistic]);
        }
    }

    // The power of that test: the same test tells a blur that is a quarter too wide from the right one.
    [Test]
    public void CoarseLaw_WithAWrongSigma_IsFoundOut_KS_n300_alpha1e3()
    {
        VolumeShape shape = VolumeShape.Volume(25, 32, 28);
        double[][] textbook = TextbookStatistics(shape, [8f, 8f, 8f], 300);
        double[][] coarse = CoarseStatistics(shape, [10f, 10f, 10f], 300);
        double largest = Enumerable.Range(0, Names.Length).Max(s => Ladder.KolmogorovSmirnov(textbook[s], coarse[s]));
        Assert.That(largest, Is.GreaterThan(Ladder.Critical(1e-3, 300, 300)));
    }

    private static readonly string[] Names =
        ["value at the centre", "value at a corner", "value inside a cell", "spread", "correlation over 8 voxels", "gradient",
            "maximum"];

    private static double[][] TextbookStatistics(VolumeShape shape, float[] sigmas, int n) => Collect(
        n, sample => Statistics(shape, Textbook(shape, sigmas, White(shape, (ulong)sample))));

    private static double[][] CoarseStatistics(VolumeShape shape, float[] sigmas, int n)
    {
        var grid = new BiasGrid(shape, SmallestSigma, Taps);
        return Collect(n, sample =>
        {
            float u = Uniform.At(new RandomPlace(1, (ulong)sample, Streams.BiasLaws), 0);
            return Statistics(shape, Coarse(grid, sigmas, Cells(grid, (ulong)sample), u));
        });
    }

    private static double[][] Collect(int n, Func<int, double[]> draw)
    {
        double[][] result = [.. Names.Select(_ => new double[n])];
        Parallel.For(0, n, sample =>
        {
            double[] statistics = draw(sample);
            for (int statistic = 0; statistic < Names.Length; statistic++)
            {
                result[statistic][sample] = statistics[statistic];
            }
        });
        return result;
    }

    private static double[] Statistics(VolumeShape shape, double[] field)
    {
        int At(int z, int y, int x) => (((z * shape.Height) + y) * shape.Width) + x;
        double sum = 0;
        double squares = 0;
        double lagged = 0;
        double gradient = 0;
        int pairs = 0;
        int steps = 0;
        for (int z = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++)
                {
                    double value = field[At(z, y, x)];
                    sum += value;
                    squares += value * value;
                    if (x + 8 < shape.Width)
                    {
                        lagged += value * field[At(z, y, x + 8)];
                        pairs++;
                    }

                    if (x + 1 < shape.Width)
                    {
                        gradient += Math.Abs(field[At(z, y, x + 1)] - value);
                        steps++;
                    }
                }
            }
        }

        double mean = sum / field.Length;
        double spread = Math.Sqrt((squares / field.Length) - (mean * mean));
        return
        [
            field[At(shape.Depth / 2, shape.Height / 2, shape.Width / 2)], field[0], field[At(14, 18, 14)], spread,
            lagged / pairs / (squares / field.Length), gradient / steps, field.Max(),
        ];
    }

    private static double[] White(VolumeShape shape, ulong sample)
    {
        var place = new RandomPlace(2, sample, Streams.NoiseVoxels);
        var white = new double[shape.VoxelCount];
        for (int voxel = 0; voxel < white.Length; voxel++)
        {
            white[voxel] = Std * Normal.At(place, voxel);
        }

        return white;
    }

    private static float[] Cells(BiasGrid grid, ulong sample)
    {
        var place = new RandomPlace(1, sample, Streams.BiasCells);
        return [.. Enumerable.Range(0, grid.CellCount).Select(cell => Normal.At(place, cell))];
    }

    private static double[] Textbook(VolumeShape shape, float[] sigmas, double[] white)
    {
        double[] field = Separable(white, Filter(shape.Depth, sigmas[0]), Filter(shape.Height, sigmas[1]),
            Filter(shape.Width, sigmas[2]));
        double factor = white.Max() / field.Max();
        return [.. field.Select(value => value * factor)];
    }

    private static double[,] Filter(int voxels, float sigma)
    {
        double sum = Enumerable.Range(-(Taps / 2), Taps).Sum(d => Math.Exp(-d * d / (2.0 * sigma * sigma)));
        var matrix = new double[voxels, voxels];
        for (int to = 0; to < voxels; to++)
        {
            for (int from = 0; from < voxels; from++)
            {
                int d = to - from;
                matrix[to, from] = Math.Abs(d) <= Taps / 2 ? Math.Exp(-d * d / (2.0 * sigma * sigma)) / sum : 0;
            }
        }

        return matrix;
    }

    private static double[] Coarse(BiasGrid grid, float[] sigmas, float[] cells, float u)
    {
        double[] nodes = Separable([.. cells.Select(c => (double)c)], Matrix(grid, 0, sigmas), Matrix(grid, 1, sigmas),
            Matrix(grid, 2, sigmas));
        float factor = BiasField.Factor(Std, u, grid.Shape.VoxelCount, (float)nodes.Max());
        double[] field = Separable(nodes, Upsample(grid, 0), Upsample(grid, 1), Upsample(grid, 2));
        return [.. field.Select(value => value * factor)];
    }

    private static double[,] Matrix(BiasGrid grid, int axis, float[] sigmas)
    {
        var flat = new float[grid.NodesAlong(axis) * grid.CellsAlong(axis)];
        BiasField.AxisMatrix(grid, axis, sigmas[axis], flat);
        var matrix = new double[grid.NodesAlong(axis), grid.CellsAlong(axis)];
        for (int i = 0; i < flat.Length; i++)
        {
            matrix[i / grid.CellsAlong(axis), i % grid.CellsAlong(axis)] = flat[i];
        }

        return matrix;
    }

    private static double[,] Upsample(BiasGrid grid, int axis)
    {
        int voxels = grid.VoxelsAlong(axis);
        int nodes = grid.NodesAlong(axis);
        var matrix = new double[voxels, nodes];
        for (int voxel = 0; voxel < voxels; voxel++)
        {
            for (int node = 0; node < nodes; node++)
            {
                double at = voxels == 1 ? 0 : voxel * (nodes - 1.0) / (voxels - 1);
                matrix[voxel, node] = Math.Max(0, 1 - Math.Abs(at - node));
            }
        }

        return matrix;
    }

    private static double[] Separable(double[] source, double[,] z, double[,] y, double[,] x)
    {
        double[] afterX = Along(source, x, 1);
        double[] afterY = Along(afterX, y, x.GetLength(0));
        return Along(afterY, z, y.GetLength(0) * x.GetLength(0));
    }

    private static double[] Along(double[] source, double[,] matrix, int inner)
    {
        int to = matrix.GetLength(0);
        int from = matrix.GetLength(1);
        int outer = source.Length / from / inner;
        var result = new double[outer * to * inner];
        for (int o = 0; o < outer; o++)
        {
            for (int t = 0; t < to; t++)
            {
                int row = ((o * to) + t) * inner;
                for (int f = 0; f < from; f++)
                {
                    double weight = matrix[t, f];
                    int sourceRow = ((o * from) + f) * inner;
                    for (int i = 0; i < inner; i++)
                    {
                        result[row + i] += weight * source[sourceRow + i];
                    }
                }
            }
        }

        return result;
    }
}
