using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

// L = CE + 1 - mean over the labels from 1 on of (2 sum p t + e) / (sum p + sum t + e), e = 1e-5.
// p: softmax of the logits; t: one-hot truth; sums over all voxels of all crops of the batch, so that a label that one crop
// lacks is still judged by the other; a label in none of them, and not predicted, costs nothing. CE: mean over voxels of -log p
// of the truth. A voxel whose truth is zero in every class is left out: of CE's mean, and of both sums (p counts as 0 there).
// Source: Milletari, Navab, Ahmadi, "V-Net", 3DV 2016 (soft Dice); nnU-Net sums over the batch in the same way.

/// <summary>The loss of segmentation: soft Dice and cross-entropy, with equal weight.</summary>
internal static class DiceCrossEntropy
{
    private const double Smooth = 1e-5;

    /// <summary>The loss, a scalar in the graph.</summary>
    /// <param name="logits">[B, C, (D,) H, W].</param>
    /// <param name="truth">One-hot, of the same shape; all zeros where a voxel is left out.</param>
    /// <param name="counted">Voxels that are not left out; null: all.</param>
    public static Tensor Of(Tensor logits, Tensor truth, long? counted = null)
    {
        long classes = logits.shape[1];
        long voxels = truth.numel() / classes;
        Tensor logarithms = logits.log_softmax(1);
        Tensor crossEntropy = (logarithms * truth).sum().mul(Scalars.Of(-1.0 / Math.Max(1, counted ?? voxels)));
        Tensor likelihood = logarithms.exp();
        Tensor shares = ByClass(counted < voxels ? likelihood * truth.sum(1, keepdim: true) : likelihood, classes);
        Tensor true1 = ByClass(truth, classes);
        Tensor both = (shares * true1).sum(1);
        Tensor total = shares.sum(1).Plus(true1.sum(1));
        Tensor dice = both.mul(Scalars.Of(2)).Plus(Smooth) / total.Plus(Smooth);
        return crossEntropy.Plus(1) - dice.narrow(0, 1, classes - 1).mean();
    }

    /// <summary>Writes labels one-hot, in the order of a tensor [count, classes, (D,) H, W].</summary>
    /// <param name="labels">[count, voxels].</param>
    /// <param name="count">Crops.</param>
    /// <param name="classes">Classes; <see cref="LabelClasses.Ignored"/> is not one.</param>
    /// <param name="truth">[count, classes, voxels].</param>
    /// <returns>Voxels that count.</returns>
    public static long OneHot(ReadOnlySpan<byte> labels, int count, int classes, Span<float> truth)
    {
        int voxels = labels.Length / count;
        long counted = 0;
        truth.Clear();
        for (int n = 0; n < labels.Length; n++)
        {
            if (labels[n] != LabelClasses.Ignored)
            {
                (int crop, int voxel) = Math.DivRem(n, voxels);
                truth[(((crop * classes) + labels[n]) * voxels) + voxel] = 1;
                counted++;
            }
        }

        return counted;
    }

    private static Tensor ByClass(Tensor values, long classes) => values.transpose(0, 1).reshape(classes, -1);
}
