using System.CommandLine;
using System.Globalization;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Cli;

/// <summary>Makes the options that commands share, each with its own complaint about a wrong value.</summary>
internal static class ToolOption
{
    private static readonly string[] NetworkNames = ["unet", "swinunetr", "vit"];

    private delegate bool Parser<T>(string text, out T value);

    /// <summary>"--json".</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON; no progress." };

    /// <summary>"--device NAME".</summary>
    public static Option<string> Device() => new("--device")
    {
        Description = "Where to compute; 'gpusynth devices' lists them.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => "host",
    };

    /// <summary>"--preset NAME".</summary>
    /// <param name="taken">The recipe that is taken where none is named; null: one must be.</param>
    public static Option<string?> Preset(string? taken = null) => new("--preset")
    {
        Description = "A built-in recipe; 'gpusynth recipe list' names them." + (taken is null ? "" : $" Default: {taken}."),
        HelpName = "NAME",
    };

    /// <summary>"--recipe FILE".</summary>
    public static Option<string?> Recipe() => new("--recipe")
    {
        Description = "A recipe of your own, in YAML.",
        HelpName = "FILE",
    };

    /// <summary>"--plugin FILE", again and again.</summary>
    public static Option<string[]> Plugin() => new("--plugin")
    {
        Description = "An assembly (dll) with components of your own, which recipes may then name; may be given again.",
        HelpName = "FILE",
    };

    /// <summary>The components that recipes may name: the engine's and those of --plugin.</summary>
    /// <exception cref="GpuSynthException">An assembly cannot be used.</exception>
    public static ComponentCatalogue Components(ParseResult parsed, Option<string[]> plugin) =>
        ComponentFile.Load(parsed.GetValue(plugin) ?? []);

    /// <summary>"--labels DIR".</summary>
    public static Option<string?> Labels() => new("--labels")
    {
        Description = "Real label maps (.nii, .nii.gz, .png) as the anatomy, instead of the recipe's noise.",
        HelpName = "DIR",
    };

    /// <summary>"--net unet|swinunetr|vit".</summary>
    public static Option<string> Network(string description) =>
        Choice("--net", description, NetworkNames, NetworkNames[0]);

    /// <summary>What a word of "--net" means.</summary>
    public static NetworkKind NetworkKindOf(string name) => name switch
    {
        "swinunetr" => NetworkKind.SwinUnetr,
        "vit" => NetworkKind.Vit,
        _ => NetworkKind.UNet,
    };

    /// <summary>The command line as it is typed again.</summary>
    public static string CommandLine(ParseResult parsed) => "gpusynth " + string.Join(' ', parsed.Tokens.Select(static token =>
        token.Value.Contains(' ', StringComparison.Ordinal) ? $"'{token.Value}'" : token.Value));

    /// <summary>"--threads T".</summary>
    public static Option<int> Threads() => Number<int>(
        "--threads", "T", "Threads; 0: one per core.", 0, "a whole number of 0 to 1024",
        static (string text, out int value) => TryWhole(text, 0, 1024, out value));

    /// <summary>"--seed S".</summary>
    public static Option<ulong> Seed() => Number<ulong>(
        "--seed", "S", "The seed of every random number.", 0UL, "a whole number of 0 to 18446744073709551615",
        static (string text, out ulong value) =>
            ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value));

    /// <summary>A whole number of a range.</summary>
    /// <param name="name">"--count".</param>
    /// <param name="letter">What help calls the value.</param>
    /// <param name="description">For help.</param>
    /// <param name="least">The least that is allowed.</param>
    /// <param name="most">The most that is allowed.</param>
    /// <param name="preset">Its value where it is not given; null: it must be.</param>
    public static Option<long> Whole(
        string name, string letter, string description, long least, long most, long? preset = null) =>
        Number<long>(
            name,
            letter,
            description,
            preset,
            string.Create(CultureInfo.InvariantCulture, $"a whole number of {least} to {most}"),
            (string text, out long value) => TryWhole(text, least, most, out value));

    /// <summary>A number of a range.</summary>
    /// <param name="name">"--lr".</param>
    /// <param name="letter">What help calls the value.</param>
    /// <param name="description">For help.</param>
    /// <param name="least">The least that is allowed.</param>
    /// <param name="most">The most that is allowed.</param>
    /// <param name="preset">Its value where it is not given.</param>
    public static Option<double> Real(
        string name, string letter, string description, double least, double most, double preset) =>
        Number<double>(
            name,
            letter,
            description,
            preset,
            string.Create(CultureInfo.InvariantCulture, $"a number of {least} to {most}"),
            (string text, out double value) =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
                && value >= least
                && value <= most);

    /// <summary>One word of a few.</summary>
    /// <param name="name">"--objective".</param>
    /// <param name="description">For help.</param>
    /// <param name="words">The words that are allowed.</param>
    /// <param name="preset">The one that is taken where none is given.</param>
    public static Option<string> Choice(string name, string description, IReadOnlyList<string> words, string preset)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => preset,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string word }] && !words.Contains(word))
            {
                string guess = NearestName.Of(word, words) is { } nearest ? $"; did you mean {nearest}?" : ".";
                result.AddError($"{name}: '{word}' is not one of {string.Join(", ", words)}{guess}");
            }
        });
        return option;
    }

    /// <summary>"--size 128[x96x80]".</summary>
    /// <param name="preset">Its value where it is not given; null: it must be.</param>
    public static Option<SizeText> Size(string? preset = null) =>
        Size("--size", "Voxels: 128 for a cube or a square, or every axis in array order, depth x height x width (128x96x80).", preset);

    /// <summary>An option of another name whose value is a size.</summary>
    public static Option<SizeText> Size(string name, string description, string? preset)
    {
        var option = new Option<SizeText>(name)
        {
            Description = description,
            HelpName = "128[x96x80]",
            Required = preset is null,
            CustomParser = argument =>
            {
                if (!SizeText.TryParse(argument.Tokens[0].Value, out SizeText? size, out string complaint))
                {
                    argument.AddError($"{name}: {complaint}.");
                }

                return size;
            },
        };
        if (preset is not null)
        {
            option.DefaultValueFactory = _ =>
                SizeText.TryParse(preset, out SizeText? size, out string _) ? size! : throw new FormatException(preset);
        }

        return option;
    }

    private static bool TryWhole<T>(string text, T least, T most, out T value)
        where T : System.Numerics.IBinaryInteger<T> =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value!)
        && value >= least
        && value <= most;

    private static Option<T> Number<T>(
        string name, string letter, string description, T? preset, string allowed, Parser<T> parser)
        where T : struct
    {
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = letter,
            Required = preset is null,
            CustomParser = argument =>
            {
                string text = argument.Tokens[0].Value;
                if (!parser(text, out T value))
                {
                    argument.AddError($"{name}: '{text}' is not {allowed}.");
                }

                return value;
            },
        };
        if (preset is { } value)
        {
            option.DefaultValueFactory = _ => value;
        }

        return option;
    }
}
