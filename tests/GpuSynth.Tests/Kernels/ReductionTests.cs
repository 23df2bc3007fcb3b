using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

public sealed class ReductionTests
{
    private static readonly int[] Lengths = [1, 2, 3, 15, 16, 17, 31, 33, 4095, 4096, 4097, 20_001];

    [Test]
    public void Device_EqualsPlain_BitForBit([ValueSource(nameof(Lengths))] int length)
    {
        float[] values = Values(length);
        ReductionPartial[] plain = Plain(values);
        ReductionPartial[] device = Device(values);
        Assert.That(device.Select(Fields), Is.EqualTo(plain.Select(Fields)));
    }

    [Test]
    public void Combine_EqualsReference([ValueSource(nameof(Lengths))] int length)
    {
        float[] values = Values(length);
        ReductionResult result = Reduction.Combine(Plain(values));
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
        ReductionResult result = Reduction.Combine(Device(values));
        Assert.That(result.NonFinite, Is.True);
        Assert.That(float.IsNaN(result.Minimum) || float.IsNaN(result.Maximum), Is.False);
        Assert.That(Device(values).Select(p => p.NonFinite), Is.EqualTo(Plain(values).Select(p => p.NonFinite)));
    }

    [Test]
    public void Launcher_RefusesNothingAndTheWrongNumberOfChunks()
    {
        var launcher = new Reduction.Launcher(KernelDevice.Accelerator);
        using var values = KernelDevice.Upload(new float[4097]);
        using var one = KernelDevice.Upload(new ReductionPartial[1]);
        Assert.That(
            () => launcher.Run(KernelDevice.Stream, values.View, one.View),
            Throws.ArgumentException.With.Message.StartsWith("chunks holds 1 values, expected 2."));
    }

    private static float[] Values(int length)
    {
        var place = new RandomPlace(5, 0, Streams.NoiseVoxels);
        return [.. Enumerable.Range(0, length).Select(i => Normal.At(place, i))];
    }

    private static ReductionPartial[] Plain(float[] values) =>
        [.. values.Chunk(Reduction.ChunkLength).Select(chunk => Reduction.PlainChunk(chunk))];

    private static ReductionPartial[] Device(float[] values)
    {
        using var buffer = KernelDevice.Upload(values);
        using var chunks = KernelDevice.Upload(new ReductionPartial[Reduction.ChunkCount(values.Length)]);
        new Reduction.Launcher(KernelDevice.Accelerator).Run(KernelDevice.Stream, buffer.View, chunks.View);
        return KernelDevice.Download(chunks);
    }

    private static (float Minimum, float Maximum, float Sum, int NonFinite) Fields(ReductionPartial partial) =>
        (partial.Minimum, partial.Maximum, partial.Sum, partial.NonFinite);
}
