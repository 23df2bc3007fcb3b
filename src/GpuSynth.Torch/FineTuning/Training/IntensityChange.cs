using System.Numerics.Tensors;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

// In this order: noise x + s z, z ~ N(0, 1); blur by a Gaussian, three voxels to each side, the border repeated; brightness f x;
// contrast m + f (x - m), m the mean, clamped to the range of before; a lower resolution (linear down and up again); gamma: with
// the range r from the least a, a + r ((x - a) / r)^g, then brought back to the mean and deviation of before; inverted gamma the
// same of -x.
// Source: the training transforms of nnU-Net (Isensee et al., 2021), with its probabilities and ranges.

/// <summary>What the values of one channel of a crop are changed by; 0 or 1 where one of them was not drawn.</summary>
internal sealed record IntensityChange
{
    private const int BlurReach = 3;

    /// <summary>Standard deviation of the noise.</summary>
    public float Noise { get; init; }

    /// <summary>Where the noise's random numbers come from.</summary>
    public RandomPlace NoisePlace { get; init; }

    /// <summary>The Gaussian's standard deviation in voxels.</summary>
    public float Blur { get; init; }

    /// <summary>Factor of the values.</summary>
    public float Brightness { get; init; } = 1;

    /// <summary>Factor of what differs from the mean.</summary>
    public float Contrast { get; init; } = 1;

    /// <summary>The side of the grid that the channel goes through, as a share of its own.</summary>
    public float Resolution { get; init; } = 1;

    /// <summary>Exponent of the values.</summary>
    public float Gamma { get; init; } = 1;

    /// <summary>Exponent of the negative.</summary>
    public float InvertedGamma { get; init; } = 1;

    /// <summary>Draws one.</summary>
    /// <param name="augmentation">Probabilities and ranges.</param>
    /// <param name="noisePlace">Of the noise, if there is any.</param>
    /// <param name="random">The presentation's random numbers.</param>
    public static IntensityChange Draw(Augmentation augmentation, RandomPlace noisePlace, ref PlaceRandom random)
    {
        static float Drawn(double probability, float low, float high, float otherwise, ref PlaceRandom random) =>
            random.Uniform() < probability ? random.Between(low, high) : otherwise;
        return new IntensityChange
        {
            Noise = Drawn(augmentation.NoiseProbability, 0, augmentation.MostNoise, 0, ref random),
            NoisePlace = noisePlace,
            Blur = Drawn(augmentation.BlurProbability, 0.5f, 1, 0, ref random),
            Brightness = Drawn(augmentation.BrightnessProbability, 0.75f, 1.25f, 1, ref random),
            Contrast = Drawn(augmentation.ContrastProbability, 0.75f, 1.25f, 1, ref random),
            Resolution = Drawn(augmentation.LowResolutionProbability, 0.5f, 1, 1, ref random),
            InvertedGamma = Drawn(augmentation.InvertedGammaProbability, 0.7f, 1.5f, 1, ref random),
            Gamma = Drawn(augmentation.GammaProbability, 0.7f, 1.5f, 1, ref random),
        };
    }

    /// <summary>Changes the values in place.</summary>
    /// <param name="values">[(D,) H, W].</param>
    /// <param name="shape">Of the values.</param>
    public void Apply(Span<float> values, VolumeShape shape)
    {
        if (Noise > 0)
        {
            RandomPlace place = NoisePlace;
            for (int n = 0; n < values.Length; n++)
            {
                values[n] += Noise * Normal.At(in place, n);
            }
        }

        if (Blur > 0)
        {
            GaussianBlur.Of(values.ToArray(), shape, Blur, BlurReach).CopyTo(values);
        }

        if (Brightness != 1)
        {
            TensorPrimitives.Multiply(values, Brightness, values);
        }

        if (Contrast != 1)
        {
            (float least, float most, float mean) =
                (TensorPrimitives.Min<float>(values), TensorPrimitives.Max<float>(values), Moments.MeanOf(values));
            foreach (ref float value in values)
            {
                value = Math.Clamp(mean + (Contrast * (value - mean)), least, most);
            }
        }

        if (Resolution < 1)
        {
            Lower(values, shape);
        }

        if (InvertedGamma != 1)
        {
            TensorPrimitives.Negate(values, values);
            Curve(values, InvertedGamma);
            TensorPrimitives.Negate(values, values);
        }

        if (Gamma != 1)
        {
            Curve(values, Gamma);
        }
    }

    private static void Curve(Span<float> values, float exponent)
    {
        (float least, float most) = (TensorPrimitives.Min<float>(values), TensorPrimitives.Max<float>(values));
        float range = most - least;
        if (range <= 0)
        {
            return;
        }

        var before = Moments.Of(values);
        foreach (ref float value in values)
        {
            value = MathF.Pow((value - least) / range, exponent);
        }

        before.GiveTo(values);
    }

    private void Lower(Span<float> values, VolumeShape shape)
    {
        int Side(int side) => Math.Max(1, (int)MathF.Round(side * Resolution));
        VolumeShape small = shape.Dimensions == 2
            ? VolumeShape.Image(Side(shape.Height), Side(shape.Width))
            : VolumeShape.Volume(Side(shape.Depth), Side(shape.Height), Side(shape.Width));
        var one = new VoxelSpacing(1, 1, 1);
        var wide = new VoxelSpacing(
            (double)shape.Depth / small.Depth, (double)shape.Height / small.Height, (double)shape.Width / small.Width);
        float[] lowered = Resampling.Linear(values, shape, small, one, wide);
        Resampling.Linear(lowered, small, shape, wide, one).CopyTo(values);
    }
}
