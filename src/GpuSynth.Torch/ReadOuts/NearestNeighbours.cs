using System.Numerics.Tensors;

namespace GpuSynth.Torch.ReadOuts;

/// <summary>
/// Classes by the k nearest of labelled features: cosine similarity, votes exp(similarity / temperature). Ties go to the row that
/// stands first. Source: the k-NN evaluation of DINO (Caron et al., 2021), k = 20 and temperature 0.07 there.
/// </summary>
/// <param name="features">[rows, channels] of the labelled rows; a row of zeros is similar to nothing.</param>
/// <param name="channels">Channels of a row.</param>
/// <param name="classOf">The class of every row, from 0.</param>
/// <param name="classes">Classes.</param>
internal sealed class NearestNeighbours(float[] features, int channels, int[] classOf, int classes)
{
    /// <summary>The votes' temperature.</summary>
    public const double Temperature = 0.07;

    private readonly float[] units = Normalised(features, channels);

    /// <summary>The probability of every class for one row.</summary>
    /// <param name="row">[channels].</param>
    /// <param name="neighbours">k; of fewer rows all vote.</param>
    public double[] Probabilities(ReadOnlySpan<float> row, int neighbours)
    {
        float[] unit = Normalised(row.ToArray(), channels);
        (float Similarity, int Row)[] nearest = new (float, int)[Math.Min(neighbours, classOf.Length)];
        int held = 0;
        for (int n = 0; n < classOf.Length; n++)
        {
            float similarity = TensorPrimitives.Dot(unit, units.AsSpan(n * channels, channels));
            if (held == nearest.Length && similarity <= nearest[^1].Similarity)
            {
                continue;
            }

            int place = held < nearest.Length ? held++ : held - 1;
            for (; place > 0 && nearest[place - 1].Similarity < similarity; place--)
            {
                nearest[place] = nearest[place - 1];
            }

            nearest[place] = (similarity, n);
        }

        double[] votes = new double[classes];
        foreach ((float similarity, int n) in nearest)
        {
            // Less the greatest, which is the first: the shares are the same and nothing overflows.
            votes[classOf[n]] += Math.Exp((similarity - nearest[0].Similarity) / Temperature);
        }

        double sum = votes.Sum();
        return [.. votes.Select(vote => vote / sum)];
    }

    private static float[] Normalised(float[] rows, int channels)
    {
        float[] units = new float[rows.Length];
        for (int first = 0; first < rows.Length; first += channels)
        {
            ReadOnlySpan<float> row = rows.AsSpan(first, channels);
            float length = TensorPrimitives.Norm(row);
            TensorPrimitives.Multiply(row, length > 0 ? 1 / length : 0, units.AsSpan(first, channels));
        }

        return units;
    }
}
