using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Probing;

/// <summary>A small probe of weights in training: few cases and voxels, read once; seconds for a small network.</summary>
public sealed class CheckpointProbe : ICheckpointProbe
{
    private const int TrainCases = 3;
    private const int EvalCases = 5;
    private const int Voxels = 500;
    private const int NeighbourVoxels = 64;

    private readonly ProbeTask work;
    private readonly double handMade;

    private CheckpointProbe(ProbeTask work)
    {
        this.work = work;
        using var features = new HandFeatures();
        handMade = work.Judge("hand-made", ProbeRun.HandMadeKind, features, default).Best.Dice.Mean;
    }

    /// <summary>Reads the cases and judges the hand-made features.</summary>
    /// <param name="folder">Labelled data, as of "probe".</param>
    /// <param name="network">The network that will be judged.</param>
    /// <param name="threads">Threads; no result depends on their number.</param>
    /// <exception cref="GpuSynthException">The data cannot be used, or is not what the network takes.</exception>
    public static CheckpointProbe Open(string folder, NetworkOptions network, int threads)
    {
        ArgumentNullException.ThrowIfNull(network);
        ProbeData data = ProbeData.Read(new ProbeOptions
        {
            DataFolder = folder,
            OutFolder = Path.GetTempPath(),
            TrainCases = TrainCases,
            EvalCases = EvalCases,
            Voxels = Voxels,
            NeighbourVoxels = NeighbourVoxels,
            Threads = threads,
        });
        return data.Dimensions == network.Dimensions && data.Channels == network.InChannels
            ? new CheckpointProbe(new ProbeTask(data, [], threads))
            : throw new GpuSynthException(
                $"The cases of '{folder}' have {data.Dimensions} dimensions and {data.Channels} channels, and the network takes "
                + $"{network.Dimensions} and {network.InChannels}; probe on other data (--probe), or leave it out.");
    }

    /// <inheritdoc/>
    public void Measure(SegmentationNetwork network, MetricsRow row)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(row);
        using var features = new NetworkFeatures(network, isOwner: false);
        ProbeArm arm = work.Judge("weights", ProbeRun.WeightsKind, features, default);
        row[MetricsRow.ProbeDice] = arm.Best.Dice.Mean;
        row[MetricsRow.ProbeOutputDice] = arm.Levels.Last(static level => level.Name != ReadOut.AllLevels).Dice.Mean;
        row[MetricsRow.ProbeHandMadeDice] = handMade;
    }
}
