using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Images;

namespace GpuSynth.Torch.Comparing;

/// <summary>A real image, as it is set beside synthetic ones.</summary>
/// <param name="Name">Its path in the folder.</param>
/// <param name="Shape">Voxels on the body's axes (RAS+).</param>
/// <param name="Spacing">Millimetres between them; 1 of a picture.</param>
/// <param name="Values">[D, H, W] or [H, W], as the file says them; of several channels their mean.</param>
public sealed record RealImage(string Name, VolumeShape Shape, VoxelSpacing Spacing, float[] Values)
{
    private static readonly string[] LabelWords = ["label", "labels", "seg", "segmentation", "mask", "gt"];

    /// <summary>
    /// The images of a folder; of "images" or "imagesTr" in it where there is one, as <c>finetune</c> looks for them. Label maps beside them,
    /// which their names tell (label_0001, case7_seg), are left out.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="most">The most that are taken: evenly through the names.</param>
    /// <param name="notices">Is told what is left out.</param>
    /// <exception cref="GpuSynthException">There is no folder, or no image in it.</exception>
    public static IReadOnlyList<(string Name, string Path)> Find(string folder, int most, Notices notices)
    {
        if (!Directory.Exists(folder))
        {
            throw new GpuSynthException($"There is no folder '{folder}'; name one with real images (--beside).");
        }

        string[] inner = ["images", "imagesTr"];
        string own = inner.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists) ?? folder;
        (string Relative, string Path)[] all = [.. VolumeFolder.Files(own)];
        (string Relative, string Path)[] files = [.. all.Where(static one => !IsLabelMap(one.Path))];
        if (files.Length < all.Length)
        {
            notices.Add("label maps", $"Of the files in '{own}' {all.Length - files.Length} are called as label maps are and left out");
        }

        if (files.Length == 0)
        {
            throw new GpuSynthException(
                $"'{own}' holds no image ({string.Join(", ", VolumeFile.Extensions)}); name a folder that does (--beside).");
        }

        int count = Math.Min(most, files.Length);
        return [.. Enumerable.Range(0, count).Select(n => files[(int)((long)n * files.Length / count)])];
    }

    /// <summary>Reads an image.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">Of the samples: of a volume beside images the middle axial slice is taken.</param>
    /// <exception cref="GpuSynthException">It cannot be read, holds numbers that are not finite, or is an image beside volumes.</exception>
    public static RealImage Read(string name, string path, int dimensions)
    {
        NiftiImage file = VolumeFile.ReadImage(path);
        var axes = Reorientation.ToCanonical(file.Shape, file.Geometry);
        int voxels = (int)file.Shape.VoxelCount;
        float[] mean = file.Channels == 1 ? file.Data : new float[voxels];
        for (int channel = 0; file.Channels > 1 && channel < file.Channels; channel++)
        {
            for (int voxel = 0; voxel < voxels; voxel++)
            {
                mean[voxel] += file.Data[(channel * voxels) + voxel] / file.Channels;
            }
        }

        if (mean.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new GpuSynthException($"'{path}' holds values that are not finite; leave it out, or mend it.");
        }

        var image = new RealImage(name, axes.Shape, VoxelSpacing.Of(axes.Geometry), axes.Apply(mean));
        return image.Shape.Dimensions == dimensions ? image
            : dimensions == 2 ? image.MiddleSlice()
            : throw new GpuSynthException($"'{path}' is an image, and the recipe makes volumes; give a 2D recipe, or a folder of volumes (--beside).");
    }

    /// <summary>The middle of it in another shape of as many dimensions: what is missing is 0.</summary>
    public float[] Middle(VolumeShape shape)
    {
        float[] middle = new float[shape.VoxelCount];
        (int z0, int y0, int x0) = (Offset(Shape.Depth, shape.Depth), Offset(Shape.Height, shape.Height), Offset(Shape.Width, shape.Width));
        for (int z = Math.Max(0, -z0); z < Math.Min(shape.Depth, Shape.Depth - z0); z++)
        {
            for (int y = Math.Max(0, -y0); y < Math.Min(shape.Height, Shape.Height - y0); y++)
            {
                int first = Math.Max(0, -x0);
                int count = Math.Min(shape.Width, Shape.Width - x0) - first;
                int from = (((((z + z0) * Shape.Height) + y + y0) * Shape.Width) + first) + x0;
                Values.AsSpan(from, count).CopyTo(middle.AsSpan((((z * shape.Height) + y) * shape.Width) + first, count));
            }
        }

        return middle;
    }

    private static bool IsLabelMap(string path)
    {
        string[] words = VolumeFile.StemOf(Path.GetFileName(path))!.ToLowerInvariant().Split('_', '-', '.', ' ');
        return LabelWords.Contains(words[0]) || LabelWords.Contains(words[^1]);
    }

    // Of the first voxel taken; negative: so many are missing before.
    private static int Offset(int have, int want) => (int)Math.Floor((have - want) / 2.0);

    // The front at the top, as slices of label maps stand (MapSlice).
    private RealImage MiddleSlice()
    {
        float[] upright = new float[Shape.Height * Shape.Width];
        for (int y = 0; y < Shape.Height; y++)
        {
            int from = ((Shape.Depth / 2 * Shape.Height) + y) * Shape.Width;
            Values.AsSpan(from, Shape.Width).CopyTo(upright.AsSpan((Shape.Height - 1 - y) * Shape.Width));
        }

        return this with
        {
            Shape = VolumeShape.Image(Shape.Height, Shape.Width),
            Spacing = Spacing with { Depth = 1 },
            Values = upright,
        };
    }
}
