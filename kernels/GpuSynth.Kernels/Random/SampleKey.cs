namespace GpuSynth.Kernels;

/// <summary>
/// Names one sample under a run's seed. The anatomy and the appearance are drawn from separate indices, so that one anatomy can
/// be seen under two appearances, and two anatomies under one. In an ordinary run both are the sample's number.
/// </summary>
/// <param name="Anatomy">Index of everything that decides the labels.</param>
/// <param name="Appearance">Index of everything that decides the intensities.</param>
public readonly record struct SampleKey(ulong Anatomy, ulong Appearance)
{
    /// <summary>The key of sample n of an ordinary run: both indices are n.</summary>
    public static SampleKey Of(long sample) => new((ulong)sample, (ulong)sample);
}
