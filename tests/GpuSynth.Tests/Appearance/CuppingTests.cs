using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>The cup of beam hardening: what is its own.</summary>
[Category("Host")]
public sealed class CuppingTests
{
    // Depth 10 and radii 5 and 4 in an image of 20 x 16, whose middle lies between voxels: (y - 9.5) / 5, (x - 7.5) / 4.
    [Test]
    public void TheCup_IsThatByHand()
    {
        float[] image = Made(VolumeShape.Image(20, 16), 10, 0.25);
        Assert.That(image[(9 * 16) + 7], Is.EqualTo(100 - (10 * Math.Sqrt(1 - 0.01 - 0.015625))).Within(1e-4));
        Assert.That(image[(13 * 16) + 9], Is.EqualTo(100 - (10 * Math.Sqrt(1 - 0.49 - 0.140625))).Within(1e-4));
        Assert.That(image[(9 * 16) + 3], Is.EqualTo(100f), "outside");
        Assert.That(image[0], Is.EqualTo(100f), "outside");
    }

    [Test]
    public void EveryPlaneOfAVolume_HasTheSame()
    {
        float[] image = Made(VolumeShape.Volume(3, 20, 16), 10, 0.25);
        float[] plane = Made(VolumeShape.Image(20, 16), 10, 0.25);
        Assert.That(image, Is.EqualTo(plane.Concat(plane).Concat(plane)));
    }

    // Hardening by a square of a disc, b p^2 with p = 2 m sqrt(R^2 - s^2), is what the cup of depth 8 b m^2 R / pi projects to.
    [Test]
    public void ItsProjection_IsTheSquareOfADiscs()
    {
        const int side = 401;
        const double radius = 0.4 * side;
        float[] image = Made(VolumeShape.Image(side, side), 50, 0.4);
        for (int x = 60; x < side; x += 20)
        {
            double s = x - 200;
            double projected = Enumerable.Range(0, side).Sum(y => 100.0 - image[(y * side) + x]);
            double hardened = 50 * Math.PI / 2 * Math.Max(0, (radius * radius) - (s * s)) / radius;
            Assert.That(projected, Is.EqualTo(hardened).Within(0.002 * 50 * Math.PI / 2 * radius), $"{s} from the middle");
        }
    }

    private static float[] Made(VolumeShape shape, double depth, double radius)
    {
        var anatomy = new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null);
        Recipe recipe = new("cupping", shape.Dimensions, [anatomy], [new Contrast(100), new Cupping(depth, radius, 0.5)]);
        return Sample(Options(recipe, shape), SampleKey.Of(1)).Image;
    }
}
