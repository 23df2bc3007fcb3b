namespace GpuSynth.Kernels;

/// <summary>
/// One axis of a merged grid: every position at which one of several corner-aligned grids, each linear between its nodes, may
/// bend. The sum of those grids is linear between neighbouring knots, so that one interpolation on the merged grid replaces one
/// per scale, and nothing is approximated.
/// </summary>
/// <remarks>
/// Two kinds. <see cref="OfNodes"/> has the nodes themselves, j (S - 1) / (n - 1): right where the sum is read at whole voxels
/// (displacements). <see cref="OfVoxels"/> is for a sum that was first written to whole voxels and is then sampled linearly
/// between them, zero outside (label fields): a bend inside a voxel's cell becomes a chord across it, so that the knots are the
/// two voxels around each node; voxels -1 and S, where the zero border is reached, are knots of value zero.
/// </remarks>
public sealed class KnotAxis
{
    private KnotAxis(int length, float[] positions, int firstVoxel)
    {
        Length = length;
        Positions = positions;
        FirstVoxel = firstVoxel;
        InverseWidths = new float[positions.Length];
        for (int cell = 0; cell + 1 < positions.Length; cell++)
        {
            InverseWidths[cell] = 1f / (positions[cell + 1] - positions[cell]);
        }

        int voxels = (int)positions[^1] - firstVoxel + 1;
        CellOfVoxel = new int[voxels];
        int at = 0;
        for (int voxel = 0; voxel < voxels; voxel++)
        {
            while (at + 2 < positions.Length && positions[at + 1] <= voxel + firstVoxel)
            {
                at++;
            }

            CellOfVoxel[voxel] = at;
        }
    }

    /// <summary>Voxels along the axis.</summary>
    public int Length { get; }

    /// <summary>Number of knots.</summary>
    public int Count => Positions.Length;

    /// <summary>Knots in voxel coordinates, ascending.</summary>
    public float[] Positions { get; }

    /// <summary>1 / (distance to the next knot), per cell; 0 for the last knot, which begins no cell.</summary>
    public float[] InverseWidths { get; }

    /// <summary>The voxel that <see cref="CellOfVoxel"/> begins with: 0, or -1 with a zero border.</summary>
    public int FirstVoxel { get; }

    /// <summary>Cell that holds voxel <see cref="FirstVoxel"/> + i, per i.</summary>
    public int[] CellOfVoxel { get; }

    private delegate KnotAxis Rule(int length, ReadOnlySpan<int> nodeCounts);

    /// <summary>The knots of a layout's grids along each axis, where their sum is read at whole voxels.</summary>
    /// <param name="layout">Grids.</param>
    public static (KnotAxis Z, KnotAxis Y, KnotAxis X) OfNodes(NoiseGridLayout layout) =>
        AlongEachAxis(layout, UnionOfNodes);

    /// <summary>The knots of a layout's grids along each axis, where their sum at whole voxels is sampled between them.</summary>
    /// <param name="layout">Grids.</param>
    public static (KnotAxis Z, KnotAxis Y, KnotAxis X) OfVoxels(NoiseGridLayout layout) =>
        AlongEachAxis(layout, VoxelsAroundNodes);

    /// <summary>The union of the nodes of grids with the given node counts, each spanning voxels 0 to S - 1.</summary>
    /// <param name="length">Voxels S along the axis.</param>
    /// <param name="nodeCounts">Nodes n of each grid.</param>
    private static KnotAxis UnionOfNodes(int length, ReadOnlySpan<int> nodeCounts)
    {
        if (length == 1)
        {
            return new KnotAxis(1, [0f], 0);
        }

        // Node j of n lies at j (S - 1) / (n - 1): compared as exact fractions, so that nodes shared by two grids are one knot.
        var fractions = new List<(long Numerator, long Denominator)>();
        foreach (int count in nodeCounts)
        {
            for (int node = 0; node < count; node++)
            {
                fractions.Add(((long)node * (length - 1), count - 1));
            }
        }

        fractions.Add((0, 1));
        fractions.Add((length - 1, 1));
        fractions.Sort(static (a, b) => (a.Numerator * b.Denominator).CompareTo(b.Numerator * a.Denominator));
        var positions = new List<float>();
        (long Numerator, long Denominator) last = (-1, 1);
        foreach ((long Numerator, long Denominator) fraction in fractions)
        {
            if (fraction.Numerator * last.Denominator != last.Numerator * fraction.Denominator)
            {
                positions.Add((float)((double)fraction.Numerator / fraction.Denominator));
                last = fraction;
            }
        }

        return new KnotAxis(length, [.. positions], 0);
    }

    /// <summary>The voxels around each node, and the zero border at -1 and S.</summary>
    /// <param name="length">Voxels S along the axis.</param>
    /// <param name="nodeCounts">Nodes n of each grid.</param>
    private static KnotAxis VoxelsAroundNodes(int length, ReadOnlySpan<int> nodeCounts)
    {
        var voxels = new SortedSet<int> { -1, 0, length - 1, length };
        foreach (int count in nodeCounts)
        {
            for (int node = 1; node < count - 1; node++)
            {
                long numerator = (long)node * (length - 1);
                int below = (int)(numerator / (count - 1));
                voxels.Add(below);
                if (numerator % (count - 1) != 0)
                {
                    voxels.Add(below + 1);
                }
            }
        }

        return new KnotAxis(length, [.. voxels.Select(static voxel => (float)voxel)], -1);
    }

    private static (KnotAxis Z, KnotAxis Y, KnotAxis X) AlongEachAxis(NoiseGridLayout layout, Rule rule)
    {
        ArgumentNullException.ThrowIfNull(layout);
        VolumeShape shape = layout.Shape;
        var z = new int[layout.ScaleCount];
        var y = new int[layout.ScaleCount];
        var x = new int[layout.ScaleCount];
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            (z[scale], y[scale], x[scale]) = layout.Nodes(scale);
        }

        // The z axis of an image is no axis: nothing is displaced along it, and no border lies there.
        KnotAxis alongZ = shape.Dimensions == 2 ? UnionOfNodes(1, z) : rule(shape.Depth, z);
        return (alongZ, rule(shape.Height, y), rule(shape.Width, x));
    }
}
