using System.Numerics;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;

namespace GpuSynth.Tests.Appearance;

/// <summary>Spikes in k-space: what is their own.</summary>
[Category("Host")]
public sealed class SpikeTests
{
    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Image(48, 35), VolumeShape.Volume(6, 48, 5), VolumeShape.Volume(19, 3, 17), VolumeShape.Volume(1, 1, 40)];

    private static IEnumerable<string> Devices => [DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu];

    // By hand: two periods along x, amplitude a quarter of the largest intensity, from its crest on: over four voxels 1, -1, 1, -1 times it.
    [Test]
    public void AWave_WorkedOutByHand()
    {
        VolumeShape shape = VolumeShape.Image(1, 4);
        var (before, after) = Fourier.With(shape, new Spike(1, 0.25, 0), 1, DeviceCatalogue.Host);
        Assert.That(after.Drawn.List(after.Drawn.Of<Spike.Drawn>().FrequenciesZyx)[..3].ToArray(), Is.EqualTo(new[] { 0f, 0, -2 }));
        float turns = after.Drawn.List(after.Drawn.Of<Spike.Drawn>().Turns)[0];
        double crest = 0.25 * before.Image.Max() * Math.Cos(2 * Math.PI * turns);
        float[] expected = [.. before.Image.Select((value, x) => (float)(value + (x % 2 == 0 ? crest : -crest)))];
        Assert.That(after.Image, Is.EqualTo(expected).Within(1e-6));
    }

    // Against the transform in double, one number of which is changed for every spike.
    [Test]
    public void ItIsTheInverseTransform_WithNumbersAdded(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(0, 1)] int magnitude, [ValueSource(nameof(Devices))] string device)
    {
        for (int sample = 0; sample < 3; sample++)
        {
            (RenderedSample before, RenderedSample after) = Fourier.With(shape, new Spike(new IntegerLaw(1, 3), new UniformLaw(0.05, 0.5), magnitude), sample, device);
            Spike.Drawn drawn = after.Drawn.Of<Spike.Drawn>();
            Complex[] spectrum = Fourier.Of(Fourier.Complexes(before.Image), shape, inverse: false);
            double scale = before.Image.Max();
            for (int spike = 0; spike < (int)drawn.Count; spike++)
            {
                float[] k = after.Drawn.List(drawn.FrequenciesZyx).Slice(3 * spike, 3).ToArray();
                Assert.That((k[0] * k[0]) + (k[1] * k[1]) + (k[2] * k[2]), Is.GreaterThanOrEqualTo(4), "two periods");
                int place = (((Place(k[0], shape.Depth) * shape.Height) + Place(k[1], shape.Height)) * shape.Width) + Place(k[2], shape.Width);
                spectrum[place] += Complex.FromPolarCoordinates(
                    after.Drawn.List(drawn.AmplitudesOfMaximum)[spike] * scale * shape.VoxelCount,
                    2 * Math.PI * after.Drawn.List(drawn.Turns)[spike]);
            }

            Complex[] expected = Fourier.Of(spectrum, shape, inverse: true);
            double[] shown = [.. expected.Select(value => magnitude == 1 ? value.Magnitude : value.Real)];
            Assert.That(after.Image.Zip(shown, static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(2e-6), $"{shape}, sample {sample}");
            Assert.That(after.Label, Is.EqualTo(before.Label));
        }

        static int Place(float periods, int voxels) => ((int)periods + voxels) % voxels;
    }

    // Every frequency alike: over 4,000 spikes in an image of 8 x 8, of 64 less the 9 of fewer than two periods. Chi-square of 54 degrees of freedom exceeds
    // 91.9 in one of 1,000 fair draws.
    [Test]
    public void Frequencies_AreUniform_ChiSquare_n4000_alpha1e3_seed20261121()
    {
        const int spikes = 4000;
        Spike spike = new(1, 0.1, 0);
        var layout = new RowLayout([spike], new SampleFacts(VolumeShape.Image(8, 8), 1));
        var counts = new Dictionary<(float, float), int>();
        var row = new uint[layout.Length];
        for (int sample = 0; sample < spikes / Spike.Most; sample++)
        {
            layout.Draw(20261121, SampleKey.Of(sample), row);
            ReadOnlySpan<float> frequencies = RowLayout.Numbers(row, layout.Of<Spike.Drawn>(row).FrequenciesZyx);
            for (int own = 0; own < Spike.Most; own++)
            {
                (float, float) frequency = (frequencies[(3 * own) + 1], frequencies[(3 * own) + 2]);
                counts[frequency] = counts.GetValueOrDefault(frequency) + 1;
            }
        }

        Assert.That(counts, Has.Count.EqualTo(55));
        Assert.That(counts.Keys.Min(), Is.EqualTo((-4f, -4f)));
        double expected = spikes / 55.0;
        Assert.That(counts.Values.Sum(count => (count - expected) * (count - expected) / expected), Is.LessThan(91.9));
    }

    [Test]
    public void WithoutRoomForTwoPeriods_ItIsRefused() => Assert.That(
        () => Fourier.With(VolumeShape.Image(3, 3), new Spike(1, 0.1, 0), 0, DeviceCatalogue.Host),
        Throws.InstanceOf<Exception>().With.Message.Contains("appearance[1].spike").And.Message.Contains("make the samples larger or take spike away"));
}
