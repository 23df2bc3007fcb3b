using System.Globalization;

namespace GpuSynth.Torch.Networks;

/// <summary>The rules that a network's options must keep, each with its sentence.</summary>
internal static class NetworkOptionsCheck
{
    public static void Check(NetworkOptions options)
    {
        Require(options.InChannels > 0, "inChannels", options.InChannels, "at least 1");
        Require(options.OutChannels > 0, "outChannels", options.OutChannels, "at least 1");
        if (options.Kind == NetworkKind.SwinUnetr)
        {
            Require(options.Dimensions == 3, "dimensions", options.Dimensions, "3 for Swin UNETR; take the U-Net for images");
            int width = options.FeatureSize;
            Require(width > 0 && width % 12 == 0, "featureSize", width, "24, 48, 96 or 144");
            return;
        }

        Require(options.Dimensions is 2 or 3, "dimensions", options.Dimensions, "2 or 3");
        if (options.Kind == NetworkKind.Vit)
        {
            CheckVit(options);
        }
        else
        {
            CheckUNet(options);
        }
    }

    private static void CheckVit(NetworkOptions options)
    {
        (int width, int heads, int patch) = (options.HiddenSize, options.Heads, options.PatchSize);
        Require(patch is 4 or 8 or 16, "patchSize", patch, "4, 8 or 16");
        Require(
            SinCosPositions.Fits(width, options.Dimensions), "hiddenSize", width,
            $"a multiple of {2 * options.Dimensions}, for sines and cosines along each of {options.Dimensions} axes");
        Require(heads > 0 && width % heads == 0, "heads", heads, $"a divisor of the hiddenSize, {width}");
        int levels = VitDecoder.LevelsOf(patch);
        Require(options.Depth >= levels, "depth", options.Depth, $"at least {levels}: the decoder takes so many maps of patches of {patch}");
    }

    private static void CheckUNet(NetworkOptions options)
    {
        Require(
            options.Channels is { Count: >= 2 } && options.Channels.All(static count => count > 0),
            "channels", List(options.Channels), "two or more positive counts");
        Require(
            options.Strides is not null && options.Strides.Count == options.Channels!.Count - 1
                && options.Strides.All(static stride => stride > 0),
            "strides", List(options.Strides), "positive, one fewer than the channels");
        Require(options.ResidualUnits >= 0, "residualUnits", options.ResidualUnits, "0 or more");
        Require(options.Activation is "prelu" or "relu", "activation", options.Activation, "prelu or relu");
        Require(options.Norm is "instance" or "batch", "norm", options.Norm, "instance or batch");
        Require(options.Dropout is >= 0 and < 1, "dropout", options.Dropout, "from 0 to below 1");
    }

    private static void Require(bool holds, string name, object? value, string allowed)
    {
        if (!holds)
        {
            throw new CheckpointException(string.Create(
                CultureInfo.InvariantCulture, $"The network's {name} cannot be {value ?? "missing"}: it must be {allowed}."));
        }
    }

    private static string? List(IReadOnlyList<int>? values) => values is null ? null : $"[{string.Join(", ", values)}]";
}
