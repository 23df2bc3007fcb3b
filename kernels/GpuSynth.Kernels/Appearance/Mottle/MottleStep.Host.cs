namespace GpuSynth.Kernels;

/// <summary>Patches on the host, row by row (<see cref="LatticeRows"/>); a part of a row none of whose labels has any takes no time.</summary>
internal sealed unsafe class MottleStep(Mottle mottle, StepPlace place) : HostStep
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;
    private readonly LatticeRows rows = new(place.Facts.Shape, mottle.Spacings.Count);
    private readonly uint tileStream = place.Stream(mottle.TileStream);

    /// <inheritdoc/>
    public override long MemoryLength => rows.MemoryLength;

    // The factors of a row, and the lattice points along it.
    /// <inheritdoc/>
    public override long ScratchLength => rows.Width + rows.ScratchLength;

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch) =>
        rows.Prepare(sample.Place(tileStream), Words(sample.Row), memory);

    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        float* words = Words(block.Row);
        int count;
        for (int done = 0; done < block.Count; done += count)
        {
            // Behind the end of the volume the last voxel counts.
            long voxel = Math.Min(block.First + done, shape.VoxelCount - 1);
            long row = voxel / shape.Width;
            int x = (int)(voxel - (row * shape.Width));
            count = voxel < block.First + done ? 1 : Math.Min(shape.Width - x, block.Count - done);
            float* mask = mottle.ReadsLabels ? (float*)block.Row.WordsAddress + Real16.Drawn<Mottle.Drawn>(block.Row, first).Mask.First : null;
            byte* labels = block.Labels + done;
            if (mask != null && !Any(mask, labels, count))
            {
                continue;
            }

            int z = (int)(row / shape.Height);
            int y = (int)(row - ((long)z * shape.Height));
            new Span<float>(block.Scratch, rows.Width).Fill(1);
            float* points = block.Scratch + rows.Width;
            if (lanes == 16)
            {
                rows.Add<Real16, Word16>(words, block.Memory, z, y, 0, rows.Width, block.Scratch, points);
            }
            else
            {
                rows.Add<Real8, Word8>(words, block.Memory, z, y, 0, rows.Width, block.Scratch, points);
            }

            for (int at = 0; mask != null && at < count; at++)
            {
                block.Scratch[x + at] = mask[labels[at]] > 0 ? block.Scratch[x + at] : 1;
            }

            System.Numerics.Tensors.TensorPrimitives.Multiply(
                new ReadOnlySpan<float>(block.Values + done, count),
                new ReadOnlySpan<float>(block.Scratch + x, count),
                new Span<float>(block.Values + done, count));
        }
    }

    private static bool Any(float* mask, byte* labels, int count)
    {
        int voxel = 0;
        while (voxel < count && mask[labels[voxel]] == 0)
        {
            voxel++;
        }

        return voxel < count;
    }

    private float* Words(in Row row) =>
        (float*)row.WordsAddress + Real16.Drawn<Mottle.Drawn>(in row, first).Lattices.First;
}
