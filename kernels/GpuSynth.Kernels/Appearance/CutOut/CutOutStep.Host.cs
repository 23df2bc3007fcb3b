using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Cut-outs on the host: a row that no piece reaches is passed over.</summary>
internal sealed unsafe class CutOutStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        Row words = block.Row;
        CutOut.Drawn drawn = Real16.Drawn<CutOut.Drawn>(in words, first);
        int* pieces = stackalloc int[drawn.Pieces.Count / CutPiece.WordCount];
        int reaching = CutPieces.Reaching(in words, drawn.Pieces, (row.Z, row.Y, row.X), count, -0.5, pieces);
        if (reaching == 0)
        {
            return;
        }

        if (lanes == 16)
        {
            Walk<Real16, Word16>(in words, pieces, reaching, drawn.Value, in row, values, count);
        }
        else
        {
            Walk<Real8, Word8>(in words, pieces, reaching, drawn.Value, in row, values, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk<F, U>(in Row words, int* pieces, int reaching, float air, in HostRow row, float* values, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F z = F.Of(row.Z);
        F y = F.Of(row.Y);
        for (int at = 0; at < count; at += F.Count)
        {
            F x = U.ToReal(F.CountFrom((uint)(row.X + at)));
            F cover = F.Of(0f);
            for (int piece = 0; piece < reaching; piece++)
            {
                cover = F.Max(cover, CutOut.Drawn.Cover<F, U>(in words, pieces[piece], z, y, x));
            }

            F.Store(CutOut.Drawn.Cut<F, U>(F.Load(values + at), cover, air), values + at);
        }
    }
}
