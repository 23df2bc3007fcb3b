using GpuSynth.Torch.Images;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>What the headers of a case's files say, before any voxel is read.</summary>
/// <param name="Files">The files.</param>
/// <param name="Shape">Voxels of the image's file.</param>
/// <param name="Channels">Channels of all its files.</param>
/// <param name="Axes">From the file's axes to the body's.</param>
internal sealed record CaseHeader(CaseFiles Files, VolumeShape Shape, int Channels, Reorientation Axes)
{
    /// <summary>Along the body's axes.</summary>
    public VoxelSpacing Spacing => VoxelSpacing.Of(Axes.Geometry);

    /// <summary>Whether the file's axes are the body's.</summary>
    public bool IsCanonical => Axes.IsIdentity;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="DatasetException">A channel is on another grid than the first.</exception>
    public static CaseHeader Read(CaseFiles files)
    {
        NiftiInfo first = VolumeFile.ReadInfo(files.ImagePath);
        int channels = first.Channels;
        foreach (string path in files.ImagePaths.Skip(1))
        {
            NiftiInfo other = VolumeFile.ReadInfo(path);
            CheckGrid(files.ImagePath, first, path, other);
            channels += other.Channels;
        }

        return new CaseHeader(files, first.Shape, channels, Reorientation.ToCanonical(first.Shape, first.Geometry));
    }

    /// <summary>Voxels at a spacing.</summary>
    public VolumeShape PreparedShape(VoxelSpacing spacing) =>
        Spacing.IsNear(spacing) ? Axes.Shape : Spacing.Resized(Axes.Shape, spacing);

    private static void CheckGrid(string firstPath, NiftiInfo first, string path, NiftiInfo other)
    {
        bool arePlaced = first.Geometry.IsPlaced && other.Geometry.IsPlaced;
        string difference = first.Shape != other.Shape
            ? $"{other.Shape} voxels for {first.Shape}"
            : arePlaced ? GridComparison.Of(first.Shape, first.Geometry, other.Shape, other.Geometry).Difference : string.Empty;
        if (difference.Length > 0)
        {
            throw new DatasetException(
                $"'{path}' has another grid than '{firstPath}' ({difference}), and both are channels of one image; resample them "
                + "onto one grid.");
        }
    }
}
