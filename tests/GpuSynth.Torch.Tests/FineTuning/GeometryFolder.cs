using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Tests.IO;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Cases as people have them: files written header field by header field; gone after the test.</summary>
internal sealed class GeometryFolder : IDisposable
{
    public GeometryFolder()
    {
        Root = Directory.CreateTempSubdirectory("gpusynth-geometry-").FullName;
        Directory.CreateDirectory(Path.Combine(Root, "images"));
        Directory.CreateDirectory(Path.Combine(Root, "labels"));
    }

    public string Root { get; }

    public Notices Notices { get; } = new();

    /// <summary>A ball (1) with a ball in it (2), off the middle, in voxel order x fastest; the image is brighter within.</summary>
    public static (float[] Image, byte[] Labels) Ball(int seed, int width = 12, int height = 14, int depth = 10)
    {
        var random = new Random(seed);
        double[] centre = [0.3 * width, 0.6 * height, 0.5 * depth];
        var image = new float[width * height * depth];
        var labels = new byte[image.Length];
        for (int n = 0; n < image.Length; n++)
        {
            (double x, double y, double z) =
                (n % width - centre[0], (n / width % height) - centre[1], (n / width / height) - centre[2]);
            double distance = Math.Sqrt((x * x) + (y * y) + (z * z));
            labels[n] = (byte)((distance < 3.5 ? 1 : 0) + (distance < 1.8 ? 1 : 0));
            image[n] = (float)(20 + (80 * labels[n]) + random.NextDouble());
        }

        return (image, labels);
    }

    public string ImagePath(string name) => Path.Combine(Root, "images", name + ".nii");

    public string LabelPath(string name) => Path.Combine(Root, "labels", name + ".nii");

    public void Put(string name, float[] image, NiftiBytes imageHeader, byte[] labels, NiftiBytes labelHeader)
    {
        File.WriteAllBytes(ImagePath(name), Of(imageHeader, 16, NiftiBytes.Store(image, false)).One());
        File.WriteAllBytes(LabelPath(name), Of(labelHeader, 2, labels).One());
    }

    /// <summary>Labels of float32.</summary>
    public void PutLabels(string name, float[] labels, NiftiBytes header) =>
        File.WriteAllBytes(LabelPath(name), Of(header, 16, NiftiBytes.Store(labels, false)).One());

    public SegmentationCase Read(string name) =>
        SegmentationCase.Read(new CaseFiles(name, ImagePath(name), LabelPath(name)), Notices);

    public SegmentationData ReadAll()
    {
        SegmentationDataset data = SegmentationDataset.Open(Root);
        var options = new FineTuneOptions { DataFolder = Root, OutFolder = Path.Combine(Root, "out") };
        return SegmentationData.Read(data, DataSplit.Of(data.Cases, 1, 1), options, Notices);
    }

    /// <summary>An array read backwards along x and y.</summary>
    public static T[] Turned<T>(T[] values, int width, int height) =>
    [
        .. Enumerable.Range(0, values.Length).Select(n =>
            values[(n / width / height * width * height) + ((height - 1 - (n / width % height)) * width) + width - 1 - (n % width)]),
    ];

    /// <summary>An array read backwards along y.</summary>
    public static T[] BackwardsY<T>(T[] values, int width, int height) =>
    [
        .. Enumerable.Range(0, values.Length).Select(n =>
            values[(n / width / height * width * height) + ((height - 1 - (n / width % height)) * width) + (n % width)]),
    ];

    /// <summary>A header with an sform.</summary>
    public static NiftiBytes Sform(long[] size, params double[] rows) => new() { Dim = [3, .. size], SformCode = 1, Sform = rows };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static NiftiBytes Of(NiftiBytes header, short type, byte[] voxels) => new()
    {
        Dim = header.Dim,
        DataType = type,
        Pixdim = header.Pixdim,
        Units = header.Units,
        QformCode = header.QformCode,
        SformCode = header.SformCode,
        Quaternion = header.Quaternion,
        QuaternionOffset = header.QuaternionOffset,
        Sform = header.Sform,
        Voxels = voxels,
    };
}
