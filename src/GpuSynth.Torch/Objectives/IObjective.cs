using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>The loss of a batch.</summary>
/// <param name="Loss">The whole loss.</param>
/// <param name="Parts">What it is the sum of, by name.</param>
public readonly record struct ObjectiveValue(double Loss, IReadOnlyList<(string Name, double Value)> Parts);

/// <summary>What a network is pre-trained for: a loss of its output and of the labels that the engine knows.</summary>
public interface IObjective
{
    /// <summary>"rasd", "rasd-cosine", "segment".</summary>
    string Name { get; }

    /// <summary>Channels that the network must give out.</summary>
    /// <param name="labelCount">Labels of the recipe.</param>
    /// <param name="featureChannels">Feature channels, where the objective leaves the choice.</param>
    int OutputChannels(int labelCount, int featureChannels);

    /// <summary>Computes the loss, and adds its gradients to those of the parameters.</summary>
    /// <param name="features">The network's output [B, C, (D,) H, W], in its graph.</param>
    /// <param name="labels">uint8 [B, (D,) H, W], below <paramref name="labelCount"/>.</param>
    /// <param name="labelCount">Number of labels K; some may be absent.</param>
    /// <param name="scale">What gradients are multiplied by: a share where several batches make a step.</param>
    /// <returns>The loss, not scaled.</returns>
    /// <exception cref="ArgumentException">Features and labels are not of one batch.</exception>
    ObjectiveValue Backward(torch.Tensor features, torch.Tensor labels, int labelCount, double scale);
}

/// <summary>What objectives are given.</summary>
internal static class ObjectiveInput
{
    /// <summary>Refuses what does not fit together: some of libtorch's operators, matmul among them, would end the process.</summary>
    /// <exception cref="ArgumentException">Features and labels are not of one batch.</exception>
    public static void Check(torch.Tensor features, torch.Tensor labels, int labelCount)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(labelCount, 1);
        long[] shape = features.shape;
        if (shape.Length < 3 || !labels.shape.SequenceEqual([shape[0], .. shape.AsSpan(2)]))
        {
            throw new ArgumentException(
                $"Features [{string.Join(", ", shape)}] and labels [{string.Join(", ", labels.shape)}] are not of one batch: they are "
                + "[B, C, (D,) H, W] and [B, (D,) H, W].",
                nameof(labels));
        }

        if (labels.dtype != torch.ScalarType.Byte)
        {
            throw new ArgumentException($"Labels are uint8, and these are {labels.dtype}.", nameof(labels));
        }
    }
}

/// <summary>The objectives by their names.</summary>
public static class ObjectiveCatalogue
{
    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["rasd", "rasd-cosine", "segment"];

    /// <summary>The objective of a name.</summary>
    /// <exception cref="GpuSynthException">There is none of that name.</exception>
    public static IObjective Create(string name) => name switch
    {
        "rasd" => new RasdObjective(isNormalised: false),
        "rasd-cosine" => new RasdObjective(isNormalised: true),
        "segment" => new SegmentObjective(),
        _ => throw new GpuSynthException($"There is no objective '{name}'; choose one of {string.Join(", ", Names)}."),
    };
}
