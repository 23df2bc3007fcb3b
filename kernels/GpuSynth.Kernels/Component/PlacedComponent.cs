using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>The mathematics of a component that knows where its voxel lies, written once for all lanes, as <see cref="IVoxelMath{TSelf}"/>.</summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface IPlacedMath<TSelf>
    where TSelf : unmanaged, IPlacedMath<TSelf>
{
    /// <summary>What a voxel becomes. Mark it AggressiveInlining.</summary>
    /// <param name="value">Its intensity before.</param>
    /// <param name="voxel">Its linear index in the sample (<see cref="VoxelPlace"/>).</param>
    /// <param name="row">The sample's row of words.</param>
    /// <param name="drawn">What was drawn for the sample.</param>
    static abstract F At<F, U>(F value, U voxel, in Row row, in TSelf drawn)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;

    /// <summary>The struct with what was measured; as it is where the component needs no measure.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="minimum">Smallest intensity of the sample before the component, or 0 where the largest magnitude was asked for.</param>
    /// <param name="maximum">Largest intensity, or the largest magnitude.</param>
    static abstract TSelf WithRange(in TSelf drawn, float minimum, float maximum);
}

/// <summary>One component of a chain that knows where its voxels lie.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public readonly struct PlacedLink<TDrawn> : IChain<PlacedLink<TDrawn>>
    where TDrawn : unmanaged, IPlacedMath<TDrawn>
{
    private readonly int first;
    private readonly int slot;
    private readonly TDrawn drawn;

    /// <summary>A component whose numbers begin at a word of the row.</summary>
    /// <param name="first">That word.</param>
    /// <param name="slot">Which measured number is the minimum; the maximum is the next.</param>
    public PlacedLink(int first, int slot)
    {
        this.first = first;
        this.slot = slot;
        drawn = default;
    }

    private PlacedLink(PlacedLink<TDrawn> place, TDrawn drawn)
    {
        first = place.first;
        slot = place.slot;
        this.drawn = drawn;
    }

    /// <inheritdoc/>
    public static PlacedLink<TDrawn> Load<F, U>(PlacedLink<TDrawn> chain, in Row row)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => new(
            chain,
            TDrawn.WithRange(
                F.Drawn<TDrawn>(in row, chain.first), F.Measured(in row, chain.slot), F.Measured(in row, chain.slot + 1)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in PlacedLink<TDrawn> loaded)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U first = voxels.First;
        return new Four<F>(
            TDrawn.At<F, U>(values.A, first, in voxels.Row, in loaded.drawn),
            TDrawn.At<F, U>(values.B, first + U.Of(16), in voxels.Row, in loaded.drawn),
            TDrawn.At<F, U>(values.C, first + U.Of(32), in voxels.Row, in loaded.drawn),
            TDrawn.At<F, U>(values.D, first + U.Of(48), in voxels.Row, in loaded.drawn));
    }
}

/// <summary>
/// A pointwise component that knows where its voxels lie. On the host one whose rows have much in common walks along them (<see cref="RowStep"/>).
/// </summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public abstract record PlacedComponent<TDrawn> : LinkedComponent<TDrawn, PlacedLink<TDrawn>>
    where TDrawn : unmanaged, IPlacedMath<TDrawn>
{
    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new FourStep<PlacedLink<TDrawn>>(LinkAt(in place));

    /// <inheritdoc/>
    protected sealed override PlacedLink<TDrawn> LinkAt(in StepPlace place) => new(place.Entry.First, Math.Max(0, place.Slot));
}
