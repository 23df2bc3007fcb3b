using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;

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

    /// <summary>A case of two labelled boxes, image and labels wherever they are wanted.</summary>
    public void PutAt(string image, string labels, int seed = 1, int side = 12)
    {
        VolumeShape shape = VolumeShape.Volume(side, side, side);
        (float[] values, byte[] truth) = Sample(shape, seed);
        Nifti.WriteImage(Made(image), shape, values);
        Nifti.WriteLabels(Made(labels), shape, truth);
    }

    /// <summary>An image of several channels in one file (x, y, z, c), or with a fifth dimension (x, y, z, 1, c).</summary>
    public void PutSeries(string path, VolumeShape shape, float[][] channels, bool isFive = false)
    {
        VolumeShape tall = VolumeShape.Volume(channels.Length * shape.Depth, shape.Height, shape.Width);
        Nifti.WriteImage(Made(path), tall, [.. channels.SelectMany(static values => values)]);
        byte[] file = File.ReadAllBytes(Made(path));
        short[] dim = isFive
            ? [5, (short)shape.Width, (short)shape.Height, (short)shape.Depth, 1, (short)channels.Length, 1, 1]
            : [4, (short)shape.Width, (short)shape.Height, (short)shape.Depth, (short)channels.Length, 1, 1, 1];
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(dim.AsSpan()).CopyTo(file.AsSpan(40));
        // The volume's middle at the origin, as that of labels of its shape.
        BitConverter.TryWriteBytes(file.AsSpan(276), -0.5f * (shape.Depth - 1));
        BitConverter.TryWriteBytes(file.AsSpan(280 + (4 * 11)), -0.5f * (shape.Depth - 1));
        File.WriteAllBytes(Made(path), file);
    }

    /// <summary>A dataset.json.</summary>
    public void PutJson(string text) => File.WriteAllText(Path.Combine(Root, "dataset.json"), text);

    /// <summary>A path in the folder, whose own folder is made.</summary>
    public string Made(string path)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
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

    /// <summary>A file of weights of a network, the same whenever it is asked for.</summary>
    public string WeightsOf(NetworkOptions options)
    {
        string weights = Path.Combine(Root, "weights.safetensors");
        if (!File.Exists(weights))
        {
            TorchSharp.torch.manual_seed(9);
            using SegmentationNetwork network = NetworkFactory.Create(options);
            Weights.Save(network, weights);
        }

        return weights;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
