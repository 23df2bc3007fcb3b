using System.Runtime.InteropServices;

namespace GpuSynth.Torch;

/// <summary>Floats outside the managed heap, on the bounds of cache lines; not zeroed. Their memory is free the moment they are.</summary>
internal sealed unsafe class NativeFloats(long length) : IDisposable
{
    /// <summary>The first.</summary>
    public float* Values { get; private set; } = (float*)NativeMemory.AlignedAlloc((nuint)(length * sizeof(float)), 64);

    /// <summary>All of them, at most 2^31 - 1.</summary>
    public Span<float> Span => new(Values, checked((int)length));

    /// <summary>Frees what an exception kept from being disposed of.</summary>
    ~NativeFloats() => NativeMemory.AlignedFree(Values);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Values);
        Values = null;
        GC.SuppressFinalize(this);
    }
}
