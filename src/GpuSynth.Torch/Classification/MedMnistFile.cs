using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Classification;

/// <summary>
/// A data set of MedMNIST in one .npz file: PART_images uint8 [N, 28, 28], [N, 28, 28, 3] or [N, 28, 28, 28] and PART_labels
/// [N, 1], of the parts train, val and test. Source: Yang et al., "MedMNIST v2", Scientific Data 10, 2023.
/// </summary>
internal static class MedMnistFile
{
    /// <summary>All images, in the file's order.</summary>
    /// <exception cref="GpuSynthException">It cannot be read, or holds something else.</exception>
    public static FoundImage[] Find(string path)
    {
        IReadOnlyDictionary<string, NpzArray> arrays = NpzArrays.Read(
            path, ImageFolders.Parts.SelectMany(static part => (string[])[part + "_images", part + "_labels"]));
        return [.. ImageFolders.Parts.SelectMany(part => OfPart(path, part, arrays))];
    }

    private static IEnumerable<FoundImage> OfPart(string path, string part, IReadOnlyDictionary<string, NpzArray> arrays)
    {
        if (!arrays.TryGetValue(part + "_images", out NpzArray? images)
            || !arrays.TryGetValue(part + "_labels", out NpzArray? labels))
        {
            throw new DatasetException(
                $"'{path}' lacks {part}_images or {part}_labels; use a file of MedMNIST's form, or a folder for each class.");
        }

        if (labels.Shape is [_, > 1, ..])
        {
            throw new DatasetException(
                $"'{path}' has {labels.Shape[1]} labels for each image, and one class is learnt: use a data set of one label each.");
        }

        if (labels.Count != images.Shape[0])
        {
            throw new DatasetException($"'{path}' has {images.Shape[0]} {part} images and {labels.Count} labels; fetch it again.");
        }

        (VolumeShape shape, int channels) = images.Shape switch
        {
            [_, int height, int width] => (VolumeShape.Image(height, width), 1),
            [_, int height, int width, 3] => (VolumeShape.Image(height, width), 3),
            [_, int depth, int height, int width] => (VolumeShape.Volume(depth, height, width), 1),
            _ => throw new DatasetException(
                $"'{path}' has {part}_images [{string.Join(", ", images.Shape)}], which are neither images nor volumes; "
                + "use [N, H, W], [N, H, W, 3] or [N, D, H, W]."),
        };
        for (int row = 0; row < labels.Count; row++)
        {
            int own = row;
            yield return new FoundImage(
                string.Create(CultureInfo.InvariantCulture, $"{part}{row:00000}"),
                labels.Value(row).ToString(CultureInfo.InvariantCulture), part, shape, channels,
                () => Values(images, own, (int)shape.VoxelCount, channels));
        }
    }

    // Channels stand last in the file and first in a network.
    private static float[] Values(NpzArray images, int row, int voxels, int channels)
    {
        float[] values = new float[voxels * channels];
        for (int n = 0; n < values.Length; n++)
        {
            values[(n % channels * voxels) + (n / channels)] = (float)images.Value((row * values.Length) + n);
        }

        return values;
    }
}
