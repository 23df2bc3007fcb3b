using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Probing;

/// <summary>All levels as one: side by side, a level of more than <see cref="Projection.MostTogether"/> channels projected.</summary>
internal sealed class TogetherRows
{
    private readonly int[] channels;
    private readonly float[]?[] projections;

    /// <summary>For levels of so many channels.</summary>
    public TogetherRows(IReadOnlyList<int> channels)
    {
        this.channels = [.. channels];
        projections = [.. channels.Select(static count =>
            count > Projection.MostTogether ? Projection.Of(count, Projection.MostTogether) : null)];
    }

    /// <summary>Channels of a row.</summary>
    public int Channels => channels.Sum(static count => Math.Min(count, Projection.MostTogether));

    /// <summary>Rows [n, all channels] from those of every level [n, channels].</summary>
    public float[] Of(float[][] levels, int count)
    {
        float[] rows = new float[count * Channels];
        for (int n = 0; n < count; n++)
        {
            int at = n * Channels;
            for (int level = 0; level < levels.Length; level++)
            {
                ReadOnlySpan<float> own = levels[level].AsSpan(n * channels[level], channels[level]);
                int width = Math.Min(own.Length, Projection.MostTogether);
                if (projections[level] is { } matrix)
                {
                    for (int to = 0; to < width; to++)
                    {
                        rows[at + to] = System.Numerics.Tensors.TensorPrimitives.Dot(matrix.AsSpan(to * own.Length, own.Length), own);
                    }
                }
                else
                {
                    own.CopyTo(rows.AsSpan(at));
                }

                at += width;
            }
        }

        return rows;
    }

    /// <summary>A read-out of such rows as one of the levels.</summary>
    public ReadOut OnLevels(ReadOut fitted)
    {
        int classes = fitted.Bias.Length;
        List<(int, float[])> parts = [];
        int first = 0;
        for (int level = 0; level < channels.Length; level++)
        {
            int width = Math.Min(channels[level], Projection.MostTogether);
            float[] weights = new float[classes * channels[level]];
            for (int one = 0; one < classes; one++)
            {
                Span<float> to = weights.AsSpan(one * channels[level], channels[level]);
                ReadOnlySpan<float> from = fitted.Parts[0].Weights.AsSpan((one * Channels) + first, width);
                for (int n = 0; n < width; n++)
                {
                    if (projections[level] is { } matrix)
                    {
                        System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(matrix.AsSpan(n * to.Length, to.Length), from[n], to, to);
                    }
                    else
                    {
                        to[n] = from[n];
                    }
                }
            }

            parts.Add((level, weights));
            first += width;
        }

        return fitted with { Parts = parts };
    }
}
