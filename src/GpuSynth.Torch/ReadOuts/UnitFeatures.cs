using System.Numerics.Tensors;

namespace GpuSynth.Torch.ReadOuts;

/// <summary>
/// Alignment and uniformity of features on the unit sphere (Wang and Isola, 2020). Rows are made of length 1 first; a row of zeros
/// stays one.
/// </summary>
internal static class UnitFeatures
{
    private const double Sharpness = 2;

    /// <summary>Rows [n, channels] of length 1.</summary>
    public static float[] Of(float[] rows, int channels)
    {
        float[] units = new float[rows.Length];
        for (int first = 0; first < rows.Length; first += channels)
        {
            ReadOnlySpan<float> row = rows.AsSpan(first, channels);
            float length = TensorPrimitives.Norm(row);
            TensorPrimitives.Multiply(row, length > 0 ? 1 / length : 0, units.AsSpan(first, channels));
        }

        return units;
    }

    /// <summary>The mean of |f - g|^2 over pairs of rows that belong together: 0 (the same) to 4 (opposite).</summary>
    public static double Alignment(float[] units, float[] twins, int channels) =>
        Squares(units, twins, channels).Average();

    /// <summary>ln of the mean of exp(-2 |f - g|^2) over pairs of rows that do not: 0 (all the same) to about -4 (spread).</summary>
    public static double Uniformity(float[] units, float[] others, int channels) =>
        Math.Log(Squares(units, others, channels).Average(static square => Math.Exp(-Sharpness * square)));

    private static IEnumerable<double> Squares(float[] units, float[] others, int channels)
    {
        for (int first = 0; first < units.Length; first += channels)
        {
            double distance = TensorPrimitives.Distance<float>(
                units.AsSpan(first, channels), others.AsSpan(first, channels));
            yield return distance * distance;
        }
    }
}
