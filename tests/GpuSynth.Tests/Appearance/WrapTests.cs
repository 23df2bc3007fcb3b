using System.Numerics;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Appearance.LineOperator;

namespace GpuSynth.Tests.Appearance;

/// <summary>A field of view that is too small: what is its own.</summary>
[Category("Host")]
public sealed class WrapTests
{
    private static readonly float[] ByHand = [5, 7, 3, 5, 7];

    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Image(48, 35), VolumeShape.Volume(48, 5, 7), VolumeShape.Volume(17, 4, 48), VolumeShape.Volume(3, 48, 1)];

    private static IEnumerable<string> Devices => [DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu];

    // Three points of five: the first and the fourth are one, and the second and the fifth.
    [Test]
    public void ALine_WorkedOutByHand() => Assert.That(
        Apply(new Wrap(0.6), VolumeShape.Volume(1, 1, 5), [1, 2, 3, 4, 5], 0, static (ref Wrap.Drawn drawn) => drawn.PhaseAxis = 2), Is.EqualTo(ByHand));

    // The spectrum of a line at distances of 1 / M, and back from M of them, in double.
    [Test]
    public void ALine_IsItsSpectrumAtDistancesThatAreTooWide(
        [ValueSource(typeof(LineOperator), nameof(Lengths))] int length, [Values(0.25, 0.4, 0.6, 0.77, 0.95, 1)] double share, [Range(0, 2)] int axis)
    {
        Random random = new(length);
        float[] line = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
        float[] after = Apply(new Wrap(share), Line(length, axis), line, 0, (ref Wrap.Drawn drawn) => drawn.PhaseAxis = axis);
        int points = Math.Max(1, (int)Math.Round((float)share * (double)length));
        Complex[] spectrum = [.. Enumerable.Range(0, points).Select(k => Enumerable.Range(0, length)
            .Aggregate(Complex.Zero, (sum, place) => sum + (line[place] * Turned(-k * place))))];
        for (int place = 0; place < length; place++)
        {
            Complex expected = Enumerable.Range(0, points).Aggregate(Complex.Zero, (sum, k) => sum + (spectrum[k] * Turned(k * place))) / points;
            Assert.That(expected.Imaginary, Is.EqualTo(0).Within(1e-9));
            Assert.That(after[place], Is.EqualTo(expected.Real).Within(2e-6), $"place {place}");
        }

        Complex Turned(int steps) => Complex.FromPolarCoordinates(1, 2 * Math.PI * (steps % points) / points);
    }

    // Of images and volumes: both ends show the sum of both, the middle and all labels stay.
    [Test]
    public void BothEnds_ShowTheSumOfBoth_AndLabelsStay([ValueSource(nameof(Shapes))] VolumeShape shape, [ValueSource(nameof(Devices))] string device)
    {
        for (int sample = 0; sample < 3; sample++)
        {
            (RenderedSample before, RenderedSample after) = Fourier.With(shape, new Wrap(new UniformLaw(0.6, 0.95)), sample, device);
            Wrap.Drawn drawn = after.Drawn.Of<Wrap.Drawn>();
            (int length, int step) = (Ghost.LengthOf(shape, drawn.PhaseAxis), Ghost.StepOf(shape, drawn.PhaseAxis));
            int points = Math.Max(1, (int)Math.Round(drawn.FieldOfView * (double)length));
            double[] errors = [.. before.Image.Select((value, voxel) =>
            {
                int at = voxel / step % length;
                float other = at < length - points ? before.Image[voxel + (points * step)] : at >= points ? before.Image[voxel - (points * step)] : 0;
                return Math.Abs((double)after.Image[voxel] - value - other);
            })];
            Assert.That(errors.Max(), Is.LessThan(1e-6), $"{shape}, sample {sample}");
            Assert.That(after.Label, Is.EqualTo(before.Label));
        }
    }

    [Test]
    public void AWholeFieldOfView_ChangesNothing_BitForBit()
    {
        VolumeShape shape = VolumeShape.Volume(9, 18, 35);
        Random random = new(3);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle())];
        Assert.That(Apply(new Wrap(1), shape, image), Is.EqualTo(image));
    }
}
