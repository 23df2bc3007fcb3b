namespace GpuSynth.Kernels;

/// <summary>
/// Labels as the argmax of displaced noise fields: label(x) = argmax over k of P[k](x + F[k](x)).
/// Source: RaSD (arXiv 2602.12317), anatomy steps 1 to 4.
/// </summary>
public sealed partial record NoiseAnatomy
{
    /// <summary>
    /// Steps 2 to 4 as the method states them: every field and displacement at full size, every field sampled at the displaced
    /// position, the largest wins, the lowest label at a tie.
    /// </summary>
    /// <param name="shape">Shape of the volume.</param>
    /// <param name="fieldLayout">Layout of the label fields, one channel per label.</param>
    /// <param name="fieldNodes">Their nodes, already scaled by their standard deviation.</param>
    /// <param name="displacementLayout">Layout of the displacements: channel = label * dimensions + component, components in
    /// array order (z, y, x; in 2D y, x). Null: no displacement.</param>
    /// <param name="displacementNodes">Their nodes in voxels, already scaled.</param>
    /// <param name="labels">Written: label per voxel [D, H, W].</param>
    /// <param name="margins">Written: best score minus second best per voxel; infinite with a single label.</param>
    public static void ReferenceLabels(
        VolumeShape shape,
        NoiseGridLayout fieldLayout,
        ReadOnlySpan<float> fieldNodes,
        NoiseGridLayout? displacementLayout,
        ReadOnlySpan<float> displacementNodes,
        Span<byte> labels,
        Span<double> margins)
    {
        ArgumentNullException.ThrowIfNull(fieldLayout);
        int labelCount = fieldLayout.Channels;
        int voxels = checked((int)shape.VoxelCount);
        var best = new double[voxels];
        var second = new double[voxels];
        Array.Fill(best, double.NegativeInfinity);
        Array.Fill(second, double.NegativeInfinity);
        for (int label = 0; label < labelCount; label++)
        {
            double[] warped = ReferenceWarpedField(
                shape, fieldLayout, fieldNodes, displacementLayout, displacementNodes, label);
            for (int voxel = 0; voxel < voxels; voxel++)
            {
                if (warped[voxel] > best[voxel])
                {
                    second[voxel] = best[voxel];
                    best[voxel] = warped[voxel];
                    labels[voxel] = (byte)label;
                }
                else if (warped[voxel] > second[voxel])
                {
                    second[voxel] = warped[voxel];
                }
            }
        }

        for (int voxel = 0; voxel < voxels; voxel++)
        {
            margins[voxel] = best[voxel] - second[voxel];
        }
    }

    /// <summary>W[k] of one label: its field sampled at x + F[k](x), zero outside the volume.</summary>
    /// <param name="shape">Shape of the volume.</param>
    /// <param name="fieldLayout">Layout of the label fields.</param>
    /// <param name="fieldNodes">Their nodes.</param>
    /// <param name="displacementLayout">Layout of the displacements, or null.</param>
    /// <param name="displacementNodes">Their nodes in voxels.</param>
    /// <param name="label">The label k.</param>
    /// <returns>Scores [D, H, W].</returns>
    public static double[] ReferenceWarpedField(
        VolumeShape shape,
        NoiseGridLayout fieldLayout,
        ReadOnlySpan<float> fieldNodes,
        NoiseGridLayout? displacementLayout,
        ReadOnlySpan<float> displacementNodes,
        int label)
    {
        ArgumentNullException.ThrowIfNull(fieldLayout);
        double[] field = NoiseField.ReferenceUpsample(fieldLayout, fieldNodes, label);
        double[] shiftZ = new double[field.Length];
        double[] shiftY = new double[field.Length];
        double[] shiftX = new double[field.Length];
        if (displacementLayout is not null)
        {
            int first = label * shape.Dimensions;
            if (shape.Dimensions == 3)
            {
                shiftZ = NoiseField.ReferenceUpsample(displacementLayout, displacementNodes, first);
                first++;
            }

            shiftY = NoiseField.ReferenceUpsample(displacementLayout, displacementNodes, first);
            shiftX = NoiseField.ReferenceUpsample(displacementLayout, displacementNodes, first + 1);
        }

        var warped = new double[field.Length];
        for (int z = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++)
                {
                    int voxel = (((z * shape.Height) + y) * shape.Width) + x;
                    double positionZ = Slip(z + shiftZ[voxel], shape.Depth);
                    double positionY = Slip(y + shiftY[voxel], shape.Height);
                    double positionX = Slip(x + shiftX[voxel], shape.Width);
                    double value = 0;
                    for (int cornerZ = 0; cornerZ <= 1; cornerZ++)
                    {
                        for (int cornerY = 0; cornerY <= 1; cornerY++)
                        {
                            for (int cornerX = 0; cornerX <= 1; cornerX++)
                            {
                                double atZ = Math.Floor(positionZ) + cornerZ;
                                double atY = Math.Floor(positionY) + cornerY;
                                double atX = Math.Floor(positionX) + cornerX;
                                bool inside = atZ >= 0 && atZ < shape.Depth && atY >= 0 && atY < shape.Height
                                    && atX >= 0 && atX < shape.Width;
                                if (inside)
                                {
                                    double weight = (1 - Math.Abs(positionZ - atZ)) * (1 - Math.Abs(positionY - atY))
                                        * (1 - Math.Abs(positionX - atX));
                                    value += weight * field[((((int)atZ * shape.Height) + (int)atY) * shape.Width) + (int)atX];
                                }
                            }
                        }
                    }

                    warped[voxel] = value;
                }
            }
        }

        return warped;
    }

    // p' = p S / (S - 1) - 1/2: the half-voxel slip between the two halves of the released code, zero border included.
    private static double Slip(double position, int length) =>
        length == 1 ? 0 : (position * length / (length - 1)) - 0.5;
}
