using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>Millimetres between neighbouring voxels, in array order.</summary>
/// <param name="Depth">Between slices; 1 in an image.</param>
/// <param name="Height">Between rows.</param>
/// <param name="Width">Between columns.</param>
public readonly record struct VoxelSpacing(double Depth, double Height, double Width)
{
    /// <summary>The spacing of a file's geometry.</summary>
    public static VoxelSpacing Of(NiftiGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        return new VoxelSpacing(geometry.Spacing.Z, geometry.Spacing.Y, geometry.Spacing.X);
    }

    /// <summary>The median of every axis by itself.</summary>
    public static VoxelSpacing Median(IReadOnlyList<VoxelSpacing> spacings) => new(
        Middle(spacings.Select(static spacing => spacing.Depth)),
        Middle(spacings.Select(static spacing => spacing.Height)),
        Middle(spacings.Select(static spacing => spacing.Width)));

    /// <summary>"1.5" for all axes or "2.5x1x1", depth x height x width.</summary>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string text, out VoxelSpacing spacing)
    {
        ArgumentNullException.ThrowIfNull(text);
        double[] numbers = [.. text.Split('x').Select(static part =>
            double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) ? number : 0)];
        spacing = numbers.Length switch
        {
            1 => new VoxelSpacing(numbers[0], numbers[0], numbers[0]),
            2 => new VoxelSpacing(1, numbers[0], numbers[1]),
            3 => new VoxelSpacing(numbers[0], numbers[1], numbers[2]),
            _ => default,
        };
        return Array.TrueForAll(numbers, static number => number > 0) && spacing != default;
    }

    /// <summary>The shape of a volume after a change from this spacing to another: the same extent in millimetres.</summary>
    public VolumeShape Resized(VolumeShape shape, VoxelSpacing target)
    {
        int height = Voxels(shape.Height, Height, target.Height);
        int width = Voxels(shape.Width, Width, target.Width);
        return shape.Dimensions == 2
            ? VolumeShape.Image(height, width)
            : VolumeShape.Volume(Voxels(shape.Depth, Depth, target.Depth), height, width);
    }

    /// <summary>Whether the same within what a header's float32 can tell.</summary>
    public bool IsNear(VoxelSpacing other) =>
        IsNear(Depth, other.Depth) && IsNear(Height, other.Height) && IsNear(Width, other.Width);

    /// <summary>"1 x 1 x 1.5 mm".</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Depth:0.####} x {Height:0.####} x {Width:0.####} mm");

    private static bool IsNear(double one, double other) => Math.Abs(one - other) <= 1e-4 * Math.Max(one, other);

    private static int Voxels(int count, double from, double to) => Math.Max(1, (int)Math.Round(count * from / to));

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(sorted.Length - 1) / 2];
    }
}
