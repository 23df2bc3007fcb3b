using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Rician noise on the host, a kind of number at a time over a piece that stays in the nearest cache: in one loop, what it holds would not fit the
/// registers, and the compiler would no longer inline it.
/// </summary>
internal sealed unsafe class RicianNoiseStep(in StepPlace place, uint stream) : HostStep
{
    private const int Piece = 1024;

    // Normal numbers, squares, products, the field: whole vectors, and one behind the last.
    private const int ListLength = Piece + 16;
    private const int Lists = 4;

    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;

    /// <inheritdoc/>
    public override long ScratchLength => Lists * ListLength;

    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        for (int done = 0; done < block.Count; done += Piece)
        {
            int count = Math.Min(Piece, block.Count - done);
            if (lanes == 16)
            {
                Run<Real16, Word16>(in block, done, count);
            }
            else
            {
                Run<Real8, Word8>(in block, done, count);
            }
        }
    }

    private void Run<F, U>(in HostBlock block, int done, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        Row row = block.Row;
        RicianNoise.Drawn drawn = F.Drawn<RicianNoise.Drawn>(in row, first);
        RandomPlace numbers = row.Place<F, U>(stream);
        long voxel = block.First + done;
        int padded = HostMath.RoundUp(count, F.Count);
        float* real = block.Scratch;
        float* squares = real + ListLength;
        float* product = squares + ListLength;
        float* field = product + ListLength;
        Normal.HostFill(real, count, in numbers, voxel);
        Normal.HostFill(squares, count, numbers.Part(1), voxel);
        Multiply<F, U>(squares, squares, padded);
        int coils = drawn.CoilCount;
        for (int coil = 1; coil < coils; coil += RicianNoise.Merged)
        {
            Uniform.HostFill(product, count, numbers.Part((uint)coil + 1), voxel);
            for (int next = coil + 1; next < Math.Min(coils, coil + RicianNoise.Merged); next++)
            {
                Uniform.HostFill(field, count, numbers.Part((uint)next + 1), voxel);
                Multiply<F, U>(product, field, padded);
            }

            AddLogarithms<F, U>(squares, product, padded);
        }

        drawn.Field.HostFill<F, U>(in row, field, shape, voxel, count);
        float* values = block.Values + done;
        int whole = count - (count % F.Count);
        Combine<F, U>(drawn.Std, values, real, squares, field, whole);
        if (whole < count)
        {
            // The last voxels go through the same vector, so that where a volume is cut changes no bit.
            float* rest = stackalloc float[F.Count];
            new Span<float>(rest, F.Count).Clear();
            new ReadOnlySpan<float>(values + whole, count - whole).CopyTo(new Span<float>(rest, F.Count));
            Combine<F, U>(drawn.Std, rest, real + whole, squares + whole, field + whole, F.Count);
            new ReadOnlySpan<float>(rest, count - whole).CopyTo(new Span<float>(values + whole, count - whole));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<F, U>(float* product, float* factor, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int at = 0; at < count; at += F.Count)
        {
            F.Store(F.Load(product + at) * F.Load(factor + at), product + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddLogarithms<F, U>(float* squares, float* product, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int at = 0; at < count; at += F.Count)
        {
            F.Store(F.Fma(F.Of(-2f), F.Log(F.Load(product + at)), F.Load(squares + at)), squares + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine<F, U>(float std, float* values, float* real, float* squares, float* field, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int at = 0; at < count; at += F.Count)
        {
            F own = F.Of(std) * F.Load(field + at);
            F.Store(RicianNoise.Drawn.Magnitude<F, U>(F.Load(values + at), F.Load(real + at), F.Load(squares + at), own), values + at);
        }
    }
}
