namespace GpuSynth.Kernels;

/// <summary>
/// A number whose logarithm is normal: median exp(sigma z), z drawn as <see cref="NormalLaw"/> draws it, clamped to the limits
/// where there are any (clamped, not redrawn: what lies beyond a limit becomes the limit).
/// </summary>
public sealed record LogNormalLaw : Law
{
    /// <summary>
    /// The log-normal law of a median and the logarithm's standard deviation, clamped to limits where they are given.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A number is not finite, the median is not above 0, sigma is negative, or the lower limit is above the upper.
    /// </exception>
    public LogNormalLaw(double median, double sigma, double? min = null, double? max = null)
    {
        Median = Finite(median, "logNormal", "the median");
        Sigma = Finite(sigma, "logNormal", "sigma");
        if (median <= 0)
        {
            throw new ArgumentException(
                $"logNormal: the median {NumberText.Of(median)} is not above 0; for numbers of both signs take normal");
        }

        if (sigma < 0)
        {
            throw new ArgumentException($"logNormal: sigma {NumberText.Of(sigma)} is below 0");
        }

        (Min, Max) = Limits(min, max, "logNormal");
        if (!double.IsFinite(At(NormalLaw.Reach)))
        {
            throw new ArgumentException(
                $"logNormal: median {NumberText.Of(median)} and sigma {NumberText.Of(sigma)} are too large; sigma is the "
                + "standard deviation of the natural logarithm");
        }
    }

    /// <summary>The median before clamping, above 0.</summary>
    public double Median { get; }

    /// <summary>The standard deviation of the natural logarithm before clamping, at least 0.</summary>
    public double Sigma { get; }

    /// <summary>The lower limit, or null.</summary>
    public double? Min { get; }

    /// <summary>The upper limit, or null.</summary>
    public double? Max { get; }

    /// <inheritdoc/>
    public override double Minimum => Clamp(At(-NormalLaw.Reach), Min, Max);

    /// <inheritdoc/>
    public override double Maximum => Clamp(At(NormalLaw.Reach), Min, Max);

    /// <summary>"logNormal(2, 0.35)" or "logNormal(2, 0.35, min 1, max 4)".</summary>
    public override string ToString() =>
        $"logNormal({NumberText.Of(Median)}, {NumberText.Of(Sigma)}{LimitsText(Min, Max)})";

    internal override double At(uint element, double u0, double u1, double u3) =>
        Clamp(Median * Math.Exp(NormalLaw.Deviation(Sigma, u0, u1)), Min, Max);

    private double At(double z) => Median * Math.Exp(Sigma * z);
}
