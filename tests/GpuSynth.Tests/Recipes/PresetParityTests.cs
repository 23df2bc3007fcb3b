using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Kernels;

namespace GpuSynth.Tests.Recipes;

/// <summary>Presets that follow a peer's generator have the numbers that its formulas come to, in the presets' own terms.</summary>
public sealed class PresetParityTests
{
    // Full width at half maximum of a Gaussian over its standard deviation.
    private static readonly double FwhmPerSigma = 2 * Math.Sqrt(2 * Math.Log(2));

    // The three models of one thick slice differ by 1.8 times: SynthSeg's sigma is 0.75 of min(spacing, thickness), cornucopia's FWHM the thickness.
    [TestCase("synthseg-3d", 0.75, 1.77)]
    [TestCase("cornucopia-3d", 0.4247, 1.00)]
    public void ASliceIsAsWideAsItsSource(string preset, double sigma, double fwhm)
    {
        double mean = Middle(Presets.Get(preset).Find<Resolution>()!.SigmaOfThickness);
        Assert.That(mean, Is.EqualTo(sigma).Within(1e-3));
        Assert.That(mean * FwhmPerSigma, Is.EqualTo(fwhm).Within(0.005));
    }

    // SynthSeg: times 1/1.03 to 1.03.
    [Test]
    public void SynthSegsSlice_IsJitteredAsThere()
    {
        var law = (UniformLaw)Presets.Get("synthseg-3d").Find<Resolution>()!.SigmaOfThickness;
        Assert.That(law.Low / 0.75, Is.EqualTo(1 / 1.03).Within(1e-3));
        Assert.That(law.High / 0.75, Is.EqualTo(1.03).Within(1e-3));
    }

    // anatomix: 0.02 times four grids read linearly, each uniform 0 to 5 at its nodes: deviation 0.02 sqrt(4 (25 / 3) (2 / 3)^3) = 0.063.
    [Test]
    public void AnatomixsFactor_HasItsDeviation()
    {
        Mottle mottle = Presets.Get("anatomix-3d").Find<Mottle>()!;
        double std = ((UniformLaw)mottle.Std).High;
        double deviation = Middle(mottle.Gain) * Math.Sqrt(mottle.Spacings.Count * std * std / 3);
        Assert.That(deviation, Is.EqualTo(0.02 * Math.Sqrt(4 * (25 / 3.0) * Math.Pow(2 / 3.0, 3))).Within(1e-4));
        Assert.That(deviation, Is.EqualTo(0.063).Within(2e-4));
    }

    // MONAI's Gaussian of sigma up to a third of a voxel leaves nearly everything where it is, at its widest 97.8 %.
    [Test]
    public void AnatomixsBlur_IsNearlyTheIdentity()
    {
        Blur blur = Presets.Get("anatomix-3d").Find<Blur>()!;
        float[] weights = Blur.Weights((float)((UniformLaw)blur.SigmaVoxels).High, blur.Taps);
        Assert.That(weights[blur.Taps / 2], Is.EqualTo(1 / (1 + (2 * Math.Exp(-0.5 / (0.333 * 0.333))))).Within(1e-5));
        Assert.That(weights[blur.Taps / 2], Is.GreaterThan(0.978));
    }

    // Stored in eight bits by cutting off, as anatomix stores them: half a level darker in the mean.
    [Test]
    public void AnatomixsLevels_DarkenByHalfALevel()
    {
        Quantise quantise = Presets.Get("anatomix-3d").Find<Quantise>()!;
        Assert.That(quantise.Levels, Is.EqualTo(256));
        float[] values = [.. Enumerable.Range(0, 100_000).Select(static i => (i + 0.5f) / 100_000)];
        float[] stored = [.. values];
        Pointwise.Host(quantise, Pointwise.Words(new Quantise.Drawn { Steps = quantise.Levels - 1 }), stored);
        Assert.That(values.Zip(stored, static (value, level) => (value - level) * 255.0).Average(), Is.EqualTo(0.5).Within(1e-3));
    }

    // SynthSeg: exp of N(0, 0.5); cornucopia: exp of N(0, 0.6), between the image's own extremes.
    [Test]
    public void Gamma_IsTheLogNormalOfItsSource()
    {
        var ofSynthSeg = (LogNormalLaw)Presets.Get("synthseg-3d").Find<Gamma>()!.Exponent;
        var ofCornucopia = (LogNormalLaw)Presets.Get("cornucopia-3d").Find<RangeGamma>()!.Exponent;
        Assert.That((ofSynthSeg.Median, ofSynthSeg.Sigma), Is.EqualTo((1.0, 0.5)));
        Assert.That((ofCornucopia.Median, ofCornucopia.Sigma), Is.EqualTo((1.0, 0.6)));
    }

    private static double Middle(Law law) => law switch
    {
        FixedLaw one => one.Value,
        UniformLaw between => (between.Low + between.High) / 2,
        _ => throw new ArgumentException($"{law} has no middle here.", nameof(law)),
    };
}
