using System.Globalization;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Training;

/// <summary>A network in words, and as the Python that builds it in MONAI, where MONAI has it.</summary>
internal static class MonaiText
{
    public static string Words(NetworkOptions network) => network.Kind switch
    {
        NetworkKind.SwinUnetr => Text($"Swin UNETR{(network.UseV2 ? " v2" : string.Empty)} 3D, feature size {network.FeatureSize}"),
        NetworkKind.Vit => Text($"vision transformer {network.Dimensions}D, patches of {network.PatchSize}, {network.Depth} blocks of ")
            + Text($"{network.HiddenSize} channels, {network.Heads} heads"),
        _ => Text($"residual U-Net {network.Dimensions}D, channels {string.Join(", ", network.Channels)}"),
    };

    /// <summary>The expression; null of a network that MONAI does not have.</summary>
    public static string? Of(NetworkOptions network)
    {
        string ends = Text($"in_channels={network.InChannels}, out_channels={network.OutChannels}");
        if (network.Kind == NetworkKind.Vit)
        {
            return null;
        }

        if (network.Kind == NetworkKind.SwinUnetr)
        {
            return Text($"SwinUNETR({ends}, feature_size={network.FeatureSize}, use_v2={(network.UseV2 ? "True" : "False")})");
        }

        string channels = string.Join(", ", network.Channels), strides = string.Join(", ", network.Strides);
        return Text($"UNet(spatial_dims={network.Dimensions}, {ends}, channels=({channels}), strides=({strides}), ")
            + Text($"num_res_units={network.ResidualUnits}, act=\"{network.Activation}\", norm=\"{network.Norm}\", ")
            + Text($"dropout={network.Dropout})");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
