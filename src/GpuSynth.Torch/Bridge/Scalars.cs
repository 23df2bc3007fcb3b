using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>
/// Numbers for libtorch's operators. TorchSharp hands an operator the address of a scalar that nothing holds any more: where memory is
/// collected at that moment, libtorch reads what has been freed. Here the last ones of every thread are held.
/// </summary>
internal static class Scalars
{
    // Far more than an operator takes, few enough to cost nothing.
    private const int Held = 32;

    [ThreadStatic]
    private static (Scalar?[] Ring, int Next) ofThread;

    /// <summary>A number as an operator's argument; it holds until this thread has asked for many others.</summary>
    public static Scalar Of(double value) => Hold(value);

    /// <summary>A whole number as an operator's argument, which leaves tensors of whole numbers such.</summary>
    public static Scalar Of(long value) => Hold(value);

    private static Scalar Hold(Scalar scalar)
    {
        Scalar?[] ring = ofThread.Ring ?? new Scalar?[Held];
        ring[ofThread.Next]?.Dispose();
        ring[ofThread.Next] = scalar;
        ofThread = (ring, (ofThread.Next + 1) % Held);
        return scalar;
    }
}
