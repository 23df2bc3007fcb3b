using TorchSharp;

namespace GpuSynth.Torch.Objectives;

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
