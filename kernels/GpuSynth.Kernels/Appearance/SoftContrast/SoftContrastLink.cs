using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Intensities of labels with soft borders as a link of a chain: four voxels at once, which share what is read of an organ.</summary>
public readonly struct SoftContrastLink : IChain<SoftContrastLink>
{
    private readonly NumberTable tiles;
    private readonly int first;
    private readonly int tileLength;
    private readonly LatticeTile tile;
    private readonly SoftContrast.Drawn drawn;

    /// <summary>The link of a component.</summary>
    /// <param name="place">Where it stands.</param>
    internal SoftContrastLink(in StepPlace place)
    {
        tiles = place.Table;
        first = place.Entry.First;
        tileLength = LatticeTile.Length(place.Facts.Shape);
        tile = default;
        drawn = default;
    }

    private SoftContrastLink(SoftContrastLink link, LatticeTile tile, SoftContrast.Drawn drawn)
    {
        tiles = link.tiles;
        first = link.first;
        tileLength = link.tileLength;
        this.tile = tile;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SoftContrastLink Load<F, U>(SoftContrastLink chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        SoftContrast.Drawn drawn = F.Drawn<SoftContrast.Drawn>(in row, chain.first);
        return new(chain, new LatticeTile(chain.tiles, (uint)(row.Sample * chain.tileLength), drawn.Place.IsFlat), drawn);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in SoftContrastLink loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U first = voxels.First;
        SoftVoxel<F> a = loaded.Begin<F, U>(in voxels.Row, voxels.Labels.A, first);
        SoftVoxel<F> b = loaded.Begin<F, U>(in voxels.Row, voxels.Labels.B, first + U.Of(16));
        SoftVoxel<F> c = loaded.Begin<F, U>(in voxels.Row, voxels.Labels.C, first + U.Of(32));
        SoftVoxel<F> d = loaded.Begin<F, U>(in voxels.Row, voxels.Labels.D, first + U.Of(48));
        int organ = 0;

        // Once at least: where borders are hard a blob of zeros, which no label lets in.
        do
        {
            SoftOrgan<F> own = SoftMath.Organ<F, U>(in voxels.Row, in loaded.drawn, organ);
            a = loaded.With<F, U>(a, in own);
            b = loaded.With<F, U>(b, in own);
            c = loaded.With<F, U>(c, in own);
            d = loaded.With<F, U>(d, in own);
            organ++;
        }
        while (organ < loaded.drawn.Organs);

        return new Four<F>(Value<F, U>(in a), Value<F, U>(in b), Value<F, U>(in c), Value<F, U>(in d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Value<F, U>(in SoftVoxel<F> voxel)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => SoftMath.Value<F, U>(in voxel.Sum, voxel.Mean, voxel.Softness);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SoftVoxel<F> Begin<F, U>(in Row row, U label, U voxel)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        SoftVoxel<F> begun = default;
        drawn.Place.Of(voxel, out begun.Z, out begun.Y, out begun.X);
        begun.Mean = F.Look(in row, drawn.Means, label);
        begun.Softness = F.Look(in row, drawn.Softness, label);
        begun.Sum = SoftMath.Begin<F, U>(drawn.Stay, drawn.Background, begun.Mean);
        return begun;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SoftVoxel<F> With<F, U>(SoftVoxel<F> voxel, in SoftOrgan<F> organ)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F score = SoftMath.Score<F, U>(in organ, voxel.Z, voxel.Y, voxel.X);
        if (drawn.Roughness > 0f)
        {
            F steps = F.Of(drawn.StepsPerVoxel);
            score += F.Of(drawn.Roughness) * tile.At<F, U>(
                F.Fma(voxel.Z, steps, F.Of(drawn.PhaseZ)) + organ.OffsetZ,
                F.Fma(voxel.Y, steps, F.Of(drawn.PhaseY)) + organ.OffsetY,
                F.Fma(voxel.X, steps, F.Of(drawn.PhaseX)) + organ.OffsetX);
        }

        voxel.Sum = SoftMath.With<F, U>(in voxel.Sum, score, organ.Mean - voxel.Mean, drawn.PerTemperature);
        return voxel;
    }

    // A voxel on its way through the organs.
    private struct SoftVoxel<F>
        where F : struct
    {
        public F Z;
        public F Y;
        public F X;
        public F Mean;
        public F Softness;
        public SoftSum<F> Sum;
    }
}
