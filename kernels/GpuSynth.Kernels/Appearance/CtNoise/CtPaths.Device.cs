using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// A group per slice: attenuations of the cells, the lines of every direction, the paths through the cells, their mean, all in shared memory. 4 B/voxel.
// Every sum has its order: the same from run to run.

/// <summary>The maps of a batch on a device, those of the slice Grid.IdxX of the sample Grid.IdxY.</summary>
internal readonly struct CtPathKernel(ArrayView<uint> words, ArrayView<float> image, ArrayView<float> tables, CtPathPlan plan) : IKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> own = SharedMemory.Allocate<float>(CtPaths.MostCells);
        ArrayView<float> lines = SharedMemory.Allocate<float>(CtPaths.Directions * CtPaths.MostLines);
        ArrayView<float> paths = SharedMemory.Allocate<float>(CtPaths.MostCells);
        ArrayView<float> streaks = SharedMemory.Allocate<float>(CtPaths.MostCells);
        ArrayView<float> weights = SharedMemory.Allocate<float>(KernelLoader.GroupSize);
        ArrayView<float> sums = SharedMemory.Allocate<float>(KernelLoader.GroupSize);
        int thread = Group.IdxX;
        int cells = plan.Cells.Cells;
        for (int cell = thread; cell < cells; cell += KernelLoader.GroupSize)
        {
            own[cell] = Attenuation(cell);
        }

        Group.Barrier();
        for (int line = thread; line < CtPaths.Directions * CtPaths.MostLines; line += KernelLoader.GroupSize)
        {
            lines[line] = Line(own, line / CtPaths.MostLines, line % CtPaths.MostLines);
        }

        Group.Barrier();
        float weight = 0f;
        float sum = 0f;
        for (int cell = thread; cell < cells; cell += KernelLoader.GroupSize)
        {
            float path = Path(lines, cell, out float streak);
            paths[cell] = path;
            streaks[cell] = streak;
            weight += own[cell];
            sum += own[cell] * path;
        }

        weights[thread] = weight;
        sums[thread] = sum;
        Group.Barrier();
        for (int half = KernelLoader.GroupSize / 2; half > 0; half >>= 1)
        {
            if (thread < half)
            {
                weights[thread] += weights[thread + half];
                sums[thread] += sums[thread + half];
            }

            Group.Barrier();
        }

        float mean = weights[0] > 0f ? sums[0] / weights[0] : 0f;
        int row = Grid.IdxY * plan.Stride;
        float factor = 0.5f * SampleLayout.Number(words, row + plan.Local) * SampleLayout.Number(words, row + plan.PerCell);
        float share = SampleLayout.Number(words, row + plan.Streaks);
        int first = (Grid.IdxY * plan.TableLength) + plan.FirstNumber + (Grid.IdxX * 2 * cells);
        for (int cell = thread; cell < cells; cell += KernelLoader.GroupSize)
        {
            CtPaths.Scales(factor, paths[cell] - mean, share * streaks[cell], out float scale, out float difference);
            tables[first + cell] = scale;
            tables[first + cells + cell] = difference;
        }
    }

    // Over that of water.
    private float Attenuation(int cell)
    {
        int top = cell / plan.Cells.Columns * plan.Cells.Cell;
        int left = cell % plan.Cells.Columns * plan.Cells.Cell;
        int bottom = KernelMath.Min(top + plan.Cells.Cell, plan.Cells.Height);
        int right = KernelMath.Min(left + plan.Cells.Cell, plan.Cells.Width);
        long plane = ((long)Grid.IdxY * plan.Cells.Depth) + plan.Cells.PlaneOf(Grid.IdxX);
        long slice = plane * plan.Cells.Height * plan.Cells.Width;
        float sum = 0f;
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                sum += KernelMath.Max(1f + (image[slice + (y * plan.Cells.Width) + x] * 0.001f), 0f);
            }
        }

        return sum / (plan.Cells.Cell * plan.Cells.Cell);
    }

    // What a line crosses, in steps along its axis.
    private float Line(ArrayView<float> own, int direction, int line)
    {
        bool isAlongRows = direction < CtPaths.AlongRows;
        int steps = isAlongRows ? plan.Cells.Columns : plan.Cells.Rows;
        int across = isAlongRows ? plan.Cells.Rows : plan.Cells.Columns;
        int stepLength = isAlongRows ? 1 : plan.Cells.Columns;
        int acrossLength = isAlongRows ? plan.Cells.Columns : 1;
        float slope = SlopeOf(direction);
        float sum = 0f;
        for (int step = 0; step < steps; step++)
        {
            float shift = slope * (step - (steps / 2));
            int down = Below(shift);
            float share = shift - down;
            int near = line - (steps / 2) - 1 + down;
            if (near >= 0 && near < across)
            {
                sum += (1f - share) * own[(step * stepLength) + (near * acrossLength)];
            }

            if (near >= -1 && near + 1 < across)
            {
                sum += share * own[(step * stepLength) + ((near + 1) * acrossLength)];
            }
        }

        return sum;
    }

    // The mean over the directions, in cells; and of it the part of those next to rows minus that of those next to columns.
    private float Path(ArrayView<float> lines, int cell, out float streak)
    {
        streak = 0f;
        int row = cell / plan.Cells.Columns;
        int column = cell % plan.Cells.Columns;
        float sum = 0f;
        for (int direction = 0; direction < CtPaths.Directions; direction++)
        {
            bool isAlongRows = direction < CtPaths.AlongRows;
            int steps = isAlongRows ? plan.Cells.Columns : plan.Cells.Rows;
            float slope = SlopeOf(direction);
            float shift = slope * ((isAlongRows ? column : row) - (steps / 2));
            int down = Below(shift);
            float share = shift - down;
            int line = (direction * CtPaths.MostLines) + (isAlongRows ? row : column) - down + (steps / 2) + 1;
            float weight = KernelMath.Sqrt(1f + (slope * slope)) / CtPaths.Directions;
            float own = weight * (((1f - share) * lines[line]) + (share * lines[line - 1]));
            sum += own;
            streak += slope * slope == 1f ? 0f : isAlongRows ? own : -own;
        }

        return sum;
    }

    private static float SlopeOf(int direction)
    {
        int steep = direction < CtPaths.AlongRows ? direction - 2 : direction - 6;
        float magnitude = steep == 0 ? 0f : steep * steep == 1 ? CtPaths.Slope : 1f;
        return steep < 0 ? -magnitude : magnitude;
    }

    private static int Below(float value)
    {
        int whole = (int)value;
        return value < whole ? whole - 1 : whole;
    }
}

/// <summary>Where the kernel of the maps finds what it reads.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CtPathPlan(CtPaths cells, int stride, int local, int streaks, int perCell, int tableLength, int firstNumber)
{
    public readonly CtPaths Cells = cells;
    public readonly int Stride = stride;
    public readonly int Local = local;
    public readonly int Streaks = streaks;
    public readonly int PerCell = perCell;
    public readonly int TableLength = tableLength;
    public readonly int FirstNumber = firstNumber;
}
