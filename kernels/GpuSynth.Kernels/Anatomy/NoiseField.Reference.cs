namespace GpuSynth.Kernels;

/// <summary>
/// noise(scales, maxStd): coarse grids of normal numbers, one per scale, upsampled linearly with corners aligned and summed.
/// The fast forms never write the upsampled volume; they read the coarse grids.
/// Source: RaSD (arXiv 2602.12317), synthesis.
/// </summary>
public static partial class NoiseField
{
    /// <summary>The full-size noise volume of one channel: sum over scales of the (bi/tri)linear interpolation.</summary>
    /// <param name="layout">Where the nodes lie.</param>
    /// <param name="nodes">All nodes, already scaled by their standard deviation.</param>
    /// <param name="channel">Channel to upsample.</param>
    /// <returns>Volume [D, H, W].</returns>
    public static double[] ReferenceUpsample(NoiseGridLayout layout, ReadOnlySpan<float> nodes, int channel)
    {
        ArgumentNullException.ThrowIfNull(layout);
        VolumeShape shape = layout.Shape;
        var volume = new double[shape.VoxelCount];
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            (int nodesZ, int nodesY, int nodesX) = layout.Nodes(scale);
            int offset = layout.Offset(scale, channel);
            for (int z = 0; z < shape.Depth; z++)
            {
                for (int y = 0; y < shape.Height; y++)
                {
                    for (int x = 0; x < shape.Width; x++)
                    {
                        double gridZ = shape.Depth == 1 ? 0 : (double)z * (nodesZ - 1) / (shape.Depth - 1);
                        double gridY = shape.Height == 1 ? 0 : (double)y * (nodesY - 1) / (shape.Height - 1);
                        double gridX = shape.Width == 1 ? 0 : (double)x * (nodesX - 1) / (shape.Width - 1);
                        double value = 0;
                        for (int nodeZ = 0; nodeZ < nodesZ; nodeZ++)
                        {
                            double weightZ = Math.Max(0, 1 - Math.Abs(gridZ - nodeZ));
                            for (int nodeY = 0; weightZ > 0 && nodeY < nodesY; nodeY++)
                            {
                                double weightY = Math.Max(0, 1 - Math.Abs(gridY - nodeY));
                                for (int nodeX = 0; weightY > 0 && nodeX < nodesX; nodeX++)
                                {
                                    double weightX = Math.Max(0, 1 - Math.Abs(gridX - nodeX));
                                    int node = offset + (((nodeZ * nodesY) + nodeY) * nodesX) + nodeX;
                                    value += weightZ * weightY * weightX * nodes[node];
                                }
                            }
                        }

                        volume[(((z * shape.Height) + y) * shape.Width) + x] += value;
                    }
                }
            }
        }

        return volume;
    }
}
