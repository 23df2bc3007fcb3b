using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>What a pointwise component may know of a voxel besides its intensity.</summary>
/// <typeparam name="F">Lane of real numbers.</typeparam>
/// <typeparam name="U">Lane of whole numbers.</typeparam>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
public readonly struct Voxel<F, U>(U label, in Row row)
    where F : struct, IReal<F, U>
    where U : struct, IWord<F, U>
{
    /// <summary>Its label.</summary>
    public readonly U Label = label;

    private readonly Row row = row;

    /// <summary>The number of a list at an index, 0 to its count - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F Look(WordList list, U index) => F.Look(in row, list, index);
}

/// <summary>Four voxels at once, as <see cref="Four{T}"/> says.</summary>
/// <typeparam name="F">Lane of real numbers.</typeparam>
/// <typeparam name="U">Lane of whole numbers.</typeparam>
/// <param name="block">The block of Philox whose four elements they are.</param>
/// <param name="labels">Their labels.</param>
/// <param name="row">The sample's row of words.</param>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
public readonly struct Voxels<F, U>(U block, Four<U> labels, in Row row)
    where F : struct, IReal<F, U>
    where U : struct, IWord<F, U>
{
    /// <summary>The block of Philox whose four elements they are: an element is a voxel's linear index in the sample.</summary>
    public readonly U Block = block;

    /// <summary>Their labels.</summary>
    public readonly Four<U> Labels = labels;

    /// <summary>The sample's row of words.</summary>
    public readonly Row Row = row;

    /// <summary>Linear index of the first of them in the sample; the others lie 16, 32 and 48 behind it.</summary>
    public U First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((Block & U.Of(~15u)) * U.Of(4)) + (Block & U.Of(15u));
    }
}
