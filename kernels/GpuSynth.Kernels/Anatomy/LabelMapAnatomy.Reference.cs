namespace GpuSynth.Kernels;

public sealed partial record LabelMapAnatomy
{
    /// <summary>The label map at M (p + F(p)) + t, nearest neighbour, 0 outside, with the displacement at full size, in
    /// double.</summary>
    /// <param name="shape">Shape of the output.</param>
    /// <param name="transform">M, t and the map's size.</param>
    /// <param name="map">The map, [D, H, W].</param>
    /// <param name="layout">Layout of the deformation: channel = component in array order. Null: none.</param>
    /// <param name="nodes">Its nodes in output voxels, already scaled.</param>
    /// <param name="labels">Written: label per voxel [D, H, W].</param>
    /// <param name="margins">Written: how far the position is from the nearest boundary between two map voxels, in map
    /// voxels.</param>
    public static void ReferenceLabels(
        VolumeShape shape,
        in LabelMapTransform transform,
        ReadOnlySpan<byte> map,
        NoiseGridLayout? layout,
        ReadOnlySpan<float> nodes,
        Span<byte> labels,
        Span<double> margins)
    {
        double[] shiftZ = new double[shape.VoxelCount];
        double[] shiftY = new double[shape.VoxelCount];
        double[] shiftX = new double[shape.VoxelCount];
        if (layout is not null && shape.Dimensions == 3)
        {
            shiftZ = NoiseField.ReferenceUpsample(layout, nodes, 0);
            shiftY = NoiseField.ReferenceUpsample(layout, nodes, 1);
            shiftX = NoiseField.ReferenceUpsample(layout, nodes, 2);
        }
        else if (layout is not null)
        {
            shiftY = NoiseField.ReferenceUpsample(layout, nodes, 0);
            shiftX = NoiseField.ReferenceUpsample(layout, nodes, 1);
        }

        for (int z = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++)
                {
                    int voxel = (((z * shape.Height) + y) * shape.Width) + x;
                    double pz = z + shiftZ[voxel];
                    double py = y + shiftY[voxel];
                    double px = x + shiftX[voxel];
                    double qz = ((double)transform.ZZ * pz) + ((double)transform.ZY * py) + ((double)transform.ZX * px)
                        + transform.Z;
                    double qy = ((double)transform.YZ * pz) + ((double)transform.YY * py) + ((double)transform.YX * px)
                        + transform.Y;
                    double qx = ((double)transform.XZ * pz) + ((double)transform.XY * py) + ((double)transform.XX * px)
                        + transform.X;
                    double nearestZ = Math.Floor(qz + 0.5);
                    double nearestY = Math.Floor(qy + 0.5);
                    double nearestX = Math.Floor(qx + 0.5);
                    bool inside = nearestZ >= 0 && nearestZ < transform.MapDepth && nearestY >= 0
                        && nearestY < transform.MapHeight
                        && nearestX >= 0 && nearestX < transform.MapWidth;
                    labels[voxel] = inside
                        ? map[((((int)nearestZ * transform.MapHeight) + (int)nearestY) * transform.MapWidth) + (int)nearestX]
                        : (byte)0;
                    double margin = Math.Min(0.5 - Math.Abs(qy - nearestY), 0.5 - Math.Abs(qx - nearestX));
                    margins[voxel] = Math.Min(margin, 0.5 - Math.Abs(qz - nearestZ));
                }
            }
        }
    }
}
