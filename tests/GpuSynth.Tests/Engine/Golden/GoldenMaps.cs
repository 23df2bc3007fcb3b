using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Tests.IO;

namespace GpuSynth.Tests.Engine.Golden;

/// <summary>
/// Label maps of a formula in whole numbers: shells whose outer four differ between left (1 to 4) and right (41 to 44), the inner
/// ones (5 to 8) and specks (9) on both sides, in files of two shapes and spacings.
/// </summary>
internal sealed class GoldenMaps : IDisposable
{
    private readonly TestFolder folder = new();

    public GoldenMaps()
    {
        Put("3/a.nii", VolumeShape.Volume(40, 45, 38), 1, 16);
        Put("3/b.nii.gz", VolumeShape.Volume(29, 24, 31), 1.5, 5);
        Put("2/a.nii", VolumeShape.Image(61, 70), 1, 16);
        Put("2/b.nii", VolumeShape.Image(50, 33), 1.5, 5);
    }

    /// <summary>The folder of the maps of 2 or 3 dimensions.</summary>
    public string Folder(int dimensions) => folder[$"{dimensions}"];

    public void Dispose() => folder.Dispose();

    private void Put(string name, VolumeShape shape, double spacing, int speckOfVoxels)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        byte[] labels = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel => Label(shape, voxel, speckOfVoxels))];
        Nifti.WriteLabels(folder[name], shape, labels, NiftiGeometry.Isotropic(shape, spacing));
    }

    private static byte Label(VolumeShape shape, int voxel, int speckOfVoxels)
    {
        (int z, int y, int x) = (voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
        int radius = (Square(z, shape.Depth) + Square(y, shape.Height) + Square(x, shape.Width)) / 1000;
        if (radius >= 1000)
        {
            return 0;
        }

        int shell = 8 - (radius / 125);
        return (uint)(voxel * 2654435761L >> 9) % speckOfVoxels == 0 ? (byte)9
            : shell > 4 || 2 * x < shape.Width ? (byte)shell
            : (byte)(40 + shell);

        // From the middle, in thousandths of half the axis; an axis of one voxel has no distance.
        static int Square(int index, int count)
        {
            int distance = ((2 * index) + 1 - count) * 1000 / count;
            return distance * distance;
        }
    }
}
