namespace GpuSynth.Kernels;

/// <content>The formula of the header in double, over all segments.</content>
public sealed partial record Trees
{
    /// <summary>s at a point: the distance to the nearest tube's surface in voxels, below 0 inside it.</summary>
    /// <param name="nodes">z, y, x and radius of seven nodes for each branch.</param>
    /// <param name="z">The point.</param>
    /// <param name="y">The point, along y.</param>
    /// <param name="x">The point, along x.</param>
    /// <param name="outer">What radii are multiplied by: above 1 the surface is that of the walls.</param>
    public static double ReferenceDistance(ReadOnlySpan<float> nodes, double z, double y, double x, double outer = 1)
    {
        double least = double.PositiveInfinity;
        for (int branch = 0; branch < nodes.Length / 28; branch++)
        {
            for (int piece = 0; piece < 6; piece++)
            {
                ReadOnlySpan<float> a = nodes.Slice((branch * 28) + (piece * 4), 4);
                ReadOnlySpan<float> b = nodes.Slice((branch * 28) + (piece * 4) + 4, 4);
                double[] along = [(double)b[0] - a[0], (double)b[1] - a[1], (double)b[2] - a[2]];
                double[] from = [z - a[0], y - a[1], x - a[2]];
                double square = Dot(along, along);
                double t = square == 0 ? 0 : Math.Clamp(Dot(from, along) / square, 0, 1);
                double[] off = [from[0] - (t * along[0]), from[1] - (t * along[1]), from[2] - (t * along[2])];
                least = Math.Min(least, Math.Sqrt(Dot(off, off)) - (outer * (a[3] + (t * ((double)b[3] - a[3])))));
            }
        }

        return least;

        static double Dot(double[] first, double[] second) => (first[0] * second[0]) + (first[1] * second[1]) + (first[2] * second[2]);
    }

    /// <summary>Paints the tubes of a sample over labels.</summary>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="first">Nodes of the branches of the first kind.</param>
    /// <param name="second">Nodes of those of the second.</param>
    /// <param name="firstLabel">Label of the first kind.</param>
    /// <param name="kinds">Kinds.</param>
    /// <param name="wallOfRadius">Thickness of a wall over the radius; 0: none.</param>
    /// <param name="labels">Labels before; painted over.</param>
    /// <param name="margins">Written: how far a voxel is from the nearest surface that could decide its label.</param>
    public static void ReferenceLabels(
        VolumeShape shape,
        ReadOnlySpan<float> first,
        ReadOnlySpan<float> second,
        int firstLabel,
        int kinds,
        double wallOfRadius,
        Span<byte> labels,
        Span<double> margins)
    {
        int voxel = 0;
        for (int z = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++, voxel++)
                {
                    // What comes first is seen.
                    double[] layers =
                    [
                        ReferenceDistance(first, z, y, x),
                        ReferenceDistance(second, z, y, x),
                        wallOfRadius == 0 ? double.PositiveInfinity : ReferenceDistance(first, z, y, x, 1 + wallOfRadius),
                        wallOfRadius == 0 ? double.PositiveInfinity : ReferenceDistance(second, z, y, x, 1 + wallOfRadius),
                    ];
                    int seen = Array.FindIndex(layers, static distance => distance < 0);
                    margins[voxel] = layers.Take(seen < 0 ? layers.Length : seen + 1).Min(Math.Abs);
                    labels[voxel] = seen < 0 ? labels[voxel] : (byte)(firstLabel + (seen / 2 * kinds) + (seen % 2));
                }
            }
        }
    }
}
