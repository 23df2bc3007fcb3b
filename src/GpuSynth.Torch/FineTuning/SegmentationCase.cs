using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>A case in memory: its labels as the file has them, and image and labels as networks see them.</summary>
internal sealed class SegmentationCase
{
    private SegmentationCase(string name, NiftiGeometry geometry, VolumeShape fileShape, byte[] fileLabels)
    {
        Name = name;
        Geometry = geometry;
        FileShape = fileShape;
        FileLabels = fileLabels;
    }

    public string Name { get; }

    public NiftiGeometry Geometry { get; }

    /// <summary>Voxels of the file.</summary>
    public VolumeShape FileShape { get; }

    /// <summary>Labels in the file's own grid: what predictions are measured against.</summary>
    public byte[] FileLabels { get; }

    public VoxelSpacing FileSpacing => VoxelSpacing.Of(Geometry);

    /// <summary>After resampling.</summary>
    public VoxelSpacing Spacing { get; private set; }

    /// <summary>Voxels after resampling.</summary>
    public VolumeShape Shape { get; private set; }

    /// <summary>Image after resampling and intensity scaling.</summary>
    public float[] Image { get; private set; } = [];

    /// <summary>Labels after resampling.</summary>
    public byte[] Labels { get; private set; } = [];

    /// <summary>Reads a case: image and labels of one shape, finite values, labels of 0 to 255.</summary>
    public static SegmentationCase Read(CaseFiles files, Notices notices)
    {
        NiftiImage image = Nifti.ReadImage(files.ImagePath);
        NiftiLabels labels = Nifti.ReadLabels(files.LabelPath);
        if (image.Shape != labels.Shape)
        {
            throw new DatasetException(
                $"'{files.ImagePath}' has {image.Shape} voxels, but its labels '{files.LabelPath}' have {labels.Shape}; "
                + "bring both onto one grid.");
        }

        int bad = Array.FindIndex(image.Data, static value => !float.IsFinite(value));
        if (bad >= 0)
        {
            throw new DatasetException(
                $"'{files.ImagePath}' holds {Text(image.Data[bad])} (voxel {bad}); replace it by a number.");
        }

        byte[] bytes = new byte[labels.Data.Length];
        for (int n = 0; n < bytes.Length; n++)
        {
            int label = labels.Data[n];
            bytes[n] = (byte)label == label ? (byte)label : throw new DatasetException(
                $"'{files.LabelPath}' holds the label {label}, but labels are consecutive from 0 (background); renumber them.");
        }

        return new SegmentationCase(files.Name, image.Geometry, image.Shape, bytes) { Image = image.Data, Shape = image.Shape };
    }

    /// <summary>Brings the case onto the common spacing and range of values. To be called once.</summary>
    public void Prepare(VoxelSpacing spacing, IntensityScale intensity)
    {
        (Spacing, Labels) = (FileSpacing, FileLabels);
        if (!FileSpacing.IsNear(spacing))
        {
            Spacing = spacing;
            Shape = FileSpacing.Resized(FileShape, spacing);
            Image = Resampling.Linear(Image, FileShape, Shape, FileSpacing, spacing);
            Labels = Resampling.Nearest(FileLabels, FileShape, Shape, FileSpacing, spacing);
        }

        intensity.Apply(Image);
    }

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}
