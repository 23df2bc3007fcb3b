using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// A component of a chain that samples may leave out (<see cref="Component.Chance"/>): the word before its numbers says whether one has it. The
/// same for all voxels of a sample, so that the threads of a device branch together.
/// </summary>
/// <typeparam name="TLink">The component.</typeparam>
public readonly struct Maybe<TLink> : IChain<Maybe<TLink>>
    where TLink : struct, IChain<TLink>
{
    // Before it is loaded where the word stands, then the word.
    private readonly int word;
    private readonly TLink link;

    /// <summary>A component that samples may leave out.</summary>
    /// <param name="word">The word of the row that is 0 where a sample leaves it out.</param>
    /// <param name="link">The component.</param>
    public Maybe(int word, TLink link)
    {
        this.word = word;
        this.link = link;
    }

    /// <inheritdoc/>
    public static Maybe<TLink> Load<F, U>(Maybe<TLink> chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => new(F.Drawn<int>(in row, chain.word), TLink.Load<F, U>(chain.link, in row));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in Maybe<TLink> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => loaded.word == 0 ? values : TLink.At(values, in voxels, in loaded.link);
}
