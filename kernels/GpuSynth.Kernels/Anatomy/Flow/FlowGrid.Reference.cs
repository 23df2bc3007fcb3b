namespace GpuSynth.Kernels;

/// <content>The same in double, as the formula says it.</content>
public sealed partial class FlowGrid
{
    /// <summary>The displacement of a velocity.</summary>
    /// <param name="grid">Where both are.</param>
    /// <param name="velocity">Nodes of the velocity in voxels, laid out by <see cref="Velocity"/>.</param>
    /// <returns>Nodes of the displacement in voxels, laid out by <see cref="Layout"/>.</returns>
    public static double[] ReferenceNodes(FlowGrid grid, ReadOnlySpan<float> velocity)
    {
        ArgumentNullException.ThrowIfNull(grid);
        NoiseGridLayout layout = grid.Layout;
        VolumeShape shape = layout.Shape;
        (int depth, int height, int width) = layout.Nodes(0);
        var nodes = new double[layout.Length];
        for (int channel = 0; channel < layout.Channels; channel++)
        {
            for (int node = 0; node < layout.NodesPerChannel(0); node++)
            {
                (int z, int y, int x) = (node / width / height, node / width % height, node % width);
                double value = 0;
                for (int scale = 0; scale < grid.Velocity.ScaleCount; scale++)
                {
                    (int ownZ, int ownY, int ownX) = grid.Velocity.Nodes(scale);
                    double[] own = [.. velocity.Slice(grid.Velocity.Offset(scale, channel), ownZ * ownY * ownX).ToArray().Select(static one => (double)one)];
                    value += Linear(
                        own, 0, (ownZ, ownY, ownX), Of(z, depth, ownZ, shape.Depth), Of(y, height, ownY, shape.Height), Of(x, width, ownX, shape.Width));
                }

                nodes[layout.Offset(0, channel) + node] = value / Math.Pow(2, grid.Squarings);
            }
        }

        for (int squaring = 0; squaring < grid.Squarings; squaring++)
        {
            double[] before = nodes;
            nodes = new double[before.Length];
            for (int channel = 0; channel < layout.Channels; channel++)
            {
                for (int node = 0; node < layout.NodesPerChannel(0); node++)
                {
                    (int z, int y, int x) = (node / width / height, node / width % height, node % width);
                    int first = 3 - layout.Channels;
                    double movedZ = z + (first > 0 ? 0 : before[layout.Offset(0, 0) + node] * PerVoxelOf(depth, shape.Depth));
                    double movedY = y + (before[layout.Offset(0, 1 - first) + node] * PerVoxelOf(height, shape.Height));
                    double movedX = x + (before[layout.Offset(0, 2 - first) + node] * PerVoxelOf(width, shape.Width));
                    int offset = layout.Offset(0, channel);
                    nodes[offset + node] = before[offset + node] + Linear(before, offset, (depth, height, width), movedZ, movedY, movedX);
                }
            }
        }

        return nodes;

        static double Of(int node, int count, int own, int length) => length == 1 ? 0 : (double)node * (own - 1) / (count - 1);

        static double PerVoxelOf(int count, int length) => length == 1 ? 0 : (count - 1.0) / (length - 1);
    }

    // Between the nodes of a grid, clamped at its edges.
    private static double Linear(double[] nodes, int offset, (int Z, int Y, int X) count, double z, double y, double x)
    {
        (int cellZ, double tz) = Cell(z, count.Z);
        (int cellY, double ty) = Cell(y, count.Y);
        (int cellX, double tx) = Cell(x, count.X);
        double value = 0;
        for (int corner = 0; corner < 8; corner++)
        {
            (int upZ, int upY, int upX) = (corner >> 2, (corner >> 1) & 1, corner & 1);
            double weight = (upZ == 1 ? tz : 1 - tz) * (upY == 1 ? ty : 1 - ty) * (upX == 1 ? tx : 1 - tx);
            int at = ((((Math.Min(cellZ + upZ, count.Z - 1) * count.Y) + Math.Min(cellY + upY, count.Y - 1)) * count.X)
                + Math.Min(cellX + upX, count.X - 1));
            value += weight * nodes[offset + at];
        }

        return value;

        static (int Cell, double T) Cell(double position, int count)
        {
            double inside = Math.Clamp(position, 0, count - 1);
            int cell = Math.Min((int)inside, Math.Max(0, count - 2));
            return (cell, inside - cell);
        }
    }
}
