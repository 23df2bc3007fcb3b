using System.Runtime.InteropServices;

namespace GpuSynth.Torch.Objectives;

/// <summary>Floats outside the managed heap, on the bounds of cache lines; not zeroed.</summary>
internal sealed unsafe class NativeFloats(long length) : IDisposable
{
    /// <summary>The first.</summary>
    public float* Values { get; private set; } = (float*)NativeMemory.AlignedAlloc((nuint)(length * sizeof(float)), 64);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Values);
        Values = null;
    }
}
