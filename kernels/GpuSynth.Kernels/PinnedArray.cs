using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>A zeroed table of constants that the host forms read by pointer for as long as the object lives.</summary>
internal sealed unsafe class PinnedArray<T>
    where T : unmanaged
{
    private readonly T[] values;

    public PinnedArray(int length)
    {
        values = GC.AllocateArray<T>(Math.Max(length, 1), pinned: true);
        Pointer = (T*)Unsafe.AsPointer(ref values[0]);
    }

    /// <summary>First element; valid while this object is reachable.</summary>
    public T* Pointer { get; }

    /// <summary>Number of elements.</summary>
    public int Length => values.Length;

    /// <summary>The elements.</summary>
    public Span<T> Span => values;

    /// <summary>One element.</summary>
    public ref T this[int index] => ref values[index];
}
