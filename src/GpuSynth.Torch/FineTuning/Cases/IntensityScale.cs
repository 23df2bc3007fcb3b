using System.Globalization;

namespace GpuSynth.Torch.FineTuning;

/// <summary>How an image's values are normalised before a network sees them.</summary>
public abstract record IntensityScale
{
    /// <summary>Mean 0 and standard deviation 1 over the volume.</summary>
    public static IntensityScale ZScore { get; } = new Standard(OnlyNonZero: false);

    /// <summary>Reads "zscore", "zscore-nonzero" (zeros stay 0 and count for nothing) or "hu:MIN:MAX".</summary>
    /// <returns>Whether the text is one of them.</returns>
    public static bool TryParse(string text, out IntensityScale? scale)
    {
        ArgumentNullException.ThrowIfNull(text);
        scale = text switch
        {
            "zscore" => ZScore,
            "zscore-nonzero" => new Standard(OnlyNonZero: true),
            _ => null,
        };
        if (text.Split(':') is ["hu", string low, string high]
            && float.TryParse(low, NumberStyles.Float, CultureInfo.InvariantCulture, out float least)
            && float.TryParse(high, NumberStyles.Float, CultureInfo.InvariantCulture, out float most)
            && float.IsFinite(least) && float.IsFinite(most) && least < most)
        {
            scale = new Window(least, most);
        }

        return scale is not null;
    }

    /// <summary>Changes the values in place.</summary>
    public abstract void Apply(Span<float> values);

    private sealed record Standard(bool OnlyNonZero) : IntensityScale
    {
        public override string ToString() => OnlyNonZero ? "zscore-nonzero" : "zscore";

        public override void Apply(Span<float> values)
        {
            (double sum, long count) = (0, 0);
            foreach (float value in values)
            {
                bool counts = !OnlyNonZero || value != 0;
                sum += counts ? value : 0;
                count += counts ? 1 : 0;
            }

            double mean = sum / Math.Max(1, count);
            double squares = 0;
            foreach (float value in values)
            {
                squares += !OnlyNonZero || value != 0 ? (value - mean) * (value - mean) : 0;
            }

            // A volume of one value has no deviation: it becomes 0.
            double deviation = Math.Sqrt(squares / Math.Max(1, count));
            double factor = deviation > 0 ? 1 / deviation : 0;
            foreach (ref float value in values)
            {
                value = !OnlyNonZero || value != 0 ? (float)((value - mean) * factor) : 0f;
            }
        }
    }

    private sealed record Window(float Least, float Most) : IntensityScale
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"hu:{Least}:{Most}");

        public override void Apply(Span<float> values)
        {
            foreach (ref float value in values)
            {
                value = Math.Clamp((value - Least) / (Most - Least), 0f, 1f);
            }
        }
    }
}
