using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The smallest box around the voxels of a label: first voxel and the one behind the last, per axis.</summary>
internal readonly record struct VolumeBox(int Dimensions, int Z0, int Z1, int Y0, int Y1, int X0, int X1)
{
    public bool IsEmpty => X1 <= X0;

    public VolumeShape Shape => Dimensions == 2
        ? VolumeShape.Image(Y1 - Y0, X1 - X0)
        : VolumeShape.Volume(Z1 - Z0, Y1 - Y0, X1 - X0);

    public static VolumeBox Of(ReadOnlySpan<byte> labels, VolumeShape shape, byte label)
    {
        (int z0, int z1, int y0, int y1, int x0, int x1) = (int.MaxValue, 0, int.MaxValue, 0, int.MaxValue, 0);
        for (int row = 0; row < shape.Depth * shape.Height; row++)
        {
            ReadOnlySpan<byte> voxels = labels.Slice(row * shape.Width, shape.Width);
            int first = voxels.IndexOf(label);
            if (first >= 0)
            {
                (int z, int y) = Math.DivRem(row, shape.Height);
                (z0, z1) = (Math.Min(z0, z), z + 1);
                (y0, y1) = (Math.Min(y0, y), Math.Max(y1, y + 1));
                (x0, x1) = (Math.Min(x0, first), Math.Max(x1, voxels.LastIndexOf(label) + 1));
            }
        }

        return new VolumeBox(shape.Dimensions, z0, z1, y0, y1, x0, x1);
    }

    public VolumeBox With(VolumeBox other) => new(
        Dimensions,
        Math.Min(Z0, other.Z0),
        Math.Max(Z1, other.Z1),
        Math.Min(Y0, other.Y0),
        Math.Max(Y1, other.Y1),
        Math.Min(X0, other.X0),
        Math.Max(X1, other.X1));

    /// <summary>Which voxels of the box have a label.</summary>
    public bool[] Cut(ReadOnlySpan<byte> labels, VolumeShape shape, byte label)
    {
        bool[] mask = new bool[Shape.VoxelCount];
        int n = 0;
        for (int z = Z0; z < Z1; z++)
        {
            for (int y = Y0; y < Y1; y++)
            {
                foreach (byte voxel in labels.Slice((((z * shape.Height) + y) * shape.Width) + X0, X1 - X0))
                {
                    mask[n++] = voxel == label;
                }
            }
        }

        return mask;
    }
}
