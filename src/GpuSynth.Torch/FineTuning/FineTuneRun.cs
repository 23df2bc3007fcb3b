using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// Fine-tuning of all arms: initialisations x numbers of cases x seeds, each at every learning rate. A training is complete or not
/// there: a run that was interrupted loses those under way and nothing else.
/// </summary>
public sealed partial class FineTuneRun : IDisposable
{
    private readonly FineTuneOptions options;
    private readonly SegmentationData data;
    private readonly CheckpointReader? initial;
    private readonly string? initialChecksum;
    private readonly FineTuneFolder folder;
    private readonly JsonObject settings;
    private readonly ArmStart start;
    private readonly Dictionary<FineTuneArm, ArmResult> results = [];
    private readonly Lock writing = new();

    private FineTuneRun(
        FineTuneOptions options,
        DataSplit split,
        SegmentationData data,
        CheckpointReader? initial,
        NetworkOptions network,
        Notices notices)
    {
        Notices = notices;
        (this.options, this.data, this.initial) = (options, data, initial);
        start = new ArmStart(options, network, initial, data.LabelNames);
        using SegmentationNetwork model = start.CreateNew(options.FirstSeed);
        // Weights and factors that do not fit are refused before there is a folder.
        InitialWeights = initial is null ? null : start.Load(model);
        new RateFactors { Body = options.BodyRate, LayerDecay = options.LayerDecay }.Of(model);
        Patch = options.Patch is { } sides
            ? PatchOf(sides, data.Dimensions)
            : DefaultPatch(data.MedianShape(), model.SideMultiple);
        try
        {
            model.CheckShape(Patch);
        }
        catch (GpuSynthException error) when (options.Patch is not null)
        {
            throw new GpuSynthException($"--patch {string.Join('x', options.Patch)}: {error.Message}", error);
        }

        ParameterCount = model.ParameterCount;
        TrainCases = options.TrainCases.Count > 0 ? options.TrainCases : [split.Training.Count];
        if (TrainCases.Contains(0) && initial is not null && start.Head.Treatment != HeadTreatment.Keep)
        {
            string why = $"0 cases to train on leave '{options.Init}' as it is, and its head does not name the task's classes";
            if (!options.MayLeaveOutZero)
            {
                throw new GpuSynthException($"{why}; leave 0 out of --train-cases, or take weights that do.");
            }

            notices.Add("0 cases", $"{why}: nothing is said of them");
            TrainCases = [.. TrainCases.Where(static count => count > 0)];
        }

        if (TrainCases.FirstOrDefault(count => count > split.Training.Count || count < 0, 1) is int wrong && wrong != 1)
        {
            throw new GpuSynthException(
                $"{wrong} cases to train on were asked for, and there are {split.Training.Count}; "
                + "change --train-cases or the split.");
        }

        // Said before anything is trained.
        options.Appearance?.PlanOf(options.FirstSeed, Patch);
        settings = FineTuneSettings.Of(options, split, data, Patch, start);
        initialChecksum = initial is null ? null : Checksum.Sha256(initial.Path);
        folder = FineTuneFolder.Open(options.OutFolder, settings);
        try
        {
            FindComplete();
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>What a user has to know of the data.</summary>
    public Notices Notices { get; }

    /// <summary>The network of all arms.</summary>
    public NetworkOptions Network => start.Network;

    /// <summary>Its trained values, the new head included.</summary>
    public long ParameterCount { get; }

    /// <summary>Which initial weights were taken over and which were not, or null where there are none.</summary>
    public WeightTransfer? InitialWeights { get; }

    /// <summary>What is done with the head, by initialisation, in words.</summary>
    public IEnumerable<(string Init, string Text)> Heads => options.Inits.Select(init => (init, start.HeadOf(init).Text));

    /// <summary>Trainings at the same time.</summary>
    public int Jobs => JobCount.Of(
        options,
        ArmCount * options.LearningRates.Count,
        data.Memory,
        JobCount.BytesOf(Network, ParameterCount, options.Batch, Patch));

    /// <summary>What a user has to know of the results that are there.</summary>
    public IReadOnlyList<string> ResultNotices => RateEdges.Of(Results);

    /// <summary>Voxels of a crop.</summary>
    public VolumeShape Patch { get; }

    /// <summary>Numbers of training cases.</summary>
    public IReadOnlyList<int> TrainCases { get; }

    /// <summary>Arms in all.</summary>
    public int ArmCount => Arms().Count();

    /// <summary>Arms that are complete.</summary>
    public int CompleteCount => results.Count;

    /// <summary>Crops that all arms are trained on.</summary>
    public long CropCount => CropsOf(Arms().Where(static arm => arm.TrainCases > 0), options.LearningRates.Count);

    /// <summary>Crops of the trainings that are complete.</summary>
    public long CropsComplete => Arms().Where(static arm => arm.TrainCases > 0)
        .Sum(arm => CropsOf([arm], options.LearningRates.Count(rate => results.ContainsKey(arm) || FindTrial(arm, rate) is not null)));

    /// <summary>The complete arms' table.</summary>
    public FineTuneSummary Summary => FineTuneSummary.Of([.. data.LabelNames.Skip(1)], Results);

    /// <summary>Reads the data and the initial weights, and opens the folder.</summary>
    /// <exception cref="GpuSynthException">Something does not fit; nothing was trained.</exception>
    public static FineTuneRun Open(FineTuneOptions options, Action<string> say, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        TrainingParts.DeviceOf(options.Device); // Refuses one that is not there.
        TorchSettings.Apply();
        var notices = new Notices();
        SegmentationDataset dataset = SegmentationDataset.Open(options.DataFolder, notices);
        DataSplit split = options.Folds is { } folds
            ? DataSplit.ForFolds(dataset.Cases, folds, options.TestCases)
            : DataSplit.Of(dataset.Cases, options.ValidationCases, options.TestCases);
        CheckpointReader? initial = options.Init is null ? null : CheckpointReader.Open(options.Init, say);
        SegmentationData? data = null;
        try
        {
            data = SegmentationData.Read(dataset, split, options, notices, say, stop);
            NetworkOptions network = NetworkFor(options, initial, data, notices);
            return new FineTuneRun(options, split, data, initial, network, notices);
        }
        catch
        {
            data?.Dispose();
            initial?.Dispose();
            throw;
        }
    }

    /// <summary>Trains and tests every arm that is not complete, and writes the results after each.</summary>
    /// <param name="say">Told a line per arm, in the arms' order whichever was ready first.</param>
    /// <param name="isCropDone">Called for every crop that was trained on, from any thread.</param>
    /// <param name="command">The command line, for the report.</param>
    /// <param name="stop">Ends the run; trainings under way are lost.</param>
    public void Run(Action<string> say, Action isCropDone, string command, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(say);
        ArgumentNullException.ThrowIfNull(isCropDone);
        WriteRun("running", command);
        FineTuneArm[] left = [.. Arms().Where(arm => !results.ContainsKey(arm))];
        var work = new List<Action<CancellationToken>>();
        int said = 0;
        foreach (FineTuneArm arm in left)
        {
            int trials = options.LearningRates.Count;
            work.AddRange(options.LearningRates.Select(rate => (Action<CancellationToken>)(ending =>
            {
                if (FindTrial(arm, rate) is null)
                {
                    TrainTrial(arm, rate, isCropDone, ending);
                }

                if (Interlocked.Decrement(ref trials) == 0)
                {
                    Add(arm, TestArm(arm, ending));
                }
            })));
        }

        TorchThreads.Run(work, Jobs, options.Threads, stop);
        WriteResults("finished", command);
        WriteRun("finished", command);
        if (!options.IsTested)
        {
            return;
        }

        new FineTuneCards(options, data, folder).Write(
            new FineTunePage(options, data, this, folder).Description("finished", command, initial, TimeSpent),
            Summary,
            Results,
            initialChecksum,
            say);

        void Add(FineTuneArm arm, ArmResult result)
        {
            lock (writing)
            {
                results[arm] = result;
                for (; said < left.Length && results.TryGetValue(left[said], out ArmResult? next); said++)
                {
                    say(Line(left[said], next));
                }

                WriteResults("running", command);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        folder.Dispose();
        initial?.Dispose();
        data.Dispose();
    }

    // The initial weights' network, or a new one, with an input for every channel of the images.
    private static NetworkOptions NetworkFor(
        FineTuneOptions options, CheckpointReader? initial, SegmentationData data, Notices notices)
    {
        NetworkOptions network = initial?.Network ?? options.OwnNetwork ?? NetworkOptions.Default(options.Network, data.Dimensions, options.Levels);
        if (network.Dimensions != data.Dimensions)
        {
            throw new GpuSynthException(
                $"The weights of '{options.Init}' are of a {network.Dimensions}D network, and the cases of "
                + $"'{options.DataFolder}' have {data.Dimensions} dimensions; pre-train with the other preset.");
        }

        if (initial is not null && network.InChannels != data.Channels)
        {
            if (network.InChannels != 1)
            {
                throw new GpuSynthException(
                    $"The weights of '{options.Init}' are of a network with {network.InChannels} input channels, and the images of "
                    + $"'{options.DataFolder}' have {data.Channels}; use weights of one channel or of as many.");
            }

            notices.Add(
                "channels of the weights",
                $"The network of '{options.Init}' has one input channel and the images have {data.Channels}: its first "
                + $"convolutions' weights are taken for every channel, divided by {data.Channels}");
        }

        return network with { InChannels = data.Channels };
    }

    /// <summary>
    /// Sides near the median: the nearest multiple (the lower of two), within what memory allows; twice the multiple where the
    /// network's lowest level would be left with one voxel.
    /// </summary>
    internal static VolumeShape DefaultPatch(VolumeShape median, int multiple)
    {
        int most = median.Dimensions == 2 ? 512 : 96;
        int Side(int side) => Math.Clamp(
            (int)Math.Ceiling(((double)side / multiple) - 0.5), 1, Math.Max(1, most / multiple)) * multiple;
        int[] sides = [Side(median.Depth), Side(median.Height), Side(median.Width)];
        if (multiple > 1 && sides.AsSpan(median.Dimensions == 2 ? 1 : 0).IndexOfAnyExcept(multiple) < 0)
        {
            // Of one voxel at the network's lowest level its norms can make nothing.
            sides = [.. sides.Select(static side => 2 * side)];
        }

        return median.Dimensions == 2
            ? VolumeShape.Image(sides[1], sides[2])
            : VolumeShape.Volume(sides[0], sides[1], sides[2]);
    }

    internal static VolumeShape PatchOf(IReadOnlyList<int> sides, int dimensions) => (sides.Count, dimensions) switch
    {
        (1, _) => VolumeShape.Cubic(dimensions, sides[0]),
        (2, 2) => VolumeShape.Image(sides[0], sides[1]),
        (3, 3) => VolumeShape.Volume(sides[0], sides[1], sides[2]),
        _ => throw new GpuSynthException(
            $"A crop of {string.Join('x', sides)} does not fit cases of {dimensions} dimensions; "
            + "give --patch as many sides, or one."),
    };

    /// <summary>The arms that are complete, in the arms' order.</summary>
    public IReadOnlyList<ArmResult> Results => [.. Arms().Where(results.ContainsKey).Select(arm => results[arm])];

    private static string Line(FineTuneArm arm, ArmResult result) =>
        $"{arm.Name}: "
        + (result.Trials.Count > 1 ? FormattableString.Invariant($"rate {result.Rate}, ") : string.Empty)
        + (arm.Fold is null
            ? FormattableString.Invariant($"validation Dice {result.BestValidationDice:0.0000} at step {result.BestStep}, ")
            : string.Empty)
        + (result.Test.Count > 0 ? FormattableString.Invariant($"test Dice {MeanDice(result):0.0000}, ") : string.Empty)
        + FormattableString.Invariant($"{result.TrainingSeconds:0} s + {result.TestSeconds:0} s");

    // Of all arms, whichever run trained them.
    private TimeSpan TimeSpent => TimeSpan.FromSeconds(Results.Sum(static arm => arm.TrainingSeconds + arm.TestSeconds));

    private static double MeanDice(ArmResult arm) =>
        SegmentationMetrics.Mean(arm.Test.Select(static result => SegmentationMetrics.Mean(result.Dice)));

    private long CropsOf(IEnumerable<FineTuneArm> arms, int trainings) => (long)arms.Count() * trainings * options.Steps * options.Batch;

    // Seeds outermost: a run that was cut short has whole comparisons of the first seeds.
    private IEnumerable<FineTuneArm> Arms() => options.Folds is { } folds ? FoldArms(folds) : Enumerable.Range(0, options.Seeds)
        .SelectMany(seed => TrainCases.Distinct().SelectMany(cases => options.Inits.Select(init =>
            new FineTuneArm(init, cases, options.FirstSeed + (ulong)seed))));

    private IEnumerable<FineTuneArm> FoldArms(int folds) =>
        from seed in Enumerable.Range(0, options.Seeds)
        from fold in Enumerable.Range(0, folds)
        from init in options.Inits
        let own = options.FirstSeed + (ulong)seed
        let count = DataSplit.FoldsOf(data.Training.Count, folds, own).Count(other => other != fold)
        select new FineTuneArm(init, count, own, fold);
}
