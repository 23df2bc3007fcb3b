using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>A line of noise across the image: what is its own.</summary>
[Category("Host")]
public sealed class ZipperTests
{
    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(7, 9, 33), VolumeShape.Image(31, 40), VolumeShape.Volume(2, 1, 17)];

    // Every voxel of the line is |I + a s (z_1 + i z_2)| of its own normal numbers, all others are what they were, and labels stay.
    [Test]
    public void TheLine_IsThatByHand_AndNothingElseChanges(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 2)] int width, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        var axes = new HashSet<int>();
        Zipper zipper = new(new UniformLaw(0.1, 0.5), width);
        for (int sample = 0; sample < 12; sample++)
        {
            (RenderedSample before, RenderedSample after) = Fourier.With(shape, zipper, sample, device);
            Zipper.Drawn drawn = after.Drawn.Of<Zipper.Drawn>();
            int axis = (int)drawn.Axis;
            (int length, int step) = (Ghost.LengthOf(shape, axis), Ghost.StepOf(shape, axis));
            axes.Add(axis);
            RandomPlace place = new(Seed, (ulong)sample, zipper.VoxelStream);
            double std = drawn.StdOfMaximum * before.Image.Max();
            int wide = Math.Min(width, length);
            int first = (int)(drawn.Position * (length - wide + 1));
            int noisy = 0;
            for (int voxel = 0; voxel < before.Image.Length; voxel++)
            {
                int at = voxel / step % length;
                if (at < first || at >= first + wide)
                {
                    Assert.That(after.Image[voxel], Is.EqualTo(before.Image[voxel]), $"{shape}, sample {sample}, voxel {voxel} outside");
                    continue;
                }

                double real = before.Image[voxel] + (std * Normal.At(place, voxel));
                double imaginary = std * Normal.At(place.Part(1), voxel);
                Assert.That(after.Image[voxel], Is.EqualTo(Math.Sqrt((real * real) + (imaginary * imaginary))).Within(4e-6), $"voxel {voxel}");
                noisy++;
            }

            Assert.That(noisy, Is.EqualTo(wide * shape.VoxelCount / length));
            Assert.That(after.Label, Is.EqualTo(before.Label));
        }

        Assert.That(axes, Has.Count.EqualTo(shape.Dimensions), "every axis is drawn");
    }

    // E M^2 = I^2 + 2 s^2, Var M^2 = 4 s^4 + 4 s^2 I^2: over the lines of 60 images of one brightness.
    [Test]
    public void TheMeanSquare_IsThatOfTheLaw_n24000_5sigma()
    {
        Recipe recipe = new(
            "line", 2, [new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null)], [new Contrast(2), new Zipper(0.25, 1)]);
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Image(400, 400)));
        double[] line = [.. Enumerable.Range(0, 60).SelectMany(sample => Sample(engine, SampleKey.Of(sample)).Image.Where(static value => value != 2)).Select(static value => (double)value)];
        Assert.That(line, Has.Length.EqualTo(24_000).Within(5), "a voxel that stays what it was to the bit is rare");
        double deviation = Math.Sqrt(((4 * 0.0625) + (4 * 0.25 * 4)) / line.Length);
        Assert.That(line.Average(static value => value * value), Is.EqualTo(4 + (2 * 0.25)).Within(5 * deviation));
    }
}
