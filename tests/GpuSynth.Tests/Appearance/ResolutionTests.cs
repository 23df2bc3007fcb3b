using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;
using static GpuSynth.Tests.Appearance.LineOperator;

namespace GpuSynth.Tests.Appearance;

/// <summary>The resolution: what is its own.</summary>
[Category("Host")]
public sealed class ResolutionTests
{
    private const int Samples = 4000;
    private const double Alpha = 1e-3;

    // SynthSeg's, cornucopia's, TorchIO's, and what Brain-ID makes of clinical scans.
    private static readonly Resolution[] Kinds =
    [
        new(new UniformLaw(1, 8), new UniformLaw(0.728, 0.773), new UniformLaw(0, 1), 1, 1, 0.1, new UniformLaw(1, 4), 0.5, 0),
        new(new UniformLaw(1, 8), 0.4247, new UniformLaw(0.1, 1), 0, 1, 0.5, new UniformLaw(1, 8), 0, 0),
        new(new UniformLaw(1.5, 5), 0, 1, 1, 1, 0, 1, 0, 1),
        new(new UniformLaw(4.8, 5.2), new UniformLaw(0.436, 0.589), 0, new UniformLaw(4, 6), new UniformLaw(1.3, 1.7), 0, 1, 0, 0),
        new(32, 1, 1, 1, 1, 0, 1, 0, 0),
    ];

    // Slices of two voxels lie at 0.5, 2.5 and 4.5: means of pairs, and a line between them.
    [TestCase(0, new float[] { 0, 0.5f, 1.5f, 2.5f, 3.5f, 4 })]
    [TestCase(1, new float[] { 0, 1, 3, 4, 4, 4 })]
    public void AStep_WorkedOutByHand(double nearest, float[] expected) => Assert.That(
        Apply(new Resolution(2, 0, 1, 1, 2, 0, 1, 0, nearest), VolumeShape.Image(1, 6), [0, 0, 0, 4, 4, 4]), Is.EqualTo(expected));

    // U D G, each a matrix written down by its definition, in double.
    [Test]
    public void ItsMatrix_IsTheChain_EntryByEntry([ValueSource(typeof(LineOperator), nameof(Lengths))] int length, [Range(0, 2)] int axis)
    {
        foreach (Resolution resolution in Kinds)
        {
            for (int sample = 0; sample < 3; sample++)
            {
                Resolution.Drawn seen = default;
                double[,] matrix = Matrix(resolution, length, axis, sample, (ref Resolution.Drawn drawn) =>
                {
                    drawn.SliceAxis = axis;
                    seen = drawn;
                });
                float spacing = seen.SpacingAlong(axis);
                Assert.That(
                    Difference(matrix, Chain(length, spacing, seen.SigmaAlong(axis, spacing), seen.IsNearest != 0)),
                    Is.LessThan(2e-5),
                    $"{resolution}, sample {sample}: spacing {spacing}");
                for (int row = 0; row < length; row++)
                {
                    Assert.That(Enumerable.Range(0, length).Sum(column => matrix[row, column]), Is.EqualTo(1).Within(1e-5), $"row {row}");
                }
            }
        }
    }

    // As thick as it is said: half of the peak at half of the full width.
    [Test]
    public void AnImpulse_IsAsWideAsItsSigma_AndSymmetric()
    {
        double[,] matrix = Matrix(new Resolution(1, 0, 1, 1, 1, 0, 1, 6 / 2.35482, 0), 33, 2);
        Assert.That(matrix[13, 16] / matrix[16, 16], Is.EqualTo(0.5).Within(1e-5));
        for (int distance = 1; distance <= 16; distance++)
        {
            Assert.That(matrix[16 - distance, 16], Is.EqualTo(matrix[16 + distance, 16]).Within(1e-7));
        }
    }

    [Test]
    public void ALine_HasAsManyFreeNumbersAsSlices([Values(1.5, 2.3, 4, 7.9)] double spacing, [Values(31, 96)] int length)
    {
        var resolution = new Resolution(spacing, 0.75, 1, 1, 1, 0, 1, 0, 0);
        double[,] matrix = Matrix(resolution, length, 0, 0, static (ref Resolution.Drawn drawn) => drawn.SliceAxis = 0);
        Assert.That(LeftOf(matrix, (int)Math.Ceiling(length / spacing)), Is.LessThan(2e-6));
    }

    [Test]
    public void AConstantImage_StaysAsItIs_AndOneThatIsNative_BitForBit()
    {
        VolumeShape shape = VolumeShape.Volume(19, 18, 35);
        float[] constant = [.. Enumerable.Repeat(0.75f, (int)shape.VoxelCount)];
        Random random = new(3);
        float[] image = [.. constant.Select(_ => random.NextSingle())];
        foreach (Resolution resolution in Kinds)
        {
            Assert.That(Apply(resolution, shape, constant, 5), Is.All.EqualTo(0.75f).Within(1e-6f));
        }

        Assert.That(Apply(new Resolution(1, 0.75, 1, 1, 1, 0.5, 1, 0, 1), shape, image), Is.EqualTo(image));
    }

    // Of two samples, one in slices and one coarse along all axes: what one axis does, the others do not.
    [Test]
    public void OnlyTheDrawnAxis_Changes()
    {
        VolumeShape shape = VolumeShape.Volume(16, 17, 18);
        var resolution = new Resolution(4, 0.75, 1, 1, 1, 0, 1, 0, 0);
        for (int axis = 0; axis < 3; axis++)
        {
            var lines = new LineAxis(shape, axis);
            float[] same = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel => (float)((voxel / lines.Step % lines.Length) < 8 ? 1 : 0))];
            for (int drawn = 0; drawn < 3; drawn++)
            {
                float[] after = Apply(resolution, shape, same, 0, (ref Resolution.Drawn numbers) => numbers.SliceAxis = drawn);
                float change = after.Zip(same, static (a, b) => Math.Abs(a - b)).Max();
                Assert.That(change, drawn == axis ? Is.GreaterThan(0.1f) : Is.LessThan(1e-6f), $"an image that changes along {axis}, slices along {drawn}");
            }
        }
    }

    [Test]
    public void WhichAxisAndWhichKind_Binomial_n4000_alpha1e3_seed9([Values(2, 3)] int dimensions)
    {
        Resolution.Drawn[] drawn = [.. Enumerable.Range(0, Samples).Select(sample => DrawnOf(Kinds[1] with { Nearest = 0.2 }, dimensions, sample))];
        double allowed = NormalQuantile.AtUpperTail(Alpha / 2 / 5) / Math.Sqrt(Samples);
        Assert.That(allowed / 2, Is.LessThan(0.03), "n does not suffice to see a share that is off by 0.06");
        for (int axis = 0; axis < 3; axis++)
        {
            double share = axis < 3 - dimensions ? 0 : 1.0 / dimensions;
            Assert.That(drawn.Average(one => one.SliceAxis == axis ? 1.0 : 0), Is.EqualTo(share).Within(allowed * Math.Sqrt(share * (1 - share))));
        }

        Assert.That(drawn.Average(static one => (double)one.IsAll), Is.EqualTo(0.5).Within(allowed * 0.5));
        Assert.That(drawn.Average(static one => (double)one.IsNearest), Is.EqualTo(0.2).Within(allowed * 0.4));
    }

    [TestCase(0.5f)]
    [TestCase(200f)]
    [TestCase(float.NaN)]
    public void ASpacingThatCannotBe_GivenBack_IsRefused(float spacing) => Assert.That(
        () => Apply(Kinds[2], VolumeShape.Image(8, 8), new float[64], 0, (ref Resolution.Drawn drawn) =>
            (drawn.SpacingVoxels, drawn.InPlaneVoxels) = (spacing, new(spacing, spacing, spacing))),
        Throws.InstanceOf<ArgumentException>());

    private static Resolution.Drawn DrawnOf(Resolution resolution, int dimensions, int sample)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(8, 8, 8) : VolumeShape.Image(8, 8);
        var layout = new RowLayout([resolution], new SampleFacts(shape, 1));
        uint[] row = new uint[layout.Length];
        layout.Draw(9, SampleKey.Of(sample), row);
        return layout.Of<Resolution.Drawn>(row);
    }

    // A spacing is a whole number of 2^-16 voxels.
    private static double[,] Chain(int length, double spacing, double sigma, bool isNearest)
    {
        double r = Math.Round(spacing * 65536) / 65536;
        int slices = (int)Math.Ceiling(length / r);
        double origin = (length - 1 - ((slices - 1) * r)) / 2;
        int radius = (int)Math.Ceiling(3 * sigma);
        var gaussian = new double[length, length];
        for (int row = 0; row < length; row++)
        {
            double Weight(int column) => Math.Abs(row - column) > radius ? 0
                : row == column ? 1 : Math.Exp(-(row - column) * (row - column) / (2 * sigma * sigma));
            double sum = Enumerable.Range(0, length).Sum(Weight);
            for (int column = 0; column < length; column++)
            {
                gaussian[row, column] = Weight(column) / sum;
            }
        }

        var down = new double[slices, length];
        for (int slice = 0; slice < slices; slice++)
        {
            double at = Math.Clamp(origin + (slice * r), 0, length - 1);
            at = isNearest ? Math.Floor(at + 0.5) : at;
            int before = Math.Min((int)at, length - 1);
            down[slice, before] += 1 - (at - before);
            down[slice, Math.Min(before + 1, length - 1)] += at - before;
        }

        var up = new double[length, slices];
        for (int voxel = 0; voxel < length; voxel++)
        {
            double at = Math.Clamp((voxel - origin) / r, 0, slices - 1);
            int before = Math.Min((int)at, slices - 1);
            up[voxel, before] += 1 - (at - before);
            up[voxel, Math.Min(before + 1, slices - 1)] += at - before;
        }

        return Product(up, Product(down, gaussian));
    }
}
