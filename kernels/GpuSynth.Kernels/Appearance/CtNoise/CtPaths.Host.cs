using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The maps of a slice on the host. All lines of a direction go from a column to the next by as much, so that a column is added to them as a whole; and so is
/// what they have summed up to the columns.
/// </summary>
/// <param name="cells">The cells.</param>
internal sealed unsafe class CtPathMaps(CtPaths cells)
{
    private static readonly float[] Slopes = [-CtPaths.Slope, 0, CtPaths.Slope];
    private static readonly float[] DiagonalSlopes = [-1, 1];

    /// <summary>Floats of scratch: attenuations in rows and in columns, three sums of paths, lines, a row of voxels.</summary>
    public long ScratchLength => (5L * CtPaths.MostCells) + CtPaths.MostLines + cells.Width;

    /// <summary>Writes the maps of a slice.</summary>
    /// <param name="slice">float[H,W] in Hounsfield units.</param>
    /// <param name="perCell">Line integral over one cell of water.</param>
    /// <param name="local">How much of the exponent counts, 0 to 1.</param>
    /// <param name="streaks">How much of the noise lies in streaks, 0 to 1.</param>
    /// <param name="maps">Written: [s, d][row][column].</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public void Write(float* slice, float perCell, float local, float streaks, Span<float> maps, float* scratch)
    {
        var inRows = new Span<float>(scratch, cells.Cells);
        var inColumns = new Span<float>(scratch + CtPaths.MostCells, cells.Cells);
        var alongColumns = new Span<float>(scratch + (2 * CtPaths.MostCells), cells.Cells);
        var alongRows = new Span<float>(scratch + (3 * CtPaths.MostCells), cells.Cells);
        var transposed = new Span<float>(scratch + (4 * CtPaths.MostCells), cells.Cells);
        var lines = new Span<float>(scratch + (5 * CtPaths.MostCells), CtPaths.MostLines);
        Attenuations(slice, inRows, scratch + (5 * CtPaths.MostCells) + CtPaths.MostLines);
        Transpose(inRows, inColumns, cells.Rows, cells.Columns);
        alongColumns.Clear();
        Along(Slopes, inRows, cells.Rows, cells.Columns, lines, alongColumns);
        transposed.Clear();
        Along(Slopes, inColumns, cells.Columns, cells.Rows, lines, transposed);
        Transpose(transposed, alongRows, cells.Columns, cells.Rows);

        // q; and p, to which directions between rows and columns add.
        Span<float> first = maps[..cells.Cells];
        Span<float> second = maps[cells.Cells..];
        TensorPrimitives.Subtract<float>(alongRows, alongColumns, second);
        Along(DiagonalSlopes, inColumns, cells.Columns, cells.Rows, lines, transposed);
        Transpose(transposed, first, cells.Columns, cells.Rows);
        TensorPrimitives.Add(first, alongColumns, first);
        float weight = TensorPrimitives.Sum<float>(inRows);
        float mean = weight > 0 ? TensorPrimitives.Dot<float>(inRows, first) / weight : 0;
        float factor = 0.5f * local * perCell;
        for (int cell = 0; cell < first.Length; cell++)
        {
            CtPaths.Scales(factor, first[cell] - mean, streaks * second[cell], out first[cell], out second[cell]);
        }
    }

    // Over that of water, the mean of a cell; beyond the slice there is air.
    private void Attenuations(float* slice, Span<float> to, float* sums)
    {
        for (int row = 0; row < cells.Rows; row++)
        {
            new Span<float>(sums, cells.Width).Clear();
            for (int y = row * cells.Cell; y < Math.Min((row + 1) * cells.Cell, cells.Height); y++)
            {
                Add(slice + ((long)y * cells.Width), sums);
            }

            for (int column = 0; column < cells.Columns; column++)
            {
                float sum = 0;
                for (int x = column * cells.Cell; x < Math.Min((column + 1) * cells.Cell, cells.Width); x++)
                {
                    sum += sums[x];
                }

                to[(row * cells.Columns) + column] = sum / (cells.Cell * cells.Cell);
            }
        }
    }

    private void Add(float* voxels, float* sums)
    {
        int x = 0;
        for (; x + 16 <= cells.Width; x += 16)
        {
            Vector512<float> water = Vector512.Create(1f) + (Vector512.Load(voxels + x) * Vector512.Create(0.001f));
            (Vector512.Load(sums + x) + Vector512.Max(water, Vector512<float>.Zero)).Store(sums + x);
        }

        for (; x < cells.Width; x++)
        {
            sums[x] += MathF.Max(1 + (voxels[x] * 0.001f), 0);
        }
    }

    // Of directions that go along an axis, of which there are so many steps, each a line of cells across it: adds up what their lines cross, in cells.
    private static void Along(float[] slopes, ReadOnlySpan<float> from, int steps, int across, Span<float> lines, Span<float> paths)
    {
        int first = (steps / 2) + 1;
        foreach (float slope in slopes)
        {
            lines.Clear();
            float weight = MathF.Sqrt(1 + (slope * slope)) / CtPaths.Directions;
            for (int step = 0; step < steps; step++)
            {
                int down = Shift(slope, step, steps, out float share);
                ReadOnlySpan<float> own = from.Slice(step * across, across);
                Span<float> near = lines.Slice(first - down, across);
                Span<float> next = lines.Slice(first - down - 1, across);
                TensorPrimitives.MultiplyAdd(own, 1 - share, near, near);
                TensorPrimitives.MultiplyAdd(own, share, next, next);
            }

            for (int step = 0; step < steps; step++)
            {
                int down = Shift(slope, step, steps, out float share);
                Span<float> own = paths.Slice(step * across, across);
                TensorPrimitives.MultiplyAdd(lines.Slice(first - down, across), weight * (1 - share), own, own);
                TensorPrimitives.MultiplyAdd(lines.Slice(first - down - 1, across), weight * share, own, own);
            }
        }
    }

    // Whole cells that lines have gone across since the middle step, and the rest.
    private static int Shift(float slope, int step, int steps, out float share)
    {
        float shift = slope * (step - (steps / 2));
        float whole = MathF.Floor(shift);
        share = shift - whole;
        return (int)whole;
    }

    private static void Transpose(ReadOnlySpan<float> from, Span<float> to, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                to[(column * rows) + row] = from[(row * columns) + column];
            }
        }
    }
}
