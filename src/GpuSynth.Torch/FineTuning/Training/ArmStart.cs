using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The networks of a run before their first step.</summary>
internal sealed class ArmStart
{
    // New weights are drawn from torch's random state, which is the whole process': one network after the other.
    private static readonly Lock Drawing = new();

    private readonly FineTuneOptions options;
    private readonly CheckpointReader? initial;
    private readonly int classes;

    public ArmStart(FineTuneOptions options, NetworkOptions network, CheckpointReader? initial, IReadOnlyList<string> classNames)
    {
        (this.options, this.initial, classes) = (options, initial, classNames.Count);
        Head = HeadPlan.Of(options.Head, options.Transfer, initial, classNames, options.Steps);
        Network = Head.ReplacesOutputs ? FineTuneModel.WithUsualFeatures(network) : network;
    }

    /// <summary>The network of all arms, without the head on top.</summary>
    public NetworkOptions Network { get; }

    /// <summary>What becomes of the head in the pre-trained arms.</summary>
    public HeadPlan Head { get; }

    /// <summary>What becomes of the head of an initialisation.</summary>
    public HeadPlan HeadOf(string init) => init == FineTuneOptions.PretrainedName ? Head : HeadPlan.Scratch;

    /// <summary>A network of new weights.</summary>
    public SegmentationNetwork CreateNew(ulong seed)
    {
        lock (Drawing)
        {
            manual_seed(unchecked((long)seed));
            SegmentationNetwork network = FineTuneModel.Create(Network, classes, Head.EndsInClasses);
            DropPath.Set(network, options.DropPath);
            return network;
        }
    }

    /// <summary>Takes the pre-trained weights over.</summary>
    public WeightTransfer Load(SegmentationNetwork network) => FineTuneModel.LoadPretrained(
        network,
        initial!.NetworkTensors,
        initial.Path,
        withHead: Head.Treatment == HeadTreatment.Keep,
        encoderOnly: options.Transfer == TransferredPart.Encoder,
        otherOutputs: Head.ReplacesOutputs);

    /// <summary>The network of an arm on its device, and how its parts are trained.</summary>
    public (SegmentationNetwork Network, ArmParts Parts) Create(string init, ulong seed)
    {
        SegmentationNetwork network = CreateNew(seed);
        try
        {
            ArmParts parts = ArmParts.Whole(network);
            if (init == FineTuneOptions.PretrainedName)
            {
                WeightTransfer transfer = Load(network);
                parts = ArmParts.Of(
                    network,
                    [.. transfer.Missing, .. transfer.Mismatched],
                    new RateFactors { Body = options.BodyRate, LayerDecay = options.LayerDecay },
                    FineTuneSchedule.HeadStepsOf(Head.Treatment, options.Steps));
            }

            network.to(TrainingParts.DeviceOf(options.Device));
            return (network, parts);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}

/// <summary>How the parts of an arm's network are trained.</summary>
/// <param name="RateFactors">Of every parameter, in the network's order.</param>
/// <param name="IsNew">Of every parameter whether it is trained in the stage for what is new.</param>
/// <param name="HeadSteps">Steps of that stage.</param>
internal sealed record ArmParts(IReadOnlyList<double> RateFactors, IReadOnlyList<bool> IsNew, int HeadSteps)
{
    /// <summary>Everything at the whole rate, from the first step.</summary>
    public static ArmParts Whole(SegmentationNetwork network)
    {
        int count = network.named_parameters().Count();
        return new ArmParts([.. Enumerable.Repeat(1.0, count)], [.. Enumerable.Repeat(true, count)], 0);
    }

    /// <summary>What was not taken over is new and has the whole rate; the rest has its factors.</summary>
    /// <exception cref="GpuSynthException">A layer decay was asked of a network that has no such layers.</exception>
    public static ArmParts Of(SegmentationNetwork network, HashSet<string> fresh, RateFactors factors, int headSteps)
    {
        bool[] isNew = [.. network.named_parameters().Select(one => fresh.Contains(one.name))];
        double[] own = factors.Of(network);
        return new ArmParts([.. own.Zip(isNew, static (factor, isOne) => isOne ? 1 : factor)], isNew, headSteps);
    }
}
