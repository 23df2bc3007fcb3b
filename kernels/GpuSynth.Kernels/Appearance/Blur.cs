using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Blur: separable Gaussian, one pass per axis:  y[p] = sum over t of w[t] x[p + t - radius],  zero outside the volume (no
// renormalisation at the border: it darkens there, as in the method).
// x, y: float[D,H,W], different buffers; w: float[taps], taps odd. 8 B/voxel and pass, neighbours from the cache.
// Values: the same run to run on one device. Reference: Blur.Reference.cs. Source: RaSD, appearance step 8.

/// <summary>Separable Gaussian blur, zero padded.</summary>
public static partial class Blur
{
    /// <summary>w[t] proportional to exp(-(t - radius)^2 / (2 sigma^2)), computed in double and normalised to the sum
    /// 1.</summary>
    /// <param name="sigmaVoxels">Standard deviation in voxels, at least 0; 0 gives the identity.</param>
    /// <param name="taps">Length, odd; radius = (taps - 1) / 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is negative or not finite, or taps is even or below 1.</exception>
    public static float[] Weights(float sigmaVoxels, int taps)
    {
        CheckTaps(taps);
        var weights = new float[taps];
        Weights(sigmaVoxels, weights);
        return weights;
    }

    /// <summary>The same weights, written to memory of the caller; the length is the number of taps.</summary>
    /// <param name="sigmaVoxels">Standard deviation in voxels, at least 0; 0 gives the identity.</param>
    /// <param name="weights">Written; an odd length.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is negative or not finite, or the length is even.</exception>
    public static void Weights(float sigmaVoxels, Span<float> weights)
    {
        LaunchCheck.Finite(sigmaVoxels, nameof(sigmaVoxels));
        ArgumentOutOfRangeException.ThrowIfNegative(sigmaVoxels);
        CheckTaps(weights.Length);
        int radius = weights.Length / 2;
        double sum = 0;
        for (int tap = 0; tap < weights.Length; tap++)
        {
            sum += Gaussian(tap - radius, sigmaVoxels);
        }

        for (int tap = 0; tap < weights.Length; tap++)
        {
            weights[tap] = (float)(Gaussian(tap - radius, sigmaVoxels) / sum);
        }
    }

    // The centre is 1 by itself: 0 / 0 would be what a sigma of 0 makes of it.
    private static double Gaussian(int distance, double sigma) =>
        distance == 0 ? 1.0 : Math.Exp(-0.5 * (distance / sigma) * (distance / sigma));

    private static void CheckTaps(int taps)
    {
        if (taps < 1 || taps % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(taps), taps, "must be an odd number, at least 1.");
        }
    }

    /// <summary>One voxel of one pass.</summary>
    /// <param name="voxel">Linear index of the voxel.</param>
    /// <param name="source">Image [D, H, W].</param>
    /// <param name="weights">Weights, one per tap.</param>
    /// <param name="axis">The axis that is blurred.</param>
    public static float Voxel(int voxel, ArrayView<float> source, ArrayView<float> weights, BlurAxis axis)
    {
        int position = voxel / axis.Stride % axis.Length;
        int radius = axis.Taps / 2;
        int first = KernelMath.Max(0, radius - position);
        int end = KernelMath.Min(axis.Taps, radius - position + axis.Length);
        float sum = 0f;
        for (int tap = first; tap < end; tap++)
        {
            sum += weights[tap] * source[voxel + ((tap - radius) * axis.Stride)];
        }

        return sum;
    }

    // One thread per voxel.
    internal static void Kernel(
        Index1D voxel, ArrayView<float> source, ArrayView<float> target, ArrayView<float> weights, BlurAxis axis) =>
        target[voxel] = Voxel(voxel, source, weights, axis);

    /// <summary>Blur on a device, one pass per call.</summary>
    public sealed class Launcher
    {
        private readonly Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            BlurAxis> kernel;

        /// <summary>Compiles the kernel for an accelerator.</summary>
        public Launcher(Accelerator accelerator) => kernel =
            accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, BlurAxis>(Kernel);

        /// <summary>Blurs along one axis.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="sourceDHW">Image [D, H, W], read.</param>
        /// <param name="targetDHW">Image [D, H, W], written; another buffer than the source.</param>
        /// <param name="weights">Weights from <see cref="Weights(float, int)"/>.</param>
        /// <param name="shape">Shape of both images.</param>
        /// <param name="axis">0 is z, 1 is y, 2 is x.</param>
        /// <exception cref="ArgumentException">A length does not fit the shape, or the number of weights is even.</exception>
        public void Run(
            AcceleratorStream stream,
            ArrayView<float> sourceDHW,
            ArrayView<float> targetDHW,
            ArrayView<float> weights,
            VolumeShape shape,
            int axis)
        {
            LaunchCheck.Length(sourceDHW.Length, shape.VoxelCount, nameof(sourceDHW));
            LaunchCheck.Length(targetDHW.Length, shape.VoxelCount, nameof(targetDHW));
            CheckTaps((int)weights.Length);
            int extent = LaunchCheck.Extent(targetDHW.Length, nameof(targetDHW));
            kernel(stream, extent, sourceDHW, targetDHW, weights, BlurAxis.Of(shape, axis, (int)weights.Length));
        }
    }
}

/// <summary>One axis of a volume as a pass of the blur sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct BlurAxis
{
    /// <summary>Voxels along the axis.</summary>
    public readonly int Length;

    /// <summary>Distance in memory from one voxel to the next along the axis.</summary>
    public readonly int Stride;

    /// <summary>Number of weights, odd.</summary>
    public readonly int Taps;

    private BlurAxis(int length, int stride, int taps)
    {
        Length = length;
        Stride = stride;
        Taps = taps;
    }

    /// <summary>Axis 0 (z), 1 (y) or 2 (x) of a shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another axis.</exception>
    public static BlurAxis Of(VolumeShape shape, int axis, int taps) => axis switch
    {
        0 => new BlurAxis(shape.Depth, shape.Height * shape.Width, taps),
        1 => new BlurAxis(shape.Height, shape.Width, taps),
        2 => new BlurAxis(shape.Width, 1, taps),
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "Axes are 0 (z), 1 (y) and 2 (x)."),
    };
}
