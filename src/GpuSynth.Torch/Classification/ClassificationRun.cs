using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.ReadOuts;
using GpuSynth.Torch.Training;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Classification;

/// <summary>
/// Classification by all arms: initialisations x protocols x shares of the training images x seeds. An arm is complete or not there:
/// a run that was interrupted loses the current arm and nothing else.
/// </summary>
public sealed class ClassificationRun : IDisposable
{
    private readonly ClassificationOptions options;
    private readonly IDisposable single = TorchThreads.One();
    private readonly CheckpointReader? initial;
    private readonly NetworkOptions network;
    private readonly ClassificationData data;
    private readonly FineTuneFolder folder;
    private readonly JsonObject settings;
    private readonly List<ClassificationArm> results = [];
    private readonly Dictionary<(string Init, ulong Seed), FrozenFeatures> features = [];

    private ClassificationRun(ClassificationOptions options)
    {
        this.options = options;
        try
        {
            FoundImage[] found = ClassificationData.Find(options.DataFolder);
            initial = options.Init is null ? null : CheckpointReader.Open(options.Init);
            network = initial?.Network
                ?? (options.OwnNetwork ?? NetworkOptions.Default(options.Network, found[0].Shape.Dimensions, options.Levels)) with
                {
                    InChannels = found.Max(static one => one.Channels),
                };
            using SegmentationNetwork body = NetworkFactory.Create(network);
            if (initial is not null)
            {
                // Weights that do not fit are refused before there is a folder.
                Weights.LoadStrict(body, FineTuneModel.BodyOf(initial.NetworkTensors), initial.Path);
            }

            ParameterCount = body.ParameterCount;
            data = ClassificationData.Prepare(options, found, body, Notices);
            settings = Settings();
            folder = FineTuneFolder.Open(options.OutFolder, settings);
        }
        catch
        {
            initial?.Dispose();
            single.Dispose();
            throw;
        }

        results.AddRange(Arms().Select(arm => ClassificationArm.Read(ResultPath(arm)))
            .Where(arm => arm is not null && FineTuneSettings.Difference(settings, arm.Settings) is null)!);
        CompleteAtStart = results.Count;
    }

    /// <summary>What a user has to know of the data.</summary>
    public Notices Notices { get; } = new();

    /// <summary>All arms.</summary>
    public int ArmCount => Arms().Count();

    /// <summary>Arms that are done.</summary>
    public int CompleteCount => results.Count;

    /// <summary>Arms that were there already.</summary>
    public int CompleteAtStart { get; }

    /// <summary>Of the network.</summary>
    public long ParameterCount { get; }

    /// <summary>Images of training, validation and test, and the size: for the user's eye.</summary>
    public string Overview => FormattableString.Invariant(
        $"{data.Training.Count:N0} + {data.Validation.Count:N0} + {data.Test.Count:N0} images of {data.ClassNames.Length} classes ")
        + FormattableString.Invariant($"as {data.Preparation.Shape}, {ParameterCount:N0} parameters, {ArmCount} arms");

    /// <summary>The arms that are complete.</summary>
    public IReadOnlyList<ClassificationArm> Results => results;

    /// <summary>How the intervals are made.</summary>
    public string IntervalMethod => ClassificationSummary.IntervalMethod(data.PatientRule);

    /// <summary>The results so far.</summary>
    public ClassificationSummary Summary => ClassificationSummary.Of(results);

    /// <summary>Reads the data and the weights, and opens the folder.</summary>
    /// <exception cref="GpuSynthException">One sentence of what is wrong.</exception>
    public static ClassificationRun Open(ClassificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ClassificationRun(options);
    }

    /// <summary>Does the arms that are not there and writes the results.</summary>
    /// <param name="say">Given a line for every arm.</param>
    /// <param name="isArmDone">Called after every arm.</param>
    /// <param name="command">The command as typed.</param>
    /// <param name="stop">Ends the run; complete arms stay.</param>
    public void Run(Action<string> say, Action isArmDone, string command, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(say);
        ArgumentNullException.ThrowIfNull(isArmDone);
        WriteRun("running", command);
        foreach ((string Init, string Protocol, double Fraction, ulong Seed) arm in Arms().ToArray())
        {
            if (results.Any(one => (one.Init, one.Protocol, one.Fraction, one.Seed) == arm))
            {
                continue;
            }

            stop.ThrowIfCancellationRequested();
            ClassificationArm done = Do(arm, stop);
            results.Add(done);
            say(FormattableString.Invariant(
                $"{Name(arm)}: AUC {done.TestMetrics.Auc:F4}, accuracy {done.TestMetrics.Accuracy:F4} ({done.Chosen}; {done.Seconds:F1} s)"));
            isArmDone();
        }

        ClassificationArm[] ordered = [.. Arms().Select(arm => results.Single(one => (one.Init, one.Protocol, one.Fraction, one.Seed) == arm))];
        ClassificationSummary summary = ClassificationSummary.Of(ordered);
        new ClassificationPage(options, data, this, folder, network, initial).Write(summary, ordered, command);
        WriteRun("finished", command);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        folder.Dispose();
        initial?.Dispose();
        single.Dispose();
    }

    private static string Name((string Init, string Protocol, double Fraction, ulong Seed) arm) =>
        ClassificationArm.FolderName(arm.Init, arm.Protocol, arm.Fraction, arm.Seed);

    private IEnumerable<(string Init, string Protocol, double Fraction, ulong Seed)> Arms() =>
        from seed in Enumerable.Range(0, options.Seeds)
        from fraction in options.Fractions.Distinct()
        from protocol in options.Protocols.Distinct()
        from init in options.Inits
        select (init, protocol, fraction, options.FirstSeed + (ulong)seed);

    private string ResultPath((string Init, string Protocol, double Fraction, ulong Seed) arm) =>
        Path.Combine(options.OutFolder, "arms", Name(arm), ArmResult.FileName);

    private ClassificationArm Do((string Init, string Protocol, double Fraction, ulong Seed) arm, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        int[] shots = ImageSplit.Shots([.. data.Training.Select(static image => image.Class)], arm.Fraction, arm.Seed);
        string at = folder.ArmFolder(Name(arm));
        string weights = Path.Combine(at, CheckpointReader.WeightsName);
        Probed probed = arm.Protocol switch
        {
            "knn" => FrozenProbes.Nearest(FeaturesOf(arm.Init, arm.Seed), shots, data),
            "linear" => Linear(arm.Init, arm.Seed, shots, weights),
            _ => Full(arm.Init, arm.Seed, shots, weights, isProbed: arm.Protocol == "lp-ft", stop),
        };
        var result = new ClassificationArm
        {
            Init = arm.Init,
            Protocol = arm.Protocol,
            Fraction = arm.Fraction,
            Seed = arm.Seed,
            TrainImages = shots.Length,
            Chosen = probed.Chosen,
            Validation = probed.Validation,
            TestMetrics = FrozenProbes.Measure(probed.Test, data.Test),
            Seconds = clock.Elapsed.TotalSeconds,
            Test = [.. data.Test.Zip(probed.Test, static (image, p) => new ClassifiedCase(image.Name, image.Patient, image.Class, p))],
            Settings = settings.DeepClone().AsObject(),
        };
        result.Write(Path.Combine(at, ArmResult.FileName));
        return result;
    }

    private Probed Linear(string init, ulong seed, int[] shots, string weights)
    {
        (Probed result, ChannelScale scale, MultinomialLogistic probe) = FrozenProbes.Linear(FeaturesOf(init, seed), shots, data);
        using Classifier classifier = NewClassifier(init, seed);
        classifier.TakeProbe(scale, probe);
        classifier.Save(weights);
        return result;
    }

    private Probed Full(string init, ulong seed, int[] shots, string weights, bool isProbed, CancellationToken stop)
    {
        (Probed Result, ChannelScale Scale, MultinomialLogistic Probe)? probe =
            isProbed ? FrozenProbes.Linear(FeaturesOf(init, seed), shots, data) : null;
        var trainer = new ClassifierTrainer(options, data);
        Probed? best = null;
        foreach (double rate in options.Rates)
        {
            using Classifier classifier = NewClassifier(init, seed);
            if (probe is { } start)
            {
                classifier.TakeProbe(start.Scale, start.Probe);
            }

            double[] factors = classifier.FactorsOf(FactorsOf(init, classifier.Body));
            (ClassificationMetrics metrics, int step) = trainer.Train(classifier, factors, rate, shots, seed, stop);
            if (best is null || metrics.IsBetterThan(best.Validation))
            {
                best = new Probed(
                    FormattableString.Invariant($"rate {rate}, step {step}"), metrics, classifier.Predict(Values(data.Test)));
                classifier.Save(weights);
            }
        }

        return best!;
    }

    // New weights have nothing to keep: the whole rate.
    private RateFactors FactorsOf(string init, SegmentationNetwork body) => (init, body.LayerCount) switch
    {
        (FineTuneOptions.ScratchName, _) => RateFactors.Whole,
        (_, 0) => new RateFactors { Body = options.BodyRate },
        _ => new RateFactors { LayerDecay = options.LayerDecay },
    };

    private Classifier NewClassifier(string init, ulong seed)
    {
        var classifier = new Classifier(network, data.Preparation, seed, TrainingParts.DeviceOf(options.Device));
        DropPath.Set(classifier.Body, DropPathOf(classifier.Body));
        if (init == FineTuneOptions.PretrainedName)
        {
            Weights.LoadStrict(classifier.Body, FineTuneModel.BodyOf(initial!.NetworkTensors), initial.Path);
        }
        else
        {
            classifier.MeasureNorms(Values(data.Training), seed);
        }

        return classifier;
    }

    private double DropPathOf(SegmentationNetwork body) => body.LayerCount > 0 ? options.DropPath : 0;

    // Once for each network: the pre-trained one is the same for all seeds.
    private FrozenFeatures FeaturesOf(string init, ulong seed)
    {
        (string, ulong) key = (init, init == FineTuneOptions.PretrainedName ? 0 : seed);
        if (!features.TryGetValue(key, out FrozenFeatures? known))
        {
            using Classifier classifier = NewClassifier(init, seed);
            known = new FrozenFeatures(
                classifier.FeatureCount,
                classifier.FeaturesOf(Values(data.Training)),
                classifier.FeaturesOf(Values(data.Validation)),
                classifier.FeaturesOf(Values(data.Test)));
            features.Add(key, known);
        }

        return known;
    }

    private static float[][] Values(IReadOnlyList<ClassifiedImage> images) => [.. images.Select(static image => image.Values)];

    private JsonObject Settings() => new()
    {
        ["task"] = "classification",
        ["data"] = data.Sha256,
        ["initialWeights"] = initial is null ? null : Checksum.Sha256(initial.Path),
        ["trainingImages"] = data.Training.Count,
        ["validationImages"] = data.Validation.Count,
        ["testImages"] = data.Test.Count,
        ["preparation"] = data.Preparation.ToJson(),
        ["network"] = network.ToJson(),
        ["steps"] = options.Steps,
        ["batch"] = options.Batch,
        ["validations"] = options.Validations,
        ["rates"] = string.Join(", ", options.Rates.Select(static rate => FormattableString.Invariant($"{rate}"))),
        ["weightDecay"] = options.WeightDecay,
        ["gradientClip"] = options.GradientClip,
        ["bodyRate"] = options.BodyRate,
        ["layerDecay"] = options.LayerDecay,
        ["dropPath"] = network.Kind == NetworkKind.UNet ? null : options.DropPath,
        ["flips"] = options.Flips,
        ["device"] = options.Device,
    };

    private void WriteRun(string status, string command) => folder.WriteRun(settings, new JsonObject
    {
        ["versions"] = new JsonObject(TorchVersions.All.Select(static pair =>
            KeyValuePair.Create(pair.Name, (JsonNode?)pair.Version))),
        ["status"] = status,
        ["task"] = "classification",
        ["commandLine"] = command,
        ["dataFolder"] = options.DataFolder,
        ["init"] = options.Init,
        ["patients"] = data.PatientRule,
        ["classes"] = JsonSerializer.SerializeToNode(data.ClassNames),
    });
}
