using System.Numerics;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

// A crop is a box of a case, turned and mirrored by a signed permutation of the axes, and a change of intensity a x + b.
// Everything is drawn from (seed, presentation number), never from a state: a step's batch is a function of its number. Axis a
// of the patch runs along axis Axes[a] of the case, backwards where IsReversed[a]. Parts of the box outside the case are 0 and
// background.

/// <summary>What was drawn for one crop.</summary>
/// <param name="Axes">For every axis of the patch (depth, height, width) the case's axis along which it runs.</param>
/// <param name="IsReversed">For every axis of the patch whether it runs backwards.</param>
/// <param name="Origin">Where the box begins on the case's axes; below 0 where the patch is larger than the case.</param>
/// <param name="Scale">Factor of the intensities.</param>
/// <param name="Shift">Added after the factor.</param>
internal sealed record DrawnCrop(int[] Axes, bool[] IsReversed, int[] Origin, float Scale, float Shift)
{
    /// <summary>Whether the case was mirrored along its width, between left and right.</summary>
    public bool IsMirrored { get; init; }

    /// <summary>A rotation and a scale about the crop's middle; null: neither.</summary>
    public CropWarp? Warp { get; init; }

    /// <summary>Draws a crop.</summary>
    /// <param name="one">The case.</param>
    /// <param name="patch">Voxels of the crop.</param>
    /// <param name="augmentation">Probabilities and ranges.</param>
    /// <param name="random">The presentation's random numbers.</param>
    public static DrawnCrop Draw(SegmentationCase one, VolumeShape patch, Augmentation augmentation, ref PlaceRandom random)
    {
        int[] axes = [0, 1, 2];
        bool[] isReversed = new bool[3];
        int firstAxis = patch.Dimensions == 2 ? 1 : 0;
        for (int axis = firstAxis; axis < 3; axis++)
        {
            isReversed[axis] = random.Uniform() < augmentation.FlipProbability;
        }

        bool isMirrored = isReversed[2];

        // Turned after it was mirrored: a quarter turn is a swap of two axes and a mirroring of one.
        if (random.Uniform() < augmentation.QuarterTurnProbability)
        {
            int still = patch.Dimensions == 2 ? 0 : random.Below(3);
            (int first, int other) = still switch { 0 => (1, 2), 1 => (0, 2), _ => (0, 1) };
            int turns = 1 + random.Below(3);
            if (turns != 2)
            {
                (axes[first], axes[other]) = (axes[other], axes[first]);
                (isReversed[first], isReversed[other]) = (isReversed[other], isReversed[first]);
            }

            isReversed[first] ^= turns >= 2;
            isReversed[other] ^= turns <= 2;
        }

        int[] extent = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            extent[axes[axis]] = Side(patch, axis);
        }

        int[] origin = DrawOrigin(one, extent, augmentation, ref random);
        float scale = 1, shift = 0;
        if (random.Uniform() < augmentation.IntensityProbability)
        {
            scale = 1 + (augmentation.IntensityScale * ((2 * random.Uniform()) - 1));
            shift = augmentation.IntensityShift * ((2 * random.Uniform()) - 1);
        }

        return new DrawnCrop(axes, isReversed, origin, scale, shift)
        {
            IsMirrored = isMirrored,
            Warp = augmentation.RotationProbability + augmentation.ScalingProbability > 0
                ? CropWarp.Draw(one.Spacing, patch.Dimensions, augmentation, ref random)
                : null,
        };
    }

    /// <summary>The box in the middle, neither turned nor changed.</summary>
    public static DrawnCrop Centre(VolumeShape shape, VolumeShape patch)
    {
        int[] origin = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            origin[axis] = -((Side(patch, axis) - Side(shape, axis)) / 2);
        }

        return new DrawnCrop([0, 1, 2], new bool[3], origin, 1, 0);
    }

    /// <summary>Cuts the crop out of a case.</summary>
    public void Apply(SegmentationCase one, VolumeShape patch, Span<float> image, Span<byte> labels) =>
        Apply(one.Image, one.Labels, one.Shape, patch, image, labels);

    /// <summary>Cuts the crop out of an image [C, (D,) H, W] and labels.</summary>
    public void Apply(
        ReadOnlySpan<float> fromImage,
        ReadOnlySpan<byte> fromLabels,
        VolumeShape shape,
        VolumeShape patch,
        Span<float> image,
        Span<byte> labels)
    {
        (int voxels, int patchVoxels) = ((int)shape.VoxelCount, (int)patch.VoxelCount);
        int channels = fromImage.Length / voxels;
        if (Warp is { } warp)
        {
            Apply(warp, fromImage, fromLabels, shape, patch, image, labels);
            return;
        }

        int n = 0;
        Span<int> at = stackalloc int[3];
        for (int z = 0; z < patch.Depth; z++)
        {
            Put(at, 0, z, patch.Depth);
            for (int y = 0; y < patch.Height; y++)
            {
                Put(at, 1, y, patch.Height);
                for (int x = 0; x < patch.Width; x++, n++)
                {
                    Put(at, 2, x, patch.Width);
                    bool isInside = (uint)at[0] < (uint)shape.Depth && (uint)at[1] < (uint)shape.Height
                        && (uint)at[2] < (uint)shape.Width;
                    int voxel = isInside ? (((at[0] * shape.Height) + at[1]) * shape.Width) + at[2] : 0;
                    labels[n] = isInside ? fromLabels[voxel] : (byte)0;
                    for (int channel = 0; channel < channels; channel++)
                    {
                        image[(channel * patchVoxels) + n] =
                            isInside ? (fromImage[(channel * voxels) + voxel] * Scale) + Shift : 0f;
                    }
                }
            }
        }
    }

    private void Apply(
        CropWarp warp,
        ReadOnlySpan<float> fromImage,
        ReadOnlySpan<byte> fromLabels,
        VolumeShape shape,
        VolumeShape patch,
        Span<float> image,
        Span<byte> labels)
    {
        (int voxels, int patchVoxels) = ((int)shape.VoxelCount, (int)patch.VoxelCount);
        int channels = fromImage.Length / voxels;
        Vector3 middle = default;
        for (int axis = 0; axis < 3; axis++)
        {
            middle[Axes[axis]] = Origin[Axes[axis]] + ((Side(patch, axis) - 1) / 2f);
        }

        Span<int> at = stackalloc int[3];
        for (int n = 0; n < patchVoxels; n++)
        {
            (int row, int x) = Math.DivRem(n, patch.Width);
            (int z, int y) = Math.DivRem(row, patch.Height);
            Put(at, 0, z, patch.Depth);
            Put(at, 1, y, patch.Height);
            Put(at, 2, x, patch.Width);
            Vector3 place = middle + warp.Of(new Vector3(at[0], at[1], at[2]) - middle);
            int nearest = CropWarp.Nearest(shape, place);
            labels[n] = nearest >= 0 ? fromLabels[nearest] : (byte)0;
            for (int channel = 0; channel < channels; channel++)
            {
                float value = CropWarp.Linear(fromImage.Slice(channel * voxels, voxels), shape, place);
                image[(channel * patchVoxels) + n] = (value * Scale) + (nearest >= 0 ? Shift : 0);
            }
        }
    }

    internal static int Side(VolumeShape shape, int axis) =>
        axis switch { 0 => shape.Depth, 1 => shape.Height, _ => shape.Width };

    private static int[] DrawOrigin(SegmentationCase one, int[] extent, Augmentation augmentation, ref PlaceRandom random)
    {
        int[] origin = new int[3];
        int[]? centre = random.Uniform() < augmentation.ForegroundProbability ? Foreground(one, ref random) : null;
        for (int axis = 0; axis < 3; axis++)
        {
            int side = Side(one.Shape, axis);
            int room = side - extent[axis];
            if (room <= 0)
            {
                origin[axis] = -(-room / 2);
            }
            else
            {
                int uniform = random.Below(room + 1);
                origin[axis] = centre is null ? uniform : Math.Clamp(centre[axis] - (extent[axis] / 2), 0, room);
            }
        }

        return origin;
    }

    // Any labelled voxel, each with the same probability; null in a case that has none.
    private static int[]? Foreground(SegmentationCase one, ref PlaceRandom random)
    {
        int labelled = one.LabelledVoxels;
        return labelled == 0 ? null : one.LabelledVoxel(random.Below(labelled));
    }

    private void Put(Span<int> at, int axis, int voxel, int side) =>
        at[Axes[axis]] = Origin[Axes[axis]] + (IsReversed[axis] ? side - 1 - voxel : voxel);
}
