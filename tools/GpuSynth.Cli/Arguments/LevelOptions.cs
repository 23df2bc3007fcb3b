using System.CommandLine;
using System.Globalization;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Cli;

/// <summary>"--channels" and "--strides": the levels of a U-Net.</summary>
internal sealed class LevelOptions
{
    /// <summary>"--channels C,C,...".</summary>
    public Option<string?> Channels { get; } = new("--channels")
    {
        Description = "U-Net: channels of its levels, the top first; such as 16,32,64,128.",
        HelpName = "C,C,...",
    };

    /// <summary>"--strides S,S,...".</summary>
    public Option<string?> Strides { get; } = new("--strides")
    {
        Description = "U-Net: how many times smaller each level is than the one above it, the first than the image, one fewer than the channels (the "
            + "lowest keeps the size above it); 2 each. 1,2,2: a first level at the image's own resolution, finer and slower.",
        HelpName = "S,S,...",
    };

    /// <summary>Which of the two stands on the command line; null: neither.</summary>
    public Option? Given(ParseResult parsed) =>
        parsed.GetValue(Channels) is not null ? Channels : parsed.GetValue(Strides) is not null ? Strides : null;

    /// <summary>The levels that a command line asks for; null: the usual.</summary>
    /// <exception cref="WrongUseException">They are no list of numbers, do not fit each other, or the network is no U-Net.</exception>
    public UNetLevels? Of(ParseResult parsed, NetworkKind kind)
    {
        if (Given(parsed) is not { } given)
        {
            return null;
        }

        if (kind == NetworkKind.SwinUnetr)
        {
            throw new WrongUseException($"{given.Name}: a Swin UNETR has none to choose; give --feature-size, or --net unet.");
        }

        if (kind == NetworkKind.Vit)
        {
            throw new WrongUseException($"{given.Name}: a vision transformer has none to choose; give --vit, or --net unet.");
        }

        int[]? channels = Numbers(parsed, Channels, "a number of channels", 65536, "16,32,64,128");
        int[]? strides = Numbers(parsed, Strides, "a stride", 16, "1,2,2");
        if (channels is { Length: < 2 })
        {
            throw new WrongUseException(
                $"{Channels.Name}: '{parsed.GetValue(Channels)}' is one level; a U-Net has two or more, such as 16,32,64,128.");
        }

        return new UNetLevels(channels, strides);
    }

    /// <summary>The numbers of a list with commas; null: it is not given.</summary>
    /// <exception cref="WrongUseException">One is no whole number from 1 to the most.</exception>
    internal static int[]? Numbers(ParseResult parsed, Option<string?> option, string what, int most, string example)
    {
        string? list = parsed.GetValue(option);
        return list is null ? null :
        [
            .. list.Split(',').Select(text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 && number <= most
                    ? number
                    : throw new WrongUseException($"{option.Name}: '{text}' in '{list}' is not {what}; give a list such as {example}.")),
        ];
    }
}
