using ILGPU;
using ILGPU.Runtime;

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

    // One thread per voxel.
    internal static void Kernel(Index1D voxel, ArrayView<float> imageDHW, float exponent) =>
        imageDHW[voxel] = Voxel(imageDHW[voxel], exponent);

    /// <summary>The gamma curve on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<AcceleratorStream, Index1D, ArrayView<float>, float> kernel;

        /// <summary>Compiles the kernel for an accelerator.</summary>
        public Launcher(Accelerator accelerator) =>
            kernel = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float>(Kernel);

        /// <summary>Raises every voxel to the power.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="imageDHW">Image [D, H, W] in 0 to 1, changed in place.</param>
        /// <param name="exponent">g, above 0.</param>
        /// <exception cref="ArgumentOutOfRangeException">The exponent is not a positive finite number.</exception>
        public void Run(AcceleratorStream stream, ArrayView<float> imageDHW, float exponent)
        {
            LaunchCheck.Finite(exponent, nameof(exponent));
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exponent);
            kernel(stream, LaunchCheck.Extent(imageDHW.Length, nameof(imageDHW)), imageDHW, exponent);
        }
    }
}
