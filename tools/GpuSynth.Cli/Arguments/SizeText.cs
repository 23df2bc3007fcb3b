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

    private readonly string text;
    private readonly double[] axes;

    private SizeText(string text, double[] axes) => (this.text, this.axes) = (text, axes);

    /// <summary>Reads a size.</summary>
    /// <param name="text">"128" or "128x96x80".</param>
    /// <param name="size">The size, where it is one.</param>
    /// <param name="complaint">What is wrong with a text that is not a size.</param>
    public static bool TryParse(string text, out SizeText? size, out string complaint)
    {
        size = null;
        complaint = string.Empty;
        string[] parts = text.Split('x', 'X');
        double[] axes = new double[parts.Length];
        for (int n = 0; n < parts.Length; n++)
        {
            // As doubles: a number of any length gets its answer, and whole ones are exact as far as memory goes.
            if (parts.Length > 3
                || !double.TryParse(parts[n], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out axes[n]))
            {
                complaint = $"'{text}' is not a size; "
                    + "give one number (128) or one per axis in array order, depth x height x width (128x96x80)";
                return false;
            }

            if (axes[n] < 1)
            {
                complaint = $"'{text}' has an axis of {parts[n]} voxels; every axis needs at least 1";
                return false;
            }
        }

        size = new SizeText(text, axes);
        return true;
    }

    /// <summary>The shape for a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="option">The option that gave the size.</param>
    /// <exception cref="WrongUseException">The axes do not fit the recipe, or there are too many voxels.</exception>
    public VolumeShape ToShape(Recipe recipe, string option = "--size")
    {
        int dimensions = recipe.Dimensions;
        if (axes.Length != 1 && axes.Length != dimensions)
        {
            throw new WrongUseException(
                $"{option} {text} has {axes.Length} axes, but recipe {recipe.Name} makes samples of {dimensions}; "
                + (dimensions == 3
                    ? "give depth x height x width, or one number for a cube."
                    : "give height x width, or one number for a square."));
        }

        double[] all = axes.Length == 1 ? [.. Enumerable.Repeat(axes[0], dimensions)] : axes;
        double voxels = all.Aggregate(static (product, axis) => product * axis);
        if (voxels > MostVoxels)
        {
            throw TooLarge(option, axes.Length == 1 ? string.Join('x', Enumerable.Repeat(text, dimensions)) : text, voxels);
        }

        return dimensions == 3
            ? VolumeShape.Volume((int)all[0], (int)all[1], (int)all[2])
            : VolumeShape.Image((int)all[0], (int)all[1]);
    }

    /// <inheritdoc/>
    public override string ToString() => text;

    private static WrongUseException TooLarge(string option, string text, double voxels) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{option}: a sample of {text} takes {ByteCount.Text(voxels * (sizeof(float) + 1))} of memory "
        + $"and has more than {MostVoxels:N0} voxels, the most there can be; use a smaller size."));
}
