using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>
/// Numbers for libtorch's operators. TorchSharp hands an operator the address of a scalar that nothing holds any more: where memory is
/// collected at that moment, libtorch reads what has been freed. Here the last ones of every thread are held. Sums of tensors are here
/// for the same reason: TorchSharp's own multiply by a scalar 1 of theirs.
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

    /// <summary>a + b.</summary>
    public static torch.Tensor Plus(this torch.Tensor a, torch.Tensor b) => a.add(b, Of(1));

    /// <summary>a + b.</summary>
    public static torch.Tensor Plus(this torch.Tensor a, double b) => a.add(Of(b), Of(1));

    /// <summary>a becomes a + b.</summary>
    public static torch.Tensor PlusInPlace(this torch.Tensor a, torch.Tensor b) => a.add_(b, Of(1));

    /// <summary>a times a. TorchSharp's own square is a power by a scalar of theirs.</summary>
    public static torch.Tensor Squared(this torch.Tensor a) => a.mul(a);

    private static Scalar Hold(Scalar scalar)
    {
        Scalar?[] ring = ofThread.Ring ?? new Scalar?[Held];
        ring[ofThread.Next]?.Dispose();
        ring[ofThread.Next] = scalar;
        ofThread = (ring, (ofThread.Next + 1) % Held);
        return scalar;
    }
}
