using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The field on the host: along a row it is a cubic, worked out once, so that it costs a voxel three multiply-adds and an exponential.</summary>
internal sealed unsafe class BiasLegendreStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    private readonly int first = place.Entry.First;
    private readonly int rowLength = place.Entry.Lists + place.Entry.Component.ListWords(place.Facts);

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        BiasLegendre.Drawn drawn = Real16.Drawn<BiasLegendre.Drawn>(block.Row, first);
        float* line = stackalloc float[BiasLegendre.Degree + 1];
        drawn.Along(new ReadOnlySpan<float>(block.Words, rowLength), row.Z, row.Y, new Span<float>(line, BiasLegendre.Degree + 1));
        if (lanes == 16)
        {
            Walk<Real16, Word16>(in drawn, line, (uint)row.X, values, count);
        }
        else
        {
            Walk<Real8, Word8>(in drawn, line, (uint)row.X, values, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk<F, U>(in BiasLegendre.Drawn drawn, float* line, uint column, float* values, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F cubic = F.Of(line[3]);
        F square = F.Of(line[2]);
        F slope = F.Of(line[1]);
        F level = F.Of(line[0]);
        for (int at = 0; at < count; at += F.Count)
        {
            F x = drawn.Width.At<F, U>(U.ToReal(F.CountFrom(column + (uint)at)));
            F field = F.Fma(F.Fma(F.Fma(cubic, x, square), x, slope), x, level);
            F.Store(F.Load(values + at) * F.Exp(field), values + at);
        }
    }
}
