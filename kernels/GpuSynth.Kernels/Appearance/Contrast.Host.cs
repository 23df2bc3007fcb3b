using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

// Contrast: I = mean[label].
// label: byte[D,H,W]; I: float[D,H,W], written once; mean: float[K]. 5 B/voxel. On a device it is part of the painting (Painting).
// Values: the same on every device, bit for bit. Reference: Contrast.Reference.cs. Source: RaSD, appearance step 5.

/// <summary>One mean intensity per label.</summary>
public static partial class Contrast
{
    private const int HostLanes = 16;

    /// <summary>Writes image[i] = means[label[i]].</summary>
    /// <param name="labels"><paramref name="count"/> labels, every one below the number of means.</param>
    /// <param name="means">Means, at least 32 floats of room.</param>
    /// <param name="meanCount">How many of them there are.</param>
    /// <param name="image"><paramref name="count"/> floats, and room up to a multiple of sixteen.</param>
    /// <param name="count">Voxels.</param>
    public static unsafe void HostRow(byte* labels, float* means, int meanCount, float* image, int count)
    {
        bool fits = meanCount <= 2 * HostLanes && Avx512F.IsSupported;
        int voxel = 0;
        for (; voxel + HostLanes <= count; voxel += HostLanes)
        {
            Vector512<int> label = Widen(Vector128.Load(labels + voxel));
            Vector512<float> mean = fits
                ? Avx512F.PermuteVar16x32x2(Vector512.Load(means), label, Vector512.Load(means + HostLanes))
                : HostMath.Gather(means, label);
            mean.Store(image + voxel);
        }

        for (; voxel < count; voxel++)
        {
            image[voxel] = means[labels[voxel]];
        }
    }

    private static Vector512<int> Widen(Vector128<byte> labels)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512Int32(labels);
        }

        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(labels);
        (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
        (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
        return Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d)).AsInt32();
    }
}
