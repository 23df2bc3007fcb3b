namespace GpuSynth.Kernels;

/// <summary>Always the same number.</summary>
public sealed record FixedLaw : Law
{
    /// <summary>The law that always gives <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    public FixedLaw(double value) => Value = Finite(value, "fixed", "the value");

    /// <summary>The number.</summary>
    public double Value { get; }

    /// <inheritdoc/>
    public override double Minimum => Value;

    /// <inheritdoc/>
    public override double Maximum => Value;

    /// <summary>"0.5".</summary>
    public override string ToString() => NumberText.Of(Value);

    internal override double At(uint element, double u0, double u1, double u3) => Value;
}
