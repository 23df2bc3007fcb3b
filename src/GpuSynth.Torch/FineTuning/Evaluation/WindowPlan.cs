using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

// An axis that needs at most half again the patch's side is taken whole (padded to the network's multiple with zeros, as crops
// are); a longer one is covered by windows of the patch's side, (1 - overlap) * side apart, the last at the end.
// A window's logits count with a Gaussian around its middle, sigma = side / 8 per axis, at least 1/1000 of the top: its border
// has seen the least around it. Source: MONAI's sliding_window_inference, whose defaults these are.

/// <summary>The windows that cover a volume.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="Window">Shape of every window.</param>
/// <param name="Origins">Where each begins: depth, height, width; below 0 where the window is larger than the volume.</param>
internal sealed record WindowPlan(VolumeShape Volume, VolumeShape Window, IReadOnlyList<int[]> Origins)
{
    private const double WholeFactor = 1.5;

    public static WindowPlan Of(VolumeShape volume, VolumeShape patch, int multiple, double overlap)
    {
        int[] sides = new int[3];
        var starts = new List<int>[3];
        for (int axis = 0; axis < 3; axis++)
        {
            int length = DrawnCrop.Side(volume, axis);
            int side = DrawnCrop.Side(patch, axis);
            int whole = volume.Dimensions == 2 && axis == 0 ? 1 : (length + multiple - 1) / multiple * multiple;
            if (whole <= side * WholeFactor)
            {
                (sides[axis], starts[axis]) = (whole, [-((whole - length) / 2)]);
                continue;
            }

            sides[axis] = side;
            starts[axis] = [];
            int apart = Math.Max(1, (int)(side * (1 - overlap)));
            for (int start = 0; start + side < length; start += apart)
            {
                starts[axis].Add(start);
            }

            starts[axis].Add(length - side);
        }

        int lowest = volume.Dimensions == 2 ? 1 : 0;
        if (multiple > 1 && sides.AsSpan(lowest).IndexOfAnyExcept(multiple) < 0)
        {
            // Of one voxel at the network's lowest level its norms can make nothing: a wider margin.
            sides[2] = 2 * multiple;
            starts[2] = [-((sides[2] - volume.Width) / 2)];
        }

        VolumeShape window = volume.Dimensions == 2
            ? VolumeShape.Image(sides[1], sides[2])
            : VolumeShape.Volume(sides[0], sides[1], sides[2]);
        return new WindowPlan(volume, window,
        [
            .. starts[0].SelectMany(z => starts[1].SelectMany(y => starts[2].Select(x => new[] { z, y, x }))),
        ]);
    }

    /// <summary>One window around the whole volume, padded to the network's multiple.</summary>
    public static WindowPlan Whole(VolumeShape volume, int multiple)
    {
        int Up(int side) => (side + multiple - 1) / multiple * multiple;
        VolumeShape patch = volume.Dimensions == 2
            ? VolumeShape.Image(Up(volume.Height), Up(volume.Width))
            : VolumeShape.Volume(Up(volume.Depth), Up(volume.Height), Up(volume.Width));
        return Of(volume, patch, multiple, overlap: 0);
    }

    /// <summary>The weight of every voxel of a window.</summary>
    public float[] Weights()
    {
        double[][] axes = [.. Enumerable.Range(0, 3).Select(axis => Gaussian(DrawnCrop.Side(Window, axis)))];
        float[] weights = new float[Window.VoxelCount];
        for (int n = 0; n < weights.Length; n++)
        {
            (int row, int x) = Math.DivRem(n, Window.Width);
            (int z, int y) = Math.DivRem(row, Window.Height);
            weights[n] = (float)Math.Max(1e-3, axes[0][z] * axes[1][y] * axes[2][x]);
        }

        return weights;
    }

    private static double[] Gaussian(int side) =>
    [
        .. Enumerable.Range(0, side).Select(n => Math.Exp(-0.5 * Math.Pow((n - ((side - 1) / 2.0)) / (side / 8.0), 2))),
    ];
}
