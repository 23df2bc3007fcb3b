using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The words of voxels' labels (<see cref="TissueWords"/>), a lane each.</summary>
/// <typeparam name="F">Lane of real numbers.</typeparam>
internal struct Tissue<F>
    where F : struct
{
    public F Mean;
    public F White;
    public F Structured;
    public F Ridge;
    public F Rise;
    public F First;
    public F OffsetZ;
    public F OffsetY;
    public F OffsetX;
    public F ZZ;
    public F ZY;
    public F ZX;
    public F YZ;
    public F YY;
    public F YX;
    public F XZ;
    public F XY;
    public F XX;
}

/// <summary>The mathematics of intensities of labels with structure in them, for all lanes.</summary>
internal static class TissueMath
{
    /// <summary>The words of voxels' labels. What an image has not, and what no voxel of the sample needs, is left 0.</summary>
    /// <param name="table">What they are of.</param>
    /// <param name="words">Looks them up.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tissue<F> Of<F, TWords>(in TissueTable table, in TWords words)
        where F : struct
        where TWords : struct, ITissueLook<F>
    {
        Tissue<F> tissue = default;
        tissue.Mean = words.At(TissueWords.Mean);
        tissue.White = words.At(TissueWords.White);
        if (table.IsUnstructured != 0)
        {
            return tissue;
        }

        tissue.Structured = words.At(TissueWords.Structured);
        tissue.Ridge = words.At(TissueWords.Ridge);
        tissue.Rise = words.At(TissueWords.Rise);
        tissue.First = words.At(TissueWords.First);
        tissue.OffsetY = words.At(TissueWords.Lattice);
        tissue.OffsetX = words.At(TissueWords.Lattice + 1);
        tissue.YY = words.At(TissueWords.Lattice + 2);
        tissue.YX = words.At(TissueWords.Lattice + 3);
        tissue.XY = words.At(TissueWords.Lattice + 4);
        tissue.XX = words.At(TissueWords.Lattice + 5);
        if (table.Place.IsFlat == 0)
        {
            tissue.OffsetZ = words.At(TissueWords.Lattice + 6);
            tissue.ZZ = words.At(TissueWords.Lattice + 7);
            tissue.ZY = words.At(TissueWords.Lattice + 8);
            tissue.ZX = words.At(TissueWords.Lattice + 9);
            tissue.YZ = words.At(TissueWords.Lattice + 10);
            tissue.XZ = words.At(TissueWords.Lattice + 11);
        }

        return tissue;
    }

    /// <summary>The intensity of voxels.</summary>
    /// <param name="white">z, white noise.</param>
    /// <param name="voxel">Linear index in the sample.</param>
    /// <param name="tissue">The words of their labels.</param>
    /// <param name="table">What they are of.</param>
    /// <param name="tile">The tile that structure looks into.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F At<F, U>(F white, U voxel, in Tissue<F> tissue, in TissueTable table, in LatticeTile tile)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F value = F.Fma(tissue.White, white, tissue.Mean);
        if (table.IsUnstructured != 0)
        {
            return value;
        }

        table.Place.Of(voxel, out F z, out F y, out F x);
        F latticeZ = F.Of(0f);
        F latticeY = F.Fma(tissue.YY, y, F.Fma(tissue.YX, x, tissue.OffsetY));
        F latticeX = F.Fma(tissue.XY, y, F.Fma(tissue.XX, x, tissue.OffsetX));
        if (table.Place.IsFlat == 0)
        {
            latticeZ = F.Fma(tissue.ZZ, z, F.Fma(tissue.ZY, y, F.Fma(tissue.ZX, x, tissue.OffsetZ)));
            latticeY = F.Fma(tissue.YZ, z, latticeY);
            latticeX = F.Fma(tissue.XZ, z, latticeX);
        }

        F noise = tissue.First * FractalNoise.At<F, U>(in tile, latticeZ, latticeY, latticeX, table.MoreOctaves, tissue.Rise);
        F ridge = tissue.Ridge * (F.Of(TissueWords.MeanMagnitude) - F.Abs(noise));
        noise = F.WhereLess(F.Of(0f), F.Abs(tissue.Ridge), ridge, noise);
        return F.Fma(tissue.Structured, noise, value);
    }
}

/// <summary>Looks up the words of voxels' labels.</summary>
/// <typeparam name="F">Lane of real numbers.</typeparam>
internal interface ITissueLook<F>
    where F : struct
{
    /// <summary>A word of <see cref="TissueWords"/>. Mark it AggressiveInlining.</summary>
    F At(int word);
}

/// <summary>Labels of voxels that may differ.</summary>
internal readonly struct TissueOfEach<F, U>(Row row, TissueTable table, U label) : ITissueLook<F>
    where F : struct, IReal<F, U>
    where U : struct, IWord<F, U>
{
    private readonly Row row = row;
    private readonly TissueTable table = table;
    private readonly U label = label;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F At(int word) => F.Look(in row, TissueWords.Of(in table, word), label);
}
