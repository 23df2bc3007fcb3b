using System.Globalization;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;

namespace GpuSynth.Cli;

/// <summary>A size as it is typed: one number for a cube or a square, or one per axis in array order.</summary>
internal sealed class SizeText
{
    // A sample's voxels are one array in memory.
    private static readonly int MostVoxels = Array.MaxLength;

    private readonly int[] axes;

    private SizeText(int[] axes) => this.axes = axes;

    /// <summary>Reads a size.</summary>
    /// <param name="text">"128" or "128x96x80".</param>
    /// <param name="size">The size, where it is one.</param>
    /// <param name="complaint">What is wrong, where it is none.</param>
    public static bool TryParse(string text, out SizeText? size, out string complaint)
    {
        size = null;
        complaint = string.Empty;
        string[] parts = text.Split('x', 'X');
        double voxels = 1;
        foreach (string part in parts)
        {
            // As a double first: a number of any length gets its answer.
            if (!double.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out double axis) || parts.Length > 3)
            {
                complaint = $"'{text}' is not a size; give one number (128) or one per axis in array order, depth x height x width (128x96x80)";
                return false;
            }

            if (axis < 1)
            {
                complaint = $"'{text}' has an axis of {part} voxels; every axis needs at least 1";
                return false;
            }

            voxels *= axis;
        }

        if (voxels > MostVoxels)
        {
            complaint = TooLarge(text, voxels);
            return false;
        }

        size = new SizeText([.. parts.Select(static part => int.Parse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))]);
        return true;
    }

    /// <summary>The shape for a recipe.</summary>
    /// <exception cref="WrongUseException">The axes do not fit the recipe, or a cube of this side is too large.</exception>
    public VolumeShape ToShape(Recipe recipe)
    {
        int dimensions = recipe.Dimensions;
        if (axes.Length != 1 && axes.Length != dimensions)
        {
            throw new WrongUseException(
                $"--size {this} has {axes.Length} axes, but recipe {recipe.Name} makes samples of {dimensions}; "
                + (dimensions == 3 ? "give depth x height x width, or one number for a cube." : "give height x width, or one number for a square."));
        }

        double voxels = axes.Length == 1 ? Math.Pow(axes[0], dimensions) : 1;
        if (voxels > MostVoxels)
        {
            throw new WrongUseException($"--size: {TooLarge(string.Join('x', Enumerable.Repeat(ToString(), dimensions)), voxels)}.");
        }

        return axes switch
        {
            [int side] => VolumeShape.Cubic(dimensions, side),
            [int height, int width] => VolumeShape.Image(height, width),
            _ => VolumeShape.Volume(axes[0], axes[1], axes[2]),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('x', axes);

    private static string TooLarge(string text, double voxels)
    {
        string bytes = SynthesisPlan.BytesText(voxels * (sizeof(float) + 1));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"a sample of {text} takes {bytes} of memory and has more than {MostVoxels:N0} voxels, the most there can be; use a smaller size");
    }
}
