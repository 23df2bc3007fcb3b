using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Perf.Engine;

/// <summary>
/// A label map of nested, uneven shells: as many labels and as long borders as a head has, without anybody's data.
/// </summary>
internal static class SyntheticLabelMap
{
    private const int Shells = 16;

    /// <summary>One map of 1 mm voxels, by way of a file, as a user's maps come.</summary>
    /// <param name="side">Voxels along each axis.</param>
    public static LabelMapSet Create(int side)
    {
        VolumeShape shape = VolumeShape.Cubic(3, side);
        var labels = new byte[shape.VoxelCount];
        for (int voxel = 0; voxel < labels.Length; voxel++)
        {
            double z = (((double)(voxel / (side * side)) / side) - 0.5) * 2.2;
            double y = (((double)(voxel / side % side) / side) - 0.5) * 2.1;
            double x = (((double)(voxel % side) / side) - 0.5) * 2.4;
            double folds = 0.08 * Math.Sin(17 * x) * Math.Sin(15 * y) * Math.Sin(13 * z);
            double radius = Math.Sqrt((x * x) + (y * y) + (z * z)) + folds;
            labels[voxel] = (byte)Math.Clamp((1 - radius) * Shells, 0, Shells - 1);
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("gpusynth-perf-");
        try
        {
            Nifti.WriteLabels(Path.Combine(folder.FullName, "shells.nii.gz"), shape, labels);
            return LabelMapSet.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
