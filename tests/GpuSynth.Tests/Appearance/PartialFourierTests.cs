using System.Numerics;
using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;
using static GpuSynth.Tests.Appearance.LineOperator;

namespace GpuSynth.Tests.Appearance;

/// <summary>Missing lines: what is their own.</summary>
[Category("Host")]
public sealed class PartialFourierTests
{
    private const int Samples = 4000;
    private const double Alpha = 1e-3;
    private static readonly float[] ByHand = [0.25f, 0.75f, 0.25f, 0.25f];

    // Of four frequencies 0, 1 and 2 stay: (1 + i^m + (-1)^m) / 4, whose magnitudes are 3/4, 1/4, 1/4, 1/4.
    [Test]
    public void AnImpulse_WorkedOutByHand() => Assert.That(
        Apply(new PartialFourier(0.75), VolumeShape.Volume(1, 1, 4), [0, 1, 0, 0], 0, static (ref PartialFourier.Drawn drawn) => drawn.PhaseAxis = 2),
        Is.EqualTo(ByHand).Within(1e-7f));

    // A transform to frequencies, those on one side set to 0, one back, and the magnitude, in double.
    [Test]
    public void ALine_IsWhatItsFrequenciesLeave(
        [ValueSource(typeof(LineOperator), nameof(Lengths))] int length, [Values(0.5, 0.6, 0.77, 0.98, 1)] double kept, [Range(0, 2)] int axis)
    {
        Random random = new(length);
        float[] line = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
        float[] after = Apply(new PartialFourier(kept), Line(length, axis), line, 0, (ref PartialFourier.Drawn drawn) => drawn.PhaseAxis = axis);
        int count = Math.Max(1, (int)Math.Round((float)kept * (double)length));
        int highest = length / 2;
        Complex[] spectrum = [.. Enumerable.Range(0, length).Select(k => Sum(place => line[place], -k))];
        for (int k = highest - length + 1; k <= highest - count; k++)
        {
            spectrum[(k + length) % length] = 0;
        }

        for (int place = 0; place < length; place++)
        {
            Assert.That(after[place], Is.EqualTo(Sum(k => spectrum[k], place).Magnitude / length).Within(2e-6), $"place {place}");
        }

        double energy = spectrum.Sum(static one => one.Magnitude * one.Magnitude) / length;
        Assert.That(after.Sum(static value => (double)value * value), Is.EqualTo(energy).Within(1e-5 * length), "what is left of the energy");

        Complex Sum(Func<int, Complex> of, int factor) => Enumerable.Range(0, length)
            .Aggregate(Complex.Zero, (sum, at) => sum + (of(at) * Complex.FromPolarCoordinates(1, 2 * Math.PI * at * factor / length)));
    }

    [Test]
    public void AConstantImage_StaysAsItIs_AndAllOfAnImage_BitForBit()
    {
        VolumeShape shape = VolumeShape.Volume(9, 18, 35);
        Random random = new(3);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle())];
        for (int sample = 0; sample < 5; sample++)
        {
            Assert.That(
                Apply(new PartialFourier(new UniformLaw(0.6, 0.9)), shape, [.. image.Select(static _ => 0.75f)], sample), Is.All.EqualTo(0.75f).Within(2e-6f));
        }

        Assert.That(Apply(new PartialFourier(1), shape, image), Is.EqualTo(image));
    }

    [Test]
    public void WhichAxis_Binomial_n4000_alpha1e3_seed9([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(9, 9, 9) : VolumeShape.Image(9, 9);
        var layout = new RowLayout([new PartialFourier(0.7)], new SampleFacts(shape, 1));
        uint[] row = new uint[layout.Length];
        int[] drawn = [0, 0, 0];
        for (int sample = 0; sample < Samples; sample++)
        {
            layout.Draw(9, SampleKey.Of(sample), row);
            drawn[(int)layout.Of<PartialFourier.Drawn>(row).PhaseAxis]++;
        }

        double allowed = NormalQuantile.AtUpperTail(Alpha / 2 / 3) / Math.Sqrt(Samples);
        Assert.That(allowed / 2, Is.LessThan(0.03), "n does not suffice to see a share that is off by 0.06");
        for (int axis = 0; axis < 3; axis++)
        {
            double share = axis < 3 - dimensions ? 0 : 1.0 / dimensions;
            Assert.That((double)drawn[axis] / Samples, Is.EqualTo(share).Within(allowed * Math.Sqrt(share * (1 - share))), $"axis {axis}");
        }
    }
}
