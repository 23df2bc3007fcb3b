namespace GpuSynth.Kernels;

/// <summary>One of a list of numbers, each alike: values[floor(u n)].</summary>
public sealed record ChoiceLaw : Law
{
    /// <summary>The law that picks one of the values; a value may stand there more than once.</summary>
    /// <exception cref="ArgumentException">There is no value, or one is not finite.</exception>
    public ChoiceLaw(ValueList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new ArgumentException("choice: there is nothing to choose from; give at least one number");
        }

        Values = values;
        (Minimum, Maximum) = (values[0], values[0]);
        foreach (double value in values)
        {
            Finite(value, "choice", "a value");
            Minimum = Math.Min(Minimum, value);
            Maximum = Math.Max(Maximum, value);
        }
    }

    /// <summary>What is chosen from.</summary>
    public ValueList<double> Values { get; }

    /// <inheritdoc/>
    public override double Minimum { get; }

    /// <inheritdoc/>
    public override double Maximum { get; }

    /// <summary>"choice(1, 2, 4)".</summary>
    public override string ToString() => $"choice({string.Join(", ", Values.Select(NumberText.Of))})";

    internal override double At(uint element, double u0, double u1, double u3) => Values[(int)(u0 * Values.Count)];
}
