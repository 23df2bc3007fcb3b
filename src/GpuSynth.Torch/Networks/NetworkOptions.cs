using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// All that is needed to build a network again: it travels with every checkpoint. A member of the other family is ignored.
/// Two options are equal when their JSON is.
/// </summary>
public sealed record NetworkOptions
{
    // Written for their own family only: the JSON of the others is what it was before there was this one.
    private static readonly string[] OfVit =
    [
        .. new[] { nameof(PatchSize), nameof(HiddenSize), nameof(Depth), nameof(Heads) }.Select(JsonNamingPolicy.CamelCase.ConvertName),
    ];

    private static readonly JsonSerializerOptions JsonForm = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutOfOthers } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The family.</summary>
    public NetworkKind Kind { get; init; } = NetworkKind.UNet;

    /// <summary>2 for images, 3 for volumes; Swin UNETR is 3D only.</summary>
    public int Dimensions { get; init; } = 3;

    /// <summary>Channels of the image.</summary>
    public int InChannels { get; init; } = 1;

    /// <summary>Channels at full resolution that leave the network: features to pre-train, classes to fine-tune.</summary>
    public int OutChannels { get; init; } = 32;

    /// <summary>U-Net: channels of each level, the top first.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32, 64, 128];

    /// <summary>U-Net: the factor between each level and the next; one fewer than the channels.</summary>
    public IReadOnlyList<int> Strides { get; init; } = [2, 2, 2];

    /// <summary>U-Net: convolutions in each residual unit of the way down; 0 for plain convolutions.</summary>
    public int ResidualUnits { get; init; } = 2;

    /// <summary>U-Net: "prelu" or "relu".</summary>
    public string Activation { get; init; } = "prelu";

    /// <summary>U-Net: "instance" or "batch".</summary>
    public string Norm { get; init; } = "instance";

    /// <summary>U-Net: share of the activations that training drops, 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary>Swin UNETR: width of the first stage, a multiple of 12; 24, 48 (the usual), 96 (L) or 144 (H).</summary>
    public int FeatureSize { get; init; } = 48;

    /// <summary>Swin UNETR: version 2, with a residual convolution before every stage.</summary>
    public bool UseV2 { get; init; } = true;

    /// <summary>Vision transformer: side of a patch in voxels, 4, 8 or 16; an image's sides are multiples of it.</summary>
    public int PatchSize { get; init; } = 8;

    /// <summary>Vision transformer: width of a token, a multiple of the heads, and of 6 (3D) or 4 (2D).</summary>
    public int HiddenSize { get; init; } = 96;

    /// <summary>Vision transformer: blocks.</summary>
    public int Depth { get; init; } = 6;

    /// <summary>Vision transformer: heads of the attention.</summary>
    public int Heads { get; init; } = 6;

    /// <summary>RaSD's 2D network: 64 to 1024 channels, 4 residual units, ReLU, batch norm, dropout 0.15.</summary>
    public static NetworkOptions RasdUNet2D { get; } = new()
    {
        Dimensions = 2,
        Channels = [64, 128, 256, 512, 1024],
        Strides = [2, 2, 2, 2],
        ResidualUnits = 4,
        Activation = "relu",
        Norm = "batch",
        Dropout = 0.15,
    };

    /// <summary>The small 3D network that trains in minutes on a processor: 1.24 million parameters.</summary>
    public static NetworkOptions SmallUNet3D { get; } = new();

    /// <summary>Swin UNETR v2 with one image channel and 32 features, as RaSD trains it at feature size 48.</summary>
    public static NetworkOptions SwinUnetr(int featureSize) => new() { Kind = NetworkKind.SwinUnetr, FeatureSize = featureSize };

    /// <summary>A small vision transformer: patches of 8, 6 blocks of 96 channels, 6 heads; 1.1 million parameters in 3D.</summary>
    public static NetworkOptions SmallVit(int dimensions) => new() { Kind = NetworkKind.Vit, Dimensions = dimensions };

    /// <summary>The network of a family that a run takes when nothing else is said.</summary>
    /// <param name="kind">The family.</param>
    /// <param name="dimensions">2 or 3.</param>
    /// <param name="levels">Of a U-Net; null: the usual.</param>
    /// <exception cref="CheckpointException">The family has no network of these dimensions, or the levels make none.</exception>
    public static NetworkOptions Default(NetworkKind kind, int dimensions, UNetLevels? levels = null)
    {
        NetworkOptions options = kind switch
        {
            NetworkKind.SwinUnetr => SwinUnetr(48) with { Dimensions = dimensions },
            NetworkKind.Vit => SmallVit(dimensions),
            _ => dimensions == 2 ? RasdUNet2D : SmallUNet3D with { Dimensions = dimensions },
        };
        options = options.With(levels);
        options.Validate();
        return options;
    }

    /// <summary>A U-Net of other levels; not validated yet.</summary>
    /// <param name="levels">They; null: these.</param>
    public NetworkOptions With(UNetLevels? levels)
    {
        IReadOnlyList<int> channels = levels?.Channels ?? Channels;
        return levels is null ? this : this with { Channels = channels, Strides = levels.Strides ?? [.. channels.Skip(1).Select(static _ => 2)] };
    }

    /// <summary>The options as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonForm);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="CheckpointException">The text is not such JSON, or names a network that cannot be built.</exception>
    public static NetworkOptions FromJson(string json)
    {
        NetworkOptions? options;
        try
        {
            options = JsonSerializer.Deserialize<NetworkOptions>(json, JsonForm);
        }
        catch (JsonException error)
        {
            throw new CheckpointException(
                $"The network's settings are not readable JSON ({error.Message.TrimEnd('.')}); use this tool's checkpoint.",
                error);
        }

        if (options is null)
        {
            throw new CheckpointException("The network's settings are empty; use a checkpoint that this tool wrote.");
        }

        options.Validate();
        return options;
    }

    /// <summary>Refuses options that no network can be built from.</summary>
    /// <exception cref="CheckpointException">Names the member, its value and what it may be.</exception>
    public void Validate() => NetworkOptionsCheck.Check(this);

    /// <inheritdoc/>
    public bool Equals(NetworkOptions? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => ToJson().GetHashCode(StringComparison.Ordinal);

    private static void LeaveOutOfOthers(JsonTypeInfo info)
    {
        foreach (JsonPropertyInfo member in info.Properties.Where(static one => OfVit.Contains(one.Name)))
        {
            member.ShouldSerialize = static (options, _) => ((NetworkOptions)options).Kind == NetworkKind.Vit;
        }
    }
}
