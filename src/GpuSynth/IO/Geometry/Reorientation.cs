using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>
/// A grid's axes brought into the order and direction of the body's, and back: of the result, the width runs to the right, the
/// height to the front and the depth up (RAS+), as nearly as whole axes can. Only voxels change places, none its value; an oblique
/// volume stays oblique. Of an image the plane stays the plane: its two axes are put in the body's order and turned forwards.
/// </summary>
public sealed class Reorientation
{
    private readonly int first;
    private readonly (int Count, int Stride)[] axes; // Of the result's width, height, depth: along the stored array.

    private Reorientation(VolumeShape shape, NiftiGeometry geometry, int[] from, bool[] isBackward)
    {
        (int Count, int Stride)[] stored =
            [(shape.Width, 1), (shape.Height, shape.Width), (shape.Depth, shape.Width * shape.Height)];
        axes = new (int, int)[3];
        double[] affine = new double[12];
        Span<int> start = stackalloc int[3];
        IsIdentity = true;
        for (int axis = 0; axis < 3; axis++)
        {
            (int count, int stride) = stored[from[axis]];
            int sign = isBackward[axis] ? -1 : 1;
            axes[axis] = (count, sign * stride);
            start[from[axis]] = isBackward[axis] ? count - 1 : 0;
            first += start[from[axis]] * stride;
            IsIdentity &= from[axis] == axis && !isBackward[axis];
            for (int row = 0; row < 3; row++)
            {
                affine[(4 * row) + axis] = sign * geometry[row, from[axis]];
            }
        }

        (affine[3], affine[7], affine[11]) = geometry.ToMillimetres(start[0], start[1], start[2]);
        Geometry = IsIdentity ? geometry : new NiftiGeometry(affine);
        Shape = shape.Dimensions == 2
            ? VolumeShape.Image(axes[1].Count, axes[0].Count)
            : VolumeShape.Volume(axes[2].Count, axes[1].Count, axes[0].Count);
    }

    /// <summary>Shape of the result.</summary>
    public VolumeShape Shape { get; }

    /// <summary>Where the result lies: every voxel where it was.</summary>
    public NiftiGeometry Geometry { get; }

    /// <summary>Whether nothing changes.</summary>
    public bool IsIdentity { get; }

    /// <summary>The way from a stored grid to the body's axes.</summary>
    /// <param name="shape">Stored voxels.</param>
    /// <param name="geometry">Where they lie.</param>
    public static Reorientation ToCanonical(VolumeShape shape, NiftiGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        int[] body = new int[3];
        bool[] isBackward = new bool[3];
        for (int axis = 0; axis < 3; axis++)
        {
            char letter = geometry.Orientation[axis];
            body[axis] = "RAS".IndexOf(letter) is >= 0 and int forward ? forward : "LPI".IndexOf(letter);
            isBackward[axis] = "LPI".Contains(letter);
        }

        int[] from = [0, 1, 2];
        if (shape.Dimensions == 2)
        {
            // The third axis has one slice: nothing to turn.
            from = body[0] < body[1] ? [0, 1, 2] : [1, 0, 2];
            isBackward[2] = false;
        }
        else
        {
            Array.Sort((int[])body.Clone(), from);
        }

        return new Reorientation(shape, geometry, from, [.. from.Select(axis => isBackward[axis])]);
    }

    /// <summary>Values on the body's axes; the same array where nothing changes.</summary>
    /// <param name="stored">Values as stored.</param>
    public T[] Apply<T>(T[] stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return Turn(stored, isBack: false);
    }

    /// <summary>The inverse of <see cref="Apply"/>.</summary>
    /// <param name="canonical">Values on the body's axes.</param>
    public T[] Undo<T>(T[] canonical)
    {
        ArgumentNullException.ThrowIfNull(canonical);
        return Turn(canonical, isBack: true);
    }

    private T[] Turn<T>(T[] from, bool isBack)
    {
        if (IsIdentity)
        {
            return from;
        }

        if (from.LongLength != Shape.VoxelCount)
        {
            throw new ArgumentException($"A volume of {Shape} has {Shape.VoxelCount} voxels, but {from.Length} were given.");
        }

        var to = new T[from.Length];
        int place = 0;
        for (int z = 0; z < axes[2].Count; z++)
        {
            for (int y = 0; y < axes[1].Count; y++)
            {
                int stored = first + (z * axes[2].Stride) + (y * axes[1].Stride);
                for (int x = 0; x < axes[0].Count; x++, place++, stored += axes[0].Stride)
                {
                    if (isBack)
                    {
                        to[stored] = from[place];
                    }
                    else
                    {
                        to[place] = from[stored];
                    }
                }
            }
        }

        return to;
    }
}
