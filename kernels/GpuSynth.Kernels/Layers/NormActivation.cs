namespace GpuSynth.Kernels;

// NormActivation: what stands behind a convolution, in two sweeps forward and two backward instead of some ten:
//   u = gamma (x - mean) / sqrt(var + 1e-5) + beta, y = m u where m u > 0, else slope m u; m = 0 or 1/(1 - p) of dropout
//   backward, h = g m (u > 0 ? 1 : slope): dx = gamma/std (h - mean h - x' mean(h x')), x' = (x - mean)/std,
//   dbeta = sum h, dgamma = sum h x', dslope = sum of g m min(u, 0)
// mean and var over the voxels of a channel: of one sample (instance norm) or of all (batch norm), biased.
// x, y, g, dx: float or bfloat16, channels last [samples][voxels][C]. Rows: as many voxels as make whole vectors, so that few
// channels fill lanes too; a row's place modulo C is its channel. Forward reads 2 and writes 1, backward reads 4 and writes 1.
// Sums: of what exceeds a first value of the channel, per chunk in float, chunks in their order in double, whatever the threads.
// A bias that a convolution adds before the norm changes nothing but the mean: it is left out there, its gradient is 0.
// Reference: torch's instance_norm, batch_norm, prelu, relu in the tests.

/// <summary>How the values of a layer are walked through.</summary>
public sealed class NormRows
{
    // Values of a chunk: with its gradient beside it half of a core's level-2 cache.
    private const int ChunkValues = 1 << 15;

    private const int FourVectors = 64;
    private const int OneVector = 16;

    private NormRows(int samples, int channels, long voxels, int period)
    {
        (Samples, Channels, Voxels, Period) = (samples, channels, voxels, period);
        Rows = voxels * channels / period;
        // A multiple of eight: what one block of random words serves does not reach over a chunk's end.
        ChunkRows = Math.Max(8, ChunkValues / period / 8 * 8);
        Chunks = (int)((Rows + ChunkRows - 1) / ChunkRows);
    }

    /// <summary>Samples.</summary>
    public int Samples { get; }

    /// <summary>Channels C.</summary>
    public int Channels { get; }

    /// <summary>Voxels of a sample.</summary>
    public long Voxels { get; }

    /// <summary>Values of a row: a multiple of C and of 16, of 64 where that fits.</summary>
    public int Period { get; }

    /// <summary>Rows of a sample.</summary>
    public long Rows { get; }

    /// <summary>Rows of a chunk.</summary>
    public int ChunkRows { get; }

    /// <summary>Chunks of a sample.</summary>
    public int Chunks { get; }

    /// <summary>Rows of a chunk, from the first one on.</summary>
    public int RowsOf(int chunk) => (int)Math.Min(ChunkRows, Rows - ((long)chunk * ChunkRows));

    /// <summary>The rows of a layer's values, or null where they do not fill vectors.</summary>
    public static NormRows? Of(long samples, long channels, long voxels)
    {
        foreach (int unit in (ReadOnlySpan<int>)[FourVectors, OneVector])
        {
            long period = channels / Divisor(channels, unit) * unit;
            if (voxels * channels % period == 0 && period <= ChunkValues && samples <= int.MaxValue)
            {
                return new NormRows((int)samples, (int)channels, voxels, (int)period);
            }
        }

        return null;
    }

    private static long Divisor(long a, long b) => b == 0 ? a : Divisor(b, a % b);
}

/// <summary>
/// Mean and inverse standard deviation of every channel, of each sample or of the batch, and what they make of a value.
/// </summary>
public sealed class NormLaw
{
    private readonly NormRows rows;
    private readonly int groups;

    /// <summary>The law of what chunks have summed up.</summary>
    /// <param name="rows">How the values lie.</param>
    /// <param name="isBatch">One law for all samples, else one for each.</param>
    /// <param name="shifts">[samples][C]: what sums are of the excess over; the first sample's serve for all of a batch.</param>
    /// <param name="sums">[samples][chunks][2][period]: of the excess, and of its square.</param>
    /// <param name="gamma">[C], or empty: 1.</param>
    /// <param name="beta">[C], or empty: 0.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public NormLaw(
        NormRows rows,
        bool isBatch,
        ReadOnlySpan<float> shifts,
        ReadOnlySpan<float> sums,
        ReadOnlySpan<float> gamma,
        ReadOnlySpan<float> beta,
        double epsilon)
    {
        ArgumentNullException.ThrowIfNull(rows);
        this.rows = rows;
        IsBatch = isBatch;
        groups = isBatch ? 1 : rows.Samples;
        Count = rows.Voxels * (isBatch ? rows.Samples : 1);
        int channels = rows.Channels, period = rows.Period;
        Mean = new double[groups * channels];
        Variance = new double[groups * channels];
        InverseStd = new double[groups * channels];
        Factor = new float[groups * period];
        Offset = new float[groups * period];
        UnitFactor = gamma.IsEmpty ? Factor : new float[groups * period];
        UnitOffset = gamma.IsEmpty ? Offset : new float[groups * period];
        double[] folded = Fold(sums, 2);
        for (int group = 0; group < groups; group++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                int n = (group * channels) + channel;
                double excess = folded[(((group * 2) + 0) * channels) + channel] / Count;
                double square = folded[(((group * 2) + 1) * channels) + channel] / Count;
                Mean[n] = shifts[n] + excess;
                Variance[n] = Math.Max(0, square - (excess * excess));
                InverseStd[n] = 1 / Math.Sqrt(Variance[n] + epsilon);
                for (int place = channel; place < period; place += channels)
                {
                    int p = (group * period) + place;
                    UnitFactor[p] = (float)InverseStd[n];
                    UnitOffset[p] = (float)(-Mean[n] * InverseStd[n]);
                    if (!gamma.IsEmpty)
                    {
                        Factor[p] = (float)(gamma[channel] * InverseStd[n]);
                        Offset[p] = (float)(beta[channel] - (Mean[n] * gamma[channel] * InverseStd[n]));
                    }
                }
            }
        }
    }

    /// <summary>Whether one law is for all samples.</summary>
    public bool IsBatch { get; }

    /// <summary>Voxels that a mean is of.</summary>
    public long Count { get; }

    /// <summary>[groups][C].</summary>
    public double[] Mean { get; }

    /// <summary>Biased [groups][C].</summary>
    public double[] Variance { get; }

    /// <summary>1 / sqrt(variance + epsilon) [groups][C].</summary>
    public double[] InverseStd { get; }

    /// <summary>u = x Factor + Offset [groups][period].</summary>
    public float[] Factor { get; }

    /// <summary>Of u [groups][period].</summary>
    public float[] Offset { get; }

    /// <summary>x' = x UnitFactor + UnitOffset [groups][period].</summary>
    public float[] UnitFactor { get; }

    /// <summary>Of x' [groups][period].</summary>
    public float[] UnitOffset { get; }

    /// <summary>Where a sample's law begins in arrays of [groups][period].</summary>
    public int Begin(int sample) => IsBatch ? 0 : sample * rows.Period;

    /// <summary>What a gradient needs beside h: dx = Factor h + Slope x + Constant.</summary>
    /// <param name="sums">[samples][chunks][2][period]: of h, and of h x'.</param>
    public NormBackwardLaw Backward(ReadOnlySpan<float> sums)
    {
        int channels = rows.Channels, period = rows.Period;
        double[] folded = Fold(sums, 2);
        var law = new NormBackwardLaw(
            new float[groups * period], new float[groups * period], new float[channels], new float[channels]);
        for (int group = 0; group < groups; group++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                double ofH = folded[(((group * 2) + 0) * channels) + channel];
                double ofProduct = folded[(((group * 2) + 1) * channels) + channel];
                law.Beta[channel] += (float)ofH;
                law.Gamma[channel] += (float)ofProduct;
                for (int place = channel; place < period; place += channels)
                {
                    int p = (group * period) + place;
                    double factor = Factor[p];
                    law.Slope[p] = (float)(-factor * ofProduct / Count * UnitFactor[p]);
                    law.Constant[p] = (float)(-factor * ((ofH / Count) + (ofProduct / Count * UnitOffset[p])));
                }
            }
        }

        return law;
    }

    // [groups][parts][C] of [samples][chunks][parts][period].
    private double[] Fold(ReadOnlySpan<float> sums, int parts)
    {
        int channels = rows.Channels, period = rows.Period;
        var folded = new double[groups * parts * channels];
        int perSample = rows.Chunks * parts;
        for (int n = 0; n < rows.Samples * perSample; n++)
        {
            int group = IsBatch ? 0 : n / perSample;
            ReadOnlySpan<float> own = sums.Slice(n * period, period);
            Span<double> target = folded.AsSpan(((group * parts) + (n % parts)) * channels, channels);
            for (int place = 0; place < period; place += channels)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    target[channel] += own[place + channel];
                }
            }
        }

        return folded;
    }
}

/// <summary>The outcome of a backward pass.</summary>
/// <param name="Slope">[groups][period].</param>
/// <param name="Constant">[groups][period].</param>
/// <param name="Gamma">Gradient of gamma [C].</param>
/// <param name="Beta">Gradient of beta [C].</param>
public sealed record NormBackwardLaw(float[] Slope, float[] Constant, float[] Gamma, float[] Beta);
