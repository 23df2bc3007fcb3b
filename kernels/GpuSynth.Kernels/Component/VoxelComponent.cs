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

    /// <summary>All of them: it looks at whole planes first (<see cref="HostStep.Survey"/>, <see cref="DeviceTable.Survey"/>).</summary>
    Image,
}

/// <summary>Where a component of a recipe stands among the others.</summary>
/// <param name="Entry">Its place in the row.</param>
/// <param name="Slot">
/// The first of two measured numbers: the smallest and the largest intensity before it, or 0 and the largest magnitude. Not read by a component
/// that needs no measure.
/// </param>
/// <param name="Facts">What is known of every sample.</param>
public readonly record struct StepPlace(RowEntry Entry, int Slot, SampleFacts Facts)
{
    /// <summary>Its tables of a batch on a device (<see cref="ITableComponent"/>), [sample][number].</summary>
    public NumberTable Table { get; init; }

    /// <summary>The number that was measured of its table: the largest.</summary>
    public int TableSlot { get; init; }

    /// <summary>A stream of random numbers of the component where it stands: a second one of its kind draws others.</summary>
    /// <param name="stream">One of its streams.</param>
    public uint Stream(uint stream) => stream | ((uint)Entry.Occurrence << 16);
}

/// <summary>A component that joins a chain: it works on a voxel without looking at others.</summary>
public interface IChainComponent
{
    /// <summary>Whether it looks at labels.</summary>
    bool ReadsLabels { get; }

    /// <summary>What must be measured before it.</summary>
    MeasureNeed Needs { get; }

    /// <summary>The component as a chain: an <see cref="IChain{TSelf}"/>.</summary>
    ValueType CreateLink(in StepPlace place);

    /// <summary>The component on the host.</summary>
    HostStep CreateStep(in StepPlace place);
}

/// <summary>Says which link a component of a chain is: the kernels of it can be known without one.</summary>
/// <typeparam name="TLink">The link.</typeparam>
public interface ILinkedBy<TLink> : IChainComponent
    where TLink : struct, IChain<TLink>
{
}

/// <summary>A component of a chain that needs nothing but its voxel, its row and what was measured.</summary>
public interface IVoxelComponent : IChainComponent
{
    /// <summary>
    /// Whether its curve jumps (a rounding, a threshold): a voxel within rounding of a jump may fall to either side, and tests leave it out.
    /// </summary>
    bool HasTies { get; }

    /// <summary>
    /// What it costs per voxel of a sample, counted by running its mathematics over some of its voxels. A host form that shares along rows what
    /// the mathematics says for every voxel does less.
    /// </summary>
    /// <param name="place">Where the component stands; its tables are not looked at.</param>
    /// <param name="row">What was drawn and measured for the sample.</param>
    LaneCost CostOf(in StepPlace place, in Row row);

    /// <summary>Whether it reads the intensity before it; else it makes one of labels.</summary>
    bool ReadsIntensity { get; }
}

/// <summary>A component that is one link of a chain.</summary>
/// <typeparam name="TDrawn">What it draws.</typeparam>
/// <typeparam name="TLink">The link.</typeparam>
public abstract record LinkedComponent<TDrawn, TLink> : Component<TDrawn>, IVoxelComponent, ILinkedBy<TLink>
    where TDrawn : unmanaged
    where TLink : struct, IChain<TLink>
{
    /// <inheritdoc/>
    public virtual bool ReadsLabels => false;

    /// <inheritdoc/>
    public virtual bool HasTies => false;

    /// <inheritdoc/>
    public virtual MeasureNeed Needs => MeasureNeed.None;

    /// <inheritdoc/>
    public LaneCost CostOf(in StepPlace place, in Row row) => RealCounted.Of(LinkAt(in place), in row, place.Facts);

    /// <inheritdoc/>
    public bool ReadsIntensity => RealCounted.ReadsIntensity<TLink>();

    /// <inheritdoc/>
    public ValueType CreateLink(in StepPlace place)
    {
        TLink link = LinkAt(in place);
        return Chance < 1 ? new Maybe<TLink>(place.Entry.First - 1, link) : link;
    }

    /// <inheritdoc/>
    public abstract HostStep CreateStep(in StepPlace place);

    /// <summary>The link.</summary>
    /// <param name="place">Where the component stands.</param>
    protected abstract TLink LinkAt(in StepPlace place);
}

/// <summary>A pointwise component.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public abstract record VoxelComponent<TDrawn> : LinkedComponent<TDrawn, Link<TDrawn>>
    where TDrawn : unmanaged, IVoxelMath<TDrawn>
{
    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new HostStep<Link<TDrawn>>(LinkAt(in place));

    /// <inheritdoc/>
    protected sealed override Link<TDrawn> LinkAt(in StepPlace place) => new(place.Entry.First);
}

/// <summary>A pointwise component that needs the range of intensities before it.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public abstract record RangeComponent<TDrawn> : LinkedComponent<TDrawn, RangeLink<TDrawn>>
    where TDrawn : unmanaged, IRangeMath<TDrawn>
{
    /// <inheritdoc/>
    public sealed override MeasureNeed Needs => MeasureNeed.Range;

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new HostStep<RangeLink<TDrawn>>(LinkAt(in place));

    /// <inheritdoc/>
    protected sealed override RangeLink<TDrawn> LinkAt(in StepPlace place) => new(place.Entry.First, place.Slot);
}

/// <summary>A component that draws random numbers for every voxel.</summary>
/// <typeparam name="TDrawn">What it draws, and its mathematics.</typeparam>
public abstract record RandomComponent<TDrawn> : LinkedComponent<TDrawn, RandomLink<TDrawn>>
    where TDrawn : unmanaged, IRandomMath<TDrawn>
{
    /// <summary>The stream of its voxels' numbers: a part of its own that its laws do not draw from.</summary>
    public virtual uint VoxelStream => Stream + (1u << 24);

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new FourStep<RandomLink<TDrawn>>(LinkAt(in place));

    /// <inheritdoc/>
    protected sealed override RandomLink<TDrawn> LinkAt(in StepPlace place) =>
        new(place.Entry.First, Math.Max(0, place.Slot), place.Stream(VoxelStream));
}
