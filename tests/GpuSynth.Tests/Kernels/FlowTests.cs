using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Kernels;

/// <summary>The flow of a velocity: what is known of it in closed form, that it never folds, and that host, device and reference agree.</summary>
[Category("Host")]
public sealed class FlowTests
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(31, 33, 40), VolumeShape.Volume(1, 20, 33), VolumeShape.Volume(50, 2, 3), VolumeShape.Image(40, 61), VolumeShape.Image(2, 70),
    ];

    private delegate double Component(int channel, int z, int y, int x);

    // exp(v) of a constant v is the translation by v.
    [Test]
    public void AConstantVelocity_IsATranslation([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] speeds = [1.25f, -3.5f, 2.75f];
        FlowGrid grid = Grid(shape, 0.2, 6);
        float[] velocity = Velocity(grid, (channel, _, _, _) => speeds[channel]);
        float[] nodes = Host(grid, velocity);
        for (int channel = 0; channel < shape.Dimensions; channel++)
        {
            Assert.That(
                nodes.AsSpan(grid.Layout.Offset(0, channel), grid.Layout.NodesPerChannel(0)).ToArray(),
                Is.All.EqualTo(speeds[channel]).Within(4 * grid.Squarings * Math.Abs(speeds[channel]) / (1 << 24)));
        }
    }

    // exp(v) of v = B x is expm(B) x: of a flow towards the middle, which meets no edge. (1 + B / 2^T)^(2^T) is less than |B|^2 / 2^(T+1) off,
    // and linear interpolation between nodes is exact.
    [Test]
    public void ALinearVelocity_IsAMatrixExponential()
    {
        var shape = VolumeShape.Volume(41, 41, 41);
        double[,] b = { { -0.3, 0.1, 0 }, { -0.1, -0.2, 0.05 }, { 0.02, 0, -0.25 } };
        FlowGrid grid = Grid(shape, 0.1, 4);
        float[] velocity = Velocity(grid, (channel, z, y, x) => (b[channel, 0] * (z - 20)) + (b[channel, 1] * (y - 20)) + (b[channel, 2] * (x - 20)));
        float[] nodes = Host(grid, velocity);
        double[,] exponential = Exponential(b);
        const double norm = 0.45;
        double allowed = norm * norm / Math.Pow(2, grid.Squarings + 1) * Math.Sqrt(3) * 20;
        Assert.That(allowed, Is.LessThan(0.15));
        (int depth, int height, int width) = grid.Layout.Nodes(0);
        double largest = 0;
        for (int node = 0; node < grid.Layout.NodesPerChannel(0); node++)
        {
            double[] at =
            [
                (node / width / height * 40.0 / (depth - 1)) - 20, (node / width % height * 40.0 / (height - 1)) - 20, (node % width * 40.0 / (width - 1)) - 20,
            ];
            for (int channel = 0; channel < 3; channel++)
            {
                double expected = (exponential[channel, 0] * at[0]) + (exponential[channel, 1] * at[1]) + (exponential[channel, 2] * at[2]) - at[channel];
                largest = Math.Max(largest, Math.Abs(nodes[grid.Layout.Offset(0, channel) + node] - expected));
            }
        }

        Assert.That(largest, Is.LessThan(allowed));
    }

    // In the mean square, in voxels of a side of 128, as the deviations. Away from the edges, at which a flow is clamped, and which a point may come
    // from or go to.
    [TestCase(6, 3, 0.06)]
    [TestCase(3, 3, 0.04)]
    [TestCase(6, 1.3, 0.02)]
    public void TheFlowBackwards_IsTheInverse(int divisor, double stdAt128, double allowed)
    {
        var shape = VolumeShape.Volume(64, 64, 64);
        double std = stdAt128 / 2;
        FlowGrid grid = Grid(shape, std / 64, 64 / divisor);
        float[] velocity = Random(grid, std, 3);
        float[] backwards = [.. velocity.Select(static value => -value)];
        double[][] there = Displacements(grid, Host(grid, velocity));
        double[][] back = Displacements(grid, Host(grid, backwards));
        double most = there.Max(static channel => channel.Max(Math.Abs));
        Assert.That(most, Is.GreaterThan(1.2 * std));
        int edge = (int)Math.Ceiling(most) + 2;
        (double sum, int count) = (0, 0);
        for (int z = edge; z < 64 - edge; z++)
        {
            for (int y = edge; y < 64 - edge; y++)
            {
                for (int x = edge; x < 64 - edge; x++)
                {
                    int at = (((z * 64) + y) * 64) + x;
                    (double toZ, double toY, double toX) = (z + there[0][at], y + there[1][at], x + there[2][at]);
                    double offZ = there[0][at] + Between(back[0], toZ, toY, toX);
                    double offY = there[1][at] + Between(back[1], toZ, toY, toX);
                    double offX = there[2][at] + Between(back[2], toZ, toY, toX);
                    sum += (offZ * offZ) + (offY * offY) + (offX * offX);
                    count++;
                }
            }
        }

        double missed = 2 * Math.Sqrt(sum / count);
        TestContext.Out.WriteLine($"side/{divisor}, {stdAt128} voxels: {missed:g3}, displaced by up to {2 * most:g3}");
        Assert.That(missed, Is.LessThan(allowed));

        double Between(double[] volume, double z, double y, double x)
        {
            (int iz, int iy, int ix) = ((int)z, (int)y, (int)x);
            (double tz, double ty, double tx) = (z - iz, y - iy, x - ix);
            double value = 0;
            for (int corner = 0; corner < 8; corner++)
            {
                (int dz, int dy, int dx) = (corner >> 2, (corner >> 1) & 1, corner & 1);
                value += (dz == 1 ? tz : 1 - tz) * (dy == 1 ? ty : 1 - ty) * (dx == 1 ? tx : 1 - tx) * volume[((((iz + dz) * 64) + iy + dy) * 64) + ix + dx];
            }

            return value;
        }
    }

    // The velocity itself as a displacement folds.
    [TestCase(10, 3.0)]
    [TestCase(10, 4.0)]
    public void NothingFolds(int spacing, double std)
    {
        var shape = VolumeShape.Volume(60, 60, 60);
        FlowGrid grid = Grid(shape, std / 60, spacing);
        float[] velocity = Random(grid, std, 5);
        double folded = LeastDeterminant(Displacements(grid.Velocity, velocity));
        double least = LeastDeterminant(Displacements(grid, Host(grid, velocity)));
        TestContext.Out.WriteLine($"least determinant {least:g3}; of the velocity as a displacement {folded:g3}");
        Assert.That(folded, Is.LessThan(0));
        Assert.That(least, Is.GreaterThan(0));
    }

    [Test]
    public void TheHost_IsTheReference([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        var several = new FlowGrid(shape, new ShiftGrids([SideMeasure.Of(5), SideMeasure.SideOver(4)], new UniformLaw(0, 0.04)));
        foreach (FlowGrid grid in (FlowGrid[])[Grid(shape, 0.05, 7), several])
        {
            float[] velocity = Random(grid, 1.5, 9);
            double[] reference = FlowGrid.ReferenceNodes(grid, velocity);
            float[] nodes = Host(grid, velocity);
            double most = reference.Max(Math.Abs);
            Assert.That(most, Is.GreaterThan(0.5));
            Assert.That(nodes.Zip(reference).Max(static pair => Math.Abs(pair.First - pair.Second)), Is.LessThan(40 * most / (1 << 24) * grid.Squarings));
        }
    }

    [Test]
    public void TheFirstStep_IsAtMostHalfACell()
    {
        FlowGrid slow = Grid(VolumeShape.Cubic(3, 128), 0.001, 21);
        Assert.That(slow.Squarings, Is.EqualTo(5));
        FlowGrid fast = Grid(VolumeShape.Cubic(3, 128), 0.2, 8);
        double cells = 0.2 * 128 * 5.77 * 31 / 127;
        Assert.That((fast.Layout.Nodes(0).X, fast.Squarings), Is.EqualTo((32, (int)Math.Ceiling(Math.Log2(2 * cells)))));
        Assert.That(fast.FirstStep * cells, Is.LessThanOrEqualTo(0.5));
    }

    // A label map by the reference's displacement, voxels near a border between two of the map's left out; with and without a displacement beside it.
    [Test]
    public void LabelMaps_FollowTheFlow_OnEveryDevice([ValueSource(nameof(Shapes))] VolumeShape shape, [Values] bool isDisplacedToo)
    {
        // A map of one plane is an image.
        shape = shape is { Dimensions: 3, Depth: 1 } ? VolumeShape.Volume(2, shape.Height, shape.Width) : shape;
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii", shape, static voxel => (byte)(voxel * 7 % 11));
        var velocity = new ShiftGrids([SideMeasure.Of(7), SideMeasure.Of(12)], 0.04);
        ShiftGrids? deformation = isDisplacedToo ? new ShiftGrids([SideMeasure.Of(4)], 0.02) : null;
        var maps = new LabelMapAnatomy(0, 1, 0, 0, 0, deformation, null, null, Velocity: velocity);
        EngineOptions options = Options(new Recipe("flow", shape.Dimensions, [maps], [new Contrast(new UniformLaw(0, 1))]), shape) with
        {
            LabelMaps = folder.Load(),
        };
        using SynthesisEngine host = Start(options);
        using SynthesisEngine device = Start(options with { Device = DeviceCatalogue.IlgpuCpu });
        SmoothShift shift = maps.ShiftOf(shape);
        FlowGrid grid = shift.Flow!;
        NoiseGridLayout layout = shift.Layout!;
        for (int n = 0; n < 2; n++)
        {
            RenderedSample sample = Sample(host, SampleKey.Of(n));
            LabelMapAnatomy.Drawn drawn = sample.Drawn.Of<LabelMapAnatomy.Drawn>();
            Assert.That(sample.Drawn.List(drawn.VelocityStdVoxels).ToArray(), Is.All.EqualTo(0.04f * shape.Side).Within(1e-5));
            float[] nodes =
            [
                .. FlowGrid.ReferenceNodes(grid, Nodes(grid.Velocity, Streams.VelocityNodes, n, 0.04f * shape.Side)).Select(static value => (float)value),
                .. deformation is null ? [] : Nodes(deformation.Layout(shape, shape.Dimensions), Streams.DeformationNodes, n, 0.02f * shape.Side),
            ];
            LabelMapTransform transform = drawn.Place.Transform(shape);
            var expected = new byte[shape.VoxelCount];
            var margins = new double[shape.VoxelCount];
            LabelMapAnatomy.ReferenceLabels(shape, in transform, map, layout, nodes, expected, margins);
            byte[] onDevice = Sample(device, SampleKey.Of(n)).Label;
            int away = 0;
            for (int voxel = 0; voxel < expected.Length; voxel++)
            {
                if (margins[voxel] > 1e-4)
                {
                    away++;
                    Assert.That((sample.Label[voxel], onDevice[voxel]), Is.EqualTo((expected[voxel], expected[voxel])), $"sample {n}, voxel {voxel}");
                }
            }

            Assert.That(away, Is.GreaterThan((0.99 * expected.Length) - 1));
            Assert.That(expected.Distinct().Count(), Is.GreaterThan(2));
        }
    }

    private static FlowGrid Grid(VolumeShape shape, double mostStdOfSide, int spacing) =>
        new(shape, new ShiftGrids([SideMeasure.Of(spacing)], mostStdOfSide));

    private static float[] Nodes(NoiseGridLayout layout, uint stream, int sample, float std)
    {
        var place = new RandomPlace(Seed, (ulong)sample, stream);
        return [.. Enumerable.Range(0, layout.Length).Select(node => std * Normal.At(place, node))];
    }

    private static float[] Random(FlowGrid grid, double std, ulong seed)
    {
        var place = new RandomPlace(seed, 0, Streams.VelocityNodes);
        return [.. Enumerable.Range(0, grid.Velocity.Length).Select(node => (float)std * Normal.At(place, node))];
    }

    // A velocity of one scale by its value at each node, which stands at a voxel.
    private static float[] Velocity(FlowGrid grid, Component value)
    {
        VolumeShape shape = grid.Velocity.Shape;
        (int depth, int height, int width) = grid.Velocity.Nodes(0);
        double[] Exact(int channel) =>
        [
            .. Enumerable.Range(0, grid.Velocity.NodesPerChannel(0)).Select(node =>
            {
                (int z, int y, int x) = (node / width / height, node / width % height, node % width);
                double low = value(channel, 0, 0, 0);
                return low + (Along(z, depth, shape.Depth) * (value(channel, 1, 0, 0) - low))
                    + (Along(y, height, shape.Height) * (value(channel, 0, 1, 0) - low)) + (Along(x, width, shape.Width) * (value(channel, 0, 0, 1) - low));
            }),
        ];
        return [.. Enumerable.Range(0, shape.Dimensions).SelectMany(Exact).Select(static one => (float)one)];

        static double Along(int node, int count, int length) => count == 1 ? 0 : (double)node * (length - 1) / (count - 1);
    }

    private static unsafe float[] Host(FlowGrid grid, float[] velocity)
    {
        var flow = new HostFlow(grid);
        float[] padded = [.. velocity, .. new float[16]];
        var (one, other, nodes, scratch) =
            (new float[flow.GridLength], new float[flow.GridLength], new float[grid.Layout.Length], new float[flow.ScratchLength]);
        fixed (float* from = padded, oneAt = one, otherAt = other, to = nodes, scratchAt = scratch)
        {
            flow.Integrate(from, oneAt, otherAt, to, scratchAt);
        }

        return nodes;
    }

    private static double[][] Displacements(FlowGrid grid, float[] nodes) => Displacements(grid.Layout, nodes);

    private static double[][] Displacements(NoiseGridLayout layout, float[] nodes) =>
        [.. Enumerable.Range(0, layout.Channels).Select(channel => NoiseField.ReferenceUpsample(layout, nodes, channel))];

    // Of all corners of all cells of voxels.
    private static double LeastDeterminant(double[][] shift)
    {
        const int side = 60;
        double least = double.PositiveInfinity;
        var j = new double[3, 3];
        for (int z = 0; z < side - 1; z++)
        {
            for (int y = 0; y < side - 1; y++)
            {
                for (int x = 0; x < side - 1; x++)
                {
                    int at = (((z * side) + y) * side) + x;
                    for (int row = 0; row < 3; row++)
                    {
                        double own = shift[row][at];
                        j[row, 0] = shift[row][at + (side * side)] - own + (row == 0 ? 1 : 0);
                        j[row, 1] = shift[row][at + side] - own + (row == 1 ? 1 : 0);
                        j[row, 2] = shift[row][at + 1] - own + (row == 2 ? 1 : 0);
                    }

                    double determinant = (j[0, 0] * ((j[1, 1] * j[2, 2]) - (j[1, 2] * j[2, 1]))) - (j[0, 1] * ((j[1, 0] * j[2, 2]) - (j[1, 2] * j[2, 0])))
                        + (j[0, 2] * ((j[1, 0] * j[2, 1]) - (j[1, 1] * j[2, 0])));
                    least = Math.Min(least, determinant);
                }
            }
        }

        return least;
    }

    // The sum of its series.
    private static double[,] Exponential(double[,] b)
    {
        double[,] sum = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        double[,] term = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        for (int n = 1; n < 30; n++)
        {
            var next = new double[3, 3];
            for (int row = 0; row < 3; row++)
            {
                for (int column = 0; column < 3; column++)
                {
                    for (int k = 0; k < 3; k++)
                    {
                        next[row, column] += term[row, k] * b[k, column] / n;
                    }

                    sum[row, column] += next[row, column];
                }
            }

            term = next;
        }

        return sum;
    }
}
