using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Contrast: I = mean[label].
// label: byte[D,H,W]; I: float[D,H,W], written once; mean: float[K]. 5 B/voxel.
// Values: the same on every device, bit for bit. Reference: Contrast.Reference.cs. Source: RaSD, appearance step 5.

/// <summary>One mean intensity per label.</summary>
public static partial class Contrast
{
    // One thread per voxel. Every label is below the number of means: the anatomy never writes another.
    internal static void Kernel(Index1D voxel, ArrayView<byte> labelDHW, ArrayView<float> means, ArrayView<float> imageDHW) =>
        imageDHW[voxel] = means[(int)labelDHW[voxel]];

    /// <summary>Contrast on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<AcceleratorStream, Index1D, ArrayView<byte>, ArrayView<float>, ArrayView<float>> kernel;

        /// <summary>Compiles the kernel for an accelerator.</summary>
        public Launcher(Accelerator accelerator) =>
            kernel = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<byte>, ArrayView<float>, ArrayView<float>>(Kernel);

        /// <summary>Writes image = means[label] for every voxel.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="labelDHW">Labels [D, H, W], every one below the number of means.</param>
        /// <param name="means">Mean intensity per label.</param>
        /// <param name="imageDHW">Image [D, H, W], written.</param>
        /// <exception cref="ArgumentException">The image and the labels differ in length.</exception>
        public void Run(AcceleratorStream stream, ArrayView<byte> labelDHW, ArrayView<float> means, ArrayView<float> imageDHW)
        {
            LaunchCheck.Length(imageDHW.Length, labelDHW.Length, nameof(imageDHW));
            LaunchCheck.AtLeast(means.Length, 1, nameof(means));
            kernel(stream, LaunchCheck.Extent(imageDHW.Length, nameof(imageDHW)), labelDHW, means, imageDHW);
        }
    }
}
