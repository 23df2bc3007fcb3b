namespace GpuSynth.Torch.Classification;

/// <summary>Mean and variance of every feature over the training images; a feature that never differs becomes 0.</summary>
internal sealed class FeatureScale
{
    private FeatureScale(float[] means, float[] variances) => (Means, Variances) = (means, variances);

    /// <summary>Of every channel.</summary>
    public float[] Means { get; }

    /// <summary>Of every channel, divided by the number of rows.</summary>
    public float[] Variances { get; }

    /// <summary>Measures rows [rows, channels].</summary>
    public static FeatureScale Of(float[] features, int channels)
    {
        int rows = features.Length / channels;
        float[] means = new float[channels], variances = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double sum = 0;
            for (int n = c; n < features.Length; n += channels)
            {
                sum += features[n];
            }

            double mean = sum / rows;
            double squares = 0;
            for (int n = c; n < features.Length; n += channels)
            {
                squares += (features[n] - mean) * (features[n] - mean);
            }

            (means[c], variances[c]) = ((float)mean, (float)(squares / rows));
        }

        return new FeatureScale(means, variances);
    }

    /// <summary>Rows of mean 0 and deviation 1, where these were measured.</summary>
    public float[] Apply(float[] features)
    {
        float[] scaled = new float[features.Length];
        for (int n = 0; n < scaled.Length; n++)
        {
            int c = n % Means.Length;
            // With the norm's epsilon, so that a probe is a classifier's head to the digit.
            scaled[n] = (float)((features[n] - Means[c]) / Math.Sqrt(Variances[c] + 1e-6));
        }

        return scaled;
    }
}
