using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>What is drawn from a block of Philox: a number for each of its four elements.</summary>
internal interface IGroupDraw
{
    /// <summary>The four numbers of a block, for each voxel of a lane. Mark it AggressiveInlining where it is more than a call.</summary>
    static abstract Four<F> Of<F, U>(in RandomPlace place, U block)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;
}

/// <summary>Draws of many elements on the host, a group of 64 (<see cref="Uniform"/>) at a time, at the machine's width.</summary>
internal static unsafe class HostGroups
{
    /// <summary>Writes to[i] = scale * the number of element start + i, i below count.</summary>
    public static void Fill<TDraw>(float* to, long count, in RandomPlace place, long start, float scale)
        where TDraw : struct, IGroupDraw
    {
        if (HostStep.Lanes == 16)
        {
            Fill<TDraw, Real16, Word16>(to, count, in place, start, scale);
        }
        else
        {
            Fill<TDraw, Real8, Word8>(to, count, in place, start, scale);
        }
    }

    private static void Fill<TDraw, F, U>(float* to, long count, in RandomPlace place, long start, float scale)
        where TDraw : struct, IGroupDraw
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float* group = stackalloc float[Uniform.GroupElements];
        for (long element = start; element < start + count;)
        {
            long offset = element % Uniform.GroupElements;
            long taken = Math.Min(Uniform.GroupElements - offset, start + count - element);
            float* target = taken == Uniform.GroupElements ? to + (element - start) : group;
            uint first = (uint)(element / Uniform.GroupElements * Uniform.GroupBlocks);
            for (int block = 0; block < Uniform.GroupBlocks; block += F.Count)
            {
                Four<F> numbers = TDraw.Of<F, U>(in place, F.CountFrom(first + (uint)block));
                F.Store(numbers.A * F.Of(scale), target + block);
                F.Store(numbers.B * F.Of(scale), target + block + 16);
                F.Store(numbers.C * F.Of(scale), target + block + 32);
                F.Store(numbers.D * F.Of(scale), target + block + 48);
            }

            if (target == group)
            {
                Buffer.MemoryCopy(group + offset, to + (element - start), taken * sizeof(float), taken * sizeof(float));
            }

            element += taken;
        }
    }
}
