using System.Runtime.InteropServices;

namespace ILGPU.Runtime;

/// <summary>Copies between arrays of the process and views.</summary>
public static class ArrayViewExtensions
{
    /// <summary>Allocates a buffer with an array's contents.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="accelerator">The device.</param>
    /// <param name="data">The contents.</param>
    public static MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(this Accelerator accelerator, T[] data)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentNullException.ThrowIfNull(data);
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(data.Length);
        buffer.View.CopyFromCPU(data);
        return buffer;
    }

    /// <summary>Copies an array into a view.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <param name="data">The array, as long as the view.</param>
    public static unsafe void CopyFromCPU<T>(this ArrayView<T> view, T[] data)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, view.Length, nameof(data));
        if (data.Length > 0)
        {
            data.CopyTo(new Span<T>((void*)view.Pointer, data.Length));
        }
    }

    /// <inheritdoc cref="CopyFromCPU{T}(ArrayView{T}, T[])"/>
    public static void CopyFromCPU<T>(this ArrayView1D<T, Stride1D.Dense> view, T[] data)
        where T : unmanaged => view.BaseView.CopyFromCPU(data);

    /// <inheritdoc cref="CopyFromCPU{T}(ArrayView{T}, T[])"/>
    public static void CopyFromCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer, T[] data)
        where T : unmanaged => View(buffer).CopyFromCPU(data);

    /// <summary>Copies a view into an array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <param name="data">The array, as long as the view.</param>
    public static unsafe void CopyToCPU<T>(this ArrayView<T> view, T[] data)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, view.Length, nameof(data));
        if (data.Length > 0)
        {
            new Span<T>((void*)view.Pointer, data.Length).CopyTo(data);
        }
    }

    /// <inheritdoc cref="CopyToCPU{T}(ArrayView{T}, T[])"/>
    public static void CopyToCPU<T>(this ArrayView1D<T, Stride1D.Dense> view, T[] data)
        where T : unmanaged => view.BaseView.CopyToCPU(data);

    /// <inheritdoc cref="CopyToCPU{T}(ArrayView{T}, T[])"/>
    public static void CopyToCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer, T[] data)
        where T : unmanaged => View(buffer).CopyToCPU(data);

    /// <summary>Copies elements into a view, and waits.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TView">The view type.</typeparam>
    /// <param name="target">The view.</param>
    /// <param name="stream">The order of launches that this is part of.</param>
    /// <param name="cpuData">The first element.</param>
    /// <param name="length">The number of elements.</param>
    public static unsafe void CopyFromCPU<T, TView>(this TView target, AcceleratorStream stream, ref T cpuData, long length)
        where TView : IContiguousArrayView<T>
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, target.Length);
        MemoryMarshal.CreateReadOnlySpan(ref cpuData, checked((int)length)).CopyTo(Elements<T, TView>(target));
    }

    /// <summary>Copies elements of a view out, and waits.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TView">The view type.</typeparam>
    /// <param name="source">The view.</param>
    /// <param name="stream">The order of launches that this is part of.</param>
    /// <param name="cpuData">The first element.</param>
    /// <param name="length">The number of elements.</param>
    public static unsafe void CopyToCPU<T, TView>(this TView source, AcceleratorStream stream, ref T cpuData, long length)
        where TView : IContiguousArrayView<T>
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, source.Length);
        Elements<T, TView>(source)[..checked((int)length)].CopyTo(MemoryMarshal.CreateSpan(ref cpuData, (int)length));
    }

    /// <summary>The address of a view's first element.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    public static nint LoadEffectiveAddressAsPtr<T>(this ArrayView<T> view)
        where T : unmanaged => view.Pointer;

    /// <summary>A view's contents as a new array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    public static T[] GetAsArray1D<T>(this ArrayView1D<T, Stride1D.Dense> view)
        where T : unmanaged
    {
        var data = new T[view.Length];
        view.CopyToCPU(data);
        return data;
    }

    /// <inheritdoc cref="GetAsArray1D{T}(ArrayView1D{T, Stride1D.Dense})"/>
    public static T[] GetAsArray1D<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer)
        where T : unmanaged => View(buffer).GetAsArray1D();

    /// <summary>Sets every byte of a view to zero.</summary>
    /// <typeparam name="TView">The view type.</typeparam>
    /// <param name="view">The view.</param>
    public static unsafe void MemSetToZero<TView>(this TView view)
        where TView : IContiguousArrayView
    {
        if (view.LengthInBytes > 0)
        {
            ObjectDisposedException.ThrowIf(!view.IsValid, typeof(MemoryBuffer));
            byte* memory = (byte*)view.Buffer.NativePtr + view.IndexInBytes;
            NativeMemory.Clear(memory, (nuint)view.LengthInBytes);
        }
    }

    /// <summary>Sets every byte of a view to zero.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    public static void MemSetToZero<T>(this ArrayView1D<T, Stride1D.Dense> view)
        where T : unmanaged => view.BaseView.MemSetToZero();

    private static unsafe Span<T> Elements<T, TView>(TView view)
        where TView : IContiguousArrayView<T>
        where T : unmanaged
    {
        if (view.Length == 0)
        {
            return [];
        }

        ObjectDisposedException.ThrowIf(!view.IsValid, typeof(MemoryBuffer));
        return new((byte*)view.Buffer.NativePtr + view.IndexInBytes, checked((int)view.Length));
    }

    private static ArrayView1D<T, Stride1D.Dense> View<T>(MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return buffer.View;
    }
}
