using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>A texture as a link of a chain: it makes four voxels at once, which share a block of random bits.</summary>
public readonly struct TextureLink : IChain<TextureLink>
{
    private readonly NumberTable tiles;
    private readonly int first;
    private readonly int tileLength;
    private readonly uint stream;
    private readonly RandomPlace place;
    private readonly LatticeTile tile;
    private readonly Texture.Drawn drawn;

    internal TextureLink(in StepPlace place, uint stream)
    {
        tiles = place.Table;
        first = place.Entry.First;
        tileLength = LatticeTile.Length(place.Facts.Shape);
        this.stream = stream;
        this.place = default;
        tile = default;
        drawn = default;
    }

    private TextureLink(TextureLink link, RandomPlace place, LatticeTile tile, Texture.Drawn drawn)
    {
        tiles = link.tiles;
        first = link.first;
        tileLength = link.tileLength;
        stream = link.stream;
        this.place = place;
        this.tile = tile;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TextureLink Load<F, U>(TextureLink chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Texture.Drawn drawn = F.Drawn<Texture.Drawn>(in row, chain.first);
        var tile = new LatticeTile(chain.tiles, (uint)(row.Sample * chain.tileLength), drawn.Place.IsFlat);
        return new(chain, row.Place<F, U>(chain.stream), tile, drawn);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in TextureLink loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Four<F> white = Normal.Block<F, U>(in loaded.place, voxels.Block);
        U voxel = voxels.First;
        return new Four<F>(
            loaded.One(in voxels.Row, white.A, voxels.Labels.A, voxel),
            loaded.One(in voxels.Row, white.B, voxels.Labels.B, voxel + U.Of(16)),
            loaded.One(in voxels.Row, white.C, voxels.Labels.C, voxel + U.Of(32)),
            loaded.One(in voxels.Row, white.D, voxels.Labels.D, voxel + U.Of(48)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F One<F, U>(in Row row, F white, U label, U voxel)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Tissue<F> tissue = TissueMath.Of<F, U>(in row, in drawn, label);
        return TissueMath.At(white, voxel, in tissue, in drawn, in tile);
    }
}
