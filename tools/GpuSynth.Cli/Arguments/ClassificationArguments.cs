using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GpuSynth.Torch.Classification;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Cli;

/// <summary>The options of "finetune" that classification alone has.</summary>
internal sealed class ClassificationArguments
{
    private static readonly ClassificationOptions Preset = new() { DataFolder = string.Empty, OutFolder = string.Empty };

    private readonly Option<string[]> protocols = List(
        "--protocol", "linear|knn|full|lp-ft[,...]", "Classification: linear probe, nearest neighbours, all trained, or all from the probe.",
        [.. Preset.Protocols], static part => ClassificationOptions.ProtocolNames.Contains(part) ? part : null);

    private readonly Option<double[]> fractions = List(
        "--fractions", "P[,P...]", "Classification: shares of the training images in per cent, such as 1,5,10,100.",
        [.. Preset.Fractions], static part => Number(part, 100));

    private readonly Option<string> pool = ToolOption.Choice(
        "--pool", "Classification: means of the deepest features, or of all levels of the encoder.", ["deepest", "all"], "deepest");

    private readonly Option<int[]> size = List(
        "--size", "S[xS...]", "Classification: sides of all images; near their median, if not given.", [],
        static part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side > 0 ? side : (int?)null, 'x');

    /// <summary>All of them.</summary>
    public Option[] All => [protocols, fractions, pool, size];

    /// <summary>Refuses these options where another task is asked for.</summary>
    public void RequireNone(ParseResult parsed)
    {
        if (All.FirstOrDefault(option => IsGiven(parsed, option)) is { } given)
        {
            throw new WrongUseException($"{given.Name} is for classification; add --task classification, or leave it out.");
        }
    }

    /// <summary>Whether an option stands on the command line.</summary>
    public static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>What a command line asks for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="common">What segmentation would make of it.</param>
    /// <param name="isGiven">Whether an option stands on the command line.</param>
    /// <param name="shared">Options of both tasks whose values here are others where they are not given.</param>
    public ClassificationOptions Read(ParseResult parsed, FineTuneOptions common, Func<Option, bool> isGiven, Shared shared) => new()
    {
        DataFolder = common.DataFolder,
        OutFolder = common.OutFolder,
        Init = common.Init,
        Compare = common.Compare,
        Network = common.Network,
        Levels = common.Levels,
        Protocols = parsed.GetRequiredValue(protocols),
        Fractions = parsed.GetRequiredValue(fractions),
        Rates = isGiven(shared.Rates) ? common.LearningRates : Preset.Rates,
        BodyRate = isGiven(shared.BodyRate) ? common.BodyRate : Preset.BodyRate,
        LayerDecay = isGiven(shared.LayerDecay) ? common.LayerDecay : Preset.LayerDecay,
        DropPath = isGiven(shared.DropPath) ? common.DropPath : Preset.DropPath,
        PoolAll = parsed.GetRequiredValue(pool) == "all",
        Size = parsed.GetRequiredValue(size) is { Length: > 0 } sides ? sides : null,
        Seeds = common.Seeds,
        FirstSeed = common.FirstSeed,
        Steps = isGiven(shared.Steps) ? common.Steps : Preset.Steps,
        Batch = isGiven(shared.Batch) ? common.Batch : Preset.Batch,
        Validations = common.Validations,
        Flips = isGiven(shared.Flips) ? common.Augmentation.FlipProbability : 0,
        Intensity = common.Intensity,
        Device = common.Device,
    };

    /// <summary>Options of both tasks.</summary>
    internal sealed record Shared(Option Batch, Option Steps, Option Flips, Option Rates, Option BodyRate, Option LayerDecay, Option DropPath);

    private static double? Number(string text, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && value <= most
            ? value
            : null;

    private static Option<string[]> List(
        string name, string help, string description, string[] preset, Func<string, string?> read) => new(name)
    {
        Description = description,
        HelpName = help,
        DefaultValueFactory = _ => preset,
        CustomParser = argument =>
        {
            string[] parts = argument.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
            Tell(argument, name, help, Array.Find(parts, part => read(part) is null));
            return parts;
        },
    };

    private static Option<T[]> List<T>(
        string name, string help, string description, T[] preset, Func<string, T?> read, char separator = ',')
        where T : struct => new(name)
    {
        Description = description,
        HelpName = help,
        DefaultValueFactory = _ => preset,
        CustomParser = argument =>
        {
            string[] parts = argument.Tokens[0].Value.Split(separator, StringSplitOptions.TrimEntries);
            Tell(argument, name, help, Array.Find(parts, part => read(part) is null));
            return [.. parts.Select(part => read(part) ?? default)];
        },
    };

    private static void Tell(ArgumentResult argument, string name, string help, string? wrong)
    {
        if (wrong is not null)
        {
            argument.AddError($"{name}: '{wrong}' is not of {help}.");
        }
    }
}
