using ILGPU;

namespace GpuSynth.Kernels;

// GroupExtremes: the extremes of what the threads of a group have seen, by a tree in shared memory, then one atomic per group.
// Floats are compared as whole numbers (MeasuredWords.Ordered), so that neither the order of the groups nor a NaN can hide
// anything: a maximum that met a NaN is a NaN.
// Not GroupExtensions.Reduce of ILGPU.Algorithms: of two extremes it makes 109 instructions of PTX where this makes 71 (6 barriers
// executed for 9), and in OpenCL C work_group_reduce_min and _max, which a device of OpenCL 3.0 may lack.

/// <summary>Extremes over a group of at most 256 threads; every thread must come along.</summary>
internal static class GroupExtremes
{
    /// <summary>Words of shared memory for one extreme: a group's threads.</summary>
    public const int Length = 256;

    /// <summary>Ordered word of a float, as a signed number: two instructions where the unsigned one takes four.</summary>
    public static int Key(float value)
    {
        int bits = (int)Interop.FloatAsInt(value);
        return bits ^ ((bits >> 31) & 0x7FFFFFFF);
    }

    /// <summary>The float that a key stands for.</summary>
    public static float Value(int key) => Interop.IntAsFloat((uint)(key ^ ((key >> 31) & 0x7FFFFFFF)));

    /// <summary>The word of <see cref="MeasuredWords.Ordered"/> that a key stands for.</summary>
    public static uint Ordered(int key) => (uint)key ^ 0x80000000u;

    /// <summary>Merges the largest key of every thread of the group into a word.</summary>
    /// <param name="shared"><see cref="Length"/> words of shared memory; nobody may still be reading them.</param>
    /// <param name="key">This thread's largest key.</param>
    /// <param name="measured">Words of the batch.</param>
    /// <param name="word">The word to merge into.</param>
    public static void MergeMaximum(ArrayView<int> shared, int key, ArrayView<uint> measured, int word)
    {
        int thread = Group.IdxX;
        shared[thread] = key;
        Group.Barrier();
        for (int distance = Length / 2; distance > 0; distance >>= 1)
        {
            if (thread < distance && thread + distance < Group.DimX)
            {
                shared[thread] = KernelMath.Max(shared[thread], shared[thread + distance]);
            }

            Group.Barrier();
        }

        if (thread == 0)
        {
            Atomic.Max(ref measured[word], Ordered(shared[0]));
        }
    }

    /// <summary>The smallest key of every thread of the group, in every thread.</summary>
    /// <param name="shared"><see cref="Length"/> words of shared memory; nobody may still be reading them.</param>
    /// <param name="key">This thread's smallest key.</param>
    public static int Minimum(ArrayView<int> shared, int key)
    {
        int thread = Group.IdxX;
        shared[thread] = key;
        Group.Barrier();
        for (int distance = Length / 2; distance > 0; distance >>= 1)
        {
            if (thread < distance && thread + distance < Group.DimX)
            {
                shared[thread] = KernelMath.Min(shared[thread], shared[thread + distance]);
            }

            Group.Barrier();
        }

        // Every thread has read it before anyone writes there again.
        int smallest = shared[0];
        Group.Barrier();
        return smallest;
    }

    /// <summary>The largest key of every thread of the group, in every thread.</summary>
    /// <param name="shared"><see cref="Length"/> words of shared memory; nobody may still be reading them.</param>
    /// <param name="key">This thread's largest key.</param>
    public static int Maximum(ArrayView<int> shared, int key) => ~Minimum(shared, ~key);

    /// <summary>Merges the smallest and the largest key of every thread of the group into two words.</summary>
    /// <param name="shared">Twice <see cref="Length"/> words of shared memory; nobody may still be reading them.</param>
    /// <param name="least">This thread's smallest key.</param>
    /// <param name="most">This thread's largest key.</param>
    /// <param name="measured">Words of the batch.</param>
    /// <param name="leastWord">The word to merge the smallest into.</param>
    /// <param name="mostWord">The word to merge the largest into.</param>
    public static void MergeRange(
        ArrayView<int> shared, int least, int most, ArrayView<uint> measured, int leastWord, int mostWord)
    {
        int thread = Group.IdxX;
        shared[thread] = least;
        shared[Length + thread] = most;
        Group.Barrier();
        for (int distance = Length / 2; distance > 0; distance >>= 1)
        {
            if (thread < distance && thread + distance < Group.DimX)
            {
                shared[thread] = KernelMath.Min(shared[thread], shared[thread + distance]);
                shared[Length + thread] = KernelMath.Max(shared[Length + thread], shared[Length + thread + distance]);
            }

            Group.Barrier();
        }

        if (thread == 0)
        {
            Atomic.Min(ref measured[leastWord], Ordered(shared[0]));
            Atomic.Max(ref measured[mostWord], Ordered(shared[Length]));
        }
    }
}
