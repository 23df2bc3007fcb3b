namespace GpuSynth.Kernels;

/// <summary>
/// One of several laws by their weights: a mixture. Output 3 of the Philox block chooses, as in <see cref="ChanceLaw"/>, and so
/// says nothing about what the chosen law gives; it has 2^23 values, so that a smaller share than that may never be drawn.
/// </summary>
public sealed record OneOfLaw : Law
{
    private readonly double total;

    /// <summary>The law that draws from one of the alternatives, each with its weight over the sum of the weights.</summary>
    /// <exception cref="ArgumentException">There is no alternative, or the weights have no finite sum.</exception>
    public OneOfLaw(ValueList<WeightedLaw> alternatives)
    {
        ArgumentNullException.ThrowIfNull(alternatives);
        if (alternatives.Count == 0)
        {
            throw new ArgumentException("oneOf: there is nothing to choose from; give at least one { weight, law }");
        }

        Alternatives = alternatives;
        foreach (WeightedLaw alternative in alternatives)
        {
            total += alternative.Weight;
        }

        if (!double.IsFinite(total))
        {
            throw new ArgumentException(
                "oneOf: the sum of the weights is too large; only their ratios matter, make them smaller");
        }
    }

    /// <summary>What is chosen from.</summary>
    public ValueList<WeightedLaw> Alternatives { get; }

    /// <inheritdoc/>
    public override double Minimum => Alternatives.Min(alternative => alternative.Law.Minimum);

    /// <inheritdoc/>
    public override double Maximum => Alternatives.Max(alternative => alternative.Law.Maximum);

    /// <summary>"oneOf(3 x uniform(0, 1), 1 x 5)".</summary>
    public override string ToString() => $"oneOf({string.Join(", ", Alternatives)})";

    // The weights are added up in the order in which the total was, so that the last edge is the total, which u3 < 1 is below.
    internal override double At(uint element, double u0, double u1, double u3)
    {
        int chosen = 0;
        for (double edge = Alternatives[0].Weight; u3 * total >= edge; edge += Alternatives[chosen].Weight)
        {
            chosen++;
        }

        return Alternatives[chosen].Law.At(element, u0, u1, u3);
    }
}

/// <summary>An alternative of a <see cref="OneOfLaw"/>.</summary>
public sealed record WeightedLaw
{
    /// <summary>A law and its weight beside the others.</summary>
    /// <exception cref="ArgumentException">
    /// The weight is not a finite number above 0, or the law is itself a chance, a oneOf or a list per label.
    /// </exception>
    public WeightedLaw(double weight, Law law)
    {
        ArgumentNullException.ThrowIfNull(law);
        if (!(weight > 0 && double.IsFinite(weight)))
        {
            throw new ArgumentException(
                $"oneOf: the weight {NumberText.Of(weight)} is not a finite number above 0; take away what is never to be drawn");
        }

        string? way = law switch
        {
            ChanceLaw => "a chance; write its otherwise as an alternative of its own",
            OneOfLaw => "a oneOf; put its alternatives into this list, with their weights multiplied",
            PerLabelLaw => "a list per label; write a oneOf into each entry of perLabel",
            _ => null,
        };
        if (way is not null)
        {
            throw new ArgumentException($"oneOf: an alternative is itself {way}");
        }

        (Weight, Law) = (weight, law);
    }

    /// <summary>The weight, above 0; only ratios of weights matter.</summary>
    public double Weight { get; }

    /// <summary>The law.</summary>
    public Law Law { get; }

    /// <summary>"3 x uniform(0, 1)".</summary>
    public override string ToString() => $"{NumberText.Of(Weight)} x {Law}";
}
