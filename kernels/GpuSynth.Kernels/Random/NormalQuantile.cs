namespace GpuSynth.Kernels;

/// <summary>
/// The quantile of the standard normal distribution to about 16 digits. Host only.
/// Source: Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988), PPND16.
/// </summary>
public static class NormalQuantile
{
    private static readonly double[] CentralNumerator =
    [
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ];

    private static readonly double[] CentralDenominator =
    [
        1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ];

    private static readonly double[] MiddleNumerator =
    [
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ];

    private static readonly double[] MiddleDenominator =
    [
        1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ];

    private static readonly double[] FarNumerator =
    [
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ];

    private static readonly double[] FarDenominator =
    [
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ];

    /// <summary>The number z with P(Z &lt;= z) = p.</summary>
    /// <param name="p">Probability, inside (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">p is not inside (0, 1).</exception>
    public static double At(double p)
    {
        if (!(p > 0 && p < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A probability for a quantile lies inside (0, 1).");
        }

        double fromCentre = p - 0.5;
        if (Math.Abs(fromCentre) <= 0.425)
        {
            double square = 0.180625 - (fromCentre * fromCentre);
            return fromCentre * Polynomial(CentralNumerator, square) / Polynomial(CentralDenominator, square);
        }

        double root = Math.Sqrt(-Math.Log(fromCentre < 0 ? p : 1 - p));
        double magnitude = root <= 5
            ? Polynomial(MiddleNumerator, root - 1.6) / Polynomial(MiddleDenominator, root - 1.6)
            : Polynomial(FarNumerator, root - 5) / Polynomial(FarDenominator, root - 5);
        return fromCentre < 0 ? -magnitude : magnitude;
    }

    /// <summary>The number z with P(Z > z) = tail: exact where 1 - tail would round to 1.</summary>
    /// <param name="tail">Upper tail, inside (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The tail is not inside (0, 1).</exception>
    public static double AtUpperTail(double tail) => -At(tail);

    /// <summary>
    /// One draw of the maximum of many independent standard normal numbers: the quantile of u^(1/count), through its upper tail
    /// 1 - u^(1/count), which keeps its digits however large the count.
    /// </summary>
    /// <param name="u">Uniform number, inside (0, 1).</param>
    /// <param name="count">How many normal numbers, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">u is not inside (0, 1) or the count is below 1.</exception>
    public static double OfMaximum(double u, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!(u > 0 && u < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(u), u, "A uniform number lies inside (0, 1).");
        }

        return AtUpperTail(OneMinusExp(Math.Log(u) / count));
    }

    // 1 - e^x for x <= 0. The series where the difference would lose digits; its error is below x^5 / 120 relative.
    private static double OneMinusExp(double x) => x < -1e-3
        ? 1 - Math.Exp(x)
        : -x * (1 + (x / 2 * (1 + (x / 3 * (1 + (x / 4 * (1 + (x / 5))))))));

    private static double Polynomial(double[] coefficients, double x)
    {
        double sum = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--)
        {
            sum = (sum * x) + coefficients[i];
        }

        return sum;
    }
}
