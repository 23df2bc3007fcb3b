using GpuSynth.Kernels;

namespace GpuSynth.Tests.Kernels;

/// <summary>
/// The mathematics of the double references in plain float, loop by loop: what the error of the fast forms is measured against.
/// Nothing here is shared with a kernel or a host form but constants drawn or worked out before the first voxel.
/// </summary>
internal static class PlainForms
{
    /// <summary>The blur, one axis after the other, z first.</summary>
    public static float[] Blur(float[] imageDHW, VolumeShape shape, float[] sigmaVoxelsZYX, int taps)
    {
        float[] current = imageDHW;
        for (int axis = shape.Dimensions == 3 ? 0 : 1; axis < 3; axis++)
        {
            float[] weights = GpuSynth.Kernels.Blur.Weights(sigmaVoxelsZYX[axis], taps);
            int length = axis == 0 ? shape.Depth : axis == 1 ? shape.Height : shape.Width;
            int stride = axis == 0 ? shape.Height * shape.Width : axis == 1 ? shape.Width : 1;
            var next = new float[current.Length];
            for (int voxel = 0; voxel < next.Length; voxel++)
            {
                int position = voxel / stride % length;
                for (int tap = 0; tap < taps; tap++)
                {
                    int from = position + tap - (taps / 2);
                    next[voxel] += from >= 0 && from < length ? weights[tap] * current[voxel + ((from - position) * stride)] : 0f;
                }
            }

            current = next;
        }

        return current;
    }

    /// <summary>image * exp(b): cells to nodes along x, y and z, rescaled to the maximum that u decides, then interpolated.</summary>
    public static float[] Bias(BiasGrid grid, float std, float[] sigmaVoxelsZYX, float[] cells, float u, float[] imageDHW)
    {
        float[] nodes = cells;
        int inner = 1;
        for (int axis = 2; axis >= (grid.Shape.Dimensions == 3 ? 0 : 1); axis--)
        {
            nodes = ToNodes(grid, axis, sigmaVoxelsZYX[axis], nodes, inner);
            inner *= grid.NodesAlong(axis);
        }

        float factor = BiasField.Factor(std, u, grid.Shape.VoxelCount, nodes.Max());
        var result = new float[imageDHW.Length];
        for (int voxel = 0; voxel < result.Length; voxel++)
        {
            float field = factor * Interpolated(nodes, 0, grid.Nodes, grid.Shape, voxel);
            result[voxel] = imageDHW[voxel] * MathF.Exp(field);
        }

        return result;
    }

    /// <summary>Largest error of the scores of all labels, against <see cref="NoiseAnatomy.ReferenceWarpedField"/>.</summary>
    public static double ScoreError(
        NoiseGridLayout fieldLayout, float[] fieldNodes, NoiseGridLayout? displacementLayout, float[] displacementNodes)
    {
        double largest = 0;
        for (int label = 0; label < fieldLayout.Channels; label++)
        {
            double[] reference = NoiseAnatomy.ReferenceWarpedField(
                fieldLayout.Shape, fieldLayout, fieldNodes, displacementLayout, displacementNodes, label);
            float[] plain = Warped(fieldLayout, fieldNodes, displacementLayout, displacementNodes, label);
            largest = Math.Max(largest, Ladder.LargestError(reference, plain));
        }

        return largest;
    }

    // One axis of the bias field: [outer][cell][inner] becomes [outer][node][inner].
    private static float[] ToNodes(BiasGrid grid, int axis, float sigma, float[] source, int inner)
    {
        int cells = grid.CellsAlong(axis);
        int nodes = grid.NodesAlong(axis);
        var matrix = new float[nodes * cells];
        BiasField.AxisMatrix(grid, axis, sigma, matrix);
        var target = new float[source.Length / cells * nodes];
        for (int element = 0; element < target.Length; element++)
        {
            int node = element / inner % nodes;
            int first = (element / inner / nodes * cells * inner) + (element % inner);
            for (int cell = 0; cell < cells; cell++)
            {
                target[element] += matrix[(node * cells) + cell] * source[first + (cell * inner)];
            }
        }

        return target;
    }

    // W[k]: the field of a label at the displaced position, zero outside the volume.
    private static float[] Warped(
        NoiseGridLayout fieldLayout,
        float[] fieldNodes,
        NoiseGridLayout? displacementLayout,
        float[] displacementNodes,
        int label)
    {
        VolumeShape shape = fieldLayout.Shape;
        float[] field = Upsampled(fieldLayout, fieldNodes, label);
        float[] none = new float[field.Length];
        float[] ShiftAlong(int component) => displacementLayout is null || component < 0
            ? none
            : Upsampled(displacementLayout, displacementNodes, (label * shape.Dimensions) + component);
        float[] shiftZ = ShiftAlong(shape.Dimensions - 3);
        float[] shiftY = ShiftAlong(shape.Dimensions - 2);
        float[] shiftX = ShiftAlong(shape.Dimensions - 1);
        var warped = new float[field.Length];
        for (int voxel = 0; voxel < warped.Length; voxel++)
        {
            float z = Slipped(voxel / shape.Width / shape.Height, shiftZ[voxel], shape.Depth);
            float y = Slipped(voxel / shape.Width % shape.Height, shiftY[voxel], shape.Height);
            float x = Slipped(voxel % shape.Width, shiftX[voxel], shape.Width);
            float z0 = MathF.Floor(z);
            float y0 = MathF.Floor(y);
            float x0 = MathF.Floor(x);
            float Between(float atZ, float atY) => Linear(At(field, shape, atZ, atY, x0), At(field, shape, atZ, atY, x0 + 1), x - x0);
            warped[voxel] = Linear(
                Linear(Between(z0, y0), Between(z0, y0 + 1), y - y0),
                Linear(Between(z0 + 1, y0), Between(z0 + 1, y0 + 1), y - y0),
                z - z0);
        }

        return warped;
    }

    private static float[] Upsampled(NoiseGridLayout layout, float[] nodes, int channel)
    {
        var volume = new float[layout.Shape.VoxelCount];
        for (int voxel = 0; voxel < volume.Length; voxel++)
        {
            for (int scale = 0; scale < layout.ScaleCount; scale++)
            {
                volume[voxel] += Interpolated(nodes, layout.Offset(scale, channel), layout.Nodes(scale), layout.Shape, voxel);
            }
        }

        return volume;
    }

    // Voxel i stands at i (n - 1) / (S - 1) nodes: quotient and remainder in whole numbers, so that neither is wrong by rounding.
    private static float Interpolated(float[] nodes, int first, (int Z, int Y, int X) count, VolumeShape shape, int voxel)
    {
        (int z0, int z1, float z) = Place(voxel / shape.Width / shape.Height, count.Z, shape.Depth);
        (int y0, int y1, float y) = Place(voxel / shape.Width % shape.Height, count.Y, shape.Height);
        (int x0, int x1, float x) = Place(voxel % shape.Width, count.X, shape.Width);
        float Between(int nodeZ, int nodeY)
        {
            int row = first + (((nodeZ * count.Y) + nodeY) * count.X);
            return Linear(nodes[row + x0], nodes[row + x1], x);
        }

        return Linear(Linear(Between(z0, y0), Between(z0, y1), y), Linear(Between(z1, y0), Between(z1, y1), y), z);
    }

    private static (int Low, int High, float Fraction) Place(int voxel, int nodes, int voxels)
    {
        int steps = Math.Max(1, voxels - 1);
        int low = voxel * (nodes - 1) / steps;
        return (low, Math.Min(low + 1, nodes - 1), (float)((voxel * (nodes - 1)) - (low * steps)) / steps);
    }

    // p' = p S / (S - 1) - 1/2, the large term kept apart from the small ones.
    private static float Slipped(int voxel, float shift, int length) =>
        length == 1 ? 0f : voxel + (shift + (((voxel + shift) / (length - 1)) - 0.5f));

    private static float At(float[] volume, VolumeShape shape, float z, float y, float x) =>
        z >= 0 && z < shape.Depth && y >= 0 && y < shape.Height && x >= 0 && x < shape.Width
            ? volume[((((int)z * shape.Height) + (int)y) * shape.Width) + (int)x]
            : 0f;

    private static float Linear(float a, float b, float t) => a + ((b - a) * t);
}
