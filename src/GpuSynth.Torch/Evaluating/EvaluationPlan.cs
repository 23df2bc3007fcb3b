using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Classification;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Evaluating;

/// <summary>Something that is fine-tuned on a task: weights, weights that are yet to be pre-trained there, or new weights of the same network.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Weights">The weights; null: new ones, or such as are yet to be pre-trained.</param>
/// <param name="Network">The network.</param>
/// <param name="Scratch">The arm of new weights that it is compared with; its own name, where it is one.</param>
internal sealed record PlannedArm(string Name, string? Weights, NetworkOptions Network, string Scratch)
{
    /// <summary>How its weights are pre-trained on the task's label maps; null: they are given, or new.</summary>
    public MapArm? Maps { get; init; }

    /// <summary>What its crops are changed by besides; null: by nothing else.</summary>
    public AppearanceChange? Appearance { get; init; }

    /// <summary>Whether it begins with new weights.</summary>
    public bool IsScratch => Weights is null && Maps is null;
}

/// <summary>A task with the arms that fit it.</summary>
/// <param name="Task">The task.</param>
/// <param name="DataFolder">Its data.</param>
/// <param name="Dimensions">2 or 3.</param>
/// <param name="Arms">The arms: new weights first, of every network one.</param>
internal sealed record PlannedTask(EvaluationTask Task, string DataFolder, int Dimensions, IReadOnlyList<PlannedArm> Arms)
{
    /// <summary>Arms of given weights.</summary>
    public IEnumerable<PlannedArm> OfWeights => Arms.Where(static arm => arm.Weights is not null);

    /// <summary>Reads a task of segmentation as fine-tuning does.</summary>
    public SegmentationData ReadData(CancellationToken stop)
    {
        var notices = new Notices();
        SegmentationDataset dataset = SegmentationDataset.Open(DataFolder, notices);
        DataSplit split = DataSplit.Of(dataset.Cases, Task.ValidationCases, Task.TestCases);
        var options = new FineTuneOptions { DataFolder = DataFolder, OutFolder = DataFolder, Intensity = Task.Intensity, IgnoreLabel = Task.IgnoreLabel };
        return SegmentationData.Read(dataset, split, options, notices, stop: stop);
    }

    /// <summary>Voxels of a crop, as fine-tuning has them.</summary>
    /// <param name="arm">What is trained.</param>
    /// <param name="median">The cases' median shape; asked for where the suite says nothing.</param>
    public VolumeShape PatchOf(PlannedArm arm, Func<VolumeShape> median)
    {
        if (Task.Patch is { } sides)
        {
            return FineTuneRun.PatchOf(sides, Dimensions);
        }

        using SegmentationNetwork network = NetworkFactory.Create(arm.Network);
        return FineTuneRun.DefaultPatch(median(), network.SideMultiple);
    }
}

/// <summary>Which arms there are on which task, before anything is trained.</summary>
internal sealed class EvaluationPlan
{
    private const string ScratchName = "scratch";

    private EvaluationPlan(IReadOnlyList<PlannedTask> tasks, IReadOnlyDictionary<string, string> checksums, IReadOnlyList<string> notices) =>
        (Tasks, Checksums, Notices) = (tasks, checksums, notices);

    /// <summary>The tasks.</summary>
    public IReadOnlyList<PlannedTask> Tasks { get; }

    /// <summary>SHA-256 of every file of weights, by the weights' name.</summary>
    public IReadOnlyDictionary<string, string> Checksums { get; }

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>Opens weights and data.</summary>
    /// <exception cref="GpuSynthException">Something is not there, or fits nothing.</exception>
    public static EvaluationPlan Of(EvaluationOptions options)
    {
        string[] names = [.. options.Weights.Select(static one => one.Name), .. options.Suite.OwnArms.Select(static one => one.Name)];
        if (options.Suite.OwnArms.FirstOrDefault(one => options.Weights.Any(other => other.Name == one.Name)) is { } same)
        {
            throw new GpuSynthException($"{same.Name} is an arm of the suite, and the name of given weights; give the weights another (--weights NAME=PATH).");
        }

        if (options.Weights.GroupBy(static one => one.Name).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new GpuSynthException($"Two weights are called {twice.Key}; name them apart: --weights a={twice.First().Path},b={twice.Last().Path}.");
        }

        if (names.Any(static name => name.StartsWith(ScratchName, StringComparison.Ordinal)))
        {
            throw new GpuSynthException($"'{ScratchName}' names new weights here; give the weights another name (--weights NAME=PATH), or the suite's arm.");
        }

        if (options.Suite.Always.FirstOrDefault(name => options.Weights.All(one => one.Name != name)) is { } missing)
        {
            throw new GpuSynthException($"The suite always fine-tunes {missing}, and --weights has {Listed(options.Weights)}; name it, or take it out of the suite.");
        }

        (EvaluatedWeights Weights, NetworkOptions Network, NetworkOptions Scratch, string Checksum)[] opened = [.. options.Weights.Select(Opened)];
        List<string> notices = [];
        PlannedTask[] tasks = [.. options.Suite.Tasks.Select(task => TaskOf(task, Path.Combine(options.DataFolder, task.Data)))];
        return new EvaluationPlan(tasks, opened.ToDictionary(static one => one.Weights.Name, static one => one.Checksum), notices);

        PlannedTask TaskOf(EvaluationTask task, string folder)
        {
            int dimensions = task.IsClassification ? ClassificationData.Find(folder)[0].Shape.Dimensions : DimensionsOf(task, folder);
            var fitting = opened.Where(one => one.Network.Dimensions == dimensions).ToArray();
            foreach (var other in opened.Except(fitting))
            {
                notices.Add($"{other.Weights.Name} is of a {other.Network.Dimensions}D network, and is left out of task {task.Name}, which is {dimensions}D");
            }

            MapArm[] maps = [.. options.Suite.LabelMaps.Where(Fits)];
            AppearanceArm[] appearances = [.. options.Suite.Appearances.Where(Fits)];
            bool Fits(SuiteArm arm)
            {
                if (task.IsClassification || arm.Recipe.Dimensions != dimensions)
                {
                    notices.Add(task.IsClassification
                        ? $"{arm.Name} is left out of task {task.Name}: it is for segmentation"
                        : $"{arm.Name} draws in {arm.Recipe.Dimensions}D, and is left out of task {task.Name}, which is {dimensions}D");
                    return false;
                }

                return true;
            }

            // Weights of no network that fits: the usual one stands for itself.
            NetworkOptions[] networks = fitting.Length == 0
                ? [NetworkOptions.Default(NetworkKind.UNet, dimensions)]
                : [.. fitting.Select(static one => one.Scratch).DistinctBy(static network => network.ToJson())];
            string NameOf(NetworkOptions network)
            {
                int place = Array.FindIndex(networks, one => one.ToJson() == network.ToJson());
                return place == 0 ? ScratchName : $"{ScratchName}-{place + 1}";
            }

            return new PlannedTask(
                task, folder, dimensions,
                [
                    .. networks.Select(network => new PlannedArm(NameOf(network), null, network, NameOf(network))),
                    .. fitting.Select(one => new PlannedArm(one.Weights.Name, one.Weights.Path, one.Network, NameOf(one.Scratch))),
                    .. maps.Select(one => new PlannedArm(one.Name, null, networks[0], ScratchName) { Maps = one }),
                    .. appearances.Select(one => new PlannedArm(one.Name, null, networks[0], ScratchName) { Appearance = new AppearanceChange(one.Recipe, one.Probability) }),
                ]);
        }
    }

    private static int DimensionsOf(EvaluationTask task, string folder)
    {
        DataSplit split = DataSplit.Of(SegmentationDataset.Open(folder).Cases, task.ValidationCases, task.TestCases);
        return task.Cases[^1] > split.Training.Count
            ? throw new GpuSynthException(
                $"Task {task.Name} trains on {task.Cases[^1]} cases, and '{folder}' has {split.Training.Count} to train on; change its cases or its split.")
            : CaseHeader.Read(split.Training[0]).Shape.Dimensions;
    }

    // What has classes for outputs would leave a new head of another task few features: new weights have as many as usual.
    private static (EvaluatedWeights, NetworkOptions Network, NetworkOptions Scratch, string) Opened(EvaluatedWeights weights)
    {
        using CheckpointReader reader = CheckpointReader.Open(weights.Path);
        NetworkOptions network = reader.Network;
        bool hasNoFeatures = FineTuneModel.EndsInOwnClasses(network, reader.Classes, reader.NetworkTensors.Keys);
        return (weights, network, hasNoFeatures ? FineTuneModel.WithUsualFeatures(network) : network, Checksum.Sha256(reader.Path));
    }

    private static string Listed(IEnumerable<EvaluatedWeights> weights)
    {
        string text = string.Join(", ", weights.Select(static one => one.Name));
        return text.Length > 0 ? text : "none";
    }
}
