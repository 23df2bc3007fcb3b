namespace GpuSynth.Kernels;

// ShellKernel: the labels of a batch's shells, a voxel per thread. byte[sample][D,H,W], written where a layer or the core is; near the surface 8 numbers
//   of the tile for each octave, elsewhere 20 operations. Labels: the same on every device away from ties.

/// <summary>A shell on a device.</summary>
internal sealed class DeviceShell(Shell shell, in StepPlace place) : DeviceShape<ShellKernel>(place, "shell", Streams.ShellLattice)
{
    private readonly int first = place.Entry.First;
    private readonly ShellLabels table = new(shell, place.Entry);

    /// <inheritdoc/>
    protected override ShellKernel KernelOf(in ShapeBatch batch) => new(batch, first, table);
}

/// <summary>A voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct ShellKernel(ShapeBatch batch, int first, ShellLabels table) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        if (!batch.Voxel(out int z, out int y, out int x, out long at))
        {
            return;
        }

        Row row = batch.Row;
        Shell.Drawn drawn = Real1.Drawn<Shell.Drawn>(in row, first);
        var (atZ, atY, atX) = (new Real1(z), new Real1(y), new Real1(x));
        Real1 distance = drawn.Blob.Distance<Real1, Word1>(atZ, atY, atX);
        if (distance.V <= drawn.FoldVoxels && distance.V >= -drawn.FoldVoxels - drawn.Deepest)
        {
            LatticeTile tile = batch.Tile;
            Real1 noise = LatticeSum.Add<Real1, Word1>(in row, drawn.Lattices, in tile, atZ, atY, atX, new Real1(0));
            distance = Shell.Drawn.Folded<Real1, Word1>(in drawn, distance, noise);
        }

        if (distance.V >= 0)
        {
            return;
        }

        int layer = 0;
        for (int one = 0; one < table.Layers; one++)
        {
            layer += -distance.V >= SampleLayout.Number(row.Words, drawn.Depths.First + one) ? 1 : 0;
        }

        if (layer < table.Layers || table.HasCore != 0)
        {
            batch.Store(at, table.First + layer);
        }
    }
}
