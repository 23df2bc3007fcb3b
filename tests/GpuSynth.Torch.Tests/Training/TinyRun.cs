using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>A run that takes milliseconds a step, in a folder of its own.</summary>
internal sealed class TinyRun : IDisposable
{
    public static PretrainOptions Options => new()
    {
        Recipe = Presets.Get("rasd-3d"),
        Shape = VolumeShape.Volume(32, 8, 8),
        Network = new NetworkOptions { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 6, Dropout = 0.2 },
        Batch = 2,
        Accumulate = 2,
        Steps = 6,
        Seed = 11,
        LearningRate = 1e-3,
        WarmupSteps = 2,
        Threads = 1,
        CheckpointEvery = 2,
        Keep = 2,
    };

    /// <summary>The same for another objective; those that name labels have them ranked, for the recipe's own mean nothing.</summary>
    public static PretrainOptions For(string objective) =>
        Options with { Objective = objective, RankLabels = objective is "segment" or "multitask" };

    public string Folder { get; } = Directory.CreateTempSubdirectory("gpusynth-run-").FullName;

    public string this[string name] => Path.Combine(Folder, name);

    /// <summary>Names of a run's checkpoints.</summary>
    public string[] Names(string run) =>
    [
        .. Directory.EnumerateFiles(this[run + "/checkpoints"]).Select(static file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What decides whether two runs are the same: losses, their parts, gradients and rates, to the bit.</summary>
    public static string[] Losses(string folder) =>
    [
        .. MetricsLog.Read(Path.Combine(folder, MetricsLog.FileName)).Select(static row => string.Join(
            ' ',
            row.Values
                .Where(static pair =>
                    pair.Name is not (MetricsRow.Seconds or MetricsRow.VolumesPerSecond or MetricsRow.WaitShare))
                .Select(static pair => $"{pair.Name}={BitConverter.DoubleToInt64Bits(pair.Value):x}")
                .Prepend($"{row.Step}"))),
    ];

    /// <summary>Trains in a folder until it is finished or has done some steps.</summary>
    public static PretrainEnd Train(PretrainRun run, long until = long.MaxValue)
    {
        using var stop = new CancellationTokenSource();
        return run.Run(
            row =>
            {
                if (row.Step >= until)
                {
                    stop.Cancel();
                }
            },
            stop.Token);
    }

    public string[] TrainWhole(PretrainOptions options, string name)
    {
        using PretrainRun run = PretrainRun.Begin(this[name], options, "gpusynth pretrain");
        Assert.That(Train(run), Is.EqualTo(PretrainEnd.Finished));
        return Losses(this[name]);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
