using System.Runtime.InteropServices;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>Zeroed memory, aligned to a cache line, with a vector's room behind the last element.</summary>
internal sealed unsafe class NativeMemoryBlock<T> : IDisposable
    where T : unmanaged
{
    private const int Room = 256;

    public NativeMemoryBlock(long length)
    {
        Length = length;
        nuint bytes = (nuint)((length * sizeof(T)) + Room);
        Pointer = (T*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(Pointer, bytes);
    }

    public T* Pointer { get; private set; }

    public long Length { get; }

    public Span<T> Span => new(Pointer, checked((int)Length));

    public void CopyFrom(NativeMemoryBlock<T> other) =>
        Buffer.MemoryCopy(other.Pointer, Pointer, Length * sizeof(T), other.Length * sizeof(T));

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
