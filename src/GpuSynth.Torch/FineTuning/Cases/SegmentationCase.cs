using GpuSynth.Torch.Images;
using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// A prepared case, in memory or in a scratch file: its labels on the grid of the image's file, and image and labels as networks see
/// them: on the body's axes (RAS+), at the common spacing. Labels are classes; <see cref="LabelClasses.Ignored"/> is not one.
/// </summary>
internal sealed class SegmentationCase
{
    // As read; until the case is prepared.
    private float[] storedImage;
    private byte[] storedLabels;
    private CaseVoxels<float> image;
    private CaseVoxels<byte> labels;
    private CaseVoxels<byte> fileLabels;
    private int[] labelledInPlane = [];

    private SegmentationCase(string name, NiftiImage image, byte[] fileLabels)
    {
        Name = name;
        Geometry = image.Geometry;
        FileShape = image.Shape;
        Channels = image.Channels;
        Axes = Reorientation.ToCanonical(image.Shape, image.Geometry);
        (storedImage, storedLabels) = (image.Data, fileLabels);
        this.fileLabels = new CaseVoxels<byte>(fileLabels);
    }

    public string Name { get; }

    /// <summary>Where the image's file lies, with its forms.</summary>
    public NiftiGeometry Geometry { get; }

    /// <summary>From the file's axes to the body's, and back.</summary>
    public Reorientation Axes { get; }

    /// <summary>Voxels of the file.</summary>
    public VolumeShape FileShape { get; }

    /// <summary>Channels of the image.</summary>
    public int Channels { get; }

    /// <summary>The numbers of the labels in the file, those that are left out not among them.</summary>
    public IReadOnlySet<int> Numbers { get; private init; } = new HashSet<int>();

    /// <summary>Labels in the image file's own grid: what predictions are measured against. Of a test case only.</summary>
    public ReadOnlySpan<byte> FileLabels => fileLabels.Span;

    /// <summary>Along the file's axes.</summary>
    public VoxelSpacing FileSpacing => VoxelSpacing.Of(Geometry);

    /// <summary>Along the body's axes.</summary>
    public VoxelSpacing CanonicalSpacing => VoxelSpacing.Of(Axes.Geometry);

    /// <summary>After resampling.</summary>
    public VoxelSpacing Spacing { get; private set; }

    /// <summary>Voxels after resampling.</summary>
    public VolumeShape Shape { get; private set; }

    /// <summary>Image [C, (D,) H, W] after resampling and intensity scaling.</summary>
    public ReadOnlySpan<float> Image => image.Span;

    /// <summary>Labels after resampling.</summary>
    public ReadOnlySpan<byte> Labels => labels.Span;

    /// <summary>Whether the width runs between left and right: of every volume, not of an image of a sagittal plane.</summary>
    public bool HasLateralAxis => Axes.Geometry.Orientation[0] == 'R';

    /// <summary>Voxels with a label other than the background.</summary>
    public int LabelledVoxels => labelledInPlane.Sum();

    /// <summary>Reads a case: finite values, labels resampled to the image's grid.</summary>
    /// <param name="files">The files.</param>
    /// <param name="notices">Is told what a user has to know of the files.</param>
    /// <param name="coder">What the labels' numbers become; null: a case by itself, whose small numbers stay.</param>
    public static SegmentationCase Read(CaseFiles files, Notices notices, LabelCoder? coder = null)
    {
        coder ??= new LabelCoder(known: null, ignoredNumber: null);
        NiftiImage image = ReadImage(files, notices);
        int[] numbers = LabelGrid.OntoImage(
            files, image.Shape, image.Geometry, VolumeFile.ReadLabels(files.LabelPath), notices);
        byte[] codes = coder.Encode(numbers, files.LabelPath, out IReadOnlySet<int> found);
        return new SegmentationCase(files.Name, image, codes) { Numbers = found };
    }

    /// <summary>Reads a case that has no labels: it is prepared and predicted as any other, and has none to compare with.</summary>
    /// <param name="files">The files.</param>
    /// <param name="notices">Is told what a user has to know of the files.</param>
    public static SegmentationCase ReadUnlabelled(CaseFiles files, Notices notices)
    {
        NiftiImage image = ReadImage(files, notices);
        image.Geometry.Forms?.Tell(files.ImagePath, image.Shape, notices);
        return new SegmentationCase(files.Name, image, fileLabels: []);
    }

    /// <summary>Brings the case onto the common spacing and range of values. To be called once.</summary>
    /// <param name="spacing">Common spacing.</param>
    /// <param name="intensity">Common range of values, of every channel by itself.</param>
    /// <param name="keepsFileLabels">Whether the labels in the file's grid are needed from now on.</param>
    /// <param name="scratch">Where the voxels go; null: they stay in memory.</param>
    public void Prepare(
        VoxelSpacing spacing, IntensityScale intensity, bool keepsFileLabels = true, ScratchFile? scratch = null)
    {
        (Spacing, Shape) = (CanonicalSpacing, Axes.Shape);
        bool hasLabels = storedLabels.Length > 0;
        byte[] prepared = hasLabels ? Axes.Apply(storedLabels) : [];
        bool isResampled = !Spacing.IsNear(spacing);
        VolumeShape from = Shape;
        if (isResampled)
        {
            Shape = CanonicalSpacing.Resized(from, spacing);
            Spacing = spacing;
            prepared = hasLabels ? Resampling.Nearest(prepared, from, Shape, CanonicalSpacing, spacing) : [];
        }

        image = new CaseVoxels<float>(PreparedImage(from, isResampled, intensity));
        bool isSame = prepared == storedLabels || !hasLabels;
        labels = isSame ? fileLabels : new CaseVoxels<byte>(prepared);
        labelledInPlane = hasLabels ? CountLabelled(prepared, Shape) : [];
        fileLabels = keepsFileLabels || isSame ? fileLabels : new CaseVoxels<byte>([]);
        (storedImage, storedLabels) = ([], []);
        if (scratch is not null)
        {
            bool isOne = labels.IsSame(fileLabels);
            (image, labels) = (image.MovedTo(scratch), labels.MovedTo(scratch));
            fileLabels = isOne ? labels : fileLabels.MovedTo(scratch);
        }
    }

    /// <summary>Replaces the codes of labels by classes.</summary>
    public void Recode(ReadOnlySpan<byte> classOf)
    {
        labels.Recode(classOf);
        if (!labels.IsSame(fileLabels))
        {
            fileLabels.Recode(classOf);
        }
    }

    /// <summary>The place, depth x height x width, of the labelled voxel with this number in array order.</summary>
    public int[] LabelledVoxel(int number)
    {
        int plane = 0;
        for (; number >= labelledInPlane[plane]; plane++)
        {
            number -= labelledInPlane[plane];
        }

        int size = Shape.Height * Shape.Width;
        ReadOnlySpan<byte> voxels = Labels.Slice(plane * size, size);
        int voxel = 0;
        for (; !IsLabelled(voxels[voxel]) || number-- > 0; voxel++)
        {
        }

        return [plane, voxel / Shape.Width, voxel % Shape.Width];
    }

    /// <summary>Labels of the file's own grid on the prepared one.</summary>
    public byte[] ToPrepared(byte[] fileLabels) =>
        Resampling.Nearest(Axes.Apply(fileLabels), Axes.Shape, Shape, CanonicalSpacing, Spacing);

    private static bool IsLabelled(byte label) => label is not (0 or LabelClasses.Ignored);

    private static int[] CountLabelled(ReadOnlySpan<byte> labels, VolumeShape shape)
    {
        int[] counts = new int[shape.Depth];
        int size = shape.Height * shape.Width;
        for (int z = 0; z < counts.Length; z++)
        {
            ReadOnlySpan<byte> plane = labels.Slice(z * size, size);
            counts[z] = size - plane.Count((byte)0) - plane.Count(LabelClasses.Ignored);
        }

        return counts;
    }

    // The channels of all files, concatenated.
    private static NiftiImage ReadImage(CaseFiles files, Notices notices)
    {
        NiftiImage image = ReadFile(files.ImagePath, notices);
        if (files.ImagePaths.Count == 1)
        {
            return image;
        }

        long voxels = image.Shape.VoxelCount;
        int channels = files.ImagePaths.Sum(static path => VolumeFile.ReadInfo(path).Channels);
        float[] all = new float[channels * voxels];
        image.Data.CopyTo(all, 0);
        int done = image.Data.Length;
        foreach (string path in files.ImagePaths.Skip(1))
        {
            float[] data = ReadFile(path, notices).Data;
            data.CopyTo(all, done);
            done += data.Length;
        }

        return image with { Data = all, Channels = channels };
    }

    private static NiftiImage ReadFile(string path, Notices notices)
    {
        NiftiImage image = VolumeFile.ReadImage(path);
        CheckFinite(path, image.Data);
        if (image.Remark is { } remark)
        {
            notices.Add($"remark: {remark}", $"'{path}' {remark}");
        }

        return image;
    }

    private static void CheckFinite(string path, float[] values)
    {
        int bad = Array.FindIndex(values, static value => !float.IsFinite(value));
        if (bad >= 0)
        {
            string value = values[bad].ToString(CultureInfo.InvariantCulture);
            throw new DatasetException($"'{path}' holds {value} (voxel {bad}); replace it by a number.");
        }
    }

    private float[] PreparedImage(VolumeShape from, bool isResampled, IntensityScale intensity)
    {
        (int stored, int voxels) = ((int)from.VoxelCount, (int)Shape.VoxelCount);
        bool isSame = Axes.IsIdentity && !isResampled;
        float[] all = isSame ? storedImage : new float[Channels * voxels];
        for (int channel = 0; channel < Channels; channel++)
        {
            Span<float> to = all.AsSpan(channel * voxels, voxels);
            if (!isSame)
            {
                float[] own = Channels == 1 ? storedImage : storedImage[(channel * stored)..((channel + 1) * stored)];
                float[] turned = Axes.Apply(own);
                (isResampled ? Resampling.Linear(turned, from, Shape, CanonicalSpacing, Spacing) : turned).CopyTo(to);
            }

            intensity.Apply(to);
        }

        return all;
    }
}
