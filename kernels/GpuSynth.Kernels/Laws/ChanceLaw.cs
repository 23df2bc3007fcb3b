namespace GpuSynth.Kernels;

/// <summary>With a probability another law, otherwise a fixed number.</summary>
public sealed record ChanceLaw : Law
{
    /// <summary>With <paramref name="probability"/> a draw of <paramref name="inner"/>, otherwise the fixed number.</summary>
    /// <exception cref="ArgumentException">
    /// The probability is outside 0 to 1, the number is not finite, or the inner law is itself a chance, a oneOf or a
    /// list per label.
    /// </exception>
    public ChanceLaw(double probability, Law inner, double otherwise)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!(probability is >= 0 and <= 1))
        {
            throw new ArgumentException($"chance: p is {NumberText.Of(probability)}; it must be from 0 to 1");
        }

        string? way = inner switch
        {
            ChanceLaw => "a chance; multiply the probabilities into one",
            OneOfLaw => "a oneOf; write its otherwise as an alternative of that, with a weight",
            PerLabelLaw => "a list per label; write a chance into each entry of perLabel",
            _ => null,
        };
        if (way is not null)
        {
            throw new ArgumentException($"chance: its law is itself {way}");
        }

        Probability = probability;
        Inner = inner;
        Otherwise = Finite(otherwise, "chance", "otherwise");
    }

    /// <summary>Probability of the inner law, 0 to 1.</summary>
    public double Probability { get; }

    /// <summary>The law that the number comes from with <see cref="Probability"/>.</summary>
    public Law Inner { get; }

    /// <summary>The number otherwise.</summary>
    public double Otherwise { get; }

    /// <inheritdoc/>
    public override double Minimum => Math.Min(Inner.Minimum, Otherwise);

    /// <inheritdoc/>
    public override double Maximum => Math.Max(Inner.Maximum, Otherwise);

    /// <summary>"chance(0.5, uniform(0, 1), otherwise 0)".</summary>
    public override string ToString() =>
        $"chance({NumberText.Of(Probability)}, {Inner}, otherwise {NumberText.Of(Otherwise)})";

    internal override double At(uint element, double u0, double u1, double u3) =>
        u3 < Probability ? Inner.At(element, u0, u1, u3) : Otherwise;
}
