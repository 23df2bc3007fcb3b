using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Patches as a link of a chain.</summary>
public readonly struct MottleLink : IChain<MottleLink>
{
    private readonly NumberTable tiles;
    private readonly int first;
    private readonly int tileLength;
    private readonly LatticeTile tile;
    private readonly Mottle.Drawn drawn;

    internal MottleLink(in StepPlace place)
    {
        tiles = place.Table;
        first = place.Entry.First;
        tileLength = LatticeTile.Length(place.Facts.Shape);
        tile = default;
        drawn = default;
    }

    private MottleLink(MottleLink link, LatticeTile tile, Mottle.Drawn drawn)
    {
        tiles = link.tiles;
        first = link.first;
        tileLength = link.tileLength;
        this.tile = tile;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MottleLink Load<F, U>(MottleLink chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Mottle.Drawn drawn = F.Drawn<Mottle.Drawn>(in row, chain.first);
        return new(chain, new LatticeTile(chain.tiles, (uint)(row.Sample * chain.tileLength), drawn.Place.IsFlat), drawn);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in MottleLink loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U voxel = voxels.First;
        return new Four<F>(
            values.A * loaded.Factor<F, U>(in voxels.Row, voxel, voxels.Labels.A),
            values.B * loaded.Factor<F, U>(in voxels.Row, voxel + U.Of(16), voxels.Labels.B),
            values.C * loaded.Factor<F, U>(in voxels.Row, voxel + U.Of(32), voxels.Labels.C),
            values.D * loaded.Factor<F, U>(in voxels.Row, voxel + U.Of(48), voxels.Labels.D));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F Factor<F, U>(in Row row, U voxel, U label)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        drawn.Place.Of(voxel, out F z, out F y, out F x);
        F factor = LatticeSum.Add<F, U>(in row, drawn.Lattices, in tile, z, y, x, F.Of(1f));
        if (drawn.Mask.Count > 0)
        {
            factor = F.WhereLess(F.Of(0f), F.Look(in row, drawn.Mask, label), factor, F.Of(1f));
        }

        return factor;
    }
}
