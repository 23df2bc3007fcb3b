using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>A sum by the softmax of scores, one score after another: no exponential of it is above 1, whatever the scores.</summary>
/// <typeparam name="F">Lane of real numbers.</typeparam>
internal struct SoftSum<F>
    where F : struct
{
    /// <summary>The largest score so far.</summary>
    public F Best;

    /// <summary>Sum of e^((g - best) / t), at least 1.</summary>
    public F Weight;

    /// <summary>The same, each times how far its mean is from that of the voxel's label.</summary>
    public F Away;
}

/// <summary>What voxels need of an organ.</summary>
/// <typeparam name="F">Lane of real numbers.</typeparam>
internal struct SoftOrgan<F>
    where F : struct
{
    public F Z;
    public F Y;
    public F X;
    public F ZZ;
    public F YY;
    public F XX;
    public F ZY;
    public F ZX;
    public F YX;
    public F LogWeight;
    public F OffsetZ;
    public F OffsetY;
    public F OffsetX;
    public F Mean;
}

/// <summary>The mathematics of soft borders, for all lanes.</summary>
internal static class SoftMath
{
    /// <summary>What voxels need of an organ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SoftOrgan<F> Organ<F, U>(in Row row, in SoftContrast.Drawn drawn, int organ)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U first = U.Of((uint)(organ * GaussianWords.Count));
        SoftOrgan<F> found = default;
        found.Z = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Centre));
        found.Y = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Centre + 1));
        found.X = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Centre + 2));
        found.ZZ = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Shape));
        found.YY = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Shape + 1));
        found.XX = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Shape + 2));
        found.ZY = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Shape + 3));
        found.ZX = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Shape + 4));
        found.YX = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Shape + 5));
        found.LogWeight = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.LogWeight));
        found.OffsetZ = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Offset));
        found.OffsetY = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Offset + 1));
        found.OffsetX = F.Look(in row, drawn.Blobs, first + U.Of(GaussianWords.Offset + 2));
        found.Mean = F.Look(in row, drawn.OrganMeans, U.Of((uint)organ));
        return found;
    }

    /// <summary>An organ's score but for the noise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Score<F, U>(in SoftOrgan<F> organ, F z, F y, F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F dz = z - organ.Z;
        F dy = y - organ.Y;
        F dx = x - organ.X;
        F constant = F.Fma(dz, F.Fma(organ.ZZ, dz, organ.ZY * dy), F.Fma(organ.YY * dy, dy, organ.LogWeight));
        return F.Fma(dx, F.Fma(organ.XX, dx, F.Fma(organ.ZX, dz, organ.YX * dy)), constant);
    }

    /// <summary>The background alone.</summary>
    /// <param name="stay">Its score.</param>
    /// <param name="background">Its mean intensity.</param>
    /// <param name="mean">That of the voxel's label.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SoftSum<F> Begin<F, U>(float stay, float background, F mean)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        SoftSum<F> sum = default;
        sum.Best = F.Of(stay);
        sum.Weight = F.Of(1f);
        sum.Away = F.Of(background) - mean;
        return sum;
    }

    /// <summary>One organ more.</summary>
    /// <param name="sum">The sum before.</param>
    /// <param name="score">The organ's score.</param>
    /// <param name="away">How far its mean is from that of the voxel's label.</param>
    /// <param name="perTemperature">1 / t.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SoftSum<F> With<F, U>(in SoftSum<F> sum, F score, F away, float perTemperature)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        // Of the larger score and the smaller one the exponentials are 1 and this.
        F one = F.Of(1f);
        F less = F.Exp(F.Abs(score - sum.Best) * F.Of(-perTemperature));
        F before = F.WhereLess(sum.Best, score, less, one);
        F own = F.WhereLess(sum.Best, score, one, less);
        SoftSum<F> next = default;
        next.Best = F.Max(score, sum.Best);
        next.Weight = F.Fma(sum.Weight, before, own);
        next.Away = F.Fma(sum.Away, before, own * away);
        return next;
    }

    /// <summary>The intensity.</summary>
    /// <param name="sum">The sum over background and organs.</param>
    /// <param name="mean">Mean intensity of the voxel's label.</param>
    /// <param name="softness">1, or 0 of a label that has hard borders.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Value<F, U>(in SoftSum<F> sum, F mean, F softness)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => F.Fma(softness, sum.Away / sum.Weight, mean);
}
