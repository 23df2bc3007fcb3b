namespace GpuSynth.Kernels;

/// <summary>A number whose logarithm is uniform: every factor alike, exp(ln low + (ln high - ln low) u).</summary>
public sealed record LogUniformLaw : Law
{
    /// <summary>
    /// The log-uniform law from <paramref name="low"/> to <paramref name="high"/>, both above 0; they may be equal.
    /// </summary>
    /// <exception cref="ArgumentException">An end is not finite or not above 0, or the lower is above the upper.</exception>
    public LogUniformLaw(double low, double high)
    {
        Low = Finite(low, "logUniform", "the lower end");
        High = Finite(high, "logUniform", "the upper end");
        InOrder(low, high, "logUniform");
        if (low <= 0)
        {
            throw new ArgumentException($"logUniform: the lower end {NumberText.Of(low)} is not above 0");
        }
    }

    /// <summary>The lower end, above 0.</summary>
    public double Low { get; }

    /// <summary>The upper end.</summary>
    public double High { get; }

    /// <inheritdoc/>
    public override double Minimum => Low;

    /// <inheritdoc/>
    public override double Maximum => High;

    /// <summary>"logUniform(0.1, 10)".</summary>
    public override string ToString() => $"logUniform({NumberText.Of(Low)}, {NumberText.Of(High)})";

    internal override double At(uint element, double u0, double u1, double u3)
    {
        double logLow = Math.Log(Low);
        return Math.Exp(logLow + ((Math.Log(High) - logLow) * u0));
    }
}
