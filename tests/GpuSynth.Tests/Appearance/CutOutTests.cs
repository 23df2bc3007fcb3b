using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;

namespace GpuSynth.Tests.Appearance;

/// <summary>Parts of the image that become air: what is their own.</summary>
[Category("Host")]
public sealed class CutOutTests
{
    private const float Air = -3;
    private static readonly int[] Steps = [64, 8, 1];

    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Volume(24, 32, 40), VolumeShape.Image(50, 40), VolumeShape.Volume(1, 16, 16), VolumeShape.Image(1, 33), VolumeShape.Volume(5, 3, 1)];

    // A quarter of 8 along each axis is two voxels, hard edges: all of one box, wherever it lies.
    [Test]
    public void ABox_HasWholeVoxels([Values(2, 3)] int dimensions, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        VolumeShape shape = VolumeShape.Cubic(dimensions, 8);
        for (int sample = 0; sample < 10; sample++)
        {
            (RenderedSample before, RenderedSample after) = Fourier.With(shape, new CutOut(0, 0.25, Air, 1), sample, device);
            int[] cut = [.. Enumerable.Range(0, after.Image.Length).Where(voxel => after.Image[voxel] != before.Image[voxel])];
            Assert.That(cut, Has.Length.EqualTo(dimensions == 3 ? 8 : 4));
            Assert.That(cut.Select(voxel => after.Image[voxel]), Is.All.EqualTo(Air));
            foreach (int step in Steps.Skip(3 - dimensions))
            {
                int[] places = [.. cut.Select(voxel => voxel / step % 8).Distinct()];
                Assert.That(places.Max() - places.Min(), Is.EqualTo(1), "two side by side");
            }
        }
    }

    [Test]
    public void ManyBoxes_AreAllThere()
    {
        (RenderedSample before, RenderedSample after) = Fourier.With(VolumeShape.Cubic(3, 64), new CutOut(0, 0.1875, Air, 20), 1, DeviceCatalogue.Host);
        int cut = after.Image.Count(static value => value == Air);
        Assert.That(cut, Is.GreaterThan(5 * 1728).And.LessThanOrEqualTo(20 * 1728));
        Assert.That(after.Image.Where((value, voxel) => value != Air && value != before.Image[voxel]), Is.Empty);
        Assert.That(after.Label, Is.EqualTo(before.Label), "labels stay");
    }

    // How much is cut, an edge voxel counted by its part: a half-space of half the extent halves any volume; a disc of radius R has pi R^2, cut short by nothing where it fits.
    [Test]
    public void AHalfSpace_Halves_AndADiscIsRound()
    {
        VolumeShape shape = VolumeShape.Image(200, 200);
        for (int sample = 0; sample < 8; sample++)
        {
            Assert.That(Share(shape, new CutOut(1, 0.5, Air, 1), sample), Is.EqualTo(0.5).Within(1e-5));
            Assert.That(Share(VolumeShape.Volume(20, 31, 17), new CutOut(1, 0.5, Air, 1), sample), Is.EqualTo(0.5).Within(1e-5));
            double radius = (0.5 * ((200 * Math.Sqrt(2) / 2) + 0.5)) - 0.5;
            double centred = Share(shape, new CutOut(2, 0.5, Air, 1), sample, static drawn => drawn.List(drawn.Of<CutOut.Drawn>().PositionsZyx).Fill(0.5f));
            Assert.That(1 - centred, Is.EqualTo(Math.PI * radius * radius / shape.VoxelCount).Within(1e-3));
        }
    }

    [Test]
    public void NothingAndAll([ValueSource(nameof(Shapes))] VolumeShape shape, [Values(0, 1, 2)] int kind)
    {
        for (int sample = 0; sample < 5; sample++)
        {
            (RenderedSample before, RenderedSample nothing) = Fourier.With(shape, new CutOut(kind, 0, Air, 1), sample, DeviceCatalogue.Host);
            Assert.That(nothing.Image, Is.EqualTo(before.Image).Within(2e-5));
            (_, RenderedSample all) = Fourier.With(shape, new CutOut(kind, 1, Air, 1), sample, DeviceCatalogue.Host);
            Assert.That(all.Image, Is.All.EqualTo(Air).Within(2e-5));
        }
    }

    // Of image 1 and air -3, of which each voxel says its part.
    private static double Share(VolumeShape shape, CutOut cutOut, int sample, Action<DrawnSample>? change = null)
    {
        Recipe recipe = new(
            "cut", shape.Dimensions, [new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null)], [new Contrast(1), cutOut]);
        using SynthesisEngine engine = Rendering.Start(Rendering.Options(recipe, shape));
        RenderedSample made = Rendering.Sample(engine, SampleKey.Of(sample));
        change?.Invoke(made.Drawn);
        float[] image = change is null ? made.Image : Rendering.Applied(engine, made.Drawn).Image;
        return image.Average(static value => (1.0 - value) / (1 - Air));
    }
}
