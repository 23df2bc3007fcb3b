using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Streaks on the host: of a volume they are worked out once, for they are the same in every plane; planes that no metal reaches are passed over.
/// </summary>
internal sealed unsafe class MetalStreaksStep(in StepPlace place) : RowStep(place.Facts.Shape)
{
    // The last vector of a row reaches over its end.
    private const int Room = 16;

    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;

    // The streaks of a plane. An image has one, whose rows threads share out.
    /// <inheritdoc/>
    public override long MemoryLength => shape.Depth > 1 ? ((long)shape.Height * shape.Width) + Room : 0;

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch)
    {
        if (shape.Depth == 1)
        {
            return;
        }

        Row words = sample.Row;
        MetalStreaks.Drawn drawn = Real16.Drawn<MetalStreaks.Drawn>(in words, first);
        for (int y = 0; y < shape.Height; y++)
        {
            if (Lanes == 16)
            {
                Keep<Real16, Word16>(in drawn, in words, y, memory);
            }
            else
            {
                Keep<Real8, Word8>(in drawn, in words, y, memory);
            }
        }
    }

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

        float* kept = shape.Depth > 1 ? block.Memory + ((long)row.Y * shape.Width) + row.X : null;
        if (lanes == 16)
        {
            Walk<Real16, Word16>(in drawn, in words, in row, share, kept, values, count);
        }
        else
        {
            Walk<Real8, Word8>(in drawn, in words, in row, share, kept, values, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk<F, U>(
        in MetalStreaks.Drawn drawn, in Row words, in HostRow row, float share, float* kept, float* values, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float y = row.Y - drawn.CentreY;
        for (int at = 0; at < count; at += F.Count)
        {
            F x = U.ToReal(F.CountFrom((uint)(row.X + at))) - F.Of(drawn.CentreX);
            F sum = kept == null ? Sum<F, U>(in drawn, in words, y, x) : F.Load(kept + at);
            F.Store(drawn.With<F, U>(F.Load(values + at), sum, F.Of(y), x, F.Of(share), in words), values + at);
        }
    }

    // A row is written over its end, where the next one begins.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Keep<F, U>(in MetalStreaks.Drawn drawn, in Row words, int row, float* plane)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float* to = plane + ((long)row * shape.Width);
        for (int at = 0; at < shape.Width; at += F.Count)
        {
            F x = U.ToReal(F.CountFrom((uint)at)) - F.Of(drawn.CentreX);
            F.Store(Sum<F, U>(in drawn, in words, row - drawn.CentreY, x), to + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Sum<F, U>(in MetalStreaks.Drawn drawn, in Row words, float y, F x)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float* table = (float*)words.WordsAddress + drawn.Table.First;
        F sum = F.Of(0f);
        for (int view = 0; view < drawn.Views; view++)
        {
            float* own = table + (view * drawn.ViewWords);
            sum += drawn.OfView<F, U>(view, F.Fma(x, F.Of(own[0]), F.Of(y * own[1])), in words);
        }

        return sum;
    }
}
