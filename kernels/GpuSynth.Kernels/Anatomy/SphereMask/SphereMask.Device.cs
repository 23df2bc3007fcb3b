namespace GpuSynth.Kernels;

// SphereMaskKernel: the labels of a batch under its masks, a voxel per thread. byte[sample][D,H,W], read and written; 2 B/voxel, and near the surface
//   8 numbers of the tile for each lattice. Labels: the same on every device away from ties.

/// <summary>A sphere mask on a device.</summary>
internal sealed class DeviceSphereMask(SphereMask mask, in StepPlace place)
    : DeviceShape<SphereMaskKernel>(place, "sphere mask", Streams.SphereMaskLattice)
{
    private readonly int first = place.Entry.First;
    private readonly SphereMaskLabels table = new(mask, place.Entry);

    /// <inheritdoc/>
    protected override SphereMaskKernel KernelOf(in ShapeBatch batch) => new(batch, first, table);
}

/// <summary>A voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct SphereMaskKernel(ShapeBatch batch, int first, SphereMaskLabels table) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        if (!batch.Voxel(out int z, out int y, out int x, out long at))
        {
            return;
        }

        Row row = batch.Row;
        SphereMask.Drawn drawn = Real1.Drawn<SphereMask.Drawn>(in row, first);
        int label = table.Inside(batch.Label(at));
        if (drawn.IsMasked != 0)
        {
            var (atZ, atY, atX) = (new Real1(z), new Real1(y), new Real1(x));
            float distance = drawn.Ball.Distance<Real1, Word1>(atZ, atY, atX).V;
            if (KernelMath.Abs(distance) <= drawn.MostRoughness + drawn.HalfRim)
            {
                LatticeTile tile = batch.Tile;
                distance = SphereMask.Drawn.Distance<Real1, Word1>(in drawn, in row, in tile, atZ, atY, atX).V;
            }

            label = KernelMath.Abs(distance) < drawn.HalfRim ? table.Rim : distance >= 0 ? 0 : label;
        }

        batch.Store(at, label);
    }
}
