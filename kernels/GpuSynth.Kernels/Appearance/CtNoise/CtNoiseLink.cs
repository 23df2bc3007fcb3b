using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Quantum noise as a link of a chain.</summary>
public readonly struct CtNoiseLink : IChain<CtNoiseLink>
{
    private readonly NumberTable tiles;
    private readonly int first;
    private readonly int length;
    private readonly uint firstNumber;
    private readonly CtNoise.Drawn drawn;

    internal CtNoiseLink(in StepPlace place, int length)
    {
        tiles = place.Table;
        first = place.Entry.First;
        this.length = length;
        firstNumber = 0;
        drawn = default;
    }

    private CtNoiseLink(CtNoiseLink link, uint firstNumber, CtNoise.Drawn drawn)
    {
        tiles = link.tiles;
        first = link.first;
        length = link.length;
        this.firstNumber = firstNumber;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CtNoiseLink Load<F, U>(CtNoiseLink chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> =>
        new(chain, (uint)(row.Sample * chain.length), F.Drawn<CtNoise.Drawn>(in row, chain.first));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in CtNoiseLink loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U voxel = voxels.First;
        return new Four<F>(
            loaded.Noisy<F, U>(values.A, in voxels.Row, voxel),
            loaded.Noisy<F, U>(values.B, in voxels.Row, voxel + U.Of(16)),
            loaded.Noisy<F, U>(values.C, in voxels.Row, voxel + U.Of(32)),
            loaded.Noisy<F, U>(values.D, in voxels.Row, voxel + U.Of(48)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F Noisy<F, U>(F value, in Row row, U voxel)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        drawn.Place.Of(voxel, out F z, out F y, out F x);
        U place = Place<F, U>(in row, z, y, x);
        F noise = F.Look(in tiles, place);
        if (drawn.Rows == 0)
        {
            return value + noise;
        }

        Scales<F, U>(z, y, x, out F scale, out F difference);
        return F.Fma(F.Look(in tiles, place + U.Of((uint)drawn.TileLength)), difference, F.Fma(noise, scale, value));
    }

    // The number where a slice begins: plane, row and column of the tile together; row and column go round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private U Place<F, U>(in Row row, F z, F y, F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        int bits = drawn.TileBits;
        uint last = (1u << bits) - 1;
        U start = F.Whole(F.Look(in row, drawn.Slices, F.Whole(z)));
        U rows = (U.ShiftRight(start, bits) + F.Whole(y)) & U.Of(last);
        U column = (start + F.Whole(x)) & U.Of(last);
        U plane = start & U.Of(~((1u << (2 * bits)) - 1));
        return U.Of(firstNumber) + plane + (rows * U.Of(last + 1)) + column;
    }

    // The maps of a slice, linear between the middles of its cells.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Scales<F, U>(F z, F y, F x, out F scale, out F difference)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F down = drawn.CellOf(y, drawn.Rows, out U row, out U nextRow);
        F along = drawn.CellOf(x, drawn.Columns, out U column, out U nextColumn);
        U map = F.Whole(F.Floor((z + F.Of(0.5f)) * F.Of(drawn.PerMap)));
        U cells = U.Of((uint)(drawn.Rows * drawn.Columns));
        U own = U.Of(firstNumber + (2 * (uint)drawn.TileLength)) + (map * (cells + cells));
        row = own + (row * U.Of((uint)drawn.Columns));
        nextRow = own + (nextRow * U.Of((uint)drawn.Columns));
        scale = Between<F, U>(row, nextRow, column, nextColumn, down, along);
        difference = Between<F, U>(row + cells, nextRow + cells, column, nextColumn, down, along);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F Between<F, U>(U row, U nextRow, U column, U nextColumn, F down, F along)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> =>
        F.Lerp(
            F.Lerp(F.Look(in tiles, row + column), F.Look(in tiles, nextRow + column), down),
            F.Lerp(F.Look(in tiles, row + nextColumn), F.Look(in tiles, nextRow + nextColumn), down),
            along);
}
