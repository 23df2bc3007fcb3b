using System.Numerics.Tensors;

namespace GpuSynth.Torch.ReadOuts;

/// <summary>
/// All that a ridge classifier needs to know of labelled features: counts, sums and products. Sums of two sets of rows add and
/// subtract, so that leaving one set out costs nothing.
/// </summary>
/// <param name="channels">Channels of a row.</param>
/// <param name="classes">Classes.</param>
internal sealed class RidgeSums(int channels, int classes)
{
    private readonly double[] counts = new double[classes];
    private readonly double[] sums = new double[channels]; // Of x.
    private readonly double[] squares = new double[channels * channels]; // Of x x', the lower triangle.
    private readonly double[] classSums = new double[classes * channels]; // Of x, by class.

    /// <summary>Channels of a row.</summary>
    public int Channels => channels;

    /// <summary>Classes.</summary>
    public int Classes => classes;

    /// <summary>Rows of every class.</summary>
    public ReadOnlySpan<double> Counts => counts;

    /// <summary>Sum of every channel.</summary>
    public ReadOnlySpan<double> Sums => sums;

    /// <summary>Sum of products of two channels [channels, channels]; the lower triangle.</summary>
    public ReadOnlySpan<double> Squares => squares;

    /// <summary>Sum of every channel over a class's rows [classes, channels].</summary>
    public ReadOnlySpan<double> ClassSums => classSums;

    /// <summary>Sums of rows.</summary>
    /// <param name="rows">[n, channels].</param>
    /// <param name="channels">Channels of a row.</param>
    /// <param name="classOf">The class of every row.</param>
    /// <param name="classes">Classes.</param>
    public static RidgeSums Of(float[] rows, int channels, ReadOnlySpan<byte> classOf, int classes)
    {
        var result = new RidgeSums(channels, classes);
        int count = classOf.Length;
        double[] columns = new double[channels * count]; // Channel by channel: products of two are dots of two rows.
        for (int n = 0; n < count; n++)
        {
            result.counts[classOf[n]]++;
            for (int channel = 0; channel < channels; channel++)
            {
                double value = rows[(n * channels) + channel];
                columns[(channel * count) + n] = value;
                result.sums[channel] += value;
                result.classSums[(classOf[n] * channels) + channel] += value;
            }
        }

        for (int a = 0; a < channels; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                result.squares[(a * channels) + b] = TensorPrimitives.Dot<double>(
                    columns.AsSpan(a * count, count), columns.AsSpan(b * count, count));
            }
        }

        return result;
    }

    /// <summary>The sums of all rows of several sets.</summary>
    public static RidgeSums Total(IReadOnlyList<RidgeSums> sets)
    {
        var total = new RidgeSums(sets[0].Channels, sets[0].Classes);
        foreach (RidgeSums set in sets)
        {
            total.Add(set, 1);
        }

        return total;
    }

    /// <summary>These sums without those of rows that are among them.</summary>
    public RidgeSums Without(RidgeSums part)
    {
        RidgeSums rest = Total([this]);
        rest.Add(part, -1);
        return rest;
    }

    private void Add(RidgeSums other, double sign)
    {
        foreach ((double[] to, double[] from) in new[]
        {
            (counts, other.counts), (sums, other.sums), (squares, other.squares), (classSums, other.classSums),
        })
        {
            TensorPrimitives.MultiplyAdd(from, sign, to, to);
        }
    }
}
