using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>A folder of small cases: a bright box (label 1) and a dark one (label 2) in noise; gone after the test.</summary>
internal sealed class FineTuneFolder : IDisposable
{
    public FineTuneFolder() => Root = Directory.CreateTempSubdirectory("gpusynth-finetune-").FullName;

    public string Root { get; }

    public static FineTuneFolder WithCases(int cases, int side = 12)
    {
        var folder = new FineTuneFolder();
        for (int n = 0; n < cases; n++)
        {
            VolumeShape shape = VolumeShape.Volume(side, side + (n % 3), side + 1);
            (float[] image, byte[] labels) = Sample(shape, n);
            folder.Put($"case_{n:000}", shape, image, labels);
        }

        return folder;
    }

    public static (float[] Image, byte[] Labels) Sample(VolumeShape shape, int seed)
    {
        var random = new Random(seed);
        float[] image = new float[shape.VoxelCount];
        byte[] labels = new byte[image.Length];
        int corner = 2 + random.Next(2);
        for (int z = 0, n = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++, n++)
                {
                    bool isOne = z >= corner && z < corner + 4 && y >= 2 && y < 9 && x >= 2 && x < 6;
                    bool isTwo = z >= corner && z < corner + 4 && y >= 2 && y < 9 && x >= 6 && x < 10;
                    labels[n] = (byte)(isOne ? 1 : isTwo ? 2 : 0);
                    image[n] = 100 + (isOne ? 60 : isTwo ? -60 : 0) + random.Next(10);
                }
            }
        }

        return (image, labels);
    }

    public void Put(string name, VolumeShape shape, float[] image, byte[] labels, NiftiGeometry? geometry = null)
    {
        Directory.CreateDirectory(Path.Combine(Root, "images"));
        Directory.CreateDirectory(Path.Combine(Root, "labels"));
        Nifti.WriteImage(ImagePath(name), shape, image, geometry);
        Nifti.WriteLabels(LabelPath(name), shape, labels, geometry);
    }

    public string ImagePath(string name) => Path.Combine(Root, "images", name + ".nii.gz");

    public string LabelPath(string name) => Path.Combine(Root, "labels", name + ".nii.gz");

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
