using System.Collections;

namespace TorchSharp.Utils;

/// <summary>Reads and writes the elements of a tensor in host memory, in the order of its indices.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly T* first;

    internal TensorAccessor(torch.Tensor tensor)
    {
        this.tensor = tensor;
        first = (T*)Native.THSTensor_data(tensor.Handle);
    }

    public long Count => tensor.numel();

    public T this[params long[] indices]
    {
        get => first[Offset(indices)];
        set => first[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int count = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (tensor.is_contiguous())
        {
            new ReadOnlySpan<T>(first + tensorIndex, count).CopyTo(array[arrayIndex..]);
            return;
        }

        for (int k = 0; k < count; k++)
        {
            array[arrayIndex + k] = first[Offset(tensorIndex + k)];
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        long count = Count;
        for (long k = 0; k < count; k++)
        {
            yield return this[k];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
    }

    private long Offset(long[] indices)
    {
        if (indices.Length == 1)
        {
            return Offset(indices[0]);
        }

        long[] shape = tensor.shape, strides = tensor.stride();
        long offset = 0;
        for (int d = 0; d < shape.Length; d++)
        {
            if (indices[d] < 0 || indices[d] >= shape[d])
            {
                throw new IndexOutOfRangeException($"{indices[d]} >= {shape[d]} in dimension {d}.");
            }

            offset += indices[d] * strides[d];
        }

        return offset;
    }

    private long Offset(long index)
    {
        if (index < 0 || index >= Count)
        {
            throw new IndexOutOfRangeException();
        }

        if (tensor.is_contiguous())
        {
            return index;
        }

        long[] shape = tensor.shape, strides = tensor.stride();
        long offset = 0;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            (index, long place) = Math.DivRem(index, shape[d]);
            offset += place * strides[d];
        }

        return offset;
    }
}
