using System.Runtime.CompilerServices;
using ILGPU.Runtime;

namespace ILGPU
{
    /// <summary>A window on a device's memory.</summary>
    public interface IArrayView
    {
        /// <summary>The memory looked at.</summary>
        MemoryBuffer Buffer { get; }

        /// <summary>Whether the view looks at memory that is still there.</summary>
        bool IsValid { get; }

        /// <summary>The number of elements.</summary>
        long Length { get; }

        /// <summary>The bytes of one element.</summary>
        int ElementSize { get; }

        /// <summary>The bytes of all elements.</summary>
        long LengthInBytes { get; }
    }

    /// <summary>A view without gaps.</summary>
    public interface IContiguousArrayView : IArrayView
    {
        /// <summary>The first element's place in the buffer.</summary>
        long Index { get; }

        /// <summary>The first element's place in the buffer, in bytes.</summary>
        long IndexInBytes { get; }
    }

    /// <summary>A view of elements of one type, without gaps.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    public interface IContiguousArrayView<T> : IContiguousArrayView
        where T : unmanaged;

    /// <summary>A window on a device's memory: what kernels take. Every access is checked.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    public readonly struct ArrayView<T> : IContiguousArrayView<T>
        where T : unmanaged
    {
        /// <summary>The bytes of one element.</summary>
        public static readonly int ElementSize = Unsafe.SizeOf<T>();

        /// <summary>A view of nothing.</summary>
        public static readonly ArrayView<T> Empty;

        private readonly MemoryBuffer? buffer;
        private readonly long start;

        /// <summary>A view of a part of a buffer.</summary>
        /// <param name="source">The buffer.</param>
        /// <param name="index">The first element.</param>
        /// <param name="length">The number of elements.</param>
        public ArrayView(MemoryBuffer source, long index, long length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            buffer = source;
            start = index;
            Length = length;
        }

        /// <inheritdoc/>
        public bool IsValid => buffer is { NativePtr: not 0 };

        /// <inheritdoc/>
        public long Length { get; }

        /// <summary>The number of elements as an <see cref="int"/>.</summary>
        public int IntLength => checked((int)Length);

        /// <inheritdoc/>
        public long LengthInBytes => Length * ElementSize;

        /// <summary>The number of elements as an index.</summary>
        public LongIndex1D Extent => new(Length);

        MemoryBuffer IArrayView.Buffer => buffer!;

        int IArrayView.ElementSize => ElementSize;

        long IContiguousArrayView.Index => start;

        long IContiguousArrayView.IndexInBytes => start * ElementSize;

        /// <summary>The element at an index.</summary>
        /// <param name="index">The index, counted from the view's start.</param>
        public ref T this[Index1D index] => ref this[(long)index.X];

        /// <summary>The element at an index.</summary>
        /// <param name="index">The index, counted from the view's start.</param>
        public ref T this[LongIndex1D index] => ref this[index.X];

        /// <summary>The element at an index.</summary>
        /// <param name="index">The index, counted from the view's start.</param>
        public ref T this[int index] => ref this[(long)index];

        /// <summary>The element at an index.</summary>
        /// <param name="index">The index, counted from the view's start.</param>
        public unsafe ref T this[long index]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                if ((ulong)index >= (ulong)Length)
                {
                    ThrowOutOfRange(index);
                }

                return ref ((T*)Pointer)[index];
            }
        }

        /// <summary>The elements from an index to the end.</summary>
        /// <param name="index">The first element.</param>
        public ArrayView<T> SubView(long index) => SubView(index, Length - index);

        /// <summary>A part of the view.</summary>
        /// <param name="index">The first element.</param>
        /// <param name="subViewLength">The number of elements.</param>
        public ArrayView<T> SubView(int index, int subViewLength) => SubView((long)index, subViewLength);

        /// <summary>A part of the view.</summary>
        /// <param name="index">The first element.</param>
        /// <param name="subViewLength">The number of elements.</param>
        public ArrayView<T> SubView(long index, long subViewLength)
        {
            if (index < 0 || subViewLength < 0 || index > Length - subViewLength)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(index),
                    $"A part of {subViewLength} elements from {index} does not fit in a view of {Length} elements.");
            }

            return new ArrayView<T>(buffer!, start + index, subViewLength);
        }

        /// <inheritdoc/>
        public override string ToString() => $"{start} [{Length}]";

        /// <summary>The view as a dense one-dimensional one.</summary>
        /// <param name="view">The view.</param>
        public static implicit operator ArrayView1D<T, Stride1D.Dense>(ArrayView<T> view) => new(view, view.Extent, default);

        /// <summary>A dense one-dimensional view as a plain one.</summary>
        /// <param name="view">The view.</param>
        public static implicit operator ArrayView<T>(ArrayView1D<T, Stride1D.Dense> view) => view.BaseView;

        internal unsafe nint Pointer
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                nint memory = buffer is null ? 0 : buffer.NativePtr;
                ObjectDisposedException.ThrowIf(memory == 0, typeof(MemoryBuffer));
                return (nint)((T*)memory + start);
            }
        }

        // What an array of the process throws.
        private void ThrowOutOfRange(long index) =>
            throw new IndexOutOfRangeException($"Element {index} of a view of {Length} elements was asked for.");
    }
}

namespace ILGPU.Runtime
{
    /// <summary>A one-dimensional view: what a buffer shows of itself.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TStride">The distance between neighbours; only <see cref="Stride1D.Dense"/> is there.</typeparam>
    public readonly struct ArrayView1D<T, TStride> : IArrayView
        where T : unmanaged
        where TStride : struct, IStride1D
    {
        /// <summary>A view of nothing.</summary>
        public static readonly ArrayView1D<T, TStride> Empty;

        /// <summary>A view with an extent and a stride.</summary>
        /// <param name="baseView">The memory looked at.</param>
        /// <param name="extent">The number of elements.</param>
        /// <param name="stride">The distance between neighbours.</param>
        public ArrayView1D(ArrayView<T> baseView, LongIndex1D extent, TStride stride)
        {
            BaseView = baseView;
            Extent = extent;
            Stride = stride;
        }

        /// <summary>The memory looked at.</summary>
        public ArrayView<T> BaseView { get; }

        /// <summary>The number of elements as an index.</summary>
        public LongIndex1D Extent { get; }

        /// <summary>The distance between neighbours.</summary>
        public TStride Stride { get; }

        /// <inheritdoc/>
        public bool IsValid => BaseView.IsValid;

        /// <inheritdoc/>
        public long Length => Extent.X;

        /// <summary>The number of elements as an <see cref="int"/>.</summary>
        public int IntLength => checked((int)Length);

        /// <inheritdoc/>
        public long LengthInBytes => Length * ArrayView<T>.ElementSize;

        MemoryBuffer IArrayView.Buffer => ((IArrayView)BaseView).Buffer;

        int IArrayView.ElementSize => ArrayView<T>.ElementSize;

        /// <summary>The element at an index.</summary>
        /// <param name="index">The index.</param>
        public ref T this[Index1D index] => ref BaseView[(long)index.X];

        /// <summary>The element at an index.</summary>
        /// <param name="index">The index.</param>
        public ref T this[LongIndex1D index] => ref BaseView[index.X];

        /// <summary>A part of the view.</summary>
        /// <param name="index">The first element.</param>
        /// <param name="extent">The number of elements.</param>
        public ArrayView1D<T, TStride> SubView(Index1D index, Index1D extent) =>
            SubView((LongIndex1D)index, (LongIndex1D)extent);

        /// <summary>A part of the view.</summary>
        /// <param name="index">The first element.</param>
        /// <param name="extent">The number of elements.</param>
        public ArrayView1D<T, TStride> SubView(LongIndex1D index, LongIndex1D extent) =>
            new(BaseView.SubView(index.X, extent.X), extent, Stride);

        /// <summary>The memory looked at.</summary>
        public ArrayView<T> AsContiguous() => BaseView;
    }
}
