using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// Cells on the host, row by row: the cells that a row may cross are listed first, column by column of the lattice; then sixteen voxels at a time look at
/// those of three columns. A row that crosses none costs nothing, and no roughness.
/// </summary>
internal sealed unsafe class HostCells : HostShape
{
    private const int Lanes = 16;

    // A cell that a row may cross: its middle along x, the square of its distance across, its radius, its label, and from where to where it may reach.
    private const int Words = 6;
    private const int MostPerColumn = 9;

    private readonly CellLabels table;
    private readonly int mostColumns;

    public HostCells(Cells cells, in StepPlace place)
        : base(in place, "cell", Cells.LatticeStream, 1)
    {
        table = new CellLabels(cells, place.Entry);
        mostColumns = (int)Math.Min(Cells.Most, CellGrid.CountAlong(cells, Shape.Width, cells.LeastRadius(Shape)));
    }

    /// <inheritdoc/>
    public override long ScratchLength => base.ScratchLength + (MostPerColumn * Words * mostColumns) + mostColumns + 1;

    /// <inheritdoc/>
    protected override WordList LatticesOf(ReadOnlySpan<uint> row) => Entry.Drawn<Cells.Drawn>(row).Lattice;

    /// <inheritdoc/>
    protected override void Paint(ReadOnlySpan<uint> row, float* words, float* lattices, in ShapeRows rows, byte* labelsDHW, float* scratch)
    {
        Cells.Drawn drawn = Entry.Drawn<Cells.Drawn>(row);
        float* list = scratch + base.ScratchLength;
        int* begins = (int*)(list + (MostPerColumn * Words * mostColumns));
        for (int z = rows.FirstZ; z < rows.EndZ; z++)
        {
            for (int y = rows.FirstY; y < rows.EndY; y++)
            {
                byte* labels = RowOf(labelsDHW, z, y);
                if (Cross(in drawn, words, z, y, list, begins) == 0)
                {
                    new Span<byte>(labels, table.HasBackground == 0 ? 0 : Shape.Width).Clear();
                    continue;
                }

                Roughness(words + drawn.Lattice.First, lattices, z, y, 0, Lattices.Width, scratch);
                for (int x = 0; x < Shape.Width; x += Lanes)
                {
                    int from = Math.Clamp(CellGrid.Nearest(x, drawn.Grid.Start.X, drawn.Grid.Pitch) - 1, 0, drawn.Grid.CountX);
                    int end = Math.Clamp(CellGrid.Nearest(x + Lanes - 1, drawn.Grid.Start.X, drawn.Grid.Pitch) + 2, from, drawn.Grid.CountX);
                    Vector(list, begins[from], begins[end], scratch, drawn.MostRoughness, x, labels);
                }
            }
        }
    }

    // Lists the cells that a row may cross.
    private int Cross(in Cells.Drawn drawn, float* words, int z, int y, float* list, int* begins)
    {
        CellGrid grid = drawn.Grid;
        int nearZ = CellGrid.Nearest(z, grid.Start.Z, grid.Pitch);
        int nearY = CellGrid.Nearest(y, grid.Start.Y, grid.Pitch);
        int count = 0;
        for (int i = 0; i < grid.CountX; i++)
        {
            begins[i] = count;
            for (int k = Math.Max(0, nearZ - 1); k <= Math.Min(grid.CountZ - 1, nearZ + 1); k++)
            {
                for (int j = Math.Max(0, nearY - 1); j <= Math.Min(grid.CountY - 1, nearY + 1); j++)
                {
                    int cell = (((k * grid.CountY) + j) * grid.CountX) + i;
                    float* own = words + drawn.Nodes.First + (cell * CellWords.Count);
                    float reach = own[CellWords.Radius] + drawn.MostRoughness;
                    float fromZ = z - own[CellWords.Z];
                    float fromY = y - own[CellWords.Y];
                    float across = (fromZ * fromZ) + (fromY * fromY);
                    if (reach > 0 && across < reach * reach)
                    {
                        float* to = list + (Words * count++);
                        (to[0], to[1], to[2], to[3]) = (own[CellWords.X], across, own[CellWords.Radius], table.Of(cell));
                        (to[4], to[5]) = (own[CellWords.X] - reach, own[CellWords.X] + reach);
                    }
                }
            }
        }

        begins[grid.CountX] = count;
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Vector(float* list, int first, int end, float* rough, float mostRoughness, int x, byte* labels)
    {
        var most = Vector256.Create(mostRoughness);
        Vector256<float> roughLow = Clamp(Vector256.Load(rough + x), most);
        Vector256<float> roughHigh = Clamp(Vector256.Load(rough + x + 8), most);
        Vector256<float> leastLow = Vector256.Create(float.PositiveInfinity);
        Vector256<float> leastHigh = leastLow;
        Vector256<float> labelLow = default;
        Vector256<float> labelHigh = default;
        Vector256<float> atX = Vector256<float>.Indices + Vector256.Create((float)x);
        for (int n = first; n < end; n++)
        {
            float* one = list + (Words * n);
            if (one[5] < x || one[4] > x + Lanes - 1)
            {
                continue;
            }

            Vector256<float> fromLow = atX - Vector256.Create(one[0]);
            Look(one, fromLow, roughLow, ref leastLow, ref labelLow);
            Look(one, fromLow + Vector256.Create(8f), roughHigh, ref leastHigh, ref labelHigh);
        }

        Vector256<float> none = Vector256.Create(float.PositiveInfinity);
        Vector128<byte> held = HostMath.Narrow(Vector256.LessThan(leastLow, none), Vector256.LessThan(leastHigh, none));
        Vector128<byte> label = HostMath.Narrow(Vector256.ConvertToInt32(labelLow), Vector256.ConvertToInt32(labelHigh));
        if (x + Lanes <= Shape.Width)
        {
            // Where no cell is, the label is 0.
            Vector128<byte> before = table.HasBackground != 0 ? default : Vector128.Load(labels + x);
            Vector128.ConditionalSelect(held, label, before).Store(labels + x);
            return;
        }

        for (int lane = 0; lane < Shape.Width - x; lane++)
        {
            bool isHeld = held.GetElement(lane) != 0;
            labels[x + lane] = isHeld ? label.GetElement(lane) : table.HasBackground != 0 ? (byte)0 : labels[x + lane];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Look(float* one, Vector256<float> fromX, Vector256<float> rough, ref Vector256<float> least, ref Vector256<float> label)
    {
        Vector256<float> square = Vector256.FusedMultiplyAdd(fromX, fromX, Vector256.Create(one[1]));
        Vector256<float> reach = Vector256.Max(default, Vector256.Create(one[2]) - rough);
        Vector256<float> holds = Vector256.LessThan(square, reach * reach) & Vector256.LessThan(square, least);
        least = Vector256.ConditionalSelect(holds, square, least);
        label = Vector256.ConditionalSelect(holds, Vector256.Create(one[3]), label);
    }

    private static Vector256<float> Clamp(Vector256<float> rough, Vector256<float> most) => Vector256.Min(Vector256.Max(rough, -most), most);
}
