using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The line on the host: the voxels that it touches, wherever they lie in a block, are put side by side, and numbers are drawn for them
/// alone.</summary>
internal sealed unsafe class ZipperStep(in StepPlace place, uint stream) : HostStep
{
    private const int MostLanes = 16;

    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;
    private readonly int slot = Math.Max(0, place.Slot);

    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        Row words = block.Row;
        Zipper.Drawn drawn = Zipper.Drawn.WithRange(Real16.Drawn<Zipper.Drawn>(in words, first), block.Measured[slot], block.Measured[slot + 1]);
        RandomPlace numbers = words.Place<Real16, Word16>(stream);
        int* touched = stackalloc int[MostLanes];
        int waiting = 0;
        int count;
        for (int done = 0; done < block.Count; done += count)
        {
            HostRow row = HostRow.At(shape, in block, done, out count);
            (int begin, int end) = Touched(in drawn, in row, count);
            for (int at = begin; at < end; at++)
            {
                touched[waiting++] = done + at;
                if (waiting == lanes)
                {
                    Change(lanes, in drawn, in numbers, in block, touched, lanes);
                    waiting = 0;
                }
            }
        }

        if (waiting > 0)
        {
            // What does not fill a vector goes through one all the same: a voxel has the same bits wherever it lies in it.
            new Span<int>(touched + waiting, MostLanes - waiting).Fill(touched[0]);
            Change(lanes, in drawn, in numbers, in block, touched, waiting);
        }
    }

    // Which voxels of a part of a row the line touches.
    private static (int Begin, int End) Touched(in Zipper.Drawn drawn, in HostRow row, int count)
    {
        if (drawn.Axis >= 1.5f)
        {
            return (Math.Clamp((int)drawn.First - row.X, 0, count), Math.Clamp((int)drawn.End - row.X, 0, count));
        }

        int own = drawn.Axis < 0.5f ? row.Z : row.Y;
        return own >= drawn.First && own < drawn.End ? (0, count) : (0, 0);
    }

    private static void Change(int lanes, in Zipper.Drawn drawn, in RandomPlace numbers, in HostBlock block, int* touched, int count)
    {
        float* values = stackalloc float[MostLanes];
        uint* voxels = stackalloc uint[MostLanes];
        for (int lane = 0; lane < lanes; lane++)
        {
            values[lane] = block.Values[touched[lane]];
            voxels[lane] = (uint)(block.First + touched[lane]);
        }

        if (lanes == MostLanes)
        {
            Vector<Real16, Word16>(in drawn, in numbers, voxels, values);
        }
        else
        {
            Vector<Real8, Word8>(in drawn, in numbers, voxels, values);
        }

        for (int lane = 0; lane < count; lane++)
        {
            block.Values[touched[lane]] = values[lane];
        }
    }

    // The numbers of voxels that lie anywhere: each is one of the four of its block.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector<F, U>(in Zipper.Drawn drawn, in RandomPlace place, uint* voxels, float* values)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        U element = F.Bits(F.Load((float*)voxels));
        U block = (U.ShiftRight(element, 6) * U.Of(Uniform.GroupBlocks)) + (element & U.Of(15));
        F word = U.ToReal(U.ShiftRight(element, 4) & U.Of(3));
        F real = Own<F, U>(Normal.Block<F, U>(in place, block), word);
        F imaginary = Own<F, U>(Normal.Block<F, U>(place.Part(1), block), word);
        F.Store(drawn.Noisy<F, U>(F.Load(values), real, imaginary), values);
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
