using ILGPU;
using ILGPU.Runtime;

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

    // One thread per voxel.
    internal static void Kernel(Index1D voxel, ArrayView<float> imageDHW, float minimum, float range) =>
        imageDHW[voxel] = Voxel(imageDHW[voxel], minimum, range);

    /// <summary>Min-max normalisation on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<AcceleratorStream, Index1D, ArrayView<float>, float, float> kernel;

        /// <summary>Compiles the kernel for an accelerator.</summary>
        public Launcher(Accelerator accelerator) =>
            kernel = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, float, float>(Kernel);

        /// <summary>Normalises every voxel.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="imageDHW">Image [D, H, W], changed in place.</param>
        /// <param name="minimum">Smallest intensity.</param>
        /// <param name="maximum">Largest intensity, not below the smallest.</param>
        /// <param name="epsilon">Added to the range, above 0 unless the volume is known not to be flat.</param>
        /// <exception cref="ArgumentOutOfRangeException">The range is not a positive finite number.</exception>
        public void Run(AcceleratorStream stream, ArrayView<float> imageDHW, float minimum, float maximum, float epsilon)
        {
            float range = Range(minimum, maximum, epsilon);
            LaunchCheck.Finite(range, nameof(maximum));
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(range, nameof(maximum));
            kernel(stream, LaunchCheck.Extent(imageDHW.Length, nameof(imageDHW)), imageDHW, minimum, range);
        }
    }
}
