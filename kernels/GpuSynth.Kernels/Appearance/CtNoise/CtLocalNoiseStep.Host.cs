using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Quantum noise that is stronger in thick parts, on the host: two tiles, and behind them two maps of every slice.</summary>
/// <param name="place">Where the component stands.</param>
/// <param name="tiles">The tiles.</param>
internal sealed unsafe class CtLocalNoiseStep(StepPlace place, CtNoiseStep tiles) : RowStep(place.Facts.Shape)
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;
    private readonly CtPaths cells = new(place.Facts.Shape);
    private readonly CtPathMaps maps = new(new CtPaths(place.Facts.Shape));

    /// <inheritdoc/>
    public override long MemoryLength => tiles.MemoryLength + cells.Length;

    /// <inheritdoc/>
    public override long ScratchLength => Math.Max(tiles.ScratchLength, maps.ScratchLength);

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch) => tiles.Prepare(in sample, memory, scratch);

    /// <inheritdoc/>
    public override void Survey(in HostSample sample, float* image, int first, int end, float* memory, float* scratch)
    {
        CtNoise.Drawn drawn = Real16.Drawn<CtNoise.Drawn>(sample.Row, this.first);
        for (int map = 0; map < cells.Maps; map++)
        {
            int plane = cells.PlaneOf(map);
            if (plane >= first && plane < end)
            {
                float* slice = image + ((long)plane * shape.Height * shape.Width);
                maps.Write(slice, drawn.PathPerCell, drawn.Local, drawn.Streaks, new Span<float>(MapsOf(memory, map), 2 * cells.Cells), scratch);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        Row words = block.Row;
        CtNoise.Drawn drawn = Real16.Drawn<CtNoise.Drawn>(in words, first);

        // What the row has of the tiles and, between two rows of cells, of its maps.
        int side = 1 << drawn.TileBits;
        int start = (int)((float*)block.Words)[drawn.Slices.First + row.Z];
        float* noise = block.Memory + (start & -(side * side)) + ((((start / side) + row.Y) & (side - 1)) * side);
        float* map = MapsOf(block.Memory, row.Z / cells.Shared);
        float at = MathF.Max(MathF.Min(((row.Y + 0.5f) * drawn.PerCell) - 0.5f, drawn.Rows - 1), 0);
        int near = (int)at;
        int next = Math.Min(near + 1, drawn.Rows - 1);
        for (int column = 0; column < 2 * drawn.Columns; column++)
        {
            // The second map's columns behind the first one's.
            float* own = map + (column < drawn.Columns ? column : cells.Cells + column - drawn.Columns);
            float before = own[near * drawn.Columns];
            block.Scratch[column] = before + ((at - near) * (own[next * drawn.Columns] - before));
        }

        if (lanes == 16)
        {
            Walk<Real16, Word16>(in drawn, noise, block.Scratch, (uint)start, row.X, values, count);
        }
        else
        {
            Walk<Real8, Word8>(in drawn, noise, block.Scratch, (uint)start, row.X, values, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Walk<F, U>(in CtNoise.Drawn drawn, float* noise, float* scales, uint start, int firstX, float* values, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        var all = new NumberTable(noise);
        var streaks = new NumberTable(noise + drawn.TileLength);
        var line = new NumberTable(scales);
        var differences = new NumberTable(scales + drawn.Columns);
        U last = U.Of((1u << drawn.TileBits) - 1);
        for (int at = 0; at < count; at += F.Count)
        {
            U x = F.CountFrom((uint)(firstX + at));
            F near = drawn.CellOf<F, U>(U.ToReal(x), drawn.Columns, out U column, out U next);
            F scale = F.Lerp(F.Look(in line, column), F.Look(in line, next), near);
            F difference = F.Lerp(F.Look(in differences, column), F.Look(in differences, next), near);
            U place = (x + U.Of(start)) & last;
            F value = F.Fma(F.Look(in all, place), scale, F.Load(values + at));
            F.Store(F.Fma(F.Look(in streaks, place), difference, value), values + at);
        }
    }

    private float* MapsOf(float* memory, int map) => memory + tiles.MemoryLength + (2L * map * cells.Cells);
}
