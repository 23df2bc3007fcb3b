using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Devices;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Cells: their lattice, their labels, the shape of one, the lanes.</summary>
public sealed class CellsTests
{
    private const double Rounding = 1e-4;

    public static Cells Plain { get; } = new(
        RadiusOfSide: 0.1,
        SizeOfRadius: new UniformLaw(0.6, 1.2),
        JitterOfRadius: 0.5,
        Kept: 0.8,
        RoughnessOfRadius: 0.2,
        RoughSpacing: SideMeasure.SideOver(8),
        OwnLabels: false,
        AreWhole: false,
        Background: false);

    private static readonly NoiseAnatomy Noise = new(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(5)], 1), null);

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // By hand, r = 12 of 128, whole: points from 24 to 103 at most, 24 apart: 4 of them, the first at 24 + phase * 7.
    [Test]
    public void TheLattice_ByHand()
    {
        Cells cells = Plain with { RadiusOfSide = 0.09375, AreWhole = true };
        Assert.That(CellGrid.CountAlong(cells, 128, 12), Is.EqualTo(4));
        var grid = new CellGrid(cells, VolumeShape.Volume(128, 128, 128), 12, new AxisNumbers(0, 0.5f, 1));
        Assert.That((grid.CountZ, grid.CountY, grid.CountX, grid.Pitch), Is.EqualTo((4, 4, 4, 24f)));
        Assert.That((grid.Start.Z, grid.Start.Y, grid.Start.X), Is.EqualTo((24f, 27.5f, 31f)));
        Assert.That(CellGrid.Nearest(35, 24, 24), Is.Zero);
        Assert.That(CellGrid.Nearest(36, 24, 24), Is.EqualTo(1));
        Assert.That(CellGrid.Nearest(11, 24, 24), Is.EqualTo(-1));
        Assert.That(cells.LabelCount(VolumeShape.Volume(128, 128, 128), null), Is.EqualTo(1));
        Assert.That((cells with { OwnLabels = true, Background = true }).LabelCount(VolumeShape.Volume(128, 128, 128), null), Is.EqualTo(65));
    }

    // Smooth cells far from each other are balls, each of its own label.
    [Test]
    public void SmoothCells_HaveTheVolumesOfBalls_AndLabelsOfTheirOwn([Values(2, 3)] int dimensions)
    {
        Cells cells = Plain with
        {
            SizeOfRadius = new UniformLaw(0.7, 0.9), JitterOfRadius = 0.1, Kept = 1, RoughnessOfRadius = 0, OwnLabels = true, AreWhole = true, Background = true,
        };
        VolumeShape shape = VolumeShape.Cubic(dimensions, dimensions == 2 ? 300 : 101);
        var sample = new ShapeSample(cells, shape, 3, Cells.LatticeStream);
        byte[] labels = sample.Labels(77);
        int count = sample.Drawn<Cells.Drawn>().Grid.Count;
        Assert.That(labels.Distinct().Order(), Is.EqualTo(Enumerable.Range(0, count + 1)));
        ILookup<byte, int> byLabel = Enumerable.Range(0, labels.Length).ToLookup(voxel => labels[voxel]);
        double all = 0;
        for (int cell = 0; cell < count; cell++)
        {
            float[] own = Cell(sample, cell);
            double volume = dimensions == 2 ? Math.PI * own[3] * own[3] : 4 * Math.PI / 3 * Math.Pow(own[3], 3);
            int[] voxels = [.. byLabel[(byte)(cell + 1)]];
            all += voxels.Length / volume / count;
            Assert.That(voxels.Length, Is.EqualTo(volume).Within(6).Percent, $"cell {cell}");
            Assert.That(voxels.Average(voxel => voxel % shape.Width), Is.EqualTo(own[2]).Within(0.2));
        }

        Assert.That(all, Is.EqualTo(1).Within(0.5).Percent);
    }

    // Whatever the jitter, a middle lies inside its own label: no other is as near.
    [Test]
    public void AMiddle_IsInsideItsOwnLabel()
    {
        Cells cells = Plain with { RadiusOfSide = 0.15, RoughnessOfRadius = 0, OwnLabels = true, Kept = 1, Background = true };
        VolumeShape shape = VolumeShape.Volume(60, 61, 62);
        int seen = 0;
        for (ulong n = 0; n < 5; n++)
        {
            var sample = new ShapeSample(cells, shape, n, Cells.LatticeStream);
            byte[] labels = sample.Labels(0);
            for (int cell = 0; cell < sample.Drawn<Cells.Drawn>().Grid.Count; cell++)
            {
                float[] own = Cell(sample, cell);
                (int z, int y, int x) = ((int)MathF.Round(own[0]), (int)MathF.Round(own[1]), (int)MathF.Round(own[2]));
                if (z is >= 0 and < 60 && y is >= 0 and < 61 && x is >= 0 and < 62)
                {
                    Assert.That(labels[(((z * 61) + y) * 62) + x], Is.EqualTo(cell + 1), $"sample {n}");
                    seen++;
                }
            }
        }

        Assert.That(seen, Is.GreaterThan(100));
    }

    [Test]
    public void EachCell_FollowsItsLaws_KS_n2000_alpha1e3_seed20261129()
    {
        const double alpha = 1e-3;
        Cells cells = Plain with { RadiusOfSide = 0.02, Kept = 0.7 };
        var sizes = new List<double>();
        var jitters = new List<double>();
        int all = 0;
        for (ulong n = 0; sizes.Count < 2000; n++)
        {
            var sample = new ShapeSample(cells, VolumeShape.Image(200, 210), n, Cells.LatticeStream);
            CellGrid grid = sample.Drawn<Cells.Drawn>().Grid;
            for (int cell = 0; cell < grid.Count; cell++)
            {
                float[] own = Cell(sample, cell);
                all++;
                if (own[3] > 0)
                {
                    sizes.Add(own[3] / 4.0);
                    jitters.Add((own[2] - grid.Start.X - (cell % grid.CountX * grid.Pitch)) / 4);
                }
            }
        }

        Assert.That(Ladder.Critical(alpha, sizes.Count), Is.LessThan(0.05), "n does not suffice");
        Assert.That(Ladder.KolmogorovSmirnov([.. sizes], static size => Math.Clamp((size - 0.6) / 0.6, 0, 1)), Is.LessThan(Ladder.Critical(alpha, sizes.Count)));
        Assert.That(Ladder.KolmogorovSmirnov([.. jitters], static jitter => Math.Clamp(jitter + 0.5, 0, 1)), Is.LessThan(Ladder.Critical(alpha, sizes.Count)));
        Assert.That(sizes.Count / (double)all, Is.EqualTo(0.7).Within(3.3 * Math.Sqrt(0.21 / all)));
    }

    // Of all cells, not of the nearest few alone, in double: nothing beyond the neighbours reaches a voxel, even at the largest sizes.
    [TestCaseSource(nameof(Devices))]
    public void Labels_AreThoseOfTheReference(string device)
    {
        Cells over = Plain with { OwnLabels = true, RadiusOfSide = new UniformLaw(0.2, 0.3), AreWhole = false };
        Cells alone = Plain with { RadiusOfSide = 0.07, SizeOfRadius = new UniformLaw(0.5, 1.5), RoughnessOfRadius = 0.5, Kept = 0.9, Background = true };
        foreach (VolumeShape shape in new[] { VolumeShape.Image(67, 83), VolumeShape.Volume(25, 30, 35) })
        {
            foreach (Cells cells in new[] { over, alone })
            {
                Recipe bare = Of(shape.Dimensions, Noise);
                using SynthesisEngine below = Start(Options(bare, shape));
                using SynthesisEngine engine = Start(Options(Of(shape.Dimensions, [Noise, cells]), shape, threads: 2) with { Device = device });
                int near = 0;
                for (int n = 0; n < TestDevices.Samples(device, 4); n++)
                {
                    RenderedSample sample = Sample(engine, SampleKey.Of(n));
                    byte[] before = cells.Background ? new byte[shape.VoxelCount] : Sample(below, SampleKey.Of(n)).Label;
                    ShapeSample drawn = ShapeSample.Of<Cells>(sample.Drawn, Cells.LatticeStream);
                    for (int voxel = 0; voxel < before.Length; voxel++)
                    {
                        (int cell, double margin) = Reference(drawn, voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
                        int expected = cell < 0 ? before[voxel] : (cells.Background ? 1 : 4) + (cells.OwnLabels ? cell : 0);
                        near += margin < Rounding ? 1 : 0;
                        Assert.That(margin < Rounding || sample.Label[voxel] == expected, $"{shape}, sample {n}, voxel {voxel}");
                    }

                    Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
                }

                Assert.That(near, Is.LessThan(TestDevices.Samples(device, 4) * shape.VoxelCount / 1000));
            }
        }
    }

    [Test]
    public void WrongUse_IsOneSentence()
    {
        VolumeShape shape = VolumeShape.Image(128, 128);
        Assert.That(
            () => SynthesisPlan.Create(Options(Of(2, Noise, Plain with { RadiusOfSide = new UniformLaw(0.1, 0.25), AreWhole = true }), shape)),
            Throws.TypeOf<PlanException>().With.Message.Contains("anatomy[1].cells draws cells of radius 32").And.Message.Contains("lower radiusOfSide to 0.248 at most"));
        Assert.That(
            () => SynthesisPlan.Create(Options(Of(2, Noise, Plain with { RadiusOfSide = 0.025, OwnLabels = true }), shape)),
            Throws.TypeOf<PlanException>().With.Message.Contains("each with a label, more than 254; raise radiusOfSide to 0.0").And.Message.Contains("ownLabels: false"));
        Assert.That(
            () => SynthesisPlan.Create(Options(Of(3, Noise, Plain with { RadiusOfSide = 0.01 }), VolumeShape.Volume(128, 128, 128))),
            Throws.TypeOf<PlanException>().With.Message.Contains($"more than {Cells.Most}; raise radiusOfSide to"));
        using SynthesisEngine engine = Start(Options(Of(2, Noise, Plain), shape));
        RenderedSample sample = Sample(engine, SampleKey.Of(1));
        sample.Drawn.Of<Cells.Drawn>().RadiusVoxels = 2;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("cellRadiusVoxels is 2"));
        sample.Drawn.Of<Cells.Drawn>().RadiusVoxels = float.NaN;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("give back what was drawn"));
    }

    private static Recipe Of(int dimensions, params Component[] anatomy) =>
        new("cells", dimensions, [.. anatomy], [new Contrast(new UniformLaw(0, 1))]);

    // z, y, x, radius.
    private static float[] Cell(ShapeSample sample, int cell) => sample.Numbers(sample.Drawn<Cells.Drawn>().Nodes).Slice(4 * cell, 4).ToArray();

    // Which cell a voxel is in, -1 for none, and how far it is from being in another.
    private static (int Cell, double Margin) Reference(ShapeSample sample, int z, int y, int x)
    {
        Row row = sample.Row;
        LatticeTile tile = sample.Tile;
        ref Cells.Drawn drawn = ref sample.Drawn<Cells.Drawn>();
        double rough = Cells.Drawn.Rough<RealExact, WordExact>(in drawn, in row, in tile, new RealExact(z), new RealExact(y), new RealExact(x)).V;
        ReadOnlySpan<float> cells = sample.Numbers(drawn.Nodes);
        (int found, double least, double next, double margin) = (-1, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        for (int cell = 0; cell < drawn.Grid.Count; cell++)
        {
            ReadOnlySpan<float> own = cells.Slice(4 * cell, 4);
            double from = Math.Sqrt(Math.Pow(z - own[0], 2) + Math.Pow(y - own[1], 2) + Math.Pow(x - own[2], 2));
            double surface = from + rough - own[3];
            if (surface < 0)
            {
                (found, next, least) = from < least ? (cell, least, from) : (found, Math.Min(next, from), least);
            }

            margin = Math.Min(margin, Math.Abs(surface));
        }

        return (found, Math.Min(margin, double.IsInfinity(next) ? margin : next - least));
    }
}
