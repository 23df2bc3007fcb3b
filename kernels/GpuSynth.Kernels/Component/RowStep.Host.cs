namespace GpuSynth.Kernels;

/// <summary>A component on the host that walks along rows: what the voxels of a row have in common is worked out once.</summary>
/// <param name="shape">Shape of a sample.</param>
public abstract unsafe class RowStep(VolumeShape shape) : HostStep
{
    private const int MostLanes = 16;

    /// <inheritdoc/>
    public sealed override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal sealed override void Run(int lanes, in HostBlock block)
    {
        float* rest = stackalloc float[MostLanes];
        int count;
        for (int done = 0; done < block.Count; done += count)
        {
            HostRow row = HostRow.At(shape, in block, done, out count);
            float* values = block.Values + done;
            int whole = count - (count % lanes);
            if (whole > 0)
            {
                Run(lanes, in block, in row, values, whole);
            }

            // What does not fill a vector goes through one all the same, so that where a volume is cut changes no bit.
            if (whole < count)
            {
                new Span<float>(rest, MostLanes).Clear();
                new ReadOnlySpan<float>(values + whole, count - whole).CopyTo(new Span<float>(rest, MostLanes));
                var end = new HostRow(row.Z, row.Y, row.X + whole, row.Voxel + whole);
                Run(lanes, in block, in end, rest, lanes);
                new ReadOnlySpan<float>(rest, count - whole).CopyTo(new Span<float>(values + whole, count - whole));
            }
        }
    }

    /// <summary>Works on whole vectors of a row, in place.</summary>
    /// <param name="lanes">Voxels of a vector, 16 or 8.</param>
    /// <param name="block">The block that the row belongs to: what was drawn and measured.</param>
    /// <param name="row">Where the first voxel lies.</param>
    /// <param name="values">Intensities. The last vector may reach over the row's end; what is made there is not kept.</param>
    /// <param name="count">Voxels, a multiple of the lanes.</param>
    protected abstract void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count);
}

/// <summary>Where a part of a row lies.</summary>
/// <param name="Z">Its plane.</param>
/// <param name="Y">Its row in the plane.</param>
/// <param name="X">Its first voxel in the row.</param>
/// <param name="Voxel">Linear index of that voxel in the sample.</param>
public readonly record struct HostRow(int Z, int Y, int X, long Voxel)
{
    /// <summary>The part of a row that a block goes on with.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="block">The block.</param>
    /// <param name="done">Voxels of it that lie before.</param>
    /// <param name="count">Voxels of the part.</param>
    internal static HostRow At(VolumeShape shape, in HostBlock block, int done, out int count)
    {
        // Behind the end of the volume the last voxel's place counts.
        long voxel = Math.Min(block.First + done, shape.VoxelCount - 1);
        long line = voxel / shape.Width;
        int x = (int)(voxel - (line * shape.Width));
        count = voxel < block.First + done ? 1 : Math.Min(shape.Width - x, block.Count - done);
        int z = (int)(line / shape.Height);
        return new HostRow(z, (int)(line - ((long)z * shape.Height)), x, block.First + done);
    }
}
