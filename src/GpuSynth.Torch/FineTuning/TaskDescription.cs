using System.Text.Json;
using GpuSynth.Kernels;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// All that a fine-tuned network's weights need besides the network to predict: it travels in their metadata, as JSON.
/// </summary>
public sealed record TaskDescription
{
    /// <summary>The metadata key.</summary>
    public const string Key = "segmentation";

    private static readonly JsonSerializerOptions JsonForm = new(JsonSerializerDefaults.Web);

    /// <summary>The files' number of every class, ascending; the background is 0.</summary>
    public required IReadOnlyList<int> Numbers { get; init; }

    /// <summary>The name of every class.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The name of every input channel.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>2 for images, 3 for volumes.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Millimetres between voxels of the images that the network sees: depth, height, width on the body's axes.</summary>
    public required IReadOnlyList<double> Spacing { get; init; }

    /// <summary>How values are normalised, as <see cref="IntensityScale.TryParse"/> reads it.</summary>
    public required string Intensity { get; init; }

    /// <summary>Voxels of a crop: depth, height, width.</summary>
    public required IReadOnlyList<int> Patch { get; init; }

    /// <summary>By how much the windows of the test overlapped.</summary>
    public required double Overlap { get; init; }

    /// <summary>Of the tool that trained it.</summary>
    public required string Version { get; init; }

    /// <summary>As numbers and names.</summary>
    internal LabelClasses Labels => new(Numbers.Zip(Names, KeyValuePair.Create));

    /// <summary>As a spacing.</summary>
    internal VoxelSpacing VoxelSpacing => new(Spacing[0], Spacing[1], Spacing[2]);

    /// <summary>As a range of values.</summary>
    internal IntensityScale IntensityScale => IntensityScale.TryParse(Intensity, out IntensityScale? scale)
        ? scale!
        : throw new GpuSynthException($"'{Intensity}' is no range of values that this gpusynth knows; use the version that wrote it.");

    /// <summary>As a shape.</summary>
    internal VolumeShape PatchShape => Dimensions == 2
        ? VolumeShape.Image(Patch[1], Patch[2])
        : VolumeShape.Volume(Patch[0], Patch[1], Patch[2]);

    /// <summary>What a run's networks learn.</summary>
    /// <param name="data">The data.</param>
    /// <param name="patch">Voxels of a crop.</param>
    /// <param name="options">Range of values, overlap.</param>
    internal static TaskDescription Of(SegmentationData data, VolumeShape patch, FineTuneOptions options) => new()
    {
        Numbers = data.Labels.Numbers,
        Names = data.Labels.Names,
        Channels = data.ChannelNames,
        Dimensions = data.Dimensions,
        Spacing = [data.Spacing.Depth, data.Spacing.Height, data.Spacing.Width],
        Intensity = options.Intensity.ToString(),
        Patch = [patch.Depth, patch.Height, patch.Width],
        Overlap = options.Overlap,
        Version = TorchVersions.GpuSynth,
    };

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonForm);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null where it is not that.</summary>
    public static TaskDescription? FromJson(string json)
    {
        try
        {
            TaskDescription? read = JsonSerializer.Deserialize<TaskDescription>(json, JsonForm);
            bool isWhole = read is
            {
                Numbers: [0, _, ..], Channels: [_, ..], Dimensions: 2 or 3, Spacing: [> 0, > 0, > 0], Patch: [> 0, > 0, > 0],
                Overlap: >= 0 and < 1,
            };
            return isWhole && read!.Names?.Count == read.Numbers.Count && IntensityScale.TryParse(read.Intensity ?? string.Empty, out _)
                ? read
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How another network's task differs from this one; null where it does not. Overlap and version may.</summary>
    internal string? Difference(TaskDescription other)
    {
        static string Text(TaskDescription one) => (one with { Overlap = 0, Version = string.Empty }).ToJson();
        return Text(this) == Text(other) ? null
            : !Numbers.SequenceEqual(other.Numbers) || !Names.SequenceEqual(other.Names) ? "other classes"
            : !Channels.SequenceEqual(other.Channels) ? "other channels"
            : !Spacing.SequenceEqual(other.Spacing) || Dimensions != other.Dimensions ? "another spacing"
            : Intensity != other.Intensity ? "another range of values" : "another patch";
    }
}
