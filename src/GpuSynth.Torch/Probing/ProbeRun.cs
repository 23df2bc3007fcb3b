using System.Diagnostics;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;
using TorchSharp;

namespace GpuSynth.Torch.Probing;

/// <summary>
/// Judges frozen features on real labelled cases: of given weights, of the same networks with random weights, and hand-made ones.
/// Results depend neither on the number of threads nor on torch's random state.
/// </summary>
public static class ProbeRun
{
    /// <summary>An arm of given weights.</summary>
    public const string WeightsKind = "weights";

    /// <summary>An arm of random weights.</summary>
    public const string RandomKind = "random";

    /// <summary>The arm of hand-made features.</summary>
    public const string HandMadeKind = "hand-made";

    /// <summary>Name of the results in the folder.</summary>
    public const string JsonName = "probe.json";

    private const string ReportName = "report.html";
    private const long SmallNetwork = 5_000_000;
    private const long MostPairVoxels = 96 * 96 * 96;

    /// <summary>Probes, and writes the results and the report.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="say">Told a line per arm.</param>
    /// <param name="command">The command line, for the report.</param>
    /// <param name="stop">Ends the work; nothing is left.</param>
    /// <exception cref="GpuSynthException">Something does not fit.</exception>
    public static ProbeResult Run(ProbeOptions options, Action<string> say, string command, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(say);
        var clock = Stopwatch.StartNew();
        TorchSettings.Apply();
        List<(string Name, SegmentationNetwork Network)> given = [];
        try
        {
            foreach (string path in options.Weights)
            {
                given.Add((NameOf(path, [.. given.Select(static one => one.Name)]), Open(path)));
            }

            ProbeData data = ProbeData.Read(options, stop);
            for (int n = 0; n < given.Count; n++)
            {
                CheckFits(options.Weights[n], given[n].Network.Options, data, options.DataFolder);
                given[n] = (given[n].Name, ForChannels(given[n].Network, data.Channels, options.Weights[n], data.Notices));
            }

            (Recipe recipe, VolumeShape shape) = PairsOf(options, data);
            SyntheticPair[] pairs = data.Channels == 1 ? SyntheticPairs.Of(recipe, shape) : [];
            var work = new ProbeTask(data, pairs, options.Threads);
            (List<ProbeArm> arms, List<ReportPicture> pictures) = Judge(options, given, work, say, stop);
            var result = new ProbeResult(
                options.DataFolder,
                [.. data.LabelNames.Skip(1)],
                [.. data.Training.Select(static one => one.Name)],
                [.. data.Evaluation.Select(static one => one.Name)],
                pairs.Length > 0 ? $"two pairs of {recipe.Name}, {shape}" : "nothing: synthetic images have one channel, these more",
                data.Notices.All,
                arms,
                ProbeResult.Compare(arms),
                Math.Round(clock.Elapsed.TotalSeconds, 1));
            Directory.CreateDirectory(options.OutFolder);
            AtomicFile.WriteText(Path.Combine(options.OutFolder, JsonName), result.ToJson() + "\n");
            string name = ReportText.FolderName(options.OutFolder);
            AtomicFile.WriteText(Path.Combine(options.OutFolder, ReportName), ProbeReport.ToHtml(name, result, pictures, command));
            ProbeCards.Write(options.Weights, result, command, say);
            return result;
        }
        finally
        {
            given.ForEach(static one => one.Network.Dispose());
        }
    }

    private static (List<ProbeArm> Arms, List<ReportPicture> Pictures) Judge(
        ProbeOptions options,
        List<(string Name, SegmentationNetwork Network)> given,
        ProbeTask work,
        Action<string> say,
        CancellationToken stop)
    {
        List<ProbeArm> arms = [];
        List<ReportPicture> pictures = [];
        void Add(ProbeArm arm, IFeatureSource features)
        {
            arms.Add(arm);
            say($"{arm.Name}: Dice {ReportText.Interval(arm.Best.Dice, 3)} at {arm.Best.Name}");
            string[] levels = [arm.Best.Name, arm.Levels.LastOrDefault(static one => one.Name != ReadOut.AllLevels)!.Name];
            string shown = levels[0] == ReadOut.AllLevels || levels[0] == levels[1] ? levels[1] : string.Join(" and ", levels);
            pictures.Add(new ReportPicture(
                $"{arm.Name}: an image, its labels, and the first three principal components of {shown} as colours",
                work.Picture(features, levels)));
        }

        NetworkOptions[] networks = [.. given.Select(static one => one.Network.Options).Distinct()];
        string TwinOf(NetworkOptions network) =>
            networks.Length == 1 ? "random weights" : $"random weights {Array.IndexOf(networks, network) + 1}";
        foreach ((string name, SegmentationNetwork network) in given)
        {
            using var features = new NetworkFeatures(network, isOwner: false);
            Add(work.Judge(name, WeightsKind, features, stop) with { Twin = TwinOf(network.Options) }, features);
        }

        foreach (NetworkOptions network in networks)
        {
            long size = given.First(one => one.Network.Options == network).Network.ParameterCount;
            int seeds = options.RandomSeeds > 0 ? options.RandomSeeds : size < SmallNetwork ? 3 : 1;
            NetworkFeatures[] drawn = [.. Enumerable.Range(0, seeds).Select(n => new NetworkFeatures(Random(network, options.Seed + (ulong)n)))];
            try
            {
                Array.ForEach(drawn, work.MeasureNorms);
                ProbeArm[] judged = [.. drawn.Select(features => work.Judge(TwinOf(network), RandomKind, features, stop))];
                Add(ProbeArm.Mean(TwinOf(network), RandomKind, judged), drawn[0]);
            }
            finally
            {
                Array.ForEach(drawn, static features => features.Dispose());
            }
        }

        using var hand = new HandFeatures();
        Add(work.Judge("hand-made", HandMadeKind, hand, stop), hand);
        return (arms, pictures);
    }

    private static SegmentationNetwork Open(string path)
    {
        using CheckpointReader reader = CheckpointReader.Open(path);
        SegmentationNetwork network = NetworkFactory.Create(reader.Network);
        try
        {
            Weights.LoadStrict(network, FineTuneModel.BodyOf(reader.NetworkTensors), reader.Path);
            network.eval();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static SegmentationNetwork Random(NetworkOptions options, ulong seed)
    {
        using torch.Tensor before = torch.random.get_rng_state();
        torch.random.manual_seed(unchecked((long)seed));
        // Dropout would be drawn while norms are measured, and has no weights.
        SegmentationNetwork network = NetworkFactory.Create(options with { Dropout = 0 });
        torch.random.set_rng_state(before);
        network.eval();
        return network;
    }

    private static void CheckFits(string path, NetworkOptions network, ProbeData data, string folder)
    {
        if (network.Dimensions != data.Dimensions)
        {
            throw new GpuSynthException(
                $"The weights of '{path}' are of a {network.Dimensions}D network, and the cases of '{folder}' have {data.Dimensions} "
                + "dimensions; use weights that were pre-trained with the other preset.");
        }

        if (network.InChannels != data.Channels && network.InChannels != 1)
        {
            throw new GpuSynthException(
                $"The weights of '{path}' are of a network with {network.InChannels} input channel{(network.InChannels == 1 ? "" : "s")}, "
                + $"and the images of '{folder}' have {data.Channels}; probe on images of as many.");
        }
    }

    // As fine-tuning does: a first convolution of one channel looks at all of them, divided by their number.
    private static SegmentationNetwork ForChannels(SegmentationNetwork network, int channels, string path, Notices notices)
    {
        if (network.Options.InChannels == channels)
        {
            return network;
        }

        using SegmentationNetwork narrow = network;
        SegmentationNetwork wide = NetworkFactory.Create(network.Options with { InChannels = channels });
        IReadOnlyDictionary<string, torch.Tensor> state =
            Weights.State(network).ToDictionary(static one => one.Name, static one => one.Tensor);
        using (torch.NewDisposeScope())
        {
            Weights.LoadStrict(wide, FineTuneModel.ForChannels(wide, state).Tensors, path);
        }

        wide.eval();
        notices.Add("channels of the weights", $"'{path}' is of one channel: its first convolution sees all {channels}, each with 1 / {channels} of its weights");
        return wide;
    }

    private static string NameOf(string path, string[] taken)
    {
        string name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        name = Directory.Exists(path) ? ReportText.FolderName(path) : name;
        string free = name;
        for (int n = 2; taken.Contains(free); n++)
        {
            free = $"{name} ({n})";
        }

        return free;
    }

    // Of the first pre-training run that was given, where its recipe needs nothing else; else the preset's.
    private static (Recipe Recipe, VolumeShape Shape) PairsOf(ProbeOptions options, ProbeData data)
    {
        foreach (string path in options.Weights.Where(RunRecord.IsIn))
        {
            try
            {
                PretrainOptions run = RunRecord.Read(path).Options;
                if (run.Labels is null && run.Shape.VoxelCount <= MostPairVoxels && run.Shape.Dimensions == data.Dimensions)
                {
                    return (run.Recipe, run.Shape);
                }
            }
            catch (GpuSynthException error)
            {
                data.Notices.Add("the run's recipe", $"The recipe of '{path}' is not used for synthetic pairs: {error.Message}");
            }
        }

        return data.Dimensions == 2
            ? (Presets.Get("rasd-2d"), VolumeShape.Image(128, 128))
            : (Presets.Get("rasd-3d"), VolumeShape.Volume(48, 48, 48));
    }
}
