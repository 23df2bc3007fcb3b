namespace GpuSynth.Kernels;

/// <summary>
/// A law for each label: label k takes entry k, and labels beyond the list take the last entry. Only for numbers whose element has the label in
/// its low byte; an entry draws at a label what it would draw there alone.
/// </summary>
public sealed record PerLabelLaw : Law
{
    /// <summary>The laws of label 0, 1, 2, ...; the last one is every further label's too.</summary>
    /// <exception cref="ArgumentException">There is no law, or one is itself a list per label.</exception>
    public PerLabelLaw(ValueList<Law> laws)
    {
        ArgumentNullException.ThrowIfNull(laws);
        if (laws.Count == 0)
        {
            throw new ArgumentException("perLabel: the list is empty; give at least one law, which is then every label's");
        }

        foreach (Law law in laws)
        {
            ArgumentNullException.ThrowIfNull(law, nameof(laws));
            if (law is PerLabelLaw)
            {
                throw new ArgumentException("perLabel: an entry is itself a list per label; write its laws into this list");
            }
        }

        Laws = laws;
    }

    /// <summary>The law of each label from 0; the last one is every further label's too.</summary>
    public ValueList<Law> Laws { get; }

    /// <inheritdoc/>
    public override double Minimum => Laws.Min(law => law.Minimum);

    /// <inheritdoc/>
    public override double Maximum => Laws.Max(law => law.Maximum);

    /// <summary>The law of a label.</summary>
    /// <param name="label">The label, from 0.</param>
    public Law Of(int label) => Laws[Math.Min(label, Laws.Count - 1)];

    /// <summary>"perLabel(0, uniform(0, 1))".</summary>
    public override string ToString() => $"perLabel({string.Join(", ", Laws)})";

    internal override double At(uint element, double u0, double u1, double u3) =>
        Of((int)(element & 0xff)).At(element, u0, u1, u3);
}
