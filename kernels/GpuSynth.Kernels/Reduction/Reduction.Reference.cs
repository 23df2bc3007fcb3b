namespace GpuSynth.Kernels;

public static partial class Reduction
{
    /// <summary>Minimum, maximum and sum of a volume, one element after the other, in double precision.</summary>
    /// <param name="values">Elements.</param>
    /// <returns>Minimum, maximum, sum, and whether an element is a NaN or infinite.</returns>
    public static (double Minimum, double Maximum, double Sum, bool NonFinite) ReferenceAll(ReadOnlySpan<float> values)
    {
        double minimum = double.PositiveInfinity;
        double maximum = double.NegativeInfinity;
        double sum = 0;
        bool nonFinite = false;
        foreach (float value in values)
        {
            if (!float.IsNaN(value))
            {
                minimum = Math.Min(minimum, value);
                maximum = Math.Max(maximum, value);
            }

            sum += value;
            nonFinite |= float.IsNaN(value) || float.IsInfinity(value);
        }

        return (minimum, maximum, sum, nonFinite);
    }
}
