using System.CommandLine;
using System.Globalization;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Probing;

namespace GpuSynth.Cli;

/// <summary>The options of "probe", and what they ask for.</summary>
internal sealed class ProbeArguments
{
    private const long Most = 1_000_000;

    private static readonly ProbeOptions Preset = new() { DataFolder = string.Empty, OutFolder = string.Empty };

    private readonly Option<string> data = Named(
        "--data", "DIR", "Folder with images/ and labels/ of the same names, or a dataset.json: as of finetune.");

    private readonly Option<string> outFolder = Named("--out", "DIR", "Folder for probe.json and report.html.");
    private readonly Option<string?> init = new("--init")
    {
        Description = "Weights to judge: folders of pretrain runs, checkpoints or files of weights. None: the hand-made features alone.",
        HelpName = "RUN[,RUN...]",
    };

    private readonly Option<long> trainCases = ToolOption.Whole(
        "--train-cases", "N", "Cases to fit on, the first training cases; 2 or more.", 1, Most, Preset.TrainCases);

    private readonly Option<long> evalCases = ToolOption.Whole(
        "--eval-cases", "N", "Other cases to measure on.", 1, Most, Preset.EvalCases);

    private readonly Option<string> on = ToolOption.Choice(
        "--on", "Which those are: validation cases, then further training cases; or test cases.", ["validation", "test"], "validation");

    private readonly Option<long> voxels = ToolOption.Whole(
        "--voxels", "N", "Voxels of a case to fit on, balanced over the classes.", 16, Most, Preset.Voxels);

    private readonly Option<long> randomSeeds = ToolOption.Whole(
        "--random-seeds", "S", "Draws of random weights; 0: three of a small network, else one.", 0, 100, 0);

    private readonly Option<ulong> seed = ToolOption.Seed();
    private readonly Option<int> threads = ToolOption.Threads();
    private readonly Option<VoxelSpacing?> spacing = new("--spacing")
    {
        Description = "Common spacing in mm, as of finetune; the cases' median, if not given.",
        HelpName = "1[x1x1]",
        CustomParser = static argument =>
        {
            if (VoxelSpacing.TryParse(argument.Tokens[0].Value, out VoxelSpacing value))
            {
                return value;
            }

            argument.AddError($"--spacing: '{argument.Tokens[0].Value}' is not 1[x1x1].");
            return null;
        },
    };

    private readonly Option<IntensityScale?> intensity = new("--intensity")
    {
        Description = "Common range of values; zscore, if not given.",
        HelpName = "zscore|zscore-nonzero|hu:MIN:MAX",
        CustomParser = static argument =>
        {
            if (!IntensityScale.TryParse(argument.Tokens[0].Value, out IntensityScale? value))
            {
                argument.AddError($"--intensity: '{argument.Tokens[0].Value}' is not zscore, zscore-nonzero or hu:MIN:MAX.");
            }

            return value;
        },
    };

    private readonly Option<int?> ignoreLabel = new("--ignore-label")
    {
        Description = "A label number whose voxels are left out; none, if not given.",
        HelpName = "N",
        CustomParser = static argument =>
        {
            if (!int.TryParse(argument.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) || number == 0)
            {
                argument.AddError($"--ignore-label: '{argument.Tokens[0].Value}' is not a label number other than 0.");
            }

            return number;
        },
    };

    private readonly Option<long> validationCases = ToolOption.Whole(
        "--validation-cases", "N", "Cases for validation, by name before the test's; 0: one of thirteen.", 0, Most, 0);

    private readonly Option<long> testCases = ToolOption.Whole(
        "--test-cases", "N", "Cases for the test, the last in the order of names; 0: three of thirteen.", 0, Most, 0);

    /// <summary>"--json".</summary>
    public Option<bool> Json { get; } = ToolOption.Json();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            data, init, outFolder, trainCases, evalCases, on, voxels, randomSeeds, seed, spacing, intensity, ignoreLabel,
            validationCases, testCases, threads, Json,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>What a command line asks for.</summary>
    public ProbeOptions Read(ParseResult parsed) => new()
    {
        DataFolder = parsed.GetRequiredValue(data),
        OutFolder = parsed.GetRequiredValue(outFolder),
        Weights = WeightsOf(parsed.GetValue(init)),
        TrainCases = (int)parsed.GetValue(trainCases),
        EvalCases = (int)parsed.GetValue(evalCases),
        OnTest = parsed.GetRequiredValue(on) == "test",
        Voxels = (int)parsed.GetValue(voxels),
        RandomSeeds = (int)parsed.GetValue(randomSeeds),
        Seed = parsed.GetValue(seed),
        Spacing = parsed.GetValue(spacing),
        Intensity = parsed.GetValue(intensity) ?? IntensityScale.ZScore,
        IgnoreLabel = parsed.GetValue(ignoreLabel),
        ValidationCases = parsed.GetValue(validationCases) is > 0 and long own ? (int)own : null,
        TestCases = parsed.GetValue(testCases) is > 0 and long tests ? (int)tests : null,
        Threads = parsed.GetValue(threads) is > 0 and int count ? count : Environment.ProcessorCount,
    };

    private static string[] WeightsOf(string? text)
    {
        string[] paths = text?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        return paths.Contains(string.Empty)
            ? throw new WrongUseException($"--init: '{text}' names nothing in one place; give folders or files with commas between them.")
            : paths;
    }

    private static Option<string> Named(string name, string help, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = help, Required = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string path }] && path.Trim().Length == 0)
            {
                result.AddError($"{name}: the folder's name is empty.");
            }
        });
        return option;
    }
}
