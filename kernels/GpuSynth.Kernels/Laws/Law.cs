namespace GpuSynth.Kernels;

/// <summary>
/// The law of one drawn number: fixed, or drawn from one of the laws beside this file. Immutable and checked when built.
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
    /// <param name="place">Seed, sample and stream.</param>
    /// <param name="element">Which draw of the stream: an axis, a label, a scale.</param>
    public float Draw(in RandomPlace place, uint element)
    {
        var block = Philox.Block(element, place.Counter1, place.Counter2, place.Counter3, place.Key0, place.Key1);
        return (float)At(element, Uniform(block.X), Uniform(block.Y), Uniform(block.W));
    }

    /// <summary>The number of an element at the uniform values of outputs 0, 1 and 3 of a Philox block.</summary>
    internal abstract double At(uint element, double u0, double u1, double u3);

    private protected static double Finite(double value, string law, string what) => double.IsFinite(value)
        ? value
        : throw new ArgumentException($"{law}: {what} is {NumberText.Of(value)}; it must be a finite number");

    private protected static void InOrder(double lower, double upper, string law)
    {
        if (lower > upper)
        {
            throw new ArgumentException(
                $"{law}: the lower end {NumberText.Of(lower)} is above the upper end {NumberText.Of(upper)}");
        }
    }

    private protected static (double? Min, double? Max) Limits(double? min, double? max, string law)
    {
        double? lower = min is { } least ? Finite(least, law, "min") : null;
        double? upper = max is { } most ? Finite(most, law, "max") : null;
        return lower > upper
            ? throw new ArgumentException(
                $"{law}: min {NumberText.Of(lower.Value)} is above max {NumberText.Of(upper.Value)}")
            : (lower, upper);
    }

    private protected static string LimitsText(double? min, double? max) =>
        (min is { } lower ? $", min {NumberText.Of(lower)}" : "") + (max is { } upper ? $", max {NumberText.Of(upper)}" : "");

    private protected static double Clamp(double value, double? min, double? max)
    {
        value = min is { } lower ? Math.Max(value, lower) : value;
        return max is { } upper ? Math.Min(value, upper) : value;
    }

    // 23 bits and a half: strictly inside (0, 1), and exact in float as in double.
    private static double Uniform(uint bits) => ((bits >> 9) + 0.5) * (1.0 / (1 << 23));
}
