namespace GpuSynth.Kernels;

public static partial class BiasField
{
    /// <summary>
    /// The law as the method states it: white noise over the whole volume, blurred, rescaled so that its maximum is what it was
    /// before the blur. Where one maximum is below 0 and the other above, in volumes of a few voxels or hardly wider than the
    /// blur, this turns the field over and its largest value has no bound; the engine's field keeps its sign there
    /// (<see cref="ReferenceCoarse"/>).
    /// </summary>
    /// <param name="whiteDHW">White noise N(0, s) [D, H, W].</param>
    /// <param name="shape">Shape of the volume.</param>
    /// <param name="sigmaVoxelsZYX">Standard deviations of the blur along z, y and x; the first is not used in 2D.</param>
    /// <param name="taps">Taps of the blur, odd.</param>
    /// <returns>b [D, H, W]; the image is multiplied by exp(b).</returns>
    public static double[] ReferenceTextbook(
        ReadOnlySpan<double> whiteDHW, VolumeShape shape, ReadOnlySpan<float> sigmaVoxelsZYX, int taps)
    {
        double[] field = Blur.ReferenceImage(whiteDHW, shape, sigmaVoxelsZYX, taps);
        double before = double.NegativeInfinity;
        double after = double.NegativeInfinity;
        for (int voxel = 0; voxel < field.Length; voxel++)
        {
            before = Math.Max(before, whiteDHW[voxel]);
            after = Math.Max(after, field[voxel]);
        }

        for (int voxel = 0; voxel < field.Length; voxel++)
        {
            field[voxel] *= before / after;
        }

        return field;
    }

    /// <summary>
    /// The coarse law in double precision: every node as the full triple sum over cells, rescaled so that the largest has the white
    /// noise's magnitude and keeps its sign, then interpolated linearly.
    /// </summary>
    /// <param name="grid">Layout.</param>
    /// <param name="sigmaVoxelsZYX">Standard deviations along z, y and x; the first is not used in 2D.</param>
    /// <param name="cells">xi per cell, [z][y][x].</param>
    /// <param name="whiteMaximum">Maximum of the white noise: s times the maximum of as many normals as there are voxels.</param>
    /// <returns>b [D, H, W].</returns>
    public static double[] ReferenceCoarse(
        BiasGrid grid, ReadOnlySpan<float> sigmaVoxelsZYX, ReadOnlySpan<float> cells, double whiteMaximum)
    {
        ArgumentNullException.ThrowIfNull(grid);
        VolumeShape shape = grid.Shape;
        double[,] weightsZ = shape.Dimensions == 3
            ? ReferenceAxis(shape.Depth, grid.Cells.Z, grid.Nodes.Z, sigmaVoxelsZYX[0], grid.Taps)
            : new double[,] { { 1 } };
        double[,] weightsY = ReferenceAxis(shape.Height, grid.Cells.Y, grid.Nodes.Y, sigmaVoxelsZYX[1], grid.Taps);
        double[,] weightsX = ReferenceAxis(shape.Width, grid.Cells.X, grid.Nodes.X, sigmaVoxelsZYX[2], grid.Taps);
        var nodes = new double[grid.Nodes.Z, grid.Nodes.Y, grid.Nodes.X];
        double largest = double.NegativeInfinity;
        for (int nodeZ = 0; nodeZ < grid.Nodes.Z; nodeZ++)
        {
            for (int nodeY = 0; nodeY < grid.Nodes.Y; nodeY++)
            {
                for (int nodeX = 0; nodeX < grid.Nodes.X; nodeX++)
                {
                    double sum = 0;
                    int cell = 0;
                    for (int cellZ = 0; cellZ < grid.Cells.Z; cellZ++)
                    {
                        for (int cellY = 0; cellY < grid.Cells.Y; cellY++)
                        {
                            for (int cellX = 0; cellX < grid.Cells.X; cellX++)
                            {
                                sum += weightsZ[nodeZ, cellZ] * weightsY[nodeY, cellY] * weightsX[nodeX, cellX] * cells[cell];
                                cell++;
                            }
                        }
                    }

                    nodes[nodeZ, nodeY, nodeX] = sum;
                    largest = Math.Max(largest, sum);
                }
            }
        }

        double factor = largest == 0 ? 0 : Math.Min(Math.Abs(whiteMaximum / largest), 1e30);
        var field = new double[shape.VoxelCount];
        for (int z = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++)
                {
                    double atZ = shape.Depth == 1 ? 0 : z * (grid.Nodes.Z - 1) / (shape.Depth - 1.0);
                    double atY = shape.Height == 1 ? 0 : y * (grid.Nodes.Y - 1) / (shape.Height - 1.0);
                    double atX = shape.Width == 1 ? 0 : x * (grid.Nodes.X - 1) / (shape.Width - 1.0);
                    double value = 0;
                    for (int nodeZ = 0; nodeZ < grid.Nodes.Z; nodeZ++)
                    {
                        double weightZ = Math.Max(0, 1 - Math.Abs(atZ - nodeZ));
                        for (int nodeY = 0; weightZ > 0 && nodeY < grid.Nodes.Y; nodeY++)
                        {
                            double weightY = Math.Max(0, 1 - Math.Abs(atY - nodeY));
                            for (int nodeX = 0; weightY > 0 && nodeX < grid.Nodes.X; nodeX++)
                            {
                                double weightX = Math.Max(0, 1 - Math.Abs(atX - nodeX));
                                value += weightZ * weightY * weightX * nodes[nodeZ, nodeY, nodeX];
                            }
                        }
                    }

                    field[(((z * shape.Height) + y) * shape.Width) + x] = value * factor;
                }
            }
        }

        return field;
    }

    /// <summary>I * exp(b), voxel by voxel.</summary>
    /// <param name="imageDHW">Image before.</param>
    /// <param name="field">b.</param>
    /// <returns>Image after.</returns>
    public static double[] ReferenceApply(ReadOnlySpan<float> imageDHW, ReadOnlySpan<double> field)
    {
        var result = new double[imageDHW.Length];
        for (int voxel = 0; voxel < result.Length; voxel++)
        {
            result[voxel] = imageDHW[voxel] * Math.Exp(field[voxel]);
        }

        return result;
    }

    private static double[,] ReferenceAxis(int voxels, int cells, int nodes, double sigma, int taps)
    {
        int radius = (taps - 1) / 2;
        double sum = 0;
        for (int tap = -radius; tap <= radius; tap++)
        {
            sum += Math.Exp(-(tap * tap) / (2 * sigma * sigma));
        }

        double width = (double)voxels / cells;
        var weights = new double[nodes, cells];
        for (int node = 0; node < nodes; node++)
        {
            for (int cell = 0; cell < cells; cell++)
            {
                double position = nodes == 1 ? 0 : node * (voxels - 1.0) / (nodes - 1);
                double centre = ((cell + 0.5) * width) - 0.5;
                double distance = position - centre;
                if (Math.Abs(distance) <= radius + 0.5)
                {
                    weights[node, cell] = Math.Exp(-(distance * distance) / (2 * sigma * sigma)) / sum * Math.Sqrt(width);
                }
            }
        }

        return weights;
    }
}
