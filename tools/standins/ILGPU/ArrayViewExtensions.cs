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

    private static ArrayView1D<T, Stride1D.Dense> View<T>(MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return buffer.View;
    }
}
