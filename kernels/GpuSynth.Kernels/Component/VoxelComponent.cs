namespace GpuSynth.Kernels;

/// <summary>What a component must know of the intensities before it, over the whole sample.</summary>
public enum MeasureNeed
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The largest magnitude.</summary>
    Peak,

    /// <summary>The smallest and the largest.</summary>
    Range,
}

/// <summary>Where a component of a recipe stands among the others.</summary>
/// <param name="Entry">Its place in the row.</param>
/// <param name="Slot">
/// The first of two measured numbers: the smallest and the largest intensity before it, or 0 and the largest magnitude.
/// </param>
/// <param name="Facts">What is known of every sample.</param>
public readonly record struct StepPlace(RowEntry Entry, int Slot, SampleFacts Facts);

/// <summary>A component that joins a chain: it works on a voxel without looking at others.</summary>
public interface IChainComponent
{
    /// <summary>Whether it looks at labels.</summary>
    bool ReadsLabels { get; }

    /// <summary>What must be measured before it.</summary>
    MeasureNeed Needs { get; }

    /// <summary>The component on the host.</summary>
    HostStep CreateStep(in StepPlace place);
}

/// <summary>A component that works on one voxel at a time: it joins the chain that is open, on a device and on the host.</summary>
public interface IVoxelComponent : IChainComponent
{
    /// <summary>
    /// Whether its curve jumps (a rounding, a threshold): a voxel within rounding of a jump may fall to either side, and tests leave it out.
    /// </summary>
    bool HasTies { get; }

    /// <summary>What it costs per voxel, counted from its mathematics.</summary>
    LaneCost Cost { get; }

    /// <summary>Whether it reads the intensity before it; else it makes one of labels.</summary>
    bool ReadsIntensity { get; }

    /// <summary>The component as a chain: an <see cref="IChain{TSelf}"/>.</summary>
    /// <param name="first">The first word of what it draws.</param>
    /// <param name="slot">Where the range before it is measured; not read by others.</param>
    ValueType CreateLink(int first, int slot);

    /// <summary>The component on the host.</summary>
    /// <param name="first">The first word of what it draws.</param>
    /// <param name="slot">Where the range before it is measured; not read by others.</param>
    HostStep CreateStep(int first, int slot);
}

/// <summary>A pointwise component.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public abstract record VoxelComponent<TDrawn> : Component<TDrawn>, IVoxelComponent
    where TDrawn : unmanaged, IVoxelMath<TDrawn>
{
    /// <inheritdoc/>
    public virtual bool ReadsLabels => false;

    /// <inheritdoc/>
    public virtual bool HasTies => false;

    /// <inheritdoc/>
    public MeasureNeed Needs => MeasureNeed.None;

    /// <inheritdoc/>
    public virtual HostStep CreateStep(in StepPlace place) => CreateStep(place.Entry.First, place.Slot);

    /// <inheritdoc/>
    public LaneCost Cost => RealCounted.Of(default(TDrawn));

    /// <inheritdoc/>
    public bool ReadsIntensity => RealCounted.ReadsIntensity(default(TDrawn));

    /// <inheritdoc/>
    public ValueType CreateLink(int first, int slot) => new Link<TDrawn>(first);

    /// <inheritdoc/>
    public HostStep CreateStep(int first, int slot) => new HostStep<Link<TDrawn>>(new Link<TDrawn>(first));
}

/// <summary>A pointwise component that needs the range of intensities before it.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public abstract record RangeComponent<TDrawn> : Component<TDrawn>, IVoxelComponent
    where TDrawn : unmanaged, IRangeMath<TDrawn>
{
    /// <inheritdoc/>
    public virtual bool ReadsLabels => false;

    /// <inheritdoc/>
    public virtual bool HasTies => false;

    /// <inheritdoc/>
    public MeasureNeed Needs => MeasureNeed.Range;

    /// <inheritdoc/>
    public virtual HostStep CreateStep(in StepPlace place) => CreateStep(place.Entry.First, place.Slot);

    /// <inheritdoc/>
    public LaneCost Cost => RealCounted.Of(default(TDrawn));

    /// <inheritdoc/>
    public bool ReadsIntensity => RealCounted.ReadsIntensity(default(TDrawn));

    /// <inheritdoc/>
    public ValueType CreateLink(int first, int slot) => new RangeLink<TDrawn>(first, slot);

    /// <inheritdoc/>
    public HostStep CreateStep(int first, int slot) => new HostStep<RangeLink<TDrawn>>(new RangeLink<TDrawn>(first, slot));
}
