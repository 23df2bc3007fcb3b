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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tissue<F> Of<F, U>(in Row row, in TissueTable table, U label)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Tissue<F> tissue = default;
        tissue.Mean = Word<F, U>(in row, in table, TissueWords.Mean, label);
        tissue.White = Word<F, U>(in row, in table, TissueWords.White, label);
        if (table.IsUnstructured != 0)
        {
            return tissue;
        }

        tissue.Structured = Word<F, U>(in row, in table, TissueWords.Structured, label);
        tissue.Ridge = Word<F, U>(in row, in table, TissueWords.Ridge, label);
        tissue.Rise = Word<F, U>(in row, in table, TissueWords.Rise, label);
        tissue.First = Word<F, U>(in row, in table, TissueWords.First, label);
        tissue.OffsetY = Word<F, U>(in row, in table, TissueWords.Lattice, label);
        tissue.OffsetX = Word<F, U>(in row, in table, TissueWords.Lattice + 1, label);
        tissue.YY = Word<F, U>(in row, in table, TissueWords.Lattice + 2, label);
        tissue.YX = Word<F, U>(in row, in table, TissueWords.Lattice + 3, label);
        tissue.XY = Word<F, U>(in row, in table, TissueWords.Lattice + 4, label);
        tissue.XX = Word<F, U>(in row, in table, TissueWords.Lattice + 5, label);
        if (table.Place.IsFlat == 0)
        {
            tissue.OffsetZ = Word<F, U>(in row, in table, TissueWords.Lattice + 6, label);
            tissue.ZZ = Word<F, U>(in row, in table, TissueWords.Lattice + 7, label);
            tissue.ZY = Word<F, U>(in row, in table, TissueWords.Lattice + 8, label);
            tissue.ZX = Word<F, U>(in row, in table, TissueWords.Lattice + 9, label);
            tissue.YZ = Word<F, U>(in row, in table, TissueWords.Lattice + 10, label);
            tissue.XZ = Word<F, U>(in row, in table, TissueWords.Lattice + 11, label);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Word<F, U>(in Row row, in TissueTable table, int word, U label)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => F.Look(in row, TissueWords.Of(in table, word), label);
}
