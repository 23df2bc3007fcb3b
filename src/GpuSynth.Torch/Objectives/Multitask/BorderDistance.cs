using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// How far voxels are from a border of labels: 0 of one that has another label among its 3^d neighbours, else the least number of steps to such a one,
/// each to any of the 3^d neighbours (the chessboard metric). What is outside the sample is no border.
/// </summary>
internal static class BorderDistance
{
    /// <summary>The distances, by growing the borders a step at a time.</summary>
    /// <param name="labels">uint8 [B, (D,) H, W].</param>
    /// <param name="most">Voxels that are further have this.</param>
    /// <returns>uint8, of the same shape, 0 to <paramref name="most"/>.</returns>
    public static Tensor Of(Tensor labels, int most)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor reached = Grown(labels, maximum).ne(labels).logical_or(Grown(labels, minimum).ne(labels)).to_type(ScalarType.Byte);
        Tensor distance = reached.eq(Scalars.Of(0L)).to_type(ScalarType.Byte);
        for (int step = 1; step < most; step++)
        {
            reached = Grown(reached, maximum);
            distance.PlusInPlace(reached.eq(Scalars.Of(0L)).to_type(ScalarType.Byte));
        }

        return distance.MoveToOuterDisposeScope();
    }

    // Every voxel becomes the largest, or the smallest, among its neighbours and itself: axis by axis.
    private static Tensor Grown(Tensor values, Func<Tensor, Tensor, Tensor> choose)
    {
        for (int axis = 1; axis < values.shape.Length; axis++)
        {
            long last = values.shape[axis] - 1;
            if (last == 0)
            {
                continue;
            }

            Tensor grown = values.clone();
            Tensor low = grown.narrow(axis, 0, last), high = grown.narrow(axis, 1, last);
            low.copy_(choose(low, values.narrow(axis, 1, last)));
            high.copy_(choose(high, values.narrow(axis, 0, last)));
            values = grown;
        }

        return values;
    }
}
