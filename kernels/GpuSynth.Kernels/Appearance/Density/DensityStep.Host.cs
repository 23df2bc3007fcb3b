using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Blobs on the host: a row looks at those that reach it alone, and where they do. Outside they are 0, so that this changes no bit.</summary>
internal sealed unsafe class DensityStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        Density.Drawn drawn = Real16.Drawn<Density.Drawn>(block.Row, first);
        for (int blob = 0; blob < drawn.Used; blob++)
        {
            DensityRow own = Density.Drawn.InRow((float*)block.Words + drawn.WordsOf(blob), row.Z, row.Y);

            // The score is highest at top, and above its end as far as this on either side; rounding takes less than a voxel and a hundredth of it.
            float top = own.Slope / (-2 * own.Square);
            float highest = own.Constant + (0.5f * own.Slope * top);
            float slack = 1e-5f * (MathF.Abs(own.Constant) + MathF.Abs(own.Slope * top));
            if (!(highest + slack > Density.EndScore))
            {
                continue;
            }

            float reach = (1.01f * MathF.Sqrt((highest + slack - Density.EndScore) / -own.Square)) + 1;
            int begin = (int)Math.Clamp(own.Middle + top - reach - row.X, 0, count) / lanes * lanes;
            int end = Math.Min(count, HostMath.RoundUp((int)Math.Clamp(own.Middle + top + reach - row.X + 1, 0, count), lanes));
            if (lanes == 16)
            {
                Walk<Real16, Word16>(in own, row.X, values, begin, end);
            }
            else
            {
                Walk<Real8, Word8>(in own, row.X, values, begin, end);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk<F, U>(in DensityRow blob, int x, float* values, int begin, int end)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F constant = F.Of(blob.Constant);
        F slope = F.Of(blob.Slope);
        F square = F.Of(blob.Square);
        F amplitude = F.Of(blob.Amplitude);
        for (int at = begin; at < end; at += F.Count)
        {
            F dx = U.ToReal(F.CountFrom((uint)(x + at))) - F.Of(blob.Middle);
            F.Store(Density.Drawn.With<F, U>(F.Load(values + at), dx, constant, slope, square, amplitude), values + at);
        }
    }
}
