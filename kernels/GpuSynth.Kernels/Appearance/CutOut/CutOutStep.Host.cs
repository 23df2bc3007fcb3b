using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Cut-outs on the host: a row that no piece reaches is passed over.</summary>
internal sealed unsafe class CutOutStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    // Further than two ways to compute a depth differ by, in voxels.
    private const double Slack = 0.01;
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        Row words = block.Row;
        CutOut.Drawn drawn = Real16.Drawn<CutOut.Drawn>(in words, first);
        int reaching = 0;
        int* pieces = stackalloc int[drawn.Pieces.Count / CutOut.PieceWords];
        for (int word = 0; word < drawn.Pieces.Count; word += CutOut.PieceWords)
        {
            if (Reaches(in words, drawn.Pieces.First + word, in row, count))
            {
                pieces[reaching++] = drawn.Pieces.First + word;
            }
        }

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

    // Along a row a box is deepest in its middle, the others at an end.
    private static bool Reaches(in Row words, int word, in HostRow row, int count)
    {
        float* own = (float*)words.WordsAddress + word;
        bool isBox = own[0] < 0.5f;
        double from = isBox ? (own[3] + own[6]) / 2 : row.X;
        double to = isBox ? from : row.X + count - 1;
        return Math.Max(DepthAt(in words, word, in row, from), DepthAt(in words, word, in row, to)) > -0.5 - Slack;
    }

    private static double DepthAt(in Row words, int word, in HostRow row, double x) => CutOut.Drawn.Depth<RealExact, WordExact>(
        in words, word, new RealExact(row.Z), new RealExact(row.Y), new RealExact(x)).V;

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
