using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The line on the host: numbers are drawn for the vectors that it touches alone.</summary>
internal sealed unsafe class ZipperStep(in StepPlace place, uint stream) : RowStep(place.Facts.Shape)
{
    private readonly int first = place.Entry.First;
    private readonly int slot = Math.Max(0, place.Slot);

    /// <inheritdoc/>
    protected override void Run(int lanes, in HostBlock block, in HostRow row, float* values, int count)
    {
        Row words = block.Row;
        Zipper.Drawn drawn = Real16.Drawn<Zipper.Drawn>(in words, first);
        bool isAlongX = drawn.Axis >= 1.5f;
        int own = drawn.Axis < 0.5f ? row.Z : row.Y;
        if (!isAlongX && (own < drawn.First || own >= drawn.End))
        {
            return;
        }

        drawn = Zipper.Drawn.WithRange(in drawn, block.Measured[slot], block.Measured[slot + 1]);
        RandomPlace numbers = words.Place<Real16, Word16>(stream);
        for (int at = 0; at < count; at += lanes)
        {
            if (isAlongX && (row.X + at >= drawn.End || row.X + at + lanes <= drawn.First))
            {
                continue;
            }

            uint voxel = (uint)(row.Voxel + at);
            if (lanes == 16)
            {
                Vector<Real16, Word16>(in drawn, in numbers, voxel, isAlongX ? row.X + at : -1, own, values + at);
            }
            else
            {
                Vector<Real8, Word8>(in drawn, in numbers, voxel, isAlongX ? row.X + at : -1, own, values + at);
            }
        }
    }

    // The numbers of consecutive voxels: each is one of the four of its block.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector<F, U>(in Zipper.Drawn drawn, in RandomPlace place, uint voxel, int column, int own, float* values)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        U element = F.CountFrom(voxel);
        U block = (U.ShiftRight(element, 6) * U.Of(Uniform.GroupBlocks)) + (element & U.Of(15));
        F word = U.ToReal(U.ShiftRight(element, 4) & U.Of(3));
        F real = Own<F, U>(Normal.Block<F, U>(in place, block), word);
        F imaginary = Own<F, U>(Normal.Block<F, U>(place.Part(1), block), word);
        F at = column < 0 ? F.Of(own) : U.ToReal(F.CountFrom((uint)column));
        F.Store(drawn.Line<F, U>(F.Load(values), real, imaginary, at), values);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Own<F, U>(Four<F> four, F word)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U> => F.WhereLess(
            word,
            F.Of(1.5f),
            F.WhereLess(word, F.Of(0.5f), four.A, four.B),
            F.WhereLess(word, F.Of(2.5f), four.C, four.D));
}
