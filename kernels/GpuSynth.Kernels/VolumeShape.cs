using System.Globalization;

namespace GpuSynth.Kernels;

/// <summary>
/// The shape of one image or volume in voxels, in array order: [D, H, W] in 3D, [H, W] in 2D; W runs fastest in memory.
/// A 2D image has <see cref="Depth"/> 1. RaSD's side S is the first axis: <see cref="Depth"/> in 3D, <see cref="Height"/> in 2D.
/// </summary>
public readonly record struct VolumeShape
{
    private VolumeShape(int dimensions, int depth, int height, int width) =>
        (Dimensions, Depth, Height, Width) = (dimensions, depth, height, width);

    /// <summary>2 for an image, 3 for a volume.</summary>
    public int Dimensions { get; }

    /// <summary>Voxels along z, the slowest axis; 1 in 2D.</summary>
    public int Depth { get; }

    /// <summary>Voxels along y.</summary>
    public int Height { get; }

    /// <summary>Voxels along x, the fastest axis.</summary>
    public int Width { get; }

    /// <summary>RaSD's side S: the first axis.</summary>
    public int Side => Dimensions == 3 ? Depth : Height;

    /// <summary>Voxels in all.</summary>
    public long VoxelCount => (long)Depth * Height * Width;

    /// <summary>A volume [D, H, W]; every axis at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An axis is below 1.</exception>
    public static VolumeShape Volume(int depth, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new VolumeShape(3, depth, height, width);
    }

    /// <summary>An image [H, W]; every axis at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An axis is below 1.</exception>
    public static VolumeShape Image(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new VolumeShape(2, 1, height, width);
    }

    /// <summary>A cube or square of the given side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The side is below 1 or the dimensions are neither 2 nor 3.</exception>
    public static VolumeShape Cubic(int dimensions, int side) => dimensions switch
    {
        2 => Image(side, side),
        3 => Volume(side, side, side),
        _ => throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "An image has 2 dimensions, a volume 3."),
    };

    /// <summary>"128x96x80" or "512x512", in array order.</summary>
    public override string ToString() => Dimensions == 3
        ? string.Create(CultureInfo.InvariantCulture, $"{Depth}x{Height}x{Width}")
        : string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");
}
