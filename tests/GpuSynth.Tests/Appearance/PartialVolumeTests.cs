using GpuSynth.Kernels;

namespace GpuSynth.Tests.Appearance;

/// <summary>Partial volumes: what is their own.</summary>
[Category("Host")]
public sealed class PartialVolumeTests
{
    private const int Side = 28;
    private static readonly VolumeShape Volume = VolumeShape.Cubic(3, Side);
    private static readonly PartialVolume Whole = new(1);

    // A border along x + y = 10: it runs half of sqrt(1/2) from the voxels on either side, of which each keeps as much more than a half.
    [TestCase(2)]
    [TestCase(3)]
    public void AnObliqueBorder_WorkedOutByHand(int dimensions)
    {
        VolumeShape shape = VolumeShape.Cubic(dimensions, 12);
        byte[] labels = LabelsOf(shape, static (_, y, x) => x + y >= 10);
        float[] after = Run(Whole, shape, labels, ImageOf(labels));
        double share = 0.5 - Math.Sqrt(1.0 / 8);
        for (int voxel = 0; voxel < after.Length; voxel++)
        {
            (_, int y, int x) = PlaceOf(shape, voxel);
            if (x is > 0 and < 11 && y is > 0 and < 11)
            {
                double expected = x + y == 10 ? 1 - share : x + y == 9 ? share : labels[voxel];
                Assert.That(after[voxel], Is.EqualTo(expected).Within(1e-6), $"x {x}, y {y}");
            }
        }
    }

    // The voxel takes what its neighbour across holds, not the mean of a label.
    [Test]
    public void TheRest_IsTheNeighbourAcross()
    {
        VolumeShape shape = VolumeShape.Image(12, 12);
        byte[] labels = LabelsOf(shape, static (_, y, x) => x + y >= 10);
        float[] image = [.. Enumerable.Range(0, labels.Length).Select(static voxel => voxel * 0.25f)];
        float[] after = Run(Whole, shape, labels, image);
        double share = 0.5 - Math.Sqrt(1.0 / 8);
        (int own, int across) = ((5 * 12) + 5, (4 * 12) + 4);
        Assert.That(after[own], Is.EqualTo(image[own] + (share * (image[across] - image[own]))).Within(1e-5));
    }

    [Test]
    public void ABorderAlongAnAxis_IsSharp_AndAmountZeroChangesNoBit([Values(0, 1, 2)] int axis)
    {
        VolumeShape shape = VolumeShape.Volume(7, 40, 70);
        byte[] straight = LabelsOf(shape, (z, y, x) => (axis == 0 ? 2 * z : axis == 1 ? y : x) >= 5);
        float[] image = [.. Enumerable.Range(0, straight.Length).Select(static voxel => MathF.Sin(voxel))];
        Assert.That(Run(Whole, shape, straight, image), Is.EqualTo(image));
        byte[] oblique = LabelsOf(shape, static (z, y, x) => z + y + x >= 40);
        Assert.That(Run(new PartialVolume(0), shape, oblique, image), Is.EqualTo(image));
        Assert.That(Run(Whole, shape, oblique, image), Is.Not.EqualTo(image));
    }

    // Beside the coverage of voxels by a body, from 6^3 points of each: half as wrong as labels alone, and on the whole as much as the body.
    [TestCase(true, 0.6)]
    [TestCase(false, 0.6)]
    public void Shares_AreNearlyCoverages(bool isBall, double most)
    {
        var random = new Random(3);
        (double ofLabels, double ofShares, double total, double covered) = (0, 0, 0, 0);
        for (int body = 0; body < 10; body++)
        {
            Func<double, double, double, bool> isInside = isBall ? Ball(random) : HalfSpace(random);
            byte[] labels = LabelsOf(Volume, (z, y, x) => isInside(z, y, x));
            float[] after = Run(Whole, Volume, labels, ImageOf(labels));
            for (int voxel = 0; voxel < after.Length; voxel++)
            {
                (int z, int y, int x) = PlaceOf(Volume, voxel);
                if (Math.Min(z, Math.Min(y, x)) >= 3 && Math.Max(z, Math.Max(y, x)) < Side - 3)
                {
                    double coverage = Coverage(isInside, z, y, x);
                    (ofLabels, ofShares) = (ofLabels + Square(labels[voxel] - coverage), ofShares + Square(after[voxel] - coverage));
                    (total, covered) = (total + after[voxel], covered + coverage);
                    Assert.That(labels[voxel] == 1 ? after[voxel] >= 0.5f : after[voxel] <= 0.5f, "a voxel keeps half");
                }
            }
        }

        Assert.That(Math.Sqrt(ofShares / ofLabels), Is.LessThan(most));
        Assert.That(total / covered, Is.EqualTo(1).Within(0.02));
    }

    // Values lie between those of the two voxels, whatever the labels.
    [Test]
    public void ManyLabels_StayInRange_AndUniformTissuesOfOneValueStay()
    {
        var random = new Random(5);
        VolumeShape shape = VolumeShape.Volume(9, 37, 41);
        byte[] labels = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => (byte)random.Next(256))];
        float[] image = [.. labels.Select(static label => label / 255f)];
        Assert.That(Run(Whole, shape, labels, image), Is.All.InRange(0f, 1f));
        Assert.That(Run(Whole, shape, labels, [.. image.Select(static _ => 0.7f)]), Is.All.EqualTo(0.7f));
    }

    private static double Square(double value) => value * value;

    private static Func<double, double, double, bool> Ball(Random random)
    {
        (double z, double y, double x) = (Centre(random), Centre(random), Centre(random));
        double radius = 4 + (6 * random.NextDouble());
        return (atZ, atY, atX) => Square(atZ - z) + Square(atY - y) + Square(atX - x) < radius * radius;
    }

    private static Func<double, double, double, bool> HalfSpace(Random random)
    {
        (double z, double y, double x) = (Centre(random), Centre(random), Centre(random));
        (double alongZ, double alongY, double alongX) = (random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5);
        return (atZ, atY, atX) => ((atZ - z) * alongZ) + ((atY - y) * alongY) + ((atX - x) * alongX) > 0;
    }

    private static double Centre(Random random) => (Side / 2.0) - 1 + random.NextDouble();

    private static double Coverage(Func<double, double, double, bool> isInside, int z, int y, int x)
    {
        const int Points = 6;
        int inside = 0;
        for (int point = 0; point < Points * Points * Points; point++)
        {
            inside += isInside(
                z + Offset(point / (Points * Points)), y + Offset(point / Points % Points), x + Offset(point % Points)) ? 1 : 0;
        }

        return inside / (double)(Points * Points * Points);

        static double Offset(int place) => ((place + 0.5) / Points) - 0.5;
    }

    private static (int Z, int Y, int X) PlaceOf(VolumeShape shape, int voxel) =>
        (voxel / (shape.Height * shape.Width), voxel / shape.Width % shape.Height, voxel % shape.Width);

    private static byte[] LabelsOf(VolumeShape shape, Func<int, int, int, bool> isInside) =>
    [
        .. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel =>
        {
            (int z, int y, int x) = PlaceOf(shape, voxel);
            return isInside(z, y, x) ? (byte)1 : (byte)0;
        }),
    ];

    private static float[] ImageOf(byte[] labels) => [.. labels.Select(static label => (float)label)];

    private static float[] Run(PartialVolume component, VolumeShape shape, byte[] labels, float[] image) =>
        LineOperator.Apply(component, shape, image, labels: labels);
}
