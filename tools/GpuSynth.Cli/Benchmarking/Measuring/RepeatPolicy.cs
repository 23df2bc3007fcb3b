namespace GpuSynth.Benchmarking.Measuring;

/// <summary>How often a measurement is repeated: at least <see cref="Least"/> times, and on until the time is used up.</summary>
internal sealed record RepeatPolicy
{
    /// <summary>Warming up lasts at least this long: the compiler replaces hot methods in the background.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Warming up takes at least this many calls.</summary>
    public int LeastWarmUps { get; init; } = 2;

    /// <summary>Measurements that are always made.</summary>
    public int Least { get; init; } = 15;

    /// <summary>Measurements that are never exceeded.</summary>
    public int Most { get; init; } = 200;

    /// <summary>After <see cref="Least"/> measurements, how long to go on.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Whether another measurement is due.</summary>
    /// <param name="made">Measurements made.</param>
    /// <param name="elapsed">Time since the first began.</param>
    public bool Continues(int made, TimeSpan elapsed) => made < Least || (made < Most && elapsed < Duration);
}
