using System.Numerics;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;

namespace GpuSynth.Tests.Appearance;

/// <summary>Ghosts: what is their own.</summary>
[Category("Host")]
public sealed class GhostTests
{
    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Image(48, 35), VolumeShape.Volume(48, 5, 7), VolumeShape.Volume(17, 4, 48), VolumeShape.Volume(3, 48, 1)];

    private static IEnumerable<string> Devices => [DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu];

    // A row of eight with one bright voxel, two ghosts of strength 0.5 at phase 0: two reads of a quarter each, both from four voxels away.
    [Test]
    public void AVoxel_WorkedOutByHand()
    {
        float[] after = LineOperator.Apply(
            new Ghost(2, 0.5, 0, 0),
            VolumeShape.Image(1, 8),
            [0, 0, 1, 0, 0, 0, 0, 0],
            0,
            static (ref Ghost.Drawn drawn) => (drawn.Axis, drawn.Turns) = (2, 0));
        Assert.That(after, Is.EqualTo(new float[] { 0, 0, 1, 0, 0, 0, 0.5f, 0 }).Within(1e-7));
    }

    // Lines of k-space made stronger and weaker as a cosine: of any length.
    [Test]
    public void PeriodicGhosts_AreTheTransformWeighted(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(0, 1)] int magnitude, [ValueSource(nameof(Devices))] string device)
    {
        for (int sample = 0; sample < 4; sample++)
        {
            (RenderedSample before, RenderedSample after) = Fourier.With(
                shape, new Ghost(new IntegerLaw(2, 8), new UniformLaw(0.05, 1), 0, magnitude), sample, device);
            Ghost.Drawn drawn = after.Drawn.Of<Ghost.Drawn>();
            int length = Ghost.LengthOf(shape, drawn.Axis);
            double distance = Math.Floor(((double)length / drawn.Count) + 0.5);
            AssertWeighted(before, after, shape, k => 1 + (drawn.Strength * Math.Cos(2 * Math.PI * ((k * distance / length) + drawn.Turns))));
        }
    }

    // One line of n weakened, where n divides the axis: TorchIO's.
    [TestCase(48, 4)]
    [TestCase(48, 6)]
    [TestCase(48, 16)]
    [TestCase(35, 5)]
    [TestCase(35, 7)]
    [TestCase(5, 5)]
    public void AComb_WeakensOneLineOfSoMany(int length, int count)
    {
        foreach (VolumeShape shape in new[] { VolumeShape.Volume(length, length, length == 48 ? 12 * 4 : length), VolumeShape.Image(length, length) })
        {
            for (int sample = 0; sample < 3; sample++)
            {
                (RenderedSample before, RenderedSample after) = Fourier.With(shape, new Ghost(count, new UniformLaw(0.5, 1), 1, sample % 2), sample, DeviceCatalogue.Host);
                Ghost.Drawn drawn = after.Drawn.Of<Ghost.Drawn>();
                int line = 1 + Math.Min((int)(drawn.Turns * (count - 1)), count - 2);
                AssertWeighted(before, after, shape, k => k % count == line ? 1 - drawn.Strength : 1);
            }
        }
    }

    // Where n does not divide the axis, the weights are those of the distances rounded to whole voxels: no line is made stronger than by 2 s / n, and the middle stays.
    [Test]
    public void AComb_OfAnyLength_IsWeightsOfLines_AndLeavesTheMean([Values(7, 31, 47, 100)] int length, [Values(4, 5, 9)] int count)
    {
        VolumeShape shape = VolumeShape.Image(length, length);
        (RenderedSample before, RenderedSample after) = Fourier.With(shape, new Ghost(count, 1, 1, 0), 2, DeviceCatalogue.Host);
        Assert.That(after.Image.Average(static value => (double)value), Is.EqualTo(before.Image.Average(static value => (double)value)).Within(2e-6));
        Ghost.Drawn drawn = after.Drawn.Of<Ghost.Drawn>();
        int line = 1 + Math.Min((int)(drawn.Turns * (count - 1)), count - 2);
        AssertWeighted(before, after, shape, k => 1 - (Enumerable.Range(0, count).Aggregate(Complex.Zero, (sum, m) => sum + Complex.FromPolarCoordinates(
            1, 2 * Math.PI * (((double)line * m / count) - (k * Rounded(m) / length)))) * drawn.Strength / count));

        double Rounded(int m) => 2 * m <= count ? Math.Floor(((double)m * length / count) + 0.5) : length - Rounded(count - m);
    }

    private static void AssertWeighted(RenderedSample before, RenderedSample after, VolumeShape shape, Func<int, Complex> weight)
    {
        Ghost.Drawn drawn = after.Drawn.Of<Ghost.Drawn>();
        int axis = (int)drawn.Axis;
        Assert.That(axis, Is.InRange(3 - shape.Dimensions, 2));
        (int length, int step) = (Ghost.LengthOf(shape, axis), Ghost.StepOf(shape, axis));
        Complex[] spectrum = Fourier.Along(Fourier.Complexes(before.Image), shape, axis, inverse: false);
        Complex[] weights = [.. Enumerable.Range(0, length).Select(weight)];
        Complex[] expected = Fourier.Along([.. spectrum.Select((value, place) => value * weights[place / step % length])], shape, axis, inverse: true);
        double[] shown = [.. expected.Select(value => drawn.IsMagnitude != 0 ? value.Magnitude : value.Real)];
        Assert.That(after.Image.Zip(shown, static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(2e-6), $"{shape}, axis {axis}");
        Assert.That(after.Label, Is.EqualTo(before.Label));
    }
}
