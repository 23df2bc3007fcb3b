using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ILGPU.Runtime;

/// <summary>Memory of a device.</summary>
public abstract class MemoryBuffer : IDisposable
{
    private protected MemoryBuffer(Accelerator accelerator, long length, int elementSize)
    {
        Accelerator = accelerator;
        Length = length;
        ElementSize = elementSize;
    }

    /// <summary>The device whose memory this is.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The address of the first byte; zero once disposed.</summary>
    public nint NativePtr { get; private protected set; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The bytes of one element.</summary>
    public int ElementSize { get; }

    /// <summary>The bytes of all elements.</summary>
    public long LengthInBytes => Length * ElementSize;

    /// <summary>Whether the memory was given back.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (!IsDisposed)
        {
            IsDisposed = true;
            Free();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void Free();
}

/// <summary>A buffer that shows itself through a view.</summary>
/// <typeparam name="TView">The view type.</typeparam>
public class MemoryBuffer<TView> : MemoryBuffer, IContiguousArrayView
    where TView : struct, IArrayView
{
    private readonly MemoryBuffer? owner;

    private protected MemoryBuffer(Accelerator accelerator, in TView view)
        : base(accelerator, view.Length, view.ElementSize)
    {
        View = view;
        owner = view.Buffer;
        NativePtr = owner?.NativePtr ?? 0;
    }

    /// <summary>All of the buffer.</summary>
    public TView View { get; }

    /// <inheritdoc/>
    public bool IsValid => !IsDisposed;

    MemoryBuffer IArrayView.Buffer => this;

    long IContiguousArrayView.Index => 0;

    long IContiguousArrayView.IndexInBytes => 0;

    private protected override void Free()
    {
        owner?.Dispose();
        NativePtr = 0;
    }
}

/// <summary>A one-dimensional buffer.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <typeparam name="TStride">The distance between neighbours.</typeparam>
public class MemoryBuffer1D<T, TStride> : MemoryBuffer<ArrayView1D<T, TStride>>
    where T : unmanaged
    where TStride : struct, IStride1D
{
    internal MemoryBuffer1D(Accelerator accelerator, in ArrayView1D<T, TStride> view)
        : base(accelerator, view)
    {
    }

    /// <summary>The memory looked at.</summary>
    public ArrayView<T> AsContiguous() => View.AsContiguous();
}

/// <summary>
/// Bytes of the process. They are filled with 0xCD, as memory of a real device is not zero either: a kernel that forgets to
/// write, or reads before anything was written, is found out here.
/// </summary>
internal sealed unsafe class HostMemory : MemoryBuffer
{
    private const int Alignment = 128;
    private const byte Garbage = 0xCD;

    public HostMemory(Accelerator accelerator, long length, int elementSize)
        : base(accelerator, length, elementSize)
    {
        nuint bytes = checked((nuint)LengthInBytes);
        void* memory = NativeMemory.AlignedAlloc(nuint.Max(bytes, 1), Alignment);
        NativeMemory.Fill(memory, bytes, Garbage);
        NativePtr = (nint)memory;
    }

    ~HostMemory() => Free();

    public static HostMemory Of<T>(Accelerator accelerator, long length)
        where T : unmanaged => new(accelerator, length, Unsafe.SizeOf<T>());

    private protected override void Free()
    {
        NativeMemory.AlignedFree((void*)NativePtr);
        NativePtr = 0;
    }
}
