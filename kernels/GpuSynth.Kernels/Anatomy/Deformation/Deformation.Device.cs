using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuSynth.Kernels;

// MovedLookup: label(p) = before[nearest(q)],  q = M (p + u(p)) + t, for a whole batch, from a merged displacement (ShiftGrid without slips), by the
// rows of ShiftedLabels. before, label: byte[B][D,H,W]. Labels are kept in before first: 4 B/voxel in all.
// Labels: the same on every device away from ties. On the host: LabelMapAnatomyHost.

/// <summary>A deformation on a device: what displaces, a copy of the labels so far, and the labels at their new places; a launch each.</summary>
internal sealed class DeviceDeformation : DeviceAnatomy
{
    private readonly StepPlace place;
    private readonly int voxels;
    private readonly DeviceShifts shifts;
    private int beforePiece;
    private int mirrorPiece;
    private ArrayView<byte> before;
    private ArrayView<byte> mirror;
    private LabelLaunch<KeptLabels>? keep;
    private ShiftedLabels<MovedLookup>? move;

    public DeviceDeformation(Deformation component, in StepPlace place)
    {
        this.place = place;
        VolumeShape shape = place.Facts.Shape;
        voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(place));
        shifts = component.ShiftOf(shape).OnDevice(
            new NodeNumbers(place.Stream(Streams.DisplacementOfAllNodes), place.Entry.Lists),
            new NodeNumbers(place.Stream(Streams.VelocityOfAllNodes), place.Entry.Lists + (component.Displacement?.Scales.Count ?? 0)),
            "displacement",
            $" of all{place.Entry.Suffix}");
    }

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        beforePiece = memory.DeclareShared<byte>("labels beside", checked((long)batchSize * voxels), "labels before they are moved");
        mirrorPiece = memory.Declare<byte>($"sides of labels{place.Entry.Suffix}", LabelTables.Most, "what labels become in a mirror");
        shifts.Declare(memory, batchSize);
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        before = memory.View<byte>(beforePiece);
        mirror = memory.View<byte>(mirrorPiece);
        memory.Upload<byte>(place.Entry.Mirror ?? [.. Enumerable.Range(0, LabelTables.Most).Select(static label => (byte)label)], mirror);
        keep = new(loader, place.Entry.MayBeMissing);
        move = new(loader, place.Entry.MayBeMissing);
        shifts.Start(loader, memory);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch.Words));
        LaunchCheck.AtLeast(batch.Labels.Length, (long)batch.Samples * voxels, nameof(batch.Labels));
        shifts.Run(in batch);
        SampleGate gate = batch.GateOf(place.Entry);
        keep!.Run(BatchGrid.Of(voxels, batch.Samples), new(batch.Labels, before, voxels), batch.Samples, gate);
        var source = new MovedLookup(batch.Words, batch.Layout.Stride, place.Entry.First, before, mirror);
        move!.Run(shifts.Grid, batch.Samples, shifts.Cells, shifts.Places, source, batch.Labels, gate);
    }
}

/// <summary>The label of the nearest voxel of the sample's own labels.</summary>
internal readonly struct MovedLookup : ILabelSource<MovedLookup>
{
    private readonly ArrayView<uint> words;
    private readonly int stride;
    private readonly int first;
    private readonly ArrayView<byte> before;
    private readonly ArrayView<byte> mirror;
    private readonly LabelMapTransform transform;
    private readonly int outside;
    private readonly int isMirrored;

    /// <summary>A source before a sample is loaded.</summary>
    /// <param name="words">Table of the samples' words.</param>
    /// <param name="stride">Words of a sample.</param>
    /// <param name="first">The first word of <see cref="Deformation.Drawn"/>.</param>
    /// <param name="before">The labels, byte[sample][D,H,W].</param>
    /// <param name="mirror">What each of 256 labels becomes in a mirror.</param>
    public MovedLookup(ArrayView<uint> words, int stride, int first, ArrayView<byte> before, ArrayView<byte> mirror)
    {
        this.words = words;
        this.stride = stride;
        this.first = first;
        this.before = before;
        this.mirror = mirror;
        transform = default;
        outside = 0;
        isMirrored = 0;
    }

    private MovedLookup(MovedLookup source, ShiftPlan plan, int sample)
    {
        words = source.words;
        stride = source.stride;
        first = source.first;
        mirror = source.mirror;
        Deformation.Drawn drawn = Unsafe.As<uint, Deformation.Drawn>(ref words[(sample * stride) + first]);
        transform = drawn.Place.Transform(plan.Height, plan.Width);
        isMirrored = drawn.Place.Exchange;
        outside = drawn.Outside;
        before = source.before.SubView(plan.FirstVoxel(sample, 0, 0), (long)plan.Depth * plan.Height * plan.Width);
    }

    /// <inheritdoc/>
    public static MovedLookup Load(MovedLookup source, ShiftPlan plan, int sample) => new(source, plan, sample);

    /// <inheritdoc/>
    public static int Staged(in MovedLookup loaded, StagedRows rows, ShiftPlan plan, int at, float t, int x)
    {
        ShiftPair across = rows.Across[at];
        return loaded.At(across.Z.At(t), across.Y.At(t), x + rows.Along[at].At(t));
    }

    /// <inheritdoc/>
    public static int Direct(in MovedLookup loaded, ArrayView<ShiftKnot> shifts, ShiftPlan plan, DirectPlace place)
    {
        ShiftCell shift = ShiftGrid.Cell(shifts, plan, place.Cell, place.AlongZ.T, place.AlongY.T);
        float t = place.AlongX.T;
        return loaded.At(place.Z + shift.Z.At(t), place.Y + shift.Y.At(t), place.X + shift.X.At(t));
    }

    private int At(float z, float y, float x)
    {
        int index = outside == (int)OutsideLabels.Background ? LabelMapAnatomy.Index(transform, z, y, x) : Inside(z, y, x);
        int label = index < 0 ? 0 : before[index];
        return isMirrored != 0 ? mirror[label] : label;
    }

    private int Inside(float z, float y, float x)
    {
        int inZ = Along(transform.AlongZ(z, y, x), transform.MapDepth);
        int inY = Along(transform.AlongY(z, y, x), transform.MapHeight);
        int inX = Along(transform.AlongX(z, y, x), transform.MapWidth);
        return (((inZ * transform.MapHeight) + inY) * transform.MapWidth) + inX;
    }

    // The nearest voxel along an axis, wrapped around or clamped. Places are below 2^31 (Deformation.Prepare), and none is negative where it becomes
    // a whole number.
    private int Along(float place, int length)
    {
        float nearest = place + 0.5f;
        if (outside == (int)OutsideLabels.Wrap)
        {
            float whole = Real1.Floor(new Real1(nearest)).V;
            nearest = whole - (length * Real1.Floor(new Real1((whole + 0.5f) / length)).V);
        }

        return (int)KernelMath.Min(KernelMath.Max(nearest, 0f), length - 1f);
    }
}
