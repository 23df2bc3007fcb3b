using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

// A volume has nine base crops b_k and some random crops x with labels y_k (the share of x in b_k, sum 1); c is the cosine, s = max(0, c).
//   agreement(y, s) = sum y (-ln(1 - |y - s| + e)) / (sum y + e) + sum over y = 0 of (-ln(1 - s + e)) / (their number + e), e = 1e-6,
//                     sums over the base crops of all random crops of the volume
//   intra = agreement(y, s(student x, teacher b)), the teacher's without gradient
//   inter = agreement(y, s(student x, student b of the other appearance)): one anatomy, so that the overlap is known exactly
//   regularisation = mean over pairs i < j of s(student b_i, student b_j without gradient)^2

/// <summary>VoCo's three losses of embeddings, each the mean over items and views.</summary>
internal static class VocoLoss
{
    private const double Offset = 1e-6;

    /// <summary>The losses; numbers in the student's graph.</summary>
    /// <param name="student">[2, B, 9 + R, E]: views, items, base crops and then random crops, embeddings of any length.</param>
    /// <param name="teacher">[2, B, 9, E]: of the base crops; gets no gradient.</param>
    /// <param name="labels">[2, B, R, 9]: shares, sum 1.</param>
    public static (Tensor Intra, Tensor Inter, Tensor Regularisation) Of(Tensor student, Tensor teacher, Tensor labels)
    {
        const int Count = CropGrid.Count;
        using DisposeScope scope = NewDisposeScope();
        Tensor unit = nn.functional.normalize(student, dim: 3);
        Tensor bases = unit.narrow(2, 0, Count), crops = unit.narrow(2, Count, unit.shape[2] - Count);
        Tensor targets = nn.functional.normalize(teacher.detach(), dim: 3);
        return (
            Agreement(labels, Similarities(crops, targets)).MoveToOuterDisposeScope(),
            Agreement(labels, Similarities(crops, bases.flip(0))).MoveToOuterDisposeScope(),
            Regularisation(bases).MoveToOuterDisposeScope());
    }

    /// <summary>How far similarities are from labels; a volume is the last two axes, and the result the mean over volumes.</summary>
    /// <param name="labels">[.., R, K], 0 to 1.</param>
    /// <param name="similarities">[.., R, K], 0 to 1.</param>
    internal static Tensor Agreement(Tensor labels, Tensor similarities)
    {
        Tensor MinusLog(Tensor distance) => distance.mul(Scalars.Of(-1)).Plus(1 + Offset).log().mul(Scalars.Of(-1));
        Tensor zero = labels.eq(Scalars.Of(0)).to_type(labels.dtype);
        Tensor near = (labels * MinusLog(labels.sub(similarities).abs())).sum([-2L, -1L]).div(labels.sum([-2L, -1L]).Plus(Offset));
        Tensor far = (zero * MinusLog(similarities)).sum([-2L, -1L]).div(zero.sum([-2L, -1L]).Plus(Offset));
        return near.Plus(far).mean();
    }

    /// <summary>How alike base crops are: [.., K, E] of length 1.</summary>
    internal static Tensor Regularisation(Tensor bases)
    {
        long count = bases.shape[^2];
        Tensor pairs = Similarities(bases, bases.detach()).Squared().triu(1);
        return pairs.sum([-2L, -1L]).mul(Scalars.Of(2.0 / (count * (count - 1)))).mean();
    }

    // [.., R, E] and [.., K, E] of length 1 to [.., R, K].
    private static Tensor Similarities(Tensor rows, Tensor others) => rows.matmul(others.transpose(-2, -1)).relu();
}
