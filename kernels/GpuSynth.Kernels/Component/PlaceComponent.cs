using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The mathematics of a component that knows where its voxel lies: the struct is what was drawn, as <see cref="IVoxelMath{TSelf}"/> has it.</summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface IPlaceMath<TSelf>
    where TSelf : unmanaged, IPlaceMath<TSelf>
{
    /// <summary>What a voxel becomes. Mark it AggressiveInlining.</summary>
    /// <param name="value">Its intensity before.</param>
    /// <param name="voxel">Linear index in the sample; a <see cref="VoxelPlace"/> says where that is.</param>
    /// <param name="row">The sample's row of words.</param>
    /// <param name="drawn">What was drawn for the sample.</param>
    static abstract F At<F, U>(F value, U voxel, in Row row, in TSelf drawn)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;
}

/// <summary>A pointwise component that knows where its voxel lies.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public abstract record PlaceComponent<TDrawn> : LinkedComponent<TDrawn, PlaceLink<TDrawn>>
    where TDrawn : unmanaged, IPlaceMath<TDrawn>
{
    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new FourStep<PlaceLink<TDrawn>>(LinkAt(in place));

    /// <inheritdoc/>
    protected sealed override PlaceLink<TDrawn> LinkAt(in StepPlace place) => new(place.Entry.First);
}

/// <summary>One component of a chain that knows where its voxel lies.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public readonly struct PlaceLink<TDrawn> : IChain<PlaceLink<TDrawn>>
    where TDrawn : unmanaged, IPlaceMath<TDrawn>
{
    private readonly int first;
    private readonly TDrawn drawn;

    /// <summary>A component whose numbers begin at a word of the row.</summary>
    /// <param name="first">That word.</param>
    public PlaceLink(int first)
    {
        this.first = first;
        drawn = default;
    }

    private PlaceLink(int first, TDrawn drawn)
    {
        this.first = first;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    public static PlaceLink<TDrawn> Load<F, U>(PlaceLink<TDrawn> chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => new(chain.first, F.Drawn<TDrawn>(in row, chain.first));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in PlaceLink<TDrawn> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U first = voxels.First;
        return new Four<F>(
            TDrawn.At(values.A, first, in voxels.Row, in loaded.drawn),
            TDrawn.At(values.B, first + U.Of(16), in voxels.Row, in loaded.drawn),
            TDrawn.At(values.C, first + U.Of(32), in voxels.Row, in loaded.drawn),
            TDrawn.At(values.D, first + U.Of(48), in voxels.Row, in loaded.drawn));
    }
}
