using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Streaks on the host: planes that no metal reaches are passed over.</summary>
internal sealed unsafe class MetalStreaksStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        Row words = block.Row;
        MetalStreaks.Drawn drawn = Real16.Drawn<MetalStreaks.Drawn>(in words, first);
        float share = ((float*)block.Words)[drawn.PlaneShares.First + row.Z];
        if (share == 0)
        {
            return;
        }

        if (lanes == 16)
        {
            Walk<Real16, Word16>(in drawn, in words, in row, share, values, count);
        }
        else
        {
            Walk<Real8, Word8>(in drawn, in words, in row, share, values, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk<F, U>(in MetalStreaks.Drawn drawn, in Row words, in HostRow row, float share, float* values, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float y = row.Y - drawn.CentreY;
        float* table = (float*)words.WordsAddress + drawn.Table.First;
        for (int at = 0; at < count; at += F.Count)
        {
            F x = U.ToReal(F.CountFrom((uint)(row.X + at))) - F.Of(drawn.CentreX);
            F sum = F.Of(0f);
            for (int view = 0; view < drawn.Views; view++)
            {
                float* own = table + (view * drawn.ViewWords);
                sum += drawn.OfView<F, U>(view, F.Fma(x, F.Of(own[0]), F.Of(y * own[1])), in words);
            }

            F.Store(drawn.With<F, U>(F.Load(values + at), sum, F.Of(y), x, F.Of(share), in words), values + at);
        }
    }
}
