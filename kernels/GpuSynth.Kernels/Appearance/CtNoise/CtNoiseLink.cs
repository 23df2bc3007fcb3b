using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Quantum noise as a link of a chain.</summary>
public readonly struct CtNoiseLink : IChain<CtNoiseLink>
{
    private readonly NumberTable tiles;
    private readonly int first;
    private readonly uint firstNumber;
    private readonly CtNoise.Drawn drawn;

    internal CtNoiseLink(in StepPlace place)
    {
        tiles = place.Table;
        first = place.Entry.First;
        firstNumber = 0;
        drawn = default;
    }

    private CtNoiseLink(CtNoiseLink link, uint firstNumber, CtNoise.Drawn drawn)
    {
        tiles = link.tiles;
        first = link.first;
        this.firstNumber = firstNumber;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CtNoiseLink Load<F, U>(CtNoiseLink chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> =>
        new(chain, (uint)(row.Sample * CtTile.Length), F.Drawn<CtNoise.Drawn>(in row, chain.first));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in CtNoiseLink loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U voxel = voxels.First;
        return new Four<F>(
            values.A + loaded.Noise<F, U>(in voxels.Row, voxel),
            values.B + loaded.Noise<F, U>(in voxels.Row, voxel + U.Of(16)),
            values.C + loaded.Noise<F, U>(in voxels.Row, voxel + U.Of(32)),
            values.D + loaded.Noise<F, U>(in voxels.Row, voxel + U.Of(48)));
    }

    // The number where a slice begins: plane, row and column of the tile together; row and column go round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F Noise<F, U>(in Row row, U voxel)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        int bits = drawn.Place.IsFlat != 0 ? CtTile.ImageBits : CtTile.VolumeBits;
        uint last = (1u << bits) - 1;
        drawn.Place.Of(voxel, out F z, out F y, out F x);
        U start = F.Whole(F.Look(in row, drawn.Slices, F.Whole(z)));
        U rows = (U.ShiftRight(start, bits) + F.Whole(y)) & U.Of(last);
        U column = (start + F.Whole(x)) & U.Of(last);
        U plane = start & U.Of(~((1u << (2 * bits)) - 1));
        return F.Look(in tiles, U.Of(firstNumber) + plane + (rows * U.Of(last + 1)) + column);
    }
}
