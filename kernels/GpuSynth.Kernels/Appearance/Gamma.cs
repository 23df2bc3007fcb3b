namespace GpuSynth.Kernels;

// Gamma: I = I^g on [0, 1]; 0 stays 0 and 1 stays 1 exactly, whatever a device's pow makes of them. What lies outside is brought
// to the nearer end; a NaN stays a NaN, so that the sample is found out and drawn again.
// I: float[D,H,W], in place. 8 B/voxel. Values: the same run to run on one device.
// Reference: Gamma.Reference.cs. Source: RaSD, appearance step 10.

/// <summary>A power curve on intensities in 0 to 1.</summary>
public static partial class Gamma
{
    /// <summary>One voxel: value^exponent.</summary>
    /// <param name="value">Intensity, 0 to 1.</param>
    /// <param name="exponent">g, above 0.</param>
    public static float Voxel(float value, float exponent)
    {
        // Not Pow: on a GPU it is ten times the code, some of it in double.
        float power = KernelMath.Exp(exponent * KernelMath.Log(value));

        // One choice after the other: nested ones become branches on a GPU, these do not.
        float inside = value >= 1f ? 1f : power;
        return value <= 0f ? 0f : inside;
    }
}
