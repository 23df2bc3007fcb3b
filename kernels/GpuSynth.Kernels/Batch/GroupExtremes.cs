using ILGPU;

namespace GpuSynth.Kernels;

// GroupExtremes: the extremes of what the threads of a group have seen, in shared memory, then one atomic per group. In two steps: a few threads
// take the extreme of every sixteenth word each, then one thread that of theirs. Two barriers, where halving the words has nine, and every warp
// but the first is done behind the first of them. Floats are compared as whole numbers (MeasuredWords.Ordered), so that neither the order of
// the groups nor a NaN can hide anything: a maximum that met a NaN is a NaN. The largest is the complement of the smallest complement.
// Not GroupExtensions.Reduce of ILGPU.Algorithms: in OpenCL C it is work_group_reduce_min and _max, which a device of OpenCL 3.0 may lack.

/// <summary>Extremes over a group of at most 256 threads; every thread must come along.</summary>
internal static class GroupExtremes
{
    /// <summary>Words of shared memory for one extreme: a group's threads.</summary>
    public const int Length = 256;

    // Threads of the first step for one extreme, and the words of the second.
    private const int Parts = 16;

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
        shared[Group.IdxX] = ~key;
        Group.Barrier();
        Gather(shared, Parts);
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            Atomic.Max(ref measured[word], Ordered(~Smallest(shared, 0, 1, Parts)));
        }
    }

    /// <summary>The smallest key of every thread of the group, in every thread.</summary>
    /// <param name="shared"><see cref="Length"/> words of shared memory; nobody may still be reading them.</param>
    /// <param name="key">This thread's smallest key.</param>
    public static int Minimum(ArrayView<int> shared, int key)
    {
        shared[Group.IdxX] = key;
        Group.Barrier();
        Gather(shared, Parts);
        Group.Barrier();

        // Every thread has read it before anyone writes there again.
        int smallest = Smallest(shared, 0, 1, Parts);
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
        shared[Group.IdxX] = least;
        shared[Length + Group.IdxX] = ~most;
        Group.Barrier();
        Gather(shared, 2 * Parts);
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            Atomic.Min(ref measured[leastWord], Ordered(Smallest(shared, 0, 1, Parts)));
            Atomic.Max(ref measured[mostWord], Ordered(~Smallest(shared, Length, 1, Parts)));
        }
    }

    // The first step: of one extreme by the first threads, of a second by those after them. Nobody else reads or writes the words of a part.
    private static void Gather(ArrayView<int> shared, int parts)
    {
        for (int part = Group.IdxX; part < parts; part += Group.DimX)
        {
            int first = part < Parts ? part : Length + part - Parts;
            if (part % Parts < Group.DimX)
            {
                shared[first] = Smallest(shared, first, Parts, Length / Parts);
            }
        }
    }

    // Of some words, as far as there are threads that wrote them. Loads do not wait for each other.
    private static int Smallest(ArrayView<int> shared, int first, int step, int count)
    {
        int threads = Group.DimX;
        int smallest = shared[first];
        for (int word = 1; word < count; word++)
        {
            int at = first + (word * step);
            if ((at & (Length - 1)) < threads)
            {
                smallest = KernelMath.Min(smallest, shared[at]);
            }
        }

        return smallest;
    }
}
