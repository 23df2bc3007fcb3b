using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

/// <summary>The tolerance rule and the statistics that the kernel tests share.</summary>
internal static class Ladder
{
    /// <summary>Odd on purpose: single voxels, thin plates, one past a vector, non-cubic.</summary>
    public static readonly GpuSynth.Kernels.VolumeShape[] Shapes =
    [
        GpuSynth.Kernels.VolumeShape.Volume(1, 1, 1),
        GpuSynth.Kernels.VolumeShape.Volume(2, 3, 1),
        GpuSynth.Kernels.VolumeShape.Volume(3, 31, 33),
        GpuSynth.Kernels.VolumeShape.Volume(33, 2, 31),
        GpuSynth.Kernels.VolumeShape.Volume(17, 19, 100),
        GpuSynth.Kernels.VolumeShape.Image(1, 1),
        GpuSynth.Kernels.VolumeShape.Image(33, 31),
        GpuSynth.Kernels.VolumeShape.Image(96, 100),
    ];

    public static double LargestError(IReadOnlyList<double> reference, IReadOnlyList<float> values)
    {
        Assert.That(values, Has.Count.EqualTo(reference.Count));
        double largest = 0;
        for (int i = 0; i < values.Count; i++)
        {
            largest = Math.Max(largest, Math.Abs(reference[i] - values[i]));
            if (double.IsNaN(reference[i]) != float.IsNaN(values[i]))
            {
                return double.PositiveInfinity;
            }
        }

        return largest;
    }

    /// <summary>
    /// Rule 8 of the house style: twice the largest error of the same mathematics in plain float over the sample, and 4 ulp of the
    /// output's range. The sample must be large: in a handful of voxels the plain form may be right by luck.
    /// </summary>
    public static double Tolerance(IReadOnlyList<double> reference, IReadOnlyList<float> plain)
    {
        float range = (float)(reference.Max() - reference.Min());
        return (2 * LargestError(reference, plain)) + (4 * (MathF.BitIncrement(range) - range));
    }

    /// <summary>
    /// The rule: the error against the double reference is at most twice that of the plain float mathematics. In a handful of
    /// voxels
    /// the plain form may be right by luck: it counts as wrong by one rounding of the largest value at least.
    /// </summary>
    public static void AssertHolds(IReadOnlyList<double> reference, IReadOnlyList<float> plain, IReadOnlyList<float> fast)
    {
        double rounding = reference.Max(Math.Abs) / (1 << 24);
        Assert.That(LargestError(reference, fast), Is.LessThanOrEqualTo(2 * Math.Max(rounding, LargestError(reference, plain))));
    }

    /// <summary>That the plain float mathematics is the reference up to rounding: the first rung.</summary>
    public static void AssertRounding(IReadOnlyList<double> reference, IReadOnlyList<float> plain, int roundings)
    {
        double magnitude = reference.Max(Math.Abs);
        Assert.That(LargestError(reference, plain), Is.LessThanOrEqualTo(roundings * magnitude / (1 << 23)));
    }

    /// <summary>Largest distance of the empirical distribution from a law.</summary>
    public static double KolmogorovSmirnov(double[] sample, Func<double, double> law)
    {
        double[] sorted = [.. sample.Order()];
        double largest = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double expected = law(sorted[i]);
            largest = Math.Max(largest, Math.Max(expected - ((double)i / sorted.Length), ((i + 1.0) / sorted.Length) - expected));
        }

        return largest;
    }

    /// <summary>Largest distance of two empirical distributions.</summary>
    public static double KolmogorovSmirnov(double[] first, double[] second)
    {
        double[] a = [.. first.Order()];
        double[] b = [.. second.Order()];
        double largest = 0;
        int i = 0;
        int j = 0;
        while (i < a.Length && j < b.Length)
        {
            double at = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] <= at)
            {
                i++;
            }

            while (j < b.Length && b[j] <= at)
            {
                j++;
            }

            largest = Math.Max(largest, Math.Abs(((double)i / a.Length) - ((double)j / b.Length)));
        }

        return largest;
    }

    /// <summary>The distance that a true law exceeds with probability alpha, n large.</summary>
    public static double Critical(double alpha, int n) => Math.Sqrt(-0.5 * Math.Log(alpha / 2) / n);

    /// <summary>The same for two samples.</summary>
    public static double Critical(double alpha, int n, int m) =>
        Critical(alpha, 1) * Math.Sqrt((double)(n + m) / ((double)n * m));

}
