using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// LatticeSum: f(q) = sum_j s_j n(q / h_j + o_j),  n the noise of a LatticeTile, all lattices along the axes.
// A lattice is five words of the sample's row (LatticeWords). A voxel reads 2^d numbers of the tile for each; on the host two (LatticeRows).

/// <summary>The words of a lattice in a sample's row.</summary>
internal static class LatticeWords
{
    /// <summary>Words of a lattice.</summary>
    public const int Count = 5;

    /// <summary>Its strength.</summary>
    public const int Strength = 0;

    /// <summary>Lattice steps per voxel.</summary>
    public const int PerVoxel = 1;

    /// <summary>Offset along z, y, x in lattice steps.</summary>
    public const int Offset = 2;

    /// <summary>Writes the words of a lattice.</summary>
    /// <param name="words">Written, <see cref="Count"/> words.</param>
    /// <param name="strength">Its strength.</param>
    /// <param name="perVoxel">Lattice steps per voxel.</param>
    /// <param name="offsetZyx">Offset along z, y, x in lattice steps.</param>
    public static void Write(Span<float> words, float strength, float perVoxel, ReadOnlySpan<float> offsetZyx)
    {
        words[Strength] = strength;
        words[PerVoxel] = perVoxel;
        offsetZyx.CopyTo(words[Offset..]);
    }
}

/// <summary>Lattice noises of one tile, each of a width and a strength of its own, added up.</summary>
internal static class LatticeSum
{
    /// <summary>A number, and the noises at a place added to it.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="lattices"><see cref="LatticeWords"/> of each lattice.</param>
    /// <param name="tile">The tile that all of them look into.</param>
    /// <param name="z">The place in voxels; not looked at in an image.</param>
    /// <param name="y">Along y.</param>
    /// <param name="x">Along x.</param>
    /// <param name="sum">The number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Add<F, U>(in Row row, WordList lattices, in LatticeTile tile, F z, F y, F x, F sum)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int word = 0; word < lattices.Count; word += LatticeWords.Count)
        {
            F strength = F.Of(F.Drawn<float>(in row, lattices.First + word + LatticeWords.Strength));
            F perVoxel = F.Of(F.Drawn<float>(in row, lattices.First + word + LatticeWords.PerVoxel));
            AxisNumbers offset = F.Drawn<AxisNumbers>(in row, lattices.First + word + LatticeWords.Offset);
            F noise = tile.At<F, U>(
                F.Fma(z, perVoxel, F.Of(offset.Z)), F.Fma(y, perVoxel, F.Of(offset.Y)), F.Fma(x, perVoxel, F.Of(offset.X)));
            sum = F.Fma(strength, noise, sum);
        }

        return sum;
    }
}
