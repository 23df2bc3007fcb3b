using System.Diagnostics;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>Repeated timings of one thing.</summary>
/// <param name="Times">Milliseconds in the order in which they were taken, after warming up.</param>
internal sealed record Repeated(IReadOnlyList<double> Times)
{
    /// <summary>How many.</summary>
    public int Count => Times.Count;

    /// <summary>How they lie.</summary>
    public Spread Milliseconds => Spread.Of(Times);

    /// <summary>Warms up, then times an action again and again.</summary>
    /// <param name="action">What is timed; it is given the number of the call, from 0, warming up included.</param>
    /// <param name="policy">How often.</param>
    /// <param name="prepare">Called before each call of the action, not timed; null for nothing.</param>
    /// <param name="keep">Called after each call that counts, not timed; null for nothing.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static Repeated Measure(
        Action<int> action, RepeatPolicy policy, Action? prepare = null, Action? keep = null, CancellationToken stop = default)
    {
        int calls = 0;
        double TimeOnce()
        {
            stop.ThrowIfCancellationRequested();
            prepare?.Invoke();
            long start = Stopwatch.GetTimestamp();
            action(calls++);
            // In the clock's own ticks, of which a TimeSpan keeps the hundreds of nanoseconds; what is over within one has taken one.
            return Math.Max(1, Stopwatch.GetTimestamp() - start) * 1e3 / Stopwatch.Frequency;
        }

        long begin = Stopwatch.GetTimestamp();
        while (calls < policy.LeastWarmUps || Stopwatch.GetElapsedTime(begin) < policy.WarmUp)
        {
            _ = TimeOnce();
        }

        var milliseconds = new List<double>();
        begin = Stopwatch.GetTimestamp();
        while (policy.Continues(milliseconds.Count, Stopwatch.GetElapsedTime(begin)))
        {
            milliseconds.Add(TimeOnce());
            keep?.Invoke();
        }

        return new Repeated(milliseconds);
    }
}
