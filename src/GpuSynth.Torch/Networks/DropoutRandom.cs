using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Random numbers of the dropout of one thread. Torch's own random state is the whole process': of two trainings at the same time
/// each would draw what the other left. A thread that has numbers of its own draws the same whatever the others do.
/// </summary>
internal sealed class DropoutRandom : IDisposable
{
    [ThreadStatic]
    private static Generator? ofThread;

    private readonly Generator? before = ofThread;

    /// <summary>From here to <see cref="Dispose"/> this thread's dropout draws from a state of its own.</summary>
    /// <param name="seed">The same numbers as torch's own state of this seed.</param>
    public DropoutRandom(ulong seed) => ofThread = new Generator(seed, CPU);

    /// <summary>A seed for the masks of one layer and call.</summary>
    public static ulong DrawSeed()
    {
        using Tensor drawn = randint(long.MaxValue, [1], ScalarType.Int64, generator: ofThread);
        return (ulong)drawn.item<long>();
    }

    /// <summary>Values of which training drops a share; the others are divided by what is left. Null where torch's state draws.</summary>
    public static Tensor? Thinned(Tensor values, double share)
    {
        if (ofThread is null || values.device.type != DeviceType.CPU)
        {
            return null;
        }

        using Tensor uniform = rand(values.shape, generator: ofThread);
        using Tensor kept = uniform.ge(Scalars.Of(share));
        using Tensor scaled = values.div(Scalars.Of(1 - share));
        return scaled.mul(kept);
    }

    /// <summary>Items that training keeps, each divided by the chance of that, and 0 for the others: float32 [count].</summary>
    /// <param name="count">Items.</param>
    /// <param name="share">Chance of being dropped.</param>
    public static Tensor Kept(long count, double share)
    {
        using Tensor uniform = rand([count], generator: ofThread);
        using Tensor kept = uniform.ge(Scalars.Of(share)).to_type(ScalarType.Float32);
        return kept.div(Scalars.Of(1 - share));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ofThread?.Dispose();
        ofThread = before;
    }
}
