using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// One entry of a recipe: an immutable record of laws and constants, found by its <see cref="ComponentAttribute"/>. Its law, its draw, its
/// mathematics and its keys stand in one place, and nothing else names it.
/// </summary>
public abstract record Component
{
    private static readonly ConcurrentDictionary<Type, ComponentAttribute> Declarations = new();

    /// <summary>What it is called in a recipe.</summary>
    public string Name => Declaration.Name;

    /// <summary>The stream of its laws.</summary>
    public uint Stream => Declaration.Stream;

    /// <summary>Its declaration.</summary>
    /// <exception cref="ArgumentException">The record has no <see cref="ComponentAttribute"/>.</exception>
    public ComponentAttribute Declaration => Declarations.GetOrAdd(GetType(), ComponentCatalogue.DeclarationOf);

    /// <summary>Whether it writes labels.</summary>
    public virtual bool IsAnatomy => false;

    /// <summary>
    /// Whether it may stand first in its list: it makes labels of nothing, or intensities of labels. The same whatever its numbers.
    /// </summary>
    public virtual bool Begins => IsAnatomy;

    /// <summary>
    /// Probability that a sample has the component, 0 to 1; else the sample leaves it out. Always 1 of a recipe's first anatomy, and of what makes
    /// intensities of labels. Its numbers are drawn all the same, so that a chance moves no other number.
    /// </summary>
    [Allowed(0, 1, Says = "Probability that a sample has the component; else the sample leaves it out.")]
    [Absent(1)]
    public double Chance { get; init; } = 1;

    /// <summary>What it misses where it stands, a sentence each that begins with a verb: "needs normalise, for ...; add ...".</summary>
    /// <param name="list">Its list in the recipe, the anatomy or the appearance, in the order of application.</param>
    /// <param name="at">Where it stands in it, from 0.</param>
    public virtual IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at) => [];

    /// <summary>What an appearance component misses in the recipe's anatomy, a sentence each that begins with a verb.</summary>
    /// <param name="anatomy">The anatomy, in the order of application.</param>
    public virtual IEnumerable<string> ComplaintsOf(IReadOnlyList<Component> anatomy) => [];

    /// <summary>Why it cannot be in samples of a shape, a sentence each that begins with a verb.</summary>
    /// <param name="shape">The shape.</param>
    public virtual IEnumerable<string> ComplaintsAt(VolumeShape shape) => [];

    /// <summary>The labels of intensities that its keys name, each with its key.</summary>
    public virtual IEnumerable<(string Key, int Label)> NamedLabels => [];

    /// <summary>
    /// The same on the labels of another anatomy, of which 0 alone is known, the background: without what its keys say of others. Null where nothing is left.
    /// </summary>
    public virtual Component? OnOtherLabels() => this;

    /// <summary>The struct that it draws.</summary>
    public abstract Type DrawnType { get; }

    /// <summary>Words of it.</summary>
    internal abstract int DrawnWords { get; }

    /// <summary>Words of the lists that it draws for a sample; they follow the structs in the row.</summary>
    /// <param name="facts">What is known of every sample.</param>
    public virtual int ListWords(in SampleFacts facts) => 0;

    /// <summary>Whether its numbers of two labels are drawn by one law, so that the labels cannot be told by them.</summary>
    /// <param name="label">A label, as intensities are made of it.</param>
    /// <param name="other">Another.</param>
    public virtual bool DrawsAlike(int label, int other) => GetType().GetProperties()
        .Where(static property => property.PropertyType == typeof(Law))
        .All(property => property.GetValue(this) is not PerLabelLaw laws || laws.Of(label) == laws.Of(other));

    /// <summary>Draws its numbers for one sample and puts them into the row.</summary>
    /// <param name="drawing">Where the numbers are drawn, and where lists go.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="first">The first word of its drawn struct.</param>
    internal abstract void DrawInto(ref Drawing drawing, Span<uint> row, int first);

    /// <summary>Makes its numbers in the row those of a sample that leaves it out.</summary>
    internal abstract void LeaveOutIn(Span<uint> row, int first);

    /// <summary>Works out what follows from the numbers in the row.</summary>
    internal abstract void PrepareIn(in SampleFacts facts, Span<uint> row, int first);
}

/// <summary>A component that draws a struct.</summary>
/// <typeparam name="TDrawn">
/// What is drawn: a struct of 32-bit numbers, which is the sample's ground truth and what a device reads.
/// </typeparam>
public abstract record Component<TDrawn> : Component
    where TDrawn : unmanaged
{
    /// <inheritdoc/>
    public sealed override Type DrawnType => typeof(TDrawn);

    /// <inheritdoc/>
    internal sealed override int DrawnWords => Unsafe.SizeOf<TDrawn>() / sizeof(uint);

    /// <summary>Draws the numbers of one sample: the only place where any is picked.</summary>
    /// <param name="drawing">Where the numbers are drawn, and where lists go.</param>
    public abstract TDrawn Draw(ref Drawing drawing);

    /// <summary>
    /// Works out what follows from what was drawn: other fields of the struct, and the lists that it names. Also where numbers are given back,
    /// changed or not.
    /// </summary>
    /// <param name="facts">What is known of every sample.</param>
    /// <param name="drawn">What was drawn; the fields that are worked out are written.</param>
    /// <param name="row">The sample's row, as floats.</param>
    /// <exception cref="ArgumentException">The numbers do not fit each other.</exception>
    public virtual void Prepare(in SampleFacts facts, ref TDrawn drawn, Span<float> row)
    {
    }

    /// <summary>
    /// Makes the numbers of a sample that leaves the component out such that they change nothing: for kernels that read them all the same. Comes
    /// before <see cref="Prepare"/>. A component that works on one voxel at a time needs none: it is passed over.
    /// </summary>
    /// <param name="drawn">What was drawn; changed.</param>
    public virtual void LeaveOut(ref TDrawn drawn)
    {
    }

    /// <inheritdoc/>
    internal sealed override void DrawInto(ref Drawing drawing, Span<uint> row, int first)
    {
        TDrawn drawn = Draw(ref drawing);
        Unsafe.WriteUnaligned(ref Unsafe.As<uint, byte>(ref row[first]), drawn);
    }

    /// <inheritdoc/>
    internal sealed override void LeaveOutIn(Span<uint> row, int first) => LeaveOut(ref Unsafe.As<uint, TDrawn>(ref row[first]));

    /// <inheritdoc/>
    internal sealed override void PrepareIn(in SampleFacts facts, Span<uint> row, int first) =>
        Prepare(in facts, ref Unsafe.As<uint, TDrawn>(ref row[first]), MemoryMarshal.Cast<uint, float>(row));
}

/// <summary>A component that writes labels: it draws from the sample's anatomy index.</summary>
/// <typeparam name="TDrawn">What is drawn.</typeparam>
public abstract record AnatomyComponent<TDrawn> : Component<TDrawn>, IAnatomyComponent
    where TDrawn : unmanaged
{
    /// <inheritdoc/>
    public sealed override bool IsAnatomy => true;

    /// <inheritdoc/>
    public override bool Begins => Covers && Inside is null;

    /// <inheritdoc/>
    public virtual bool Covers => true;

    /// <inheritdoc/>
    public virtual bool AddsLabels => false;

    /// <inheritdoc/>
    public virtual bool LiftsLabels => false;

    /// <inheritdoc/>
    public virtual bool MakesAir => false;

    /// <inheritdoc/>
    public virtual bool MayBeInside => Covers;

    /// <inheritdoc/>
    public ValueList<int>? Inside { get; init; }

    /// <inheritdoc/>
    public virtual bool Renames => false;

    /// <inheritdoc/>
    public virtual bool MixesNames => false;

    /// <inheritdoc/>
    public virtual bool Relabels => false;

    /// <inheritdoc/>
    public virtual bool Mirrors => false;

    /// <inheritdoc/>
    public virtual bool FindsPlaces => false;

    /// <inheritdoc/>
    public virtual LateralPairs? SidePairs => null;

    /// <inheritdoc/>
    public virtual bool NeedsLabelMaps => false;

    /// <inheritdoc/>
    public abstract string MadeOf { get; }

    /// <inheritdoc/>
    public abstract int BytesPerVoxel { get; }

    /// <inheritdoc/>
    public abstract int LabelCount(VolumeShape shape, ILabelMaps? maps);

    /// <inheritdoc/>
    public virtual byte[]? TissueTable(ILabelMaps? maps) => null;

    /// <inheritdoc/>
    public virtual int[]? KindTable(VolumeShape shape) => null;

    /// <inheritdoc/>
    public abstract HostAnatomy CreateHostAnatomy(in StepPlace place);

    /// <inheritdoc/>
    public abstract DeviceAnatomy CreateDeviceAnatomy(in StepPlace place);
}
