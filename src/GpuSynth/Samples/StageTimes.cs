namespace GpuSynth;

/// <summary>Milliseconds that the stages of one sample took.</summary>
/// <param name="Draw">Parameters, coarse grids and their merging.</param>
/// <param name="Anatomy">Labels, and the largest intensity where the noise needs it.</param>
/// <param name="Appearance">Contrast, bias field, noise, blur and the intensity range.</param>
/// <param name="Normalise">Min-max and gamma.</param>
public readonly record struct StageTimes(double Draw, double Anatomy, double Appearance, double Normalise)
{
    /// <summary>All stages.</summary>
    public double Total => Draw + Anatomy + Appearance + Normalise;
}
