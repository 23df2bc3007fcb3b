using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>A component that makes labels. Anatomies paint one over the other, in the order of their list.</summary>
public interface IAnatomyComponent
{
    /// <summary>
    /// Whether it gives every voxel a label: a sample that has it is without the anatomies before it, of which nothing would be seen, unless it is
    /// drawn <see cref="Inside"/> them.
    /// </summary>
    bool Covers { get; }

    /// <summary>Whether its labels are new ones, behind those of the anatomies before it; else they run from 0.</summary>
    bool AddsLabels { get; }

    /// <summary>
    /// Whether the labels of the anatomies before it are one higher behind it, so that 0 is one of its own. It adds labels, is in every sample that
    /// they decide, and leaves those alone that lie inside others.
    /// </summary>
    bool LiftsLabels { get; }

    /// <summary>
    /// Whether it paints a label of its own where nothing is left: intensities are made of it, behind all labels that samples are given with, and a
    /// sample's label is 0 there.
    /// </summary>
    bool MakesAir { get; }

    /// <summary>
    /// Whether it may be drawn <see cref="Inside"/> labels: it gives every voxel a label, or paints labels of its own over a part and leaves the others as they were.
    /// </summary>
    bool MayBeInside { get; }

    /// <summary>
    /// The labels of the anatomies before it that it is drawn inside, as regions of them: its own labels are of intensities alone, and a sample's
    /// label stays what it was. Stored values where label maps stand before it, else labels. Null: it is an anatomy by itself.
    /// </summary>
    [Says("Draws it only inside these labels of the anatomies before it, as regions with intensities of their own; a sample's labels stay what they "
        + "were. Stored values of label maps, else labels.")]
    ValueList<int>? Inside { get; init; }

    /// <summary>Whether nothing is seen of those before it.</summary>
    bool Hides => Covers && Inside is null;

    /// <summary>Whether it may rename the labels that a sample is given with, when all intensities are made.</summary>
    bool Renames { get; }

    /// <summary>Whether it may give labels but 0 before it names that say nothing of what they were.</summary>
    bool MixesNames { get; }

    /// <summary>Whether it may give voxels other labels of the anatomies before it, for it moves, merges or drops those.</summary>
    bool Relabels { get; }

    /// <summary>Whether it may reflect what the anatomies before it have made, so that labels of sides change places.</summary>
    bool Mirrors { get; }

    /// <summary>Whether it records voxels that it has found among the labels before it, so that nothing behind it may move them.</summary>
    bool FindsPlaces { get; }

    /// <summary>Which stored values of its label maps are each other's on the other side of the body; null where that is not known.</summary>
    LateralPairs? SidePairs { get; }

    /// <summary>Whether it draws from label maps.</summary>
    bool NeedsLabelMaps { get; }

    /// <summary>What it makes labels of, in a word or two: "grids".</summary>
    string MadeOf { get; }

    /// <summary>Bytes that leave the cache for a voxel: its label, and what it is made of.</summary>
    int BytesPerVoxel { get; }

    /// <summary>Number of its labels; they run from 0, wherever it is drawn, or behind those before it where it adds them.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="maps">The label maps; null where no anatomy needs any.</param>
    int LabelCount(VolumeShape shape, ILabelMaps? maps);

    /// <summary>
    /// The tissue of every label, by the lowest label of the same tissue: labels of one tissue draw what is drawn per label together, in the samples
    /// that the anatomy decides. Null: each is its own.
    /// </summary>
    /// <param name="maps">The label maps; null where no anatomy needs any.</param>
    /// <exception cref="ArgumentException">The component names a label that is not there: "KEY: what is wrong".</exception>
    byte[]? TissueTable(ILabelMaps? maps);

    /// <summary>
    /// The kind of every one of its labels, by the lowest of its labels of the same kind. Numbers within a kind mean nothing: which goes by which is
    /// chance, or an order of its own, and no image tells. Null: every number means something.
    /// </summary>
    /// <param name="shape">Shape of a sample.</param>
    int[]? KindTable(VolumeShape shape);

    /// <summary>The component on the host.</summary>
    /// <param name="place">Where the component stands.</param>
    HostAnatomy CreateHostAnatomy(in StepPlace place);

    /// <summary>The component on a device.</summary>
    /// <param name="place">Where the component stands.</param>
    DeviceAnatomy CreateDeviceAnatomy(in StepPlace place);

    /// <summary>Labels of a list of anatomies up to this one.</summary>
    /// <param name="before">Labels of those before it.</param>
    /// <param name="own">Number of its own.</param>
    int LabelsWith(int before, int own) => AddsLabels ? checked(before + own) : Math.Max(before, own);
}

/// <summary>Memory of a sample on the host.</summary>
public unsafe interface IHostMemory
{
    /// <summary>Declares floats and returns the piece's number.</summary>
    int Floats(string name, long count, string purpose);

    /// <summary>The memory of a piece.</summary>
    float* this[int piece] { get; }
}

/// <summary>
/// One way to make labels on the host: first numbered pieces of preparation (coarse grids of one channel each), then numbered slabs of the
/// label map. Pieces of one phase are independent of each other.
/// </summary>
public abstract unsafe class HostAnatomy
{
    /// <summary>Pieces of preparation.</summary>
    public abstract int PreparationCount { get; }

    /// <summary>Slabs of the label map.</summary>
    public abstract int SlabCount { get; }

    /// <summary>Floats of scratch that a thread needs.</summary>
    public abstract long ScratchLength { get; }

    /// <summary>Declares the memory of one sample.</summary>
    public abstract void Declare(IHostMemory memory);

    /// <summary>Does one piece of preparation.</summary>
    /// <param name="memory">What was declared.</param>
    /// <param name="row">What was drawn for the sample.</param>
    /// <param name="piece">Which.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public abstract void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch);

    /// <summary>Writes the labels of one slab.</summary>
    /// <param name="memory">What was declared.</param>
    /// <param name="row">What was drawn for the sample.</param>
    /// <param name="slab">Which.</param>
    /// <param name="labelsDHW">The whole label map; an anatomy that does not cover finds the labels of those before it there.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public abstract void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch);

    /// <summary>The rows (z * H + y) that a slab holds.</summary>
    public abstract (int First, int Count) RowsOf(int slab);

    /// <summary>Puts what was found while labels were written into the sample's row, where it is ground truth: when all slabs are done.</summary>
    /// <param name="row">The sample's row; written.</param>
    public virtual void Record(Span<uint> row)
    {
    }
}

/// <summary>Memory of a batch on a device.</summary>
public interface IDeviceMemory
{
    /// <summary>Declares elements and returns the piece's number. A piece holds at least one element.</summary>
    int Declare<T>(string name, long length, string purpose)
        where T : unmanaged;

    /// <summary>The same for what all who ask for it by this name have in common.</summary>
    int DeclareShared<T>(string name, long length, string purpose)
        where T : unmanaged;

    /// <summary>All elements of one piece, of the type that it was declared with.</summary>
    ArrayView<T> View<T>(int piece)
        where T : unmanaged;

    /// <summary>Copies to the device, and waits. For tables at the start; never part of a batch.</summary>
    void Upload<T>(ReadOnlySpan<T> values, ArrayView<T> target)
        where T : unmanaged;
}

/// <summary>
/// One way to make labels on a device: launches over a batch. A sample that is without the anatomy keeps the labels that it has.
/// </summary>
public abstract class DeviceAnatomy
{
    /// <summary>Declares the memory of a batch.</summary>
    /// <param name="memory">Takes the declarations.</param>
    /// <param name="batchSize">Samples of a batch, at most.</param>
    public abstract void Declare(IDeviceMemory memory, int batchSize);

    /// <summary>Loads the kernels and uploads the tables.</summary>
    /// <param name="loader">Loads them.</param>
    /// <param name="memory">What was declared.</param>
    public abstract void Start(KernelLoader loader, IDeviceMemory memory);

    /// <summary>Launches over a batch.</summary>
    public abstract void Run(in AnatomyBatch batch);

    /// <summary>Whole numbers of a sample that are found while labels are written and belong to its ground truth; 0 where there are none.</summary>
    public virtual int FoundCount => 0;

    /// <summary>Where they are, [sample][number].</summary>
    public virtual ArrayView<int> Found => ArrayView<int>.Empty;

    /// <summary>Puts what was found for a sample into its row.</summary>
    /// <param name="found">Its numbers.</param>
    /// <param name="row">The sample's row; written.</param>
    public virtual void Record(ReadOnlySpan<int> found, Span<uint> row)
    {
    }

    /// <summary>Launches over a batch whose intensities are made, of what <see cref="IAnatomyComponent.Renames"/>; else nothing.</summary>
    public virtual void RunNames(in AnatomyBatch batch)
    {
    }
}

/// <summary>The labels of a batch.</summary>
/// <param name="Words">Table of the samples' words.</param>
/// <param name="Layout">Where the words lie.</param>
/// <param name="Samples">Samples of the batch.</param>
/// <param name="Labels">Labels, byte[samples][D,H,W].</param>
public readonly record struct AnatomyBatch(ArrayView<uint> Words, SampleLayout Layout, int Samples, ArrayView<byte> Labels)
{
    /// <summary>Which samples have an anatomy.</summary>
    /// <param name="entry">Its place in the row.</param>
    public SampleGate GateOf(RowEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new SampleGate(Words, Layout.Stride, entry.First - 1);
    }
}

/// <summary>The forms of an anatomy where it stands: inside labels of those before it, or by itself.</summary>
public static class AnatomyForms
{
    /// <summary>The anatomy on the host.</summary>
    /// <param name="entry">Its place in the row.</param>
    /// <param name="facts">What is known of every sample.</param>
    public static HostAnatomy Host(RowEntry entry, in SampleFacts facts)
    {
        ArgumentNullException.ThrowIfNull(entry);
        HostAnatomy own = ((IAnatomyComponent)entry.Component).CreateHostAnatomy(new StepPlace(entry, 0, facts));
        return entry.Inner is not { } inner ? own : CoversIn(entry) ? new HostInnerAnatomy(own, inner, facts.Shape) : new HostInnerPart(own, inner, facts.Shape);
    }

    /// <summary>The anatomy on a device.</summary>
    /// <param name="entry">Its place in the row.</param>
    /// <param name="facts">What is known of every sample.</param>
    public static DeviceAnatomy Device(RowEntry entry, in SampleFacts facts)
    {
        ArgumentNullException.ThrowIfNull(entry);
        DeviceAnatomy own = ((IAnatomyComponent)entry.Component).CreateDeviceAnatomy(new StepPlace(entry, 0, facts));
        return entry.Inner is not { } inner ? own
            : CoversIn(entry) ? new DeviceInnerAnatomy(own, inner, entry, facts.Shape) : new DeviceInnerPart(own, inner, entry, facts.Shape);
    }

    private static bool CoversIn(RowEntry entry) => ((IAnatomyComponent)entry.Component).Covers;
}
