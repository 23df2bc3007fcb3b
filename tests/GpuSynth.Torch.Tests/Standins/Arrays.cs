using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Standins;

/// <summary>Tensors of known values, and the values of tensors.</summary>
internal static class Arrays
{
    public static Tensor Of(ReadOnlySpan<float> values, params long[] shape) => Filled(values, float32, shape);

    public static Tensor Of(ReadOnlySpan<double> values, params long[] shape) => Filled(values, float64, shape);

    public static Tensor Of(ReadOnlySpan<long> values, params long[] shape) => Filled(values, int64, shape);

    public static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();

    private static Tensor Filled<T>(ReadOnlySpan<T> values, ScalarType type, long[] shape)
        where T : unmanaged
    {
        Tensor made = empty(shape.Length == 0 ? [values.Length] : shape, type);
        MemoryMarshal.AsBytes(values).CopyTo(made.bytes);
        return made;
    }
}
