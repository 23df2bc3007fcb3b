using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Tensors [B, C, (D,) H, W] whose channels lie next to each other: what the processor's convolutions compute in without
/// reordering, and what a norm's vectors are made of.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>Strides of that order.</summary>
    public static long[] Strides(long[] shape)
    {
        var strides = new long[shape.Length];
        strides[1] = 1;
        long next = shape[1];
        for (int axis = shape.Length - 1; axis >= 2; axis--)
        {
            strides[axis] = next;
            next *= shape[axis];
        }

        strides[0] = next;
        return strides;
    }

    /// <summary>Whether a tensor lies so, densely. Torch's own test takes one channel or one voxel for the usual order.</summary>
    public static bool Is(Tensor tensor) => tensor.stride().SequenceEqual(Strides(tensor.shape));

    /// <summary>The tensor in that order: itself, the same memory of one channel, or a copy.</summary>
    public static Tensor Of(Tensor tensor)
    {
        long[] shape = tensor.shape;
        if (Is(tensor))
        {
            return tensor.alias();
        }

        if (shape[1] == 1 && tensor.is_contiguous())
        {
            return tensor.as_strided(shape, Strides(shape));
        }

        using Tensor moved = ToEnd(tensor);
        using Tensor dense = moved.contiguous();
        return FromEnd(dense);
    }

    /// <summary>[B, C, (D,) H, W] seen as [B, (D,) H, W, C].</summary>
    public static Tensor ToEnd(Tensor tensor) =>
        tensor.permute([0, .. Enumerable.Range(2, tensor.shape.Length - 2).Select(static axis => (long)axis), 1]);

    /// <summary>The way back from <see cref="ToEnd"/>.</summary>
    public static Tensor FromEnd(Tensor tensor)
    {
        int last = tensor.shape.Length - 1;
        return tensor.permute([0, last, .. Enumerable.Range(1, last - 1).Select(static axis => (long)axis)]);
    }
}
