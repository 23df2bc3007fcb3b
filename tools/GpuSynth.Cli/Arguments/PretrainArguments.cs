using System.CommandLine;
using System.Globalization;
using System.Reflection;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Training;

namespace GpuSynth.Cli;

/// <summary>The options of "gpusynth pretrain", and the settings that they make.</summary>
internal sealed class PretrainArguments
{
    private const long Most = 1_000_000_000;

    private static readonly string[] ScheduleNames = ["cosine", "constant"];
    private static readonly string[] PrecisionNames = ["fp32", "bf16"];

    private readonly Option<string?> preset = ToolOption.Preset(PretrainDefaults.Preset);
    private readonly Option<string?> recipe = ToolOption.Recipe();
    private readonly Option<string[]> plugin = ToolOption.Plugin();
    private readonly Option<string?> labels = ToolOption.Labels();

    private readonly Option<string> net = ToolOption.Network("The network.");

    private readonly Option<long> featureSize = ToolOption.Whole(
        "--feature-size", "F", "Swin UNETR: channels of its first stage: 24, 48, 96 (L) or 144 (H).", 12, 768, 48);

    private readonly LevelOptions levels = new();
    private readonly VitOption vit = new();

    private readonly Option<string?> objective = new("--objective")
    {
        Description = $"What is learnt: {string.Join(", ", ObjectiveCatalogue.Own.Names)}, one of a plugin, or a sum such as rasd+mae:0.5. "
            + $"Default: of images {PretrainDefaults.Objective(2)}, of volumes {PretrainDefaults.Objective(3)}.",
        HelpName = "NAME",
    };

    private readonly Option<bool> rankLabels = new("--rank-labels")
    {
        Description = "Number the labels of each sample by the rank of their mean intensity: what 'segment' can learn of labels that stand for nothing.",
    };

    private readonly Option<SizeText> size = ToolOption.Size();

    private readonly Option<SizeText> field = ToolOption.Size(
        "--field", "Voxels of the samples where the network is given windows of --size of them, each at a random place: 480 for crops of images of 480 x 480. Default: whole samples.", null);

    private readonly Option<long> batch = ToolOption.Whole(
        "--batch", "B", "Samples of a batch, all new in each.", 1, 65536, PretrainDefaults.Batch);

    private readonly Option<long> steps = ToolOption.Whole(
        "--steps", "N", "Steps of the whole run.", 1, Most, PretrainDefaults.Steps);

    private readonly Option<long> distinct = ToolOption.Whole(
        "--distinct", "N", "Items that there are, which come again and again in another order; 0: every one is new.", 0, int.MaxValue, 0);

    private readonly Option<long> accumulate = ToolOption.Whole(
        "--accumulate", "A", "Batches whose gradients make one step.", 1, 65536, PretrainDefaults.Accumulate);

    private readonly Option<double> rate = ToolOption.Real(
        "--lr", "LR", "The full learning rate.", 1e-12, 1, PretrainDefaults.LearningRate);

    private readonly Option<string> schedule = ToolOption.Choice(
        "--schedule",
        "The learning rate after the warm-up: half a cosine to 0, or constant (such a run may be made longer).",
        ScheduleNames,
        PretrainDefaults.Schedule == ScheduleKind.Cosine ? ScheduleNames[0] : ScheduleNames[1]);

    private readonly Option<long> warmup = ToolOption.Whole(
        "--warmup", "N", "Steps of linear warm-up; -1: a twentieth of all, at most 1000.", -1, Most, -1);

    private readonly Option<double> weightDecay = ToolOption.Real(
        "--weight-decay", "W", "AdamW's weight decay.", 0, 0.999, PretrainDefaults.WeightDecay);

    private readonly Option<double> clip = ToolOption.Real(
        "--clip", "L", "Gradients that are longer are shortened to this; 0: off.", 0, 1e9, PretrainDefaults.Clip);

    private readonly Option<string> precision = ToolOption.Choice(
        "--precision", "What the network computes in; bf16 is faster on GPUs, and on processors with avx512_bf16.", PrecisionNames, PrecisionNames[0]);

    private readonly Option<long> checkpointEvery = ToolOption.Whole(
        "--checkpoint-every", "N", "Steps between checkpoints.", 1, Most, PretrainDefaults.CheckpointEvery);

    private readonly Option<long> keep = ToolOption.Whole(
        "--keep", "N", "Checkpoints that are kept.", 1, 1_000_000, PretrainDefaults.Keep);

    private readonly Option<ulong> seed = ToolOption.Seed();
    private readonly Option<int> threads = ToolOption.Threads();

    private readonly Option<string> device = new("--device")
    {
        Description = "Where the network is trained: host, or a GPU of torch such as cuda:0.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => "host",
    };

    private readonly Option<string?> probe = new("--probe")
    {
        Description = "Labelled cases, as of 'gpusynth probe': the weights are judged on them at steps 0, 10, 30, 100, 300 ... and the last.",
        HelpName = "DATA",
    };

    private readonly Option<string?> synthesis = new("--synthesis")
    {
        Description = "Where samples are made: host, or a GPU such as cuda:0. Default: where the network is trained.",
        HelpName = "NAME",
    };

    /// <summary>The options.</summary>
    public PretrainArguments() => size.Required = field.Required = false;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            preset, recipe, plugin, labels, net, levels.Channels, levels.Strides, featureSize, vit.Option, objective, rankLabels, size, field, batch, steps, accumulate, distinct, seed, device, synthesis, threads,
            rate, schedule, warmup, weightDecay, clip, precision, checkpointEvery, keep, probe,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>The settings of a new run.</summary>
    /// <exception cref="WrongUseException">Both a preset and a recipe, or a size that does not fit.</exception>
    public PretrainOptions Read(ParseResult parsed)
    {
        string? recipePath = parsed.GetValue(recipe);
        string? presetName = parsed.GetValue(preset) ?? (recipePath is null ? PretrainDefaults.Preset : null);
        Recipe chosen = RecipeArguments.Read(presetName, recipePath, Components(parsed));
        string? labelPath = parsed.GetValue(labels);
        if (labelPath is not null)
        {
            chosen = chosen.WithLabelMaps();
        }

        NetworkKind kind = ToolOption.NetworkKindOf(parsed.GetRequiredValue(net));
        VolumeShape shape = parsed.GetValue(size)?.ToShape(chosen) ?? PretrainDefaults.Shape(chosen.Dimensions, kind);
        return Apply(parsed, all: true, new PretrainOptions
        {
            Recipe = chosen,
            Shape = shape,
            Field = parsed.GetValue(field)?.ToShape(chosen, field.Name),
            Labels = labelPath is null ? null : Path.GetFullPath(labelPath),
            Objective = PretrainDefaults.Objective(chosen.Dimensions),
            Network = NetworkOf(parsed, kind, chosen.Dimensions),
        });
    }

    /// <summary>The settings of a run that is resumed, changed by what the command line says.</summary>
    /// <exception cref="WrongUseException">The recipe was given again: it is the folder's.</exception>
    public PretrainOptions Change(ParseResult parsed, PretrainOptions before)
    {
        foreach (Option option in new Option[] { preset, recipe, labels, net, levels.Channels, levels.Strides, featureSize, vit.Option, size, field })
        {
            if (IsGiven(parsed, option))
            {
                throw new WrongUseException(
                    $"{option.Name}: a run is resumed with the recipe, sizes and network of its folder; leave the option out.");
            }
        }

        return Apply(parsed, all: false, before);
    }

    private NetworkOptions NetworkOf(ParseResult parsed, NetworkKind kind, int dimensions)
    {
        NetworkOptions network = vit.Apply(parsed, PretrainDefaults.Network(kind, dimensions).With(levels.Of(parsed, kind)));
        network.Validate();
        return kind == NetworkKind.SwinUnetr ? network with { FeatureSize = (int)parsed.GetValue(featureSize) } : network;
    }

    /// <summary>The components that the recipe may name.</summary>
    /// <exception cref="GpuSynthException">An assembly cannot be used.</exception>
    public ComponentCatalogue Components(ParseResult parsed) => ComponentFile.Load(parsed.GetValue(plugin) ?? [], mayHoldNone: true);

    // An assembly holds components, objectives or both.
    private ObjectiveCatalogue Objectives(ParseResult parsed)
    {
        string[] files = parsed.GetValue(plugin) ?? [];
        if (files.Length == 0)
        {
            return ObjectiveCatalogue.Own;
        }

        ComponentCatalogue components = Components(parsed);
        Assembly[] assemblies = [.. files.Select(static file => Assembly.LoadFrom(Path.GetFullPath(file))).Distinct()];
        try
        {
            foreach (Assembly assembly in assemblies)
            {
                if (components.Types.Values.All(type => type.Assembly != assembly)
                    && ObjectiveCatalogue.With(assembly).Names.Count == ObjectiveCatalogue.Own.Names.Count)
                {
                    throw new GpuSynthException(
                        $"Cannot take anything from '{assembly.Location}': no class in it has [Component(name, stream)] or [Objective(name, says)].");
                }
            }

            return ObjectiveCatalogue.With(assemblies);
        }
        catch (ArgumentException error)
        {
            throw new GpuSynthException($"Cannot take objectives from {string.Join(", ", files)}: {error.Message}", error);
        }
    }

    private static string Named(string text, ObjectiveCatalogue objectives)
    {
        try
        {
            objectives.Parse(text);
            return text;
        }
        catch (GpuSynthException error)
        {
            throw new WrongUseException($"--objective: {error.Message}");
        }
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private PretrainOptions Apply(ParseResult parsed, bool all, PretrainOptions options)
    {
        bool Has(Option option) => all || IsGiven(parsed, option);
        ObjectiveCatalogue objectives = Objectives(parsed);
        options = options with
        {
            Objectives = objectives,
            RankLabels = Has(rankLabels) ? parsed.GetValue(rankLabels) : options.RankLabels,
            Objective = parsed.GetValue(objective) is { } name ? Named(name, objectives) : options.Objective,
            Batch = Has(batch) ? (int)parsed.GetValue(batch) : options.Batch,
            Accumulate = Has(accumulate) ? (int)parsed.GetValue(accumulate) : options.Accumulate,
            Steps = Has(steps) ? parsed.GetValue(steps) : options.Steps,
            Distinct = !Has(distinct) ? options.Distinct : parsed.GetValue(distinct) is > 0 and long items ? (int)items : null,
            Seed = Has(seed) ? parsed.GetValue(seed) : options.Seed,
            Device = Has(device) ? parsed.GetRequiredValue(device) : options.Device,
            SynthesisDevice = parsed.GetValue(synthesis)
                ?? (Has(device) ? parsed.GetRequiredValue(device) : options.SynthesisDevice),
            LearningRate = Has(rate) ? parsed.GetValue(rate) : options.LearningRate,
            Schedule = !Has(schedule) ? options.Schedule
                : parsed.GetValue(schedule) == ScheduleNames[0] ? ScheduleKind.Cosine : ScheduleKind.Constant,
            WeightDecay = Has(weightDecay) ? parsed.GetValue(weightDecay) : options.WeightDecay,
            Clip = Has(clip) ? parsed.GetValue(clip) : options.Clip,
            Precision = !Has(precision) ? options.Precision
                : parsed.GetValue(precision) == PrecisionNames[0] ? Precision.Fp32 : Precision.Bf16,
            Threads = !Has(threads) ? options.Threads
                : parsed.GetValue(threads) is > 0 and int count ? count : Environment.ProcessorCount,
            CheckpointEvery = Has(checkpointEvery) ? parsed.GetValue(checkpointEvery) : options.CheckpointEvery,
            Probe = parsed.GetValue(probe) is { } folder ? Path.GetFullPath(folder) : options.Probe,
            Keep = Has(keep) ? (int)parsed.GetValue(keep) : options.Keep,
        };
        long warmupSteps = parsed.GetValue(warmup);
        return !Has(warmup) ? options : options with
        {
            WarmupSteps = warmupSteps >= 0 ? warmupSteps : PretrainDefaults.WarmupSteps(options.Steps),
        };
    }
}
