using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ILGPU.Runtime;

/// <summary>Memory of a device.</summary>
public abstract class MemoryBuffer : IDisposable
{
    /// <summary>Memory that its creator gives an address to.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="length">The number of elements.</param>
    /// <param name="elementSize">The bytes of one.</param>
    protected MemoryBuffer(Accelerator accelerator, long length, int elementSize)
    {
        Accelerator = accelerator;
        Length = length;
        ElementSize = elementSize;
    }

    /// <summary>The device whose memory this is.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The address of the first byte; zero once disposed.</summary>
    public nint NativePtr { get; protected set; }

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
            DisposeAcceleratorObject(true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Sets every byte of a part to a value.</summary>
    /// <param name="stream">The order of launches that this is part of.</param>
    /// <param name="value">The value.</param>
    /// <param name="targetView">The part.</param>
    protected internal abstract void MemSet(AcceleratorStream stream, byte value, in ArrayView<byte> targetView);

    /// <summary>Copies a part of this memory to a view.</summary>
    /// <param name="stream">The order of launches that this is part of.</param>
    /// <param name="sourceView">The part.</param>
    /// <param name="targetView">The view.</param>
    protected internal abstract void CopyTo(
        AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView);

    /// <summary>Copies a view to a part of this memory.</summary>
    /// <param name="stream">The order of launches that this is part of.</param>
    /// <param name="sourceView">The view.</param>
    /// <param name="targetView">The part.</param>
    protected internal abstract void CopyFrom(
        AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView);

    /// <summary>Gives the memory back.</summary>
    /// <param name="disposing">Whether it was asked to, and not collected.</param>
    protected abstract void DisposeAcceleratorObject(bool disposing);
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

    /// <inheritdoc/>
    protected internal override void MemSet(AcceleratorStream stream, byte value, in ArrayView<byte> targetView) =>
        owner?.MemSet(stream, value, targetView);

    /// <inheritdoc/>
    protected internal override void CopyTo(
        AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
        owner?.CopyTo(stream, sourceView, targetView);

    /// <inheritdoc/>
    protected internal override void CopyFrom(
        AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
        owner?.CopyFrom(stream, sourceView, targetView);

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
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

