namespace GpuSynth.Kernels;

/// <summary>What launchers refuse, so that kernels never have to.</summary>
internal static class LaunchCheck
{
    /// <summary>Refuses a view that does not hold exactly the expected number of values.</summary>
    public static void Length(long actual, long expected, string name)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{name} holds {actual} values, expected {expected}.", name);
        }
    }

    /// <summary>Refuses a view that is too short.</summary>
    public static void AtLeast(long actual, long expected, string name)
    {
        if (actual < expected)
        {
            throw new ArgumentException($"{name} holds {actual} values, at least {expected} are needed.", name);
        }
    }

    /// <summary>The number of threads for one value each; one launch has at most 2^31 - 1.</summary>
    public static int Extent(long values, string name) => values <= int.MaxValue
        ? (int)values
        : throw new ArgumentException(
            $"{name} holds {values} values, one launch takes at most {int.MaxValue}: use a smaller shape.", name);

    /// <summary>Refuses NaN and infinities among scalars.</summary>
    public static void Finite(float value, string name)
    {
        if (!float.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(name, value, "must be a finite number.");
        }
    }
}
