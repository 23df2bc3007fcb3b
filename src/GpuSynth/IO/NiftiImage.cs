using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>An image or volume as read from a NIfTI file.</summary>
/// <param name="Shape">Voxels in array order.</param>
/// <param name="Data">Values [D, H, W] or [H, W] after the header's scaling; the width runs fastest.</param>
/// <param name="Geometry">Where the volume lies.</param>
public sealed record NiftiImage(VolumeShape Shape, float[] Data, NiftiGeometry Geometry);

/// <summary>A label map as read from a NIfTI file.</summary>
/// <param name="Shape">Voxels in array order.</param>
/// <param name="Data">Label values [D, H, W] or [H, W] as the file means them, not yet remapped; the width runs fastest.</param>
/// <param name="Geometry">Where the volume lies.</param>
public sealed record NiftiLabels(VolumeShape Shape, int[] Data, NiftiGeometry Geometry);
