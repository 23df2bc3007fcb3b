using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Intensities of labels with structure in them as a link of a chain: it makes four voxels at once, which share a block of random bits.
/// </summary>
public readonly struct TissueLink : IChain<TissueLink>
{
    private readonly NumberTable tiles;
    private readonly int first;
    private readonly int tileLength;
    private readonly uint stream;
    private readonly RandomPlace place;
    private readonly LatticeTile tile;
    private readonly TissueTable table;

    /// <summary>The link of a component.</summary>
    /// <param name="place">Where the component stands.</param>
    /// <param name="first">The word of its <see cref="TissueTable"/>.</param>
    /// <param name="stream">The stream of its voxels, its occurrence in the recipe in bits 16 to 23.</param>
    internal TissueLink(in StepPlace place, int first, uint stream)
    {
        tiles = place.Table;
        this.first = first;
        tileLength = LatticeTile.Length(place.Facts.Shape);
        this.stream = stream;
        this.place = default;
        tile = default;
        table = default;
    }

    private TissueLink(TissueLink link, RandomPlace place, LatticeTile tile, TissueTable table)
    {
        tiles = link.tiles;
        first = link.first;
        tileLength = link.tileLength;
        stream = link.stream;
        this.place = place;
        this.tile = tile;
        this.table = table;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TissueLink Load<F, U>(TissueLink chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        TissueTable table = F.Drawn<TissueTable>(in row, chain.first);
        var tile = new LatticeTile(chain.tiles, (uint)(row.Sample * chain.tileLength), table.Place.IsFlat);
        return new(chain, row.Place<F, U>(chain.stream), tile, table);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in TissueLink loaded)
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
        Tissue<F> tissue = TissueMath.Of<F, TissueOfEach<F, U>>(in table, new(row, table, label));
        return TissueMath.At(white, voxel, in tissue, in table, in tile);
    }
}
