using ILGPU;

namespace GpuSynth.Kernels;

// CellKernel: the labels of a batch's cells, a voxel per thread, which looks at 3^d cells of its row: 16 B and 12 operations each, from the cache,
//   and at 2^d numbers of the tile. byte[sample][D,H,W], written. Labels: the same on every device away from ties.

/// <summary>Cells on a device.</summary>
internal sealed class DeviceCells(Cells cells, in StepPlace place) : DeviceShape<CellKernel>(place, "cell", Cells.LatticeStream)
{
    private readonly int first = place.Entry.First;
    private readonly CellLabels table = new(cells, place.Entry);

    /// <inheritdoc/>
    protected override CellKernel KernelOf(in ShapeBatch batch) => new(batch, first, table);
}

/// <summary>The labels of cells.</summary>
internal readonly struct CellLabels(Cells cells, RowEntry entry)
{
    private readonly int perCell = cells.OwnLabels ? 1 : 0;

    /// <summary>The first cell's label.</summary>
    public readonly int First = cells.Background ? 1 : entry.FirstLabel;

    /// <summary>1 where all between cells becomes label 0; else 0.</summary>
    public readonly int HasBackground = cells.Background ? 1 : 0;

    /// <summary>A cell's label.</summary>
    public int Of(int cell) => First + (cell * perCell);
}

/// <summary>A voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct CellKernel(ShapeBatch batch, int first, CellLabels table) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        if (!batch.Voxel(out int z, out int y, out int x, out long at))
        {
            return;
        }

        Row row = batch.Row;
        Cells.Drawn drawn = Real1.Drawn<Cells.Drawn>(in row, first);
        LatticeTile tile = batch.Tile;
        float rough = Cells.Drawn.Rough<Real1, Word1>(in drawn, in row, in tile, new Real1(z), new Real1(y), new Real1(x)).V;
        CellGrid grid = drawn.Grid;
        int nearZ = CellGrid.Nearest(z, grid.Start.Z, grid.Pitch);
        int nearY = CellGrid.Nearest(y, grid.Start.Y, grid.Pitch);
        int nearX = CellGrid.Nearest(x, grid.Start.X, grid.Pitch);
        int found = -1;
        float least = float.PositiveInfinity;
        for (int k = KernelMath.Max(0, nearZ - 1); k <= KernelMath.Min(grid.CountZ - 1, nearZ + 1); k++)
        {
            for (int j = KernelMath.Max(0, nearY - 1); j <= KernelMath.Min(grid.CountY - 1, nearY + 1); j++)
            {
                for (int i = KernelMath.Max(0, nearX - 1); i <= KernelMath.Min(grid.CountX - 1, nearX + 1); i++)
                {
                    int cell = (((k * grid.CountY) + j) * grid.CountX) + i;
                    int word = drawn.Nodes.First + (cell * CellWords.Count);
                    float fromZ = z - SampleLayout.Number(row.Words, word + CellWords.Z);
                    float fromY = y - SampleLayout.Number(row.Words, word + CellWords.Y);
                    float fromX = x - SampleLayout.Number(row.Words, word + CellWords.X);
                    float reach = SampleLayout.Number(row.Words, word + CellWords.Radius) - rough;
                    float square = (fromZ * fromZ) + (fromY * fromY) + (fromX * fromX);
                    bool holds = reach > 0f && square < reach * reach && square < least;
                    found = holds ? cell : found;
                    least = holds ? square : least;
                }
            }
        }

        if (found >= 0 || table.HasBackground != 0)
        {
            batch.Store(at, found >= 0 ? table.Of(found) : 0);
        }
    }
}
