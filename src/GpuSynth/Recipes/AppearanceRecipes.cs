using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// I *= exp(b) with b a very smooth Gaussian field: white noise of the drawn standard deviation after a separable Gaussian blur,
/// rescaled so that its maximum is the white noise's. Source: RaSD (arXiv 2602.12317), appearance step 6.
/// </summary>
/// <param name="Std">Standard deviation of the white noise before the blur, drawn once; RaSD: uniform(0.01, 0.1).</param>
/// <param name="FwhmVoxels">
/// Full width at half maximum of the blur in voxels, drawn per axis; sigma = fwhm / 2.355. RaSD: uniform(16, 32).
/// </param>
/// <param name="Taps">Length of the blur's kernel in voxels, odd, 1 to 511; RaSD: 83.</param>
public sealed record BiasRecipe(Law Std, Law FwhmVoxels, int Taps)
{
    /// <summary>Full width at half maximum of a Gaussian over its sigma, as RaSD rounds 2 sqrt(2 ln 2).</summary>
    public const double FwhmPerSigma = 2.355;
}

/// <summary>I += white normal noise. Source: RaSD (arXiv 2602.12317), appearance step 7.</summary>
/// <param name="StdOfMaximum">
/// Standard deviation as a fraction of max|I|, drawn once per sample; RaSD: uniform(0.05, 0.4).
/// </param>
public sealed record NoiseRecipe(Law StdOfMaximum);

/// <summary>Separable Gaussian blur, zero padded. Source: RaSD (arXiv 2602.12317), appearance step 8.</summary>
/// <param name="SigmaVoxels">Sigma in voxels, drawn per axis, 0 to 8; RaSD: uniform(0, 1).</param>
/// <param name="Taps">Length of the kernel in voxels, odd, 1 to 31; RaSD: 7.</param>
public sealed record BlurRecipe(Law SigmaVoxels, int Taps);
