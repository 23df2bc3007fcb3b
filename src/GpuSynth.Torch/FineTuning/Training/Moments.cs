namespace GpuSynth.Torch.FineTuning;

/// <summary>Mean and standard deviation of the values of a crop, which a change of them is to leave.</summary>
internal readonly record struct Moments(float Mean, float Deviation)
{
    /// <summary>Those of some values.</summary>
    public static Moments Of(ReadOnlySpan<float> values)
    {
        (double mean, double sum) = (MeanOf(values), 0);
        foreach (float value in values)
        {
            sum += (value - mean) * (value - mean);
        }

        return new Moments((float)mean, (float)Math.Sqrt(sum / values.Length));
    }

    /// <summary>The mean alone.</summary>
    public static float MeanOf(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        return (float)(sum / values.Length);
    }

    /// <summary>Brings values to this mean and deviation; what is even everywhere, to the mean.</summary>
    public void GiveTo(Span<float> values)
    {
        Moments own = Of(values);
        float factor = own.Deviation > 0 ? Deviation / own.Deviation : 0;
        foreach (ref float value in values)
        {
            value = Mean + (factor * (value - own.Mean));
        }
    }
}
