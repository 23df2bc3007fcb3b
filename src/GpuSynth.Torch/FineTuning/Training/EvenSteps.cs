namespace GpuSynth.Torch.FineTuning;

/// <summary>Steps evenly apart, the last one among them.</summary>
internal static class EvenSteps
{
    /// <summary>Whether a step is one of them: number v of V is behind step round(v * steps / V).</summary>
    /// <param name="step">From 0.</param>
    /// <param name="times">V; of fewer steps all.</param>
    /// <param name="steps">Steps in all.</param>
    public static bool Contains(int step, int times, int steps)
    {
        long most = Math.Min(times, steps);
        return (step + 1) * most / steps > step * most / steps;
    }
}
