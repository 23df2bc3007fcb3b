using System.Text.Json;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Classification;

/// <summary>How an image becomes what a classifier takes, and what its outputs mean; travels with its weights.</summary>
/// <param name="Classes">Names, in the order of the outputs.</param>
/// <param name="Size">Sides, in array order.</param>
/// <param name="Channels">Channels of the network's input.</param>
/// <param name="Intensity">"zscore" or another <see cref="IntensityScale"/>.</param>
/// <param name="PoolAll">Means of all encoder levels; else of the deepest alone.</param>
internal sealed record ImagePreparation(string[] Classes, int[] Size, int Channels, string Intensity, bool PoolAll)
{
    /// <summary>The key of a weights file's metadata.</summary>
    public const string Key = "classification";

    /// <summary>The common size.</summary>
    public VolumeShape Shape => Size.Length == 2
        ? VolumeShape.Image(Size[0], Size[1])
        : VolumeShape.Volume(Size[0], Size[1], Size[2]);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static ImagePreparation FromJson(string json) =>
        JsonSerializer.Deserialize<ImagePreparation>(json, JsonSerializerOptions.Web)!;

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>The values a network takes [Channels, (D,) H, W].</summary>
    /// <param name="values">[channels, (D,) H, W].</param>
    /// <param name="channels">Channels of the image: as many as the network's, or one of the two has one.</param>
    /// <param name="shape">The image's.</param>
    /// <param name="name">For the complaint.</param>
    public float[] Apply(float[] values, int channels, VolumeShape shape, string name)
    {
        if (shape.Dimensions != Size.Length)
        {
            throw new DatasetException(
                $"'{name}' has {shape.Dimensions} dimensions and the network {Size.Length}: use images and weights of the same.");
        }

        int bad = Array.FindIndex(values, static value => !float.IsFinite(value));
        if (bad >= 0)
        {
            throw new DatasetException($"'{name}' holds a value that is no number (voxel {bad}); mend the image or leave it out.");
        }

        float[] fitted = ImageResize.Linear(OfChannels(values, channels, name), Channels, shape, Shape);
        if (ReferenceEquals(fitted, values))
        {
            fitted = [.. values];
        }

        _ = IntensityScale.TryParse(Intensity, out IntensityScale? scale);
        int voxels = fitted.Length / Channels;
        for (int c = 0; c < Channels; c++)
        {
            scale!.Apply(fitted.AsSpan(c * voxels, voxels));
        }

        return fitted;
    }

    // A grey image is repeated for every channel; of several channels a network of one gets the mean.
    private float[] OfChannels(float[] values, int channels, string name)
    {
        if (channels == Channels)
        {
            return values;
        }

        if (channels == 1)
        {
            return [.. Enumerable.Repeat(values, Channels).SelectMany(static one => one)];
        }

        if (Channels > 1)
        {
            throw new DatasetException(
                $"'{name}' has {channels} channels and the network {Channels}: use images of {Channels} channels, or of one.");
        }

        float[] mean = new float[values.Length / channels];
        for (int n = 0; n < values.Length; n++)
        {
            mean[n % mean.Length] += values[n] / channels;
        }

        return mean;
    }
}
