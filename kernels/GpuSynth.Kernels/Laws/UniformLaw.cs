namespace GpuSynth.Kernels;

/// <summary>Every number between two ends alike: low + (high - low) u.</summary>
public sealed record UniformLaw : Law
{
    /// <summary>The uniform law from <paramref name="low"/> to <paramref name="high"/>, which may be equal.</summary>
    /// <exception cref="ArgumentException">An end is not finite, or the lower is above the upper.</exception>
    public UniformLaw(double low, double high)
    {
        Low = Finite(low, "uniform", "the lower end");
        High = Finite(high, "uniform", "the upper end");
        InOrder(low, high, "uniform");
    }

    /// <summary>The lower end.</summary>
    public double Low { get; }

    /// <summary>The upper end.</summary>
    public double High { get; }

    /// <inheritdoc/>
    public override double Minimum => Low;

    /// <inheritdoc/>
    public override double Maximum => High;

    /// <summary>"uniform(0, 1)".</summary>
    public override string ToString() => $"uniform({NumberText.Of(Low)}, {NumberText.Of(High)})";

    internal override double At(uint element, double u0, double u1, double u3) => Low + ((High - Low) * u0);
}
