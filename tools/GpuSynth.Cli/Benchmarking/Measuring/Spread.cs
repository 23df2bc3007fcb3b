namespace GpuSynth.Benchmarking.Measuring;

/// <summary>How measurements lie: quartiles and the like by linear interpolation between the sorted values.</summary>
/// <param name="Minimum">The least.</param>
/// <param name="LowerQuartile">A quarter of them is below.</param>
/// <param name="Median">Half of them is below.</param>
/// <param name="UpperQuartile">Three quarters are below.</param>
/// <param name="Percentile95">95 % are below.</param>
/// <param name="Maximum">The most.</param>
internal sealed record Spread(double Minimum, double LowerQuartile, double Median, double UpperQuartile, double Percentile95, double Maximum)
{
    /// <summary>The spread of measurements.</summary>
    /// <param name="measurements">At least one, in any order.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Spread Of(IEnumerable<double> measurements)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        double[] sorted = [.. measurements.Order()];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("A spread needs at least one measurement.", nameof(measurements));
        }

        double At(double part)
        {
            double place = part * (sorted.Length - 1);
            int below = (int)place;
            int above = Math.Min(below + 1, sorted.Length - 1);
            return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
        }

        return new Spread(sorted[0], At(0.25), At(0.5), At(0.75), At(0.95), sorted[^1]);
    }
}
