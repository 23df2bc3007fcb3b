namespace GpuSynth.Kernels;

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
        if (std < 0)
        {
            throw new ArgumentException($"normal: std {NumberText.Of(std)} is below 0");
        }

        (Min, Max) = Limits(min, max, "normal");
        if (!double.IsFinite(mean - (Reach * std)) || !double.IsFinite(mean + (Reach * std)))
        {
            throw new ArgumentException($"normal: mean {NumberText.Of(mean)} and std {NumberText.Of(std)} are too large");
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
    public override double Minimum => Clamp(Mean - (Reach * Std), Min, Max);

    /// <inheritdoc/>
    public override double Maximum => Clamp(Mean + (Reach * Std), Min, Max);

    /// <summary>"normal(0.5, 0.1)" or "normal(0.5, 0.1, min 0, max 1)".</summary>
    public override string ToString() => $"normal({NumberText.Of(Mean)}, {NumberText.Of(Std)}{LimitsText(Min, Max)})";

    internal override double At(uint element, double u0, double u1, double u3) => Clamp(Mean + Deviation(Std, u0, u1), Min, Max);

    /// <summary>A number of mean 0 and the standard deviation (Box-Muller).</summary>
    internal static double Deviation(double std, double u0, double u1) =>
        std * Math.Sqrt(-2 * Math.Log(u0)) * Math.Cos(2 * Math.PI * u1);
}
