namespace GpuSynth.Torch.FineTuning;

/// <summary>What is shown black and white of an image: its darkest and its brightest hundredth.</summary>
/// <param name="Low">Black, and all below.</param>
/// <param name="High">White, and all above.</param>
internal readonly record struct GreyRange(float Low, float High)
{
    /// <summary>The range of a case's values.</summary>
    public static GreyRange Of(ReadOnlySpan<float> values)
    {
        float[] sorted = values.ToArray();
        Array.Sort(sorted);
        return new GreyRange(sorted[sorted.Length / 100], sorted[sorted.Length - 1 - (sorted.Length / 100)]);
    }

    /// <summary>Brings values to 0 (black) to 1 (white), in place; those outside the range go beyond.</summary>
    public void Stretch(Span<float> image)
    {
        foreach (ref float value in image)
        {
            value = (value - Low) / Math.Max(1e-6f, High - Low);
        }
    }
}
