namespace GpuSynth.Kernels;

/// <summary>
/// A whole number between two ends, both included, each alike: low + floor(u n) of n = high - low + 1 numbers, u of 46 bits, so
/// that every number of the widest range is drawn and none a millionth more often than another.
/// </summary>
public sealed record IntegerLaw : Law
{
    /// <summary>2^24: a float holds every whole number up to here, and not the next one.</summary>
    public const int Farthest = 1 << 24;

    /// <summary>The whole numbers from <paramref name="low"/> to <paramref name="high"/>, which may be equal.</summary>
    /// <exception cref="ArgumentException">An end is beyond ±2^24, or the lower is above the upper.</exception>
    public IntegerLaw(int low, int high)
    {
        Low = Held(low, "the lower end");
        High = Held(high, "the upper end");
        InOrder(low, high, "integer");
    }

    /// <summary>The lower end.</summary>
    public int Low { get; }

    /// <summary>The upper end.</summary>
    public int High { get; }

    /// <inheritdoc/>
    public override double Minimum => Low;

    /// <inheritdoc/>
    public override double Maximum => High;

    /// <summary>"integer(1, 6)".</summary>
    public override string ToString() => $"integer({NumberText.Of(Low)}, {NumberText.Of(High)})";

    // u0 lies in the middle of one of 2^23 steps and u1 says where in that step: 47 bits, exact in double. The largest product is
    // n - n 2^-47, further below n than rounding reaches.
    internal override double At(uint element, double u0, double u1, double u3)
    {
        double fine = u0 + ((u1 - 0.5) / (1 << 23));
        return Low + Math.Floor(fine * ((double)High - Low + 1));
    }

    private static int Held(int end, string what) => end is >= -Farthest and <= Farthest
        ? end
        : throw new ArgumentException(
            $"integer: {what} {NumberText.Of(end)} is beyond ±2^24 = {NumberText.Of(Farthest)}, up to where a float holds every "
            + "whole number; take a narrower range, or uniform where it need not be a whole number");
}
