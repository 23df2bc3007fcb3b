using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.ReadOuts;

/// <summary>
/// How many directions features really use: exp of the entropy of the normalised singular values. Source: RankMe (Garrido et al.,
/// 2023): q = sigma / sum(sigma) + 1e-7, exp(-sum q ln q). Good to compare runs of one method, not methods.
/// </summary>
internal static class EffectiveRank
{
    private const double Epsilon = 1e-7;

    /// <summary>Of singular values: 1 (one direction) to their number.</summary>
    public static double OfSingularValues(IReadOnlyList<double> values)
    {
        double sum = values.Sum();
        return sum > 0
            ? Math.Exp(-values.Select(value => (value / sum) + Epsilon).Sum(static share => share * Math.Log(share)))
            : double.NaN;
    }

    /// <summary>Of rows [n, channels]: the singular values are the roots of the channels' products' eigenvalues.</summary>
    public static double OfRows(float[] rows, int channels)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        Tensor matrix = tensor(rows, [rows.Length / channels, channels]).to_type(ScalarType.Float64);
        Tensor eigenvalues = linalg.eigvalsh(matrix.t().matmul(matrix));
        return OfSingularValues([.. eigenvalues.data<double>().Select(static value => Math.Sqrt(Math.Max(0, value)))]);
    }
}
