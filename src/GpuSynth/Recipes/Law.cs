using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// The law of one drawn number: fixed, uniform, log-uniform, normal, choice or chance. Immutable and checked when built.
/// A draw is a function of its place alone: the same place and element give the same number, in any order, on any thread.
/// </summary>
public abstract record Law
{
    private protected Law()
    {
    }

    /// <summary>The smallest number the law can give, before rounding to float.</summary>
    public abstract double Minimum { get; }

    /// <summary>The largest number the law can give, before rounding to float.</summary>
    public abstract double Maximum { get; }

    /// <summary>A number is its own fixed law.</summary>
    public static implicit operator Law(double value) => new FixedLaw(value);

    /// <summary>
    /// Draws one number: Philox4x32-10 at counter (element, place) under the place's key, computed in double, rounded to float
    /// once. Allocates nothing.
    /// </summary>
    /// <param name="place">Seed, sample, stream and attempt.</param>
    /// <param name="element">Which draw of the stream: an axis, a label, a scale.</param>
    public float Draw(in RandomPlace place, uint element)
    {
        var block = Philox.Block(element, place.Counter1, place.Counter2, place.Counter3, place.Key0, place.Key1);
        return (float)At(Uniform(block.X), Uniform(block.Y), Uniform(block.W));
    }

    /// <summary>The number at the uniform values of outputs 0, 1 and 3 of a Philox block.</summary>
    internal abstract double At(double u0, double u1, double u3);

    private protected static double Finite(double value, string law, string what) => double.IsFinite(value)
        ? value
        : throw new ArgumentException($"{law}: {what} is {RecipeText.Number(value)}; it must be a finite number");

    private protected static void InOrder(double lower, double upper, string law)
    {
        if (lower > upper)
        {
            throw new ArgumentException(
                $"{law}: the lower end {RecipeText.Number(lower)} is above the upper end {RecipeText.Number(upper)}");
        }
    }

    // 23 bits and a half: strictly inside (0, 1), and exact in float as in double.
    private static double Uniform(uint bits) => ((bits >> 9) + 0.5) * (1.0 / (1 << 23));
}

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
    public override string ToString() => RecipeText.Number(Value);

    internal override double At(double u0, double u1, double u3) => Value;
}

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
    public override string ToString() => $"uniform({RecipeText.Number(Low)}, {RecipeText.Number(High)})";

    internal override double At(double u0, double u1, double u3) => Low + ((High - Low) * u0);
}

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
            throw new ArgumentException($"logUniform: the lower end {RecipeText.Number(low)} is not above 0");
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
    public override string ToString() => $"logUniform({RecipeText.Number(Low)}, {RecipeText.Number(High)})";

    internal override double At(double u0, double u1, double u3)
    {
        double logLow = Math.Log(Low);
        return Math.Exp(logLow + ((Math.Log(High) - logLow) * u0));
    }
}

/// <summary>
/// Normal by Box-Muller: mean + std sqrt(-2 ln u0) cos(2 pi u1), clamped to the limits where there are any (clamped, not redrawn:
/// what lies beyond a limit becomes the limit).
/// </summary>
public sealed record NormalLaw : Law
{
    /// <summary>
    /// The farthest a draw lies from the mean, in standard deviations: u0 is never below 2^-24, so sqrt(-2 ln u0) is at most
    /// sqrt(48 ln 2) = 5.768.
    /// </summary>
    public static readonly double Reach = Math.Sqrt(48 * Math.Log(2));

    /// <summary>The normal law of a mean and a standard deviation, clamped to limits where they are given.</summary>
    /// <exception cref="ArgumentException">
    /// A number is not finite, the standard deviation is negative, or the lower limit is above the upper.
    /// </exception>
    public NormalLaw(double mean, double std, double? min = null, double? max = null)
    {
        Mean = Finite(mean, "normal", "the mean");
        Std = Finite(std, "normal", "std");
        Min = min is { } lower ? Finite(lower, "normal", "min") : null;
        Max = max is { } upper ? Finite(upper, "normal", "max") : null;
        if (std < 0)
        {
            throw new ArgumentException($"normal: std {RecipeText.Number(std)} is below 0");
        }

        if (min > max)
        {
            throw new ArgumentException(
                $"normal: min {RecipeText.Number(min.Value)} is above max {RecipeText.Number(max.Value)}");
        }

        if (!double.IsFinite(mean - (Reach * std)) || !double.IsFinite(mean + (Reach * std)))
        {
            throw new ArgumentException($"normal: mean {RecipeText.Number(mean)} and std {RecipeText.Number(std)} are too large");
        }
    }

    /// <summary>The mean before clamping.</summary>
    public double Mean { get; }

    /// <summary>The standard deviation before clamping, at least 0.</summary>
    public double Std { get; }

    /// <summary>The lower limit, or null.</summary>
    public double? Min { get; }

    /// <summary>The upper limit, or null.</summary>
    public double? Max { get; }

    /// <inheritdoc/>
    public override double Minimum => Clamp(Mean - (Reach * Std));

    /// <inheritdoc/>
    public override double Maximum => Clamp(Mean + (Reach * Std));

    /// <summary>"normal(0.5, 0.1)" or "normal(0.5, 0.1, min 0, max 1)".</summary>
    public override string ToString()
    {
        string lower = Min is { } min ? $", min {RecipeText.Number(min)}" : "";
        string upper = Max is { } max ? $", max {RecipeText.Number(max)}" : "";
        return $"normal({RecipeText.Number(Mean)}, {RecipeText.Number(Std)}{lower}{upper})";
    }

    internal override double At(double u0, double u1, double u3) =>
        Clamp(Mean + (Std * Math.Sqrt(-2 * Math.Log(u0)) * Math.Cos(2 * Math.PI * u1)));

    private double Clamp(double value)
    {
        value = Min is { } min ? Math.Max(value, min) : value;
        return Max is { } max ? Math.Min(value, max) : value;
    }
}

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
    public override string ToString() => $"choice({string.Join(", ", Values.Select(RecipeText.Number))})";

    internal override double At(double u0, double u1, double u3) => Values[(int)(u0 * Values.Count)];
}

/// <summary>With a probability another law, otherwise a fixed number.</summary>
public sealed record ChanceLaw : Law
{
    /// <summary>With <paramref name="probability"/> a draw of <paramref name="inner"/>, otherwise the fixed number.</summary>
    /// <exception cref="ArgumentException">
    /// The probability is outside 0 to 1, the number is not finite, or the inner law is itself a chance.
    /// </exception>
    public ChanceLaw(double probability, Law inner, double otherwise)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!(probability is >= 0 and <= 1))
        {
            throw new ArgumentException($"chance: p is {RecipeText.Number(probability)}; it must be from 0 to 1");
        }

        if (inner is ChanceLaw)
        {
            throw new ArgumentException("chance: its law is itself a chance; multiply the probabilities into one");
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
        $"chance({RecipeText.Number(Probability)}, {Inner}, otherwise {RecipeText.Number(Otherwise)})";

    internal override double At(double u0, double u1, double u3) => u3 < Probability ? Inner.At(u0, u1, u3) : Otherwise;
}
