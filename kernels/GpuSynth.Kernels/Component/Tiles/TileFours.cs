using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>Four numbers at once, for the four voxels that one block of Philox serves: linear indices 16 apart.</summary>
internal interface ITileFours
{
    /// <summary>The numbers of a block.</summary>
    Four<Real1> At(int block);
}

/// <summary>The threads of a group make numbers for the voxels of one plane of their tile, four at a time, in shared memory.</summary>
internal static class TileFours
{
    /// <summary>Floats of shared memory: 38 rows of 128 columns and of 96, 70 of 64 and 134 of 32 fit.</summary>
    public const int Length = 4864;

    // A row of at most 128 elements reaches over at most three pieces of 64.
    private const int PiecesPerRow = 3;

    /// <summary>Numbers from one row to the next: rows lie behind each other as in memory where a tile has all of them.</summary>
    public static int Stride(TilePlan plan) => plan.Segments == 1 ? plan.Width : plan.Lanes;

    /// <summary>
    /// Makes the numbers of one plane, with some rows above and below the tile, and only for voxels of the volume. Rows that lie behind each
    /// other in memory are one run of elements; where tiles share the rows, every row is a run of its own. A run is cut at multiples of 64
    /// elements, and sixteen threads take a piece, each one block. A piece's row is a third of its number: n x 21846 / 65536 is that for every
    /// n below 32768, without a division.
    /// </summary>
    public static void Make<TFours>(in TFours fours, ArrayView<float> made, TilePlan plan, Tile tile, int radius, int z)
        where TFours : struct, ITileFours
    {
        int firstRow = KernelMath.Max(0, tile.FirstRow - radius);
        int endRow = KernelMath.Min(plan.Height, tile.FirstRow + plan.Rows + radius);
        int origin = tile.FirstX - plan.MarginX;
        int firstX = KernelMath.Max(0, origin);
        int endX = KernelMath.Min(plan.Width, origin + plan.Lanes);
        bool isOneRun = plan.Segments == 1;
        int stride = Stride(plan);
        int length = isOneRun ? (endRow - firstRow) * plan.Width : endX - firstX;
        int firstElement = (((z * plan.Height) + firstRow) * plan.Width) + firstX;
        int firstPlace = ((firstRow - (tile.FirstRow - radius)) * stride) + (firstX - origin);
        int pieces = isOneRun ? ((firstElement & 63) + length + 63) >> 6 : (endRow - firstRow) * PiecesPerRow;
        int lane = Group.IdxX & 15;
        for (int piece = Group.IdxX >> 4; piece < pieces; piece += Group.DimX >> 4)
        {
            int row = isOneRun ? 0 : (piece * 21846) >> 16;
            int element = firstElement + (row * plan.Width);
            int group = (element >> 6) + piece - (row * PiecesPerRow);
            int offset = (group << 6) + lane - element;
            if (offset < length && offset + 48 >= 0)
            {
                Four<Real1> four = fours.At((group << 4) + lane);
                int to = firstPlace + (row * stride) + offset;
                Store(made, to, offset, length, four.A);
                Store(made, to + 16, offset + 16, length, four.B);
                Store(made, to + 32, offset + 32, length, four.C);
                Store(made, to + 48, offset + 48, length, four.D);
            }
        }
    }

    private static void Store(ArrayView<float> made, int to, int offset, int length, Real1 value)
    {
        if ((uint)offset < (uint)length)
        {
            made[to] = value.V;
        }
    }
}
