using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// WhiteNoise: I += sigma * z, z ~ N(0, 1) per voxel, element = linear voxel index.
// I: float[D,H,W], in place. 8 B/voxel; one block of Philox and two of Box-Muller per four voxels.
// Random bits: the same on every device. Values: the same run to run on one device.
// Reference: WhiteNoise.Reference.cs. Source: RaSD, appearance step 7.

/// <summary>White Gaussian noise.</summary>
public static partial class WhiteNoise
{
    /// <summary>One voxel: value + sigma * the normal number of that voxel.</summary>
    /// <param name="value">Intensity before.</param>
    /// <param name="sigma">Standard deviation of the noise.</param>
    /// <param name="place">Place of the draw, stream <see cref="Streams.NoiseVoxels"/>.</param>
    /// <param name="voxel">Linear index of the voxel in the whole volume.</param>
    public static float Voxel(float value, float sigma, in RandomPlace place, long voxel) =>
        value + (sigma * Normal.At(in place, voxel));

    // One thread per block of Philox: four voxels, at distances of 16.
    internal static void Kernel(Index1D thread, ArrayView<float> imageDHW, RandomPlace place, float sigma)
    {
        long first = Uniform.FirstElementOf(thread.X);
        UInt4 words = Philox.At(in place, (uint)thread.X);
        Normal.FromBits(words.X, words.Y, out float n0, out float n1);
        Normal.FromBits(words.Z, words.W, out float n2, out float n3);
        Add(imageDHW, first, sigma * n0);
        Add(imageDHW, first + 16, sigma * n1);
        Add(imageDHW, first + 32, sigma * n2);
        Add(imageDHW, first + 48, sigma * n3);
    }

    private static void Add(ArrayView<float> imageDHW, long voxel, float noise)
    {
        if (voxel < imageDHW.Length)
        {
            imageDHW[voxel] += noise;
        }
    }

    /// <summary>White noise on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<AcceleratorStream, Index1D, ArrayView<float>, RandomPlace, float> kernel;

        /// <summary>Compiles the kernel for an accelerator.</summary>
        public Launcher(Accelerator accelerator) =>
            kernel = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, RandomPlace, float>(Kernel);

        /// <summary>Adds noise to every voxel.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="imageDHW">Image [D, H, W], changed in place.</param>
        /// <param name="place">Place of the draw, stream <see cref="Streams.NoiseVoxels"/>.</param>
        /// <param name="sigma">Standard deviation of the noise, at least 0.</param>
        /// <exception cref="ArgumentOutOfRangeException">Sigma is negative or not finite.</exception>
        public void Run(AcceleratorStream stream, ArrayView<float> imageDHW, in RandomPlace place, float sigma)
        {
            LaunchCheck.Finite(sigma, nameof(sigma));
            ArgumentOutOfRangeException.ThrowIfNegative(sigma);
            LaunchCheck.AtLeast(imageDHW.Length, 1, nameof(imageDHW));
            kernel(stream, Uniform.BlocksTouched(0, imageDHW.Length), imageDHW, place, sigma);
        }
    }
}
