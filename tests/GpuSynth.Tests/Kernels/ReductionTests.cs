using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

[Category("Host")]
public sealed class ReductionTests
{
    private static readonly int[] Lengths = [1, 2, 3, 15, 16, 17, 31, 33, 4095, 4096, 4097, 20_001];

    [Test]
    public void Chunks_EqualPlain_BitForBit([ValueSource(nameof(Lengths))] int length)
    {
        float[] values = Values(length);
        Assert.That(Host(values).Select(Fields), Is.EqualTo(Plain(values).Select(Fields)));
    }

    [Test]
    public void Combine_EqualsReference([ValueSource(nameof(Lengths))] int length)
    {
        float[] values = Values(length);
        ReductionResult result = Reduction.Combine(Host(values));
        (double minimum, double maximum, double sum, bool nonFinite) = Reduction.ReferenceAll(values);
        Assert.That((double)result.Minimum, Is.EqualTo(minimum));
        Assert.That((double)result.Maximum, Is.EqualTo(maximum));
        Assert.That(result.NonFinite, Is.EqualTo(nonFinite).And.False);
        // 256 additions in a lane and 4 between lanes, each within half a unit of the sum of magnitudes.
        Assert.That(result.Sum, Is.EqualTo(sum).Within(260 * values.Sum(v => Math.Abs((double)v)) / (1 << 24)));
    }

    [Test]
    public void NaNsAndInfinities_RaiseTheFlag(
        [Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float bad, [Values(0, 17, 4096, 5000)] int at)
    {
        float[] values = Values(5001);
        values[at] = bad;
        ReductionResult result = Reduction.Combine(Host(values));
        Assert.That(result.NonFinite, Is.True);
        Assert.That(float.IsNaN(result.Minimum) || float.IsNaN(result.Maximum), Is.False);
        Assert.That(Host(values).Select(p => p.NonFinite), Is.EqualTo(Plain(values).Select(p => p.NonFinite)));
    }

    private static float[] Values(int length)
    {
        var place = new RandomPlace(5, 0, Streams.NoiseVoxels);
        return [.. Enumerable.Range(0, length).Select(i => Normal.At(place, i))];
    }

    private static ReductionPartial[] Plain(float[] values) =>
        [.. values.Chunk(Reduction.ChunkLength).Select(chunk => Reduction.PlainChunk(chunk))];

    private static unsafe ReductionPartial[] Host(float[] values)
    {
        var chunks = new ReductionPartial[Reduction.ChunkCount(values.Length)];
        fixed (float* at = values)
        {
            for (int chunk = 0; chunk < chunks.Length; chunk++)
            {
                int first = chunk * Reduction.ChunkLength;
                chunks[chunk] = Reduction.HostChunk(at + first, Math.Min(Reduction.ChunkLength, values.Length - first));
            }
        }

        return chunks;
    }

    private static (float Minimum, float Maximum, float Sum, int NonFinite) Fields(ReductionPartial partial) =>
        (partial.Minimum, partial.Maximum, partial.Sum, partial.NonFinite);
}
