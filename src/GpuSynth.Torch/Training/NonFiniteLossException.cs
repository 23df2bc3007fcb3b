namespace GpuSynth.Torch.Training;

/// <summary>The loss or its gradient is NaN or infinite; the message names the samples that made it.</summary>
public sealed class NonFiniteLossException : GpuSynthException
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public NonFiniteLossException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public NonFiniteLossException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public NonFiniteLossException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What is not finite, and of which samples.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="what">"loss" or "gradient".</param>
    /// <param name="value">Its value.</param>
    /// <param name="firstSample">Number of the first sample.</param>
    /// <param name="count">How many samples.</param>
    /// <param name="seed">The run's seed.</param>
    internal NonFiniteLossException(long step, string what, double value, long firstSample, long count, ulong seed)
        : base(FormattableString.Invariant(
            $"The {what} of step {step} is {Text(value)}; ")
            + FormattableString.Invariant($"samples {firstSample} to {firstSample + count - 1} of seed {seed} made it: ")
            + FormattableString.Invariant(
                $"look at them (gpusynth generate --start {firstSample} --count {count} --seed {seed}), or lower --lr"))
    {
        FirstSample = firstSample;
        SampleCount = count;
    }

    /// <summary>Number of the first sample.</summary>
    public long FirstSample { get; init; }

    /// <summary>How many samples.</summary>
    public long SampleCount { get; init; }

    private static string Text(double value) => double.IsNaN(value) ? "NaN" : "infinite";
}
