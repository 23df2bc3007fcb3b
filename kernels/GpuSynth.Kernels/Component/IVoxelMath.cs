namespace GpuSynth.Kernels;

/// <summary>
/// The mathematics of a pointwise component, written once for all lanes: what becomes of one voxel under the numbers that were drawn.
/// The struct is the drawn numbers themselves, 32 bits each (<see cref="float"/>, <see cref="int"/>, <see cref="uint"/> or
/// <see cref="WordList"/>): a device reads it from the sample's row of words as it is.
/// </summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface IVoxelMath<TSelf>
    where TSelf : unmanaged, IVoxelMath<TSelf>
{
    /// <summary>What a voxel becomes. Mark it AggressiveInlining: the compiler would else call it for every vector of voxels.</summary>
    /// <param name="value">Its intensity before; not read by a component that makes intensities of labels.</param>
    /// <param name="voxel">What else is known of it.</param>
    /// <param name="drawn">What was drawn for the sample.</param>
    static abstract F At<F, U>(F value, in Voxel<F, U> voxel, in TSelf drawn)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;
}

/// <summary>A component that needs the range of intensities before it, over the whole sample.</summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface IRangeMath<TSelf> : IVoxelMath<TSelf>
    where TSelf : unmanaged, IRangeMath<TSelf>
{
    /// <summary>The struct with what was measured.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="minimum">Smallest intensity of the sample before the component.</param>
    /// <param name="maximum">Largest intensity.</param>
    static abstract TSelf WithRange(in TSelf drawn, float minimum, float maximum);
}

/// <summary>A component that draws random numbers for every voxel: it works on four voxels at a time, which share a block of Philox.</summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface IRandomMath<TSelf>
    where TSelf : unmanaged, IRandomMath<TSelf>
{
    /// <summary>What four voxels become. Mark it AggressiveInlining.</summary>
    /// <param name="values">Their intensities before.</param>
    /// <param name="voxels">What else is known of them.</param>
    /// <param name="place">
    /// Where the component's numbers are drawn: <see cref="Normal.Block"/> of <see cref="Voxels{F, U}.Block"/> is a normal number for each.
    /// </param>
    /// <param name="drawn">What was drawn for the sample.</param>
    static abstract Four<F> At<F, U>(Four<F> values, in Voxels<F, U> voxels, in RandomPlace place, in TSelf drawn)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>;

    /// <summary>The struct with what was measured; as it is where the component needs no measure.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="minimum">Smallest intensity of the sample before the component, or 0 where the largest magnitude was asked for.</param>
    /// <param name="maximum">Largest intensity, or the largest magnitude.</param>
    static abstract TSelf WithRange(in TSelf drawn, float minimum, float maximum);
}

/// <summary>Where a list of numbers stands in the row of words that it belongs to.</summary>
/// <param name="first">Its first word.</param>
/// <param name="count">How many there are.</param>
public readonly struct WordList(int first, int count)
{
    /// <summary>Its first word in the sample's row.</summary>
    public readonly int First = first;

    /// <summary>How many there are.</summary>
    public readonly int Count = count;
}
