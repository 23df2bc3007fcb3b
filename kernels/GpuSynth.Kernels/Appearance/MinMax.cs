namespace GpuSynth.Kernels;

// MinMax: I = (I - min) / (max - min + epsilon), min and max over the volume (Reduction).
// I: float[D,H,W], in place. 8 B/voxel. Values: the same run to run on one device; division is correctly rounded on every
// back end that says so. Reference: MinMax.Reference.cs. Source: RaSD, appearance step 9.

/// <summary>Intensities brought to 0 to 1.</summary>
public static partial class MinMax
{
    /// <summary>One voxel: (value - minimum) / range.</summary>
    /// <param name="value">Intensity before.</param>
    /// <param name="minimum">Smallest intensity of the volume.</param>
    /// <param name="range">max - min + epsilon, from <see cref="Range"/>.</param>
    public static float Voxel(float value, float minimum, float range) => (value - minimum) / range;

    /// <summary>max - min + epsilon: with an epsilon above 0 a flat volume becomes 0, not NaN.</summary>
    public static float Range(float minimum, float maximum, float epsilon) => maximum - minimum + epsilon;
}
