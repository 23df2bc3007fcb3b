using System.Diagnostics;
using GpuSynth.Benchmarking;

namespace GpuSynth.Perf.Measuring;

/// <summary>Repeated timings of one thing.</summary>
/// <param name="Count">How many, after warming up.</param>
/// <param name="Milliseconds">How they lie.</param>
internal sealed record Repeated(int Count, Spread Milliseconds)
{
    /// <summary>Warms up, then times an action again and again.</summary>
    /// <param name="action">What is timed; it is given the number of the call, from 0, warming up included.</param>
    /// <param name="policy">How often.</param>
    /// <param name="prepare">Called before each call of the action, not timed; null for nothing.</param>
    /// <param name="keep">Called after each call that counts, not timed; null for nothing.</param>
    public static Repeated Measure(Action<int> action, RepeatPolicy policy, Action? prepare = null, Action? keep = null)
    {
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
            keep?.Invoke();
        }

        return new Repeated(milliseconds.Count, Spread.Of(milliseconds));
    }
}
