using System.CommandLine;
using System.Globalization;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Classification;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Cli;

/// <summary>The options of "finetune", and what they ask for.</summary>
internal sealed partial class FinetuneArguments
{
    private const string NoWeights = "none";

    private static readonly FineTuneOptions Preset = new() { DataFolder = string.Empty, OutFolder = string.Empty };

    private readonly Option<string> data = Folder(
        "--data",
        "Folder with images/ and labels/ (or imagesTr/ and labelsTr/) of the same names, or a dataset.json; several channels: "
        + "4D files, or nnU-Net's case_0000, case_0001. Classification: a folder per class (or train/, val/, test/ of such), or a MedMNIST .npz.");

    private readonly Option<string> outFolder = Folder("--out", "Folder; made if it is not there, resumed if it is.");
    private readonly Option<string> task = ToolOption.Choice(
        "--task", "What the network learns.", ["segmentation", "classification"], "segmentation");

    private readonly ClassificationArguments classification = new();
    private readonly Option<string> init = new("--init")
    {
        Description = "Initial weights: the folder of a pretrain run, a checkpoint, a file of weights, best-2d or best-3d (of images and of volumes; they come with gpusynth), or none (from scratch).",
        HelpName = "RUN|FILE|best-2d|best-3d|none",
        DefaultValueFactory = static _ => NoWeights,
    };

    private readonly Option<bool> compare = new("--compare")
    {
        Description = "Train from scratch as well, with the same network, cases, crops and steps, and compare.",
    };

    private readonly Option<string> network = ToolOption.Network("The network where no weights tell.");
    private readonly LevelOptions levels = new();
    private readonly Option<int[]> trainCases = new("--train-cases")
    {
        Description = "Cases to train on; several numbers train as many networks. 0: the weights as they are, where they name the task's classes. All, if not given.",
        HelpName = "N[,N...]",
        DefaultValueFactory = static _ => [],
        CustomParser = ParseNumbers,
    };

    private readonly Option<long> seeds = ToolOption.Whole(
        "--seeds", "S", "How many seeds; a seed decides cases, new weights and crops.", 1, 1000, 1);

    private readonly Option<ulong> seed = ToolOption.Seed();
    private readonly Option<long> steps = ToolOption.Whole(
        "--steps", "N", "Steps of every training.", 1, 10_000_000, Preset.Steps);

    private readonly Option<long> batch = ToolOption.Whole("--batch", "B", "Crops per step.", 1, 4096, Preset.Batch);
    private readonly Option<long> validations = ToolOption.Whole(
        "--validations", "V", "How often the validation cases are looked at.", 1, 10_000, Preset.Validations);

    private readonly Option<int[]?> patch = Parsed<int[]?>(
        "--patch", "32[x48x32]", "Voxels of a crop; near the median of the training cases, if not given.",
        static (string text, out int[]? sides) => (sides = Numbers(text, 'x')).Length <= 3 && sides.All(static side => side > 0));

    private readonly Option<double> rate = Number("--lr", "Learning rate after the warm-up.", Preset.LearningRates[0], 1);
    private readonly Option<double[]?> rates = Parsed<double[]?>(
        "--rates", "R[,R...]",
        "Learning rates that every arm is trained at; the one with the best validation Dice is kept. --lr alone, if not given.",
        static (string text, out double[]? values) => (values = Rates(text)).Length > 0);

    private readonly Option<string> head = ToolOption.Choice(
        "--head",
        "The layer that names the classes: kept from the weights; new and trained alone first, for a tenth of the steps; new and "
        + "together with everything. auto: kept where its classes are the task's, else first.",
        ["auto", "keep", "first", "together"],
        "auto");

    private readonly Option<string> transfer = ToolOption.Choice(
        "--transfer", "Which of the initial weights are taken.", ["all", "encoder"], "all");

    private readonly Option<double> bodyRate = Number(
        "--body-rate", "Factor of the learning rate for initial weights, the head left out.", Preset.BodyRate, 10);

    private readonly Option<double> layerDecay = Number(
        "--layer-decay", "Factor of the learning rate from each layer of a transformer to the one before it.", Preset.LayerDecay, 1);

    private readonly Option<double> dropPath = Number(
        "--drop-path", "Chance that training leaves a branch of a transformer's last block out, of earlier ones less.", Preset.DropPath, 0.9);

    private readonly Option<long> jobs = ToolOption.Whole(
        "--jobs", "N", "Trainings at the same time; 0: as many as processors and memory allow. Results do not depend on it.",
        0, 1024, 0);

    private readonly Option<long> threads = ToolOption.Whole(
        "--threads", "N", "Threads of one training; sums depend on it a little, so that it is a setting of the results.",
        1, 1024, Preset.Threads);

    private readonly Option<double> overlap = Number("--overlap", "Overlap of the test's windows.", Preset.Overlap, 0.95);
    private readonly Option<string> augmentation = ToolOption.Choice(
        "--augmentation",
        "What crops are changed by: nothing, RaSD's flips, quarter turns and shift (light), or nnU-Net's but for mirroring (full).",
        Augmentation.Names,
        "full");

    private readonly Option<double?> flips = Probability(
        "--flips", "Probability that a crop is mirrored, per axis; the augmentation's, if not given.");

    private readonly Option<double?> turns = Probability(
        "--turns", "Probability that a crop is turned by quarter turns; the augmentation's, if not given.");

    private readonly Option<string?> appearance = new("--appearance")
    {
        Description = "Change crops by what a recipe does to intensities too: bias fields, noise, blur, artefacts of scanners; a preset (mri-2d) or a file.",
        HelpName = "NAME|FILE",
    };

    private readonly Option<double?> appearanceShare = Probability(
        "--appearance-share", $"Share of the crops that --appearance changes; {AppearanceChange.UsualProbability.ToString(System.Globalization.CultureInfo.InvariantCulture)}, if not given.");

    private readonly Option<VoxelSpacing?> spacing = Parsed<VoxelSpacing?>(
        "--spacing", "1[x1x1]",
        "Common spacing in mm, depth x height x width on the body's axes (up, front, right); the training cases' median, if not "
        + "given.",
        static (string text, out VoxelSpacing? value) =>
        {
            bool isOne = VoxelSpacing.TryParse(text, out VoxelSpacing read);
            value = read;
            return isOne;
        });

    private readonly Option<IntensityScale?> intensity = Parsed<IntensityScale?>(
        "--intensity", "zscore|zscore-nonzero|hu:MIN:MAX", "Common range of values; zscore, if not given.",
        static (string text, out IntensityScale? value) => IntensityScale.TryParse(text, out value));

    private readonly Option<int?> ignoreLabel = Parsed<int?>(
        "--ignore-label", "N", "A label number whose voxels are left out of loss, measures and predictions; none, if not given.",
        static (string text, out int? value) =>
        {
            bool isOne = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number);
            value = number;
            return isOne && number != 0; // 0 is the background.
        });

    private readonly Option<long> validationCases = ToolOption.Whole(
        "--validation-cases", "N", "Cases for validation, by name before the test's; 0: one of thirteen.", 0, 1_000_000, 0);

    private readonly Option<long> testCases = ToolOption.Whole(
        "--test-cases", "N", "Cases for the test, the last in the order of names; 0: three of thirteen.", 0, 1_000_000, 0);

    private readonly Option<long> folds = ToolOption.Whole(
        "--folds", "K",
        "Cross-validation for few cases: each of K parts is tested by a network trained on the others, with its last weights; 0: none.",
        0, 1000, 0);

    private readonly Option<string> device = new("--device")
    {
        Description = "Where the network is trained: host, or cuda:0.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => Preset.Device,
    };

    /// <summary>"--json".</summary>
    public Option<bool> Json { get; } = ToolOption.Json();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])
        [
            data, task, init, compare, trainCases, seeds, seed, steps, batch, patch, rate, rates, head, transfer, bodyRate, layerDecay, dropPath,
            augmentation, flips, turns, appearance, appearanceShare, spacing, intensity, ignoreLabel, folds, validationCases, testCases, validations, overlap, network, levels.Channels, levels.Strides,
            device, jobs, threads, .. classification.All, outFolder, Json,
        ])
        {
            command.Add(option);
        }
    }

    /// <summary>What a command line asks for.</summary>
    public FineTuneOptions Read(ParseResult parsed)
    {
        string named = parsed.GetRequiredValue(init);
        string? weights = named == NoWeights ? null : named;
        bool isCompared = parsed.GetValue(compare);
        if (isCompared && weights is null)
        {
            throw new WrongUseException("--compare needs pre-trained weights to compare with; name them (--init RUN).");
        }

        if (parsed.GetValue(rates) is { Length: > 0 } && parsed.GetResult(rate) is { Implicit: false })
        {
            throw new WrongUseException("--lr is one rate and --rates a list of them; give one of the two.");
        }

        CheckFolds(parsed);
        if (weights is not null && levels.Given(parsed) is { } given)
        {
            throw new WrongUseException($"{given.Name}: the initial weights have their own; leave it out, or --init.");
        }

        var chosen = Augmentation.Of(parsed.GetRequiredValue(augmentation));
        return new FineTuneOptions
        {
            DataFolder = parsed.GetRequiredValue(data),
            OutFolder = parsed.GetRequiredValue(outFolder),
            Init = weights,
            Compare = isCompared,
            Network = ToolOption.NetworkKindOf(parsed.GetRequiredValue(network)),
            Levels = levels.Of(parsed, ToolOption.NetworkKindOf(parsed.GetRequiredValue(network))),
            TrainCases = parsed.GetRequiredValue(trainCases),
            Seeds = (int)parsed.GetValue(seeds),
            FirstSeed = parsed.GetValue(seed),
            Steps = (int)parsed.GetValue(steps),
            Batch = (int)parsed.GetValue(batch),
            Validations = (int)parsed.GetValue(validations),
            Patch = parsed.GetValue(patch) is { Length: > 0 } sides ? sides : null,
            LearningRates = parsed.GetValue(rates) is { Length: > 0 } grid ? grid : [parsed.GetValue(rate)],
            Head = Enum.Parse<HeadTreatment>(parsed.GetRequiredValue(head), ignoreCase: true),
            Transfer = Enum.Parse<TransferredPart>(parsed.GetRequiredValue(transfer), ignoreCase: true),
            BodyRate = parsed.GetValue(bodyRate),
            LayerDecay = parsed.GetValue(layerDecay),
            DropPath = parsed.GetValue(dropPath),
            Jobs = Given(parsed.GetValue(jobs)),
            Threads = (int)parsed.GetValue(threads),
            Augmentation = chosen with
            {
                FlipProbability = parsed.GetValue(flips) ?? chosen.FlipProbability,
                QuarterTurnProbability = parsed.GetValue(turns) ?? chosen.QuarterTurnProbability,
            },
            Appearance = AppearanceOf(parsed),
            Overlap = parsed.GetValue(overlap),
            Spacing = parsed.GetValue(spacing),
            Intensity = parsed.GetValue(intensity) ?? IntensityScale.ZScore,
            IgnoreLabel = parsed.GetValue(ignoreLabel),
            ValidationCases = Given(parsed.GetValue(validationCases)),
            TestCases = Given(parsed.GetValue(testCases)),
            Folds = Given(parsed.GetValue(folds)),
            Device = parsed.GetRequiredValue(device),
        };
    }

    // One option takes both: a preset's name goes before a file of that name.
    private AppearanceChange? AppearanceOf(ParseResult parsed)
    {
        double? share = parsed.GetValue(appearanceShare);
        if (parsed.GetValue(appearance) is not { } name)
        {
            return share is null ? null : throw new WrongUseException("--appearance-share is the share of the crops that --appearance changes; name a recipe there, or leave it out.");
        }

        bool isFile = !Presets.Names.Contains(name) && File.Exists(name);
        return new AppearanceChange(RecipeArguments.Read(isFile ? null : name, isFile ? name : null, ComponentCatalogue.Own), share ?? AppearanceChange.UsualProbability);
    }

    private void CheckFolds(ParseResult parsed)
    {
        if (parsed.GetValue(folds) == 0)
        {
            return;
        }

        string? wrong = parsed.GetValue(rates) is { Length: > 1 } ? "--rates with several rates"
            : parsed.GetValue(validationCases) > 0 ? "--validation-cases"
            : parsed.GetRequiredValue(trainCases).Length > 0 ? "--train-cases"
            : null;
        if (wrong is not null)
        {
            throw new WrongUseException(
                $"{wrong} needs cases of its own to choose by, and with --folds every case is trained on or tested; leave one of the two out.");
        }
    }

    /// <summary>What a command line asks for where the task is classification; null where it is another.</summary>
    public ClassificationOptions? ReadClassification(ParseResult parsed)
    {
        if (parsed.GetRequiredValue(task) != "classification")
        {
            classification.RequireNone(parsed);
            return null;
        }

        Option[] others =
        [
            trainCases, patch, turns, spacing, ignoreLabel, validationCases, testCases, overlap, rate, head, transfer, augmentation, appearance, appearanceShare, folds, jobs,
            threads,
        ];
        return others.FirstOrDefault(option => ClassificationArguments.IsGiven(parsed, option)) is { } given
            ? throw new WrongUseException(
                $"{given.Name} is for segmentation; leave it out (classification has --fractions, --size and --rates).")
            : classification.Read(
                parsed,
                Read(parsed),
                option => ClassificationArguments.IsGiven(parsed, option),
                new ClassificationArguments.Shared(batch, steps, flips, rates, bodyRate, layerDecay, dropPath));
    }
}
