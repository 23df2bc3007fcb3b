using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Where the features of a batch lie: planar [B][C][voxels], channels last [B][voxels][C], or anything between that has one
/// stride per axis, all voxels of an image counting as one.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct FeatureLayout
{
    /// <summary>Images.</summary>
    public readonly int Batch;

    /// <summary>Channels C.</summary>
    public readonly int Channels;

    /// <summary>Voxels of an image.</summary>
    public readonly int Voxels;

    /// <summary>Values from an image to the next.</summary>
    public readonly int ImageStride;

    /// <summary>Values from a channel to the next.</summary>
    public readonly int ChannelStride;

    /// <summary>Values from a voxel to the next.</summary>
    public readonly int VoxelStride;

    /// <summary>A layout.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public FeatureLayout(int batch, int channels, int voxels, int imageStride, int channelStride, int voxelStride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(voxels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(imageStride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channelStride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(voxelStride, 1);
        (Batch, Channels, Voxels) = (batch, channels, voxels);
        (ImageStride, ChannelStride, VoxelStride) = (imageStride, channelStride, voxelStride);
    }

    /// <summary>[B][C][voxels].</summary>
    public static FeatureLayout Planar(int batch, int channels, int voxels) =>
        new(batch, channels, voxels, checked(channels * voxels), voxels, 1);

    /// <summary>[B][voxels][C].</summary>
    public static FeatureLayout ChannelsLast(int batch, int channels, int voxels) =>
        new(batch, channels, voxels, checked(channels * voxels), 1, channels);

    /// <summary>Values from the first to behind the last.</summary>
    public long Extent => ((Batch - 1L) * ImageStride) + ((Channels - 1L) * ChannelStride) + ((Voxels - 1L) * VoxelStride) + 1;

    /// <summary>Place of a value, in values.</summary>
    public int Place(int image, int channel, int voxel) =>
        (image * ImageStride) + (channel * ChannelStride) + (voxel * VoxelStride);
}
