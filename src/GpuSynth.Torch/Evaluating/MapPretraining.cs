using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Evaluating;

/// <summary>
/// The pre-trainings of a <see cref="MapArm"/> on a task: one for every number of cases and seed, on windows of the label maps of just those cases, of the size
/// that fine-tuning crops. Each is made once; one that was interrupted goes on.
/// </summary>
internal static class MapPretraining
{
    private const string SettingsName = "settings.json";
    private const int WindowsPerCase = 16;
    private const int CheckpointEvery = 500;

    // Windows as fine-tuning places them: half of them around a labelled voxel; nothing else is changed.
    private static readonly Augmentation Placed = Augmentation.None with { ForegroundProbability = new Augmentation().ForegroundProbability };

    /// <summary>Pre-trains what is not done yet, one after another: sums of torch do not depend on what runs beside them.</summary>
    /// <returns>The folder of every run.</returns>
    /// <exception cref="GpuSynthException">The folder holds runs of other settings, or the recipe cannot be drawn from these maps.</exception>
    public static IReadOnlyDictionary<(int Cases, ulong Seed), string> Run(
        EvaluationOptions options, PlannedTask task, PlannedArm arm, Action<string> say, string command, CancellationToken stop)
    {
        MapArm maps = arm.Maps!;
        using SegmentationData data = task.ReadData(stop);
        Recipe recipe = Named(maps.Recipe, data.Classes);
        VolumeShape patch = task.PatchOf(arm, data.MedianShape);
        Dictionary<(int, ulong), string> runs = [];
        foreach (int count in task.Task.Cases.Where(static count => count > 0))
        {
            for (ulong seed = 0; seed < (ulong)options.Suite.Seeds; seed++)
            {
                IReadOnlyList<SegmentationCase> cases = CropSource.Subset(data.Training, count, seed);
                string place = Path.Combine(EvaluationRun.ArmFolder(options.OutFolder, arm.Name), TrainingFolder(task.Task.Name + "-maps", count, seed));
                var asked = new PretrainOptions
                {
                    Recipe = recipe,
                    Shape = patch,
                    Labels = Path.Combine(place, "maps"),
                    Network = arm.Network with { InChannels = 1 },
                    Objective = maps.Objective,
                    Batch = maps.Batch,
                    Steps = maps.Steps,
                    WarmupSteps = PretrainDefaults.WarmupSteps(maps.Steps),
                    Seed = seed,
                    Device = options.Device,
                    SynthesisDevice = options.Device,
                    Threads = 1,
                    CheckpointEvery = CheckpointEvery,
                    Keep = 1,
                };
                runs.Add((count, seed), Path.Combine(place, "run"));
                if (!IsDone(place, asked, cases))
                {
                    say(FormattableString.Invariant($"{task.Task.Name}, {arm.Name}: {maps.Objective} on label maps of {count} cases, seed {seed}"));
                    Train(runs[(count, seed)], asked, () => WriteWindows(asked.Labels, cases, data.Classes, patch, seed), command, stop);
                }
            }
        }

        return runs;
    }

    /// <summary>Where the trainings that begin with a run lie, in the arm's folder.</summary>
    public static string TrainingFolder(string task, int cases, ulong seed) => Path.Combine(task, FormattableString.Invariant($"n{cases}_s{seed}"));

    // Classes for labels, whether or not the few maps have all of them.
    private static Recipe Named(Recipe recipe, int classes) =>
        recipe.With(recipe.Find<LabelMapAnatomy>()! with { Remap = [.. Enumerable.Range(0, classes).Select(static label => new LabelGroup(label, [label]))] });

    // Settings are written before anything else: whatever lies beside them was made with them.
    private static bool IsDone(string place, PretrainOptions asked, IReadOnlyList<SegmentationCase> cases)
    {
        string path = Path.Combine(place, SettingsName), settings = new JsonObject
        {
            ["recipe"] = RecipeYaml.Write(asked.Recipe),
            ["objective"] = asked.Objective,
            ["network"] = asked.Network.ToJson(),
            ["shape"] = asked.Shape.ToString(),
            ["steps"] = asked.Steps,
            ["batch"] = asked.Batch,
            ["device"] = asked.Device,
            ["cases"] = new JsonArray([.. cases.Select(static one => (JsonNode)one.Name)]),
        }.ToJsonString();
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(place);
            AtomicFile.WriteText(path, settings);
            return false;
        }

        if (File.ReadAllText(path) != settings)
        {
            throw new GpuSynthException($"'{place}' holds a pre-training of another recipe, network, length or other cases than this suite asks for; choose another folder (--out).");
        }

        string run = Path.Combine(place, "run");
        return RunRecord.IsIn(run) && RunRecord.Read(run).Status == RunRecord.Finished;
    }

    private static void WriteWindows(string folder, IReadOnlyList<SegmentationCase> cases, int classes, VolumeShape patch, ulong seed)
    {
        Directory.CreateDirectory(folder);
        var source = new CropSource(cases, seed, batch: 1, patch, Placed);
        float[] image = new float[cases[0].Channels * patch.VoxelCount];
        byte[] labels = new byte[patch.VoxelCount];
        for (int n = 0; n < WindowsPerCase * cases.Count; n++)
        {
            source.Fill(n, image, labels);
            for (int voxel = 0; voxel < labels.Length; voxel++)
            {
                labels[voxel] = labels[voxel] < classes ? labels[voxel] : (byte)0;
            }

            Nifti.WriteLabels(Path.Combine(folder, FormattableString.Invariant($"window_{n:0000}.nii.gz")), patch, labels);
        }
    }

    private static void Train(string folder, PretrainOptions asked, Action writeMaps, string command, CancellationToken stop)
    {
        bool isBegun = RunRecord.IsIn(folder);
        if (!isBegun)
        {
            writeMaps();
        }

        using PretrainRun run = isBegun ? PretrainRun.Resume(folder, change: null, static _ => { }) : PretrainRun.Begin(folder, asked, command);
        run.Run(static _ => { }, stop);
        stop.ThrowIfCancellationRequested();
    }
}
