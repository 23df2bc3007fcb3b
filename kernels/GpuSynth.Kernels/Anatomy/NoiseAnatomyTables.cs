using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// What the device forms of the noise-field anatomy need to know of a shape and its coarse grids: the knots of the merged grids
/// and the tables that find them. Built once, uploaded once; nothing in it depends on the sample.
/// </summary>
public sealed class NoiseAnatomyTables
{
    /// <summary>Builds the tables.</summary>
    /// <param name="shape">Shape of the label map.</param>
    /// <param name="fieldLayout">Coarse grids of the label fields: one channel per label, at most 256.</param>
    /// <param name="displacementLayout">Coarse grids of the displacements: one channel per label and axis; null without
    /// displacement.</param>
    /// <exception cref="ArgumentException">The number of channels does not fit, or there are more labels than a byte
    /// holds.</exception>
    public NoiseAnatomyTables(VolumeShape shape, NoiseGridLayout fieldLayout, NoiseGridLayout? displacementLayout)
    {
        ArgumentNullException.ThrowIfNull(fieldLayout);
        if (fieldLayout.Channels > 256)
        {
            throw new ArgumentException($"There are {fieldLayout.Channels} label fields, a label is a byte: at most 256.",
                nameof(fieldLayout));
        }

        int displacementChannels = fieldLayout.Channels * shape.Dimensions;
        if (displacementLayout is not null && displacementLayout.Channels != displacementChannels)
        {
            throw new ArgumentException(
                $"The displacement has {displacementLayout.Channels} channels, expected {displacementChannels}: "
                + "one per label and axis.",
                nameof(displacementLayout));
        }

        Shape = shape;
        var positions = new List<float>();
        var cells = new List<int>();
        KnotSpan field = Add(KnotAxis.OfVoxels(fieldLayout), positions, cells);
        KnotSpan displacement = displacementLayout is null
            ? default
            : Add(KnotAxis.OfNodes(displacementLayout), positions, cells);
        Positions = [.. positions];
        Cells = [.. cells];
        FieldKnots = checked(fieldLayout.Channels * field.KnotsPerChannel);
        DisplacementKnots = displacementLayout is null ? 0 : checked(displacementChannels * displacement.KnotsPerChannel);
        Layout = new NoiseAnatomyLayout(shape, field, displacement, fieldLayout.Channels, displacementLayout is not null);
    }

    /// <summary>Shape of the label map.</summary>
    public VolumeShape Shape { get; }

    /// <summary>Table of knot positions and inverse widths of both grids.</summary>
    public float[] Positions { get; }

    /// <summary>Table of the cell of every voxel of both grids.</summary>
    public int[] Cells { get; }

    /// <summary>Floats of the merged label fields.</summary>
    public int FieldKnots { get; }

    /// <summary>Floats of the merged displacements; 0 without displacement.</summary>
    public int DisplacementKnots { get; }

    /// <summary>Sizes and offsets, given to the kernels by value.</summary>
    public NoiseAnatomyLayout Layout { get; }

    private static KnotSpan Add((KnotAxis Z, KnotAxis Y, KnotAxis X) axes, List<float> positions, List<int> cells)
    {
        (KnotAxis z, KnotAxis y, KnotAxis x) = axes;
        var span = new KnotSpan(z, y, x, positions.Count, cells.Count);
        foreach (KnotAxis axis in (KnotAxis[])[z, y, x])
        {
            positions.AddRange(axis.Positions);
            positions.AddRange(axis.InverseWidths);
            cells.AddRange(axis.CellOfVoxel);
        }

        return span;
    }
}

/// <summary>Sizes of the noise-field anatomy, as a device sees them.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct NoiseAnatomyLayout
{
    /// <summary>The merged label fields, one channel per label.</summary>
    public readonly KnotSpan Field;

    /// <summary>The merged displacements, one channel per label and axis.</summary>
    public readonly KnotSpan Displacement;

    /// <summary>Number of labels.</summary>
    public readonly int Labels;

    /// <summary>2 or 3.</summary>
    public readonly int Dimensions;

    /// <summary>1 with displacement, 0 without.</summary>
    public readonly int HasDisplacement;

    /// <summary>Voxels along z.</summary>
    public readonly int Depth;

    /// <summary>Voxels along y.</summary>
    public readonly int Height;

    /// <summary>Voxels along x.</summary>
    public readonly int Width;

    internal NoiseAnatomyLayout(VolumeShape shape, KnotSpan field, KnotSpan displacement, int labels, bool hasDisplacement)
    {
        Field = field;
        Displacement = displacement;
        Labels = labels;
        Dimensions = shape.Dimensions;
        HasDisplacement = hasDisplacement ? 1 : 0;
        Depth = shape.Depth;
        Height = shape.Height;
        Width = shape.Width;
    }
}
