using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>An image or volume as read from a NIfTI file.</summary>
/// <param name="Shape">Voxels in array order.</param>
/// <param name="Data">Values [C, D, H, W] or [C, H, W] after the header's scaling; the width runs fastest.</param>
/// <param name="Geometry">Where the volume lies.</param>
public sealed record NiftiImage(VolumeShape Shape, float[] Data, NiftiGeometry Geometry)
{
    /// <summary>Volumes along the file's fourth or fifth dimension: modalities, or points of time.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>What a user has to know of the file, as what follows its name in a sentence; null: nothing.</summary>
    public string? Remark { get; init; }
}

/// <summary>What the header of a NIfTI file says of its voxels.</summary>
/// <param name="Shape">Voxels of one volume in array order.</param>
/// <param name="Channels">Volumes.</param>
/// <param name="Geometry">Where they lie.</param>
public sealed record NiftiInfo(VolumeShape Shape, int Channels, NiftiGeometry Geometry);

/// <summary>A label map as read from a NIfTI file.</summary>
/// <param name="Shape">Voxels in array order.</param>
/// <param name="Data">Label values [D, H, W] or [H, W] as the file means them, not yet remapped; the width runs fastest.</param>
/// <param name="Geometry">Where the volume lies.</param>
public sealed record NiftiLabels(VolumeShape Shape, int[] Data, NiftiGeometry Geometry)
{
    /// <summary>Voxels whose stored value was not quite a whole number (2.0000002) and was rounded.</summary>
    public long RoundedVoxels { get; init; }

    /// <summary>Tells where values were rounded.</summary>
    /// <param name="path">The file.</param>
    /// <param name="notices">Told.</param>
    public void TellRounding(string path, Notices notices)
    {
        ArgumentNullException.ThrowIfNull(notices);
        if (RoundedVoxels > 0)
        {
            notices.Add("rounded labels", string.Create(
                CultureInfo.InvariantCulture,
                $"'{path}' holds labels that are not quite whole numbers ({RoundedVoxels:N0} voxels, within 0.001); they are rounded"));
        }
    }
}
