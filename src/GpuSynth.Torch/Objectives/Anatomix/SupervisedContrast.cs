using GpuSynth.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

// z_i: rows of one item, s_ij = cos(z_i, z_j) / T, P_i: the other rows of i's label.
//   L_i = -1 / |P_i| sum over j in P_i of (s_ij - log sum over k != i of w_ik exp s_ik)
// Plain: w = 1, and the mean over i. Balanced: w_ik = 1 / (rows of k's label, i not counted), which makes the denominator a sum of
// labels' means, and the mean over i is weighted by 1 / (rows of i's label), so that every label of an item has the same say.

/// <summary>The supervised contrast of feature rows, of every item by itself: no label equals one of another item.</summary>
/// <remarks>
/// Source: Khosla et al., "Supervised contrastive learning", 2020; balanced after Zhu et al., "Balanced contrastive learning", 2022.
/// </remarks>
internal static class SupervisedContrast
{
    /// <summary>T.</summary>
    public const double Temperature = 0.33;

    /// <summary>The loss of rows that are all equal, not balanced: ln(rows - 1).</summary>
    public static double Chance(int rows) => Math.Log(rows - 1);

    /// <summary>The mean loss of the items; memory for B R^2 values, never for B R^2 C.</summary>
    /// <param name="rows">[B, R, C], float32 or float64, of any length.</param>
    /// <param name="labels">[B, R], whole numbers; each occurs at least twice in its item.</param>
    /// <param name="isBalanced">Whether labels weigh alike.</param>
    /// <returns>A number in the rows' graph.</returns>
    /// <exception cref="ArgumentException">Rows and labels do not fit each other.</exception>
    public static Tensor Loss(Tensor rows, Tensor labels, bool isBalanced)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(labels);
        if (rows.shape.Length != 3 || rows.shape[1] < 2 || !labels.shape.SequenceEqual(rows.shape.AsSpan(0, 2)))
        {
            throw new ArgumentException(
                $"Rows [{string.Join(", ", rows.shape)}] and labels [{string.Join(", ", labels.shape)}] do not fit: they are [B, R, C] and "
                + "[B, R], R at least 2.",
                nameof(labels));
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor unit = nn.functional.normalize(rows, dim: 2);
        if (rows.device.type == DeviceType.CPU && rows.dtype == ScalarType.Float32)
        {
            return OnHost(unit, labels, isBalanced).MoveToOuterDisposeScope();
        }

        Tensor similarities = unit.bmm(unit.transpose(1, 2)).mul(Scalars.Of(1 / Temperature));
        Tensor self = eye(rows.shape[1], dtype: ScalarType.Bool, device: rows.device);
        Tensor same = labels.unsqueeze(2).eq(labels.unsqueeze(1)).to_type(rows.dtype);
        Tensor positive = same.masked_fill(self, Scalars.Of(0));
        Tensor others = positive.sum(2);
        Tensor pull = (similarities * positive).sum(2).div(others);
        Tensor weighted = similarities;
        if (isBalanced)
        {
            weighted = similarities.sub(others.Plus(1).unsqueeze(1).sub(same).log());
        }

        // The row's maximum is taken off in there.
        Tensor losses = weighted.masked_fill(self, Scalars.Of(double.NegativeInfinity)).logsumexp(2).sub(pull);
        if (!isBalanced)
        {
            return losses.mean().MoveToOuterDisposeScope();
        }

        Tensor weights = others.Plus(1).reciprocal();
        return (losses * weights).sum(1).div(weights.sum(1)).mean().MoveToOuterDisposeScope();
    }

    // Two products and two sweeps between them, item by item so that what lies between them stays in the cache; operators sweep over R^2 values some
    // thirty times with their gradients.
    private static unsafe Tensor OnHost(Tensor unit, Tensor labels, bool isBalanced)
    {
        // x = u / sqrt(T): s = x x^T, dL/du = H x / sqrt(T).
        Scalar root = Scalars.Of(Math.Sqrt(1 / Temperature));
        Tensor scaled = unit.detach().mul(root);
        (int items, int rows) = ((int)unit.shape[0], (int)unit.shape[1]);
        int[] own = [.. labels.to_type(ScalarType.Int32).contiguous().cpu().data<int>()];
        Tensor slope = empty_like(scaled);
        double sum = 0;
        for (int item = 0; item < items; item++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor given = scaled.select(0, item), similarities = given.matmul(given.t());
            var at = (float*)TensorAddress.Of(similarities);
            var loss = new ContrastLoss(own.AsSpan(item * rows, rows), isBalanced, 1.0 / items);
            ForRows(rows, (first, count) => loss.HostPowers(at, first, count));
            sum += loss.Finish();
            ForRows(rows, (first, count) => loss.HostSlopes(at, first, count));
            slope.select(0, item).copy_(similarities.matmul(given).mul_(root));
        }

        // A number whose gradient is the slope, and whose value the loss.
        Tensor graph = (unit * slope).sum();
        return graph.sub(graph.detach()).Plus(sum / items);
    }

    private static void ForRows(int rows, Action<int, int> work)
    {
        const int Each = 64;
        HostThreads.For((rows + Each - 1) / Each, n => work(n * Each, Math.Min(Each, rows - (n * Each))));
    }
}
