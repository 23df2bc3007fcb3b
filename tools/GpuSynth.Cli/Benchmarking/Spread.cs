using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuSynth.Cli.Benchmarking;

/// <summary>What repeated measurements of one thing were: five numbers, quartiles linear between neighbours.</summary>
/// <param name="Count">Measurements.</param>
/// <param name="Minimum">The least.</param>
/// <param name="LowerQuartile">A quarter are at most this.</param>
/// <param name="Median">Half are at most this.</param>
/// <param name="UpperQuartile">Three quarters are at most this.</param>
/// <param name="Maximum">The largest.</param>
public readonly record struct Spread(
    int Count, double Minimum, double LowerQuartile, double Median, double UpperQuartile, double Maximum)
{
    /// <summary>The spread of some measurements.</summary>
    /// <param name="values">At least one, in any order.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Spread Of(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            throw new ArgumentException("A spread needs at least one measurement.", nameof(values));
        }

        double[] sorted = [.. values];
        Array.Sort(sorted);
        return new Spread(sorted.Length, sorted[0], At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75), sorted[^1]);
    }

    /// <summary>Warms up, then times an action again and again.</summary>
    /// <param name="action">What is timed; it is given the number of the call, from 0, warming up included.</param>
    /// <param name="policy">How often.</param>
    /// <param name="prepare">Called before each call of the action, not timed; null for nothing.</param>
    /// <returns>Milliseconds per call.</returns>
    public static Spread Measure(Action<int> action, RepeatPolicy policy, Action? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(policy);
        int calls = 0;
        long begin = Stopwatch.GetTimestamp();
        do
        {
            prepare?.Invoke();
            action(calls++);
        }
        while (calls < policy.LeastWarmUps || Stopwatch.GetElapsedTime(begin) < policy.WarmUp);

        var milliseconds = new List<double>();
        begin = Stopwatch.GetTimestamp();
        while (policy.Continues(milliseconds.Count, Stopwatch.GetElapsedTime(begin)))
        {
            prepare?.Invoke();
            long start = Stopwatch.GetTimestamp();
            action(calls++);
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return Of(CollectionsMarshal.AsSpan(milliseconds));
    }

    /// <summary>The same measurements in another unit.</summary>
    /// <param name="factor">What each is multiplied by, above 0.</param>
    public Spread Times(double factor) => new(
        Count, Minimum * factor, LowerQuartile * factor, Median * factor, UpperQuartile * factor, Maximum * factor);

    private static double At(double[] sorted, double fraction)
    {
        double place = fraction * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
