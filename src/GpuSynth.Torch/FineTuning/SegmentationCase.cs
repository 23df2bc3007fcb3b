using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// A case in memory: its labels on the grid of the image's file, and image and labels as networks see them: on the body's axes
/// (RAS+), at the common spacing.
/// </summary>
internal sealed class SegmentationCase
{
    private SegmentationCase(string name, NiftiGeometry geometry, VolumeShape fileShape, byte[] fileLabels)
    {
        Name = name;
        Geometry = geometry;
        FileShape = fileShape;
        FileLabels = fileLabels;
        Axes = Reorientation.ToCanonical(fileShape, geometry);
    }

    public string Name { get; }

    /// <summary>Where the image's file lies, with its forms.</summary>
    public NiftiGeometry Geometry { get; }

    /// <summary>From the file's axes to the body's, and back.</summary>
    public Reorientation Axes { get; }

    /// <summary>Voxels of the file.</summary>
    public VolumeShape FileShape { get; }

    /// <summary>Labels in the image file's own grid: what predictions are measured against.</summary>
    public byte[] FileLabels { get; }

    /// <summary>Along the file's axes.</summary>
    public VoxelSpacing FileSpacing => VoxelSpacing.Of(Geometry);

    /// <summary>Along the body's axes.</summary>
    public VoxelSpacing CanonicalSpacing => VoxelSpacing.Of(Axes.Geometry);

    /// <summary>After resampling.</summary>
    public VoxelSpacing Spacing { get; private set; }

    /// <summary>Voxels after resampling.</summary>
    public VolumeShape Shape { get; private set; }

    /// <summary>Image after resampling and intensity scaling.</summary>
    public float[] Image { get; private set; } = [];

    /// <summary>Labels after resampling.</summary>
    public byte[] Labels { get; private set; } = [];

    /// <summary>Whether the width runs between left and right: of every volume, not of an image of a sagittal plane.</summary>
    public bool HasLateralAxis => Axes.Geometry.Orientation[0] == 'R';

    /// <summary>Reads a case: finite values, labels of 0 to 255 that are brought onto the image's grid.</summary>
    public static SegmentationCase Read(CaseFiles files, Notices notices)
    {
        NiftiImage image = Nifti.ReadImage(files.ImagePath);
        NiftiLabels labels = Nifti.ReadLabels(files.LabelPath);
        int bad = Array.FindIndex(image.Data, static value => !float.IsFinite(value));
        if (bad >= 0)
        {
            throw new DatasetException(
                $"'{files.ImagePath}' holds {Text(image.Data[bad])} (voxel {bad}); replace it by a number.");
        }

        int[] values = LabelGrid.OntoImage(files, image.Shape, image.Geometry, labels, notices);
        byte[] bytes = new byte[values.Length];
        for (int n = 0; n < bytes.Length; n++)
        {
            int label = values[n];
            bytes[n] = (byte)label == label ? (byte)label : throw new DatasetException(
                $"'{files.LabelPath}' holds the label {label}, but labels are consecutive from 0 (background); renumber them.");
        }

        return new SegmentationCase(files.Name, image.Geometry, image.Shape, bytes) { Image = image.Data, Shape = image.Shape };
    }

    /// <summary>Brings the case onto the common spacing and range of values. To be called once.</summary>
    public void Prepare(VoxelSpacing spacing, IntensityScale intensity)
    {
        (Spacing, Shape) = (CanonicalSpacing, Axes.Shape);
        (Image, Labels) = (Axes.Apply(Image), Axes.Apply(FileLabels));
        if (!Spacing.IsNear(spacing))
        {
            (VoxelSpacing from, VolumeShape shape) = (Spacing, Shape);
            Spacing = spacing;
            Shape = from.Resized(shape, spacing);
            Image = Resampling.Linear(Image, shape, Shape, from, spacing);
            Labels = Resampling.Nearest(Labels, shape, Shape, from, spacing);
        }

        intensity.Apply(Image);
    }

    /// <summary>Labels of the file's own grid on the prepared one.</summary>
    public byte[] ToPrepared(byte[] fileLabels) =>
        Resampling.Nearest(Axes.Apply(fileLabels), Axes.Shape, Shape, CanonicalSpacing, Spacing);

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}
