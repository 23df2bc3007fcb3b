using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Devices;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// The painting that is fused by hand makes what the passes make that are fused for any recipe: a blur of one tap behind it changes nothing, and
/// makes an order that the hand-fused painting does not take.
/// </summary>
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
public sealed class FusedPaintingTests(string device)
{
    private static readonly Blur OneTap = new(0, 1);

    private static readonly Type[][] LeftOut =
    [
        [], [typeof(Bias)], [typeof(Noise)], [typeof(Bias), typeof(Noise)], [typeof(Blur)], [typeof(Blur), typeof(Noise)], [typeof(Normalise), typeof(Gamma)],
    ];

    [Test]
    public void TheHandFusedPainting_IsTheGeneralPasses([ValueSource(nameof(LeftOut))] Type[] without, [Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(5, 35, 20) : VolumeShape.Image(19, 201);
        Recipe preset = Presets.Get($"rasd-{dimensions}d");
        Recipe byHand = preset with { Appearance = [.. preset.Appearance.Where(component => !without.Contains(component.GetType()))] };
        int behindBlur = byHand.Appearance.ToList().FindLastIndex(static component => component is not (Normalise or Gamma)) + 1;
        Recipe general = byHand with
        {
            Appearance = [.. byHand.Appearance.Take(behindBlur), OneTap, OneTap, .. byHand.Appearance.Skip(behindBlur)],
        };
        Assert.That(FusedAppearance.Of(RowsOf(byHand, shape)), Is.Not.Null);
        Assert.That(FusedAppearance.Of(RowsOf(general, shape)), Is.Null);
        for (int sample = 0; sample < 2; sample++)
        {
            RenderedSample one = Made(byHand, shape, sample);
            RenderedSample other = Made(general, shape, sample);
            Assert.That(other.Label, Is.EqualTo(one.Label));
            float range = one.Image.Max() - one.Image.Min();
            Assert.That(one.Image.Zip(other.Image, static (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-5 * range));
        }
    }

    private static RowLayout RowsOf(Recipe recipe, VolumeShape shape) => new([.. recipe.Components], new SampleFacts(shape, 20));

    private RenderedSample Made(Recipe recipe, VolumeShape shape, int sample) =>
        Sample(Options(recipe, shape, seed: 11) with { Device = device }, SampleKey.Of(sample));
}
