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
}
