using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// A lesion's place hangs on the labels that are painted so far: a launch finds the places, a thread for each lesion; the next one paints. Where two
//   lesions meet, the first is seen: each voxel looks at them in their order.

/// <summary>Lesions on a device: the noise's tiles, places and labels, a launch over the batch each.</summary>
internal sealed class DeviceLesions(Lesions component, in StepPlace place) : DeviceAnatomy
{
    private readonly StepPlace place = place;
    private readonly LesionPlan plan = new(component, in place);
    private readonly byte[] ofLabels = LesionPlaces.Table(component.Within, place.Entry, component.LabelCount(place.Facts.Shape, null), place.Facts);
    private int tilePiece;
    private int tablePiece;
    private int voxelPiece;
    private ArrayView<float> tiles;
    private ArrayView<byte> table;
    private ArrayView<int> voxels;
    private CoarseDraw.Launcher? draw;
    private LabelLaunch<LesionVoxels>? find;
    private LabelLaunch<LesionLabels>? paint;

    /// <inheritdoc/>
    public override int FoundCount => Lesions.Most * LesionVoxels.Words;

    /// <inheritdoc/>
    public override ArrayView<int> Found => voxels;

    /// <inheritdoc/>
    public override void Record(ReadOnlySpan<int> found, Span<uint> row)
    {
        Lesions.Drawn drawn = place.Entry.Drawn<Lesions.Drawn>(row);
        for (int lesion = 0; lesion < drawn.Count; lesion++)
        {
            LesionPlaces.Record(drawn.Voxels, lesion, found[lesion * LesionVoxels.Words], place.Facts.Shape, row);
        }
    }

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        string suffix = place.Entry.Suffix;
        tilePiece = memory.Declare<float>($"lesion tile{suffix}", checked((long)batchSize * plan.TileLength), "the noise of lesions' borders");
        tablePiece = memory.Declare<byte>($"lesion labels{suffix}", LesionPlaces.TableLength, "which labels lesions may lie in");
        voxelPiece = memory.Declare<int>(
            $"lesion places{suffix}", checked((long)batchSize * Lesions.Most * LesionVoxels.Words), "the voxels that lesions lie around, and their labels");
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        tiles = memory.View<float>(tilePiece);
        table = memory.View<byte>(tablePiece);
        voxels = memory.View<int>(voxelPiece);
        memory.Upload<byte>(ofLabels, table);
        draw = new CoarseDraw.Launcher(loader);
        find = new(loader, place.Entry.MayBeMissing);
        paint = new(loader, place.Entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch.Words));
        LaunchCheck.AtLeast(batch.Labels.Length, (long)batch.Samples * plan.Voxels, nameof(batch.Labels));
        SampleGate gate = batch.GateOf(place.Entry);
        draw!.Run(
            batch.Words,
            batch.Layout,
            batch.Samples,
            false,
            place.Stream(Lesions.TileStream),
            -1,
            ArrayView<NoiseGridScale>.Empty,
            plan.TileLength,
            tiles);
        find!.Run(BatchGrid.OfGroups(1, batch.Samples, Lesions.Most), new(batch.Words, batch.Layout, plan, table, batch.Labels, voxels), batch.Samples, gate);
        paint!.Run(
            BatchGrid.Of(plan.Voxels, batch.Samples),
            new(batch.Words, batch.Layout.Stride, plan, tiles, table, voxels, batch.Labels),
            batch.Samples,
            gate);
    }
}

/// <summary>Where the numbers of a sample's lesions stand in its row.</summary>
internal readonly struct LesionPlan
{
    /// <summary>The plan of a component.</summary>
    public LesionPlan(Lesions component, in StepPlace place)
    {
        VolumeShape shape = place.Facts.Shape;
        (Depth, Height, Width) = (shape.Depth, shape.Height, shape.Width);
        Voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
        IsFlat = shape.Dimensions == 2 ? 1 : 0;
        TileLength = LatticeTile.Length(shape);
        Count = SampleLayout.FieldOf<Lesions.Drawn>(place.Entry, nameof(Lesions.Drawn.Count));
        Forms = place.Entry.Lists;
        Stream = place.Stream(Streams.LesionPlaces);
        FirstLabel = place.Entry.FirstLabel;
        OfTissues = component.LabelEachTissue;
        Clip = component.Clip;
    }

    /// <summary>Planes.</summary>
    public readonly int Depth;

    /// <summary>Rows of a plane.</summary>
    public readonly int Height;

    /// <summary>Voxels of a row.</summary>
    public readonly int Width;

    /// <summary>Voxels of a sample.</summary>
    public readonly int Voxels;

    /// <summary>1 of images, 0 of volumes.</summary>
    public readonly int IsFlat;

    /// <summary>Numbers of a tile.</summary>
    public readonly int TileLength;

    /// <summary>Word of the number of lesions.</summary>
    public readonly int Count;

    /// <summary>Word of the first <see cref="LesionForm"/>.</summary>
    public readonly int Forms;

    /// <summary>Stream of the places.</summary>
    public readonly uint Stream;

    /// <summary>Label of the first tissue.</summary>
    public readonly int FirstLabel;

    /// <summary>1: a label for each tissue; 0: one for all.</summary>
    public readonly int OfTissues;

    /// <summary>1: within the label that it was put in.</summary>
    public readonly int Clip;
}

/// <summary>
/// The place of a lesion per thread, of the sample Grid.IdxY: the first voxel that is allowed, -1 where none is, then the target of the label there,
/// which painting changes.
/// </summary>
internal readonly struct LesionVoxels(
    ArrayView<uint> words, SampleLayout layout, LesionPlan plan, ArrayView<byte> table, ArrayView<byte> labelDHW, ArrayView<int> voxels) : ILabelKernel
{
    /// <summary>Whole numbers of a lesion.</summary>
    public const int Words = 2;

    /// <inheritdoc/>
    public void Execute()
    {
        int lesion = Group.IdxX;
        int sample = Grid.IdxY;
        if (lesion >= (int)words[(sample * layout.Stride) + plan.Count])
        {
            return;
        }

        RandomPlace place = layout.AnatomyPlace(words, sample, plan.Stream);
        ArrayView<byte> labels = labelDHW.SubView((long)sample * plan.Voxels, plan.Voxels);
        int found = -1;
        for (int attempt = 0; attempt < LesionPlaces.Tries && found < 0; attempt++)
        {
            int voxel = LesionPlaces.Voxel(in place, lesion, attempt, plan.Depth, plan.Height, plan.Width);
            found = table[LabelTables.Most + (int)labels[voxel]] == LesionPlaces.IsAllowed ? voxel : -1;
        }

        int to = ((sample * Lesions.Most) + lesion) * Words;
        voxels[to] = found;
        voxels[to + 1] = found < 0 ? 0 : table[(int)labels[found]];
    }
}

/// <summary>A voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct LesionLabels(
    ArrayView<uint> words,
    int stride,
    LesionPlan plan,
    ArrayView<float> tiles,
    ArrayView<byte> table,
    ArrayView<int> voxels,
    ArrayView<byte> labelDHW) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (voxel >= plan.Voxels)
        {
            return;
        }

        int sample = Grid.IdxY;
        int row = sample * stride;
        int count = (int)words[row + plan.Count];
        int line = voxel / plan.Width;
        int z = line / plan.Height;
        int y = line - (z * plan.Height);
        int x = voxel - (line * plan.Width);
        long at = ((long)sample * plan.Voxels) + voxel;
        int target = table[(int)labelDHW[at]];
        float tissue = 0f;
        for (int lesion = 0; lesion < count && tissue == 0f; lesion++)
        {
            tissue = Tissue(row, sample, lesion, target, z, y, x);
        }

        if (tissue > 0f)
        {
            labelDHW[at] = (byte)(plan.FirstLabel + LesionForm.LabelOf((int)tissue, plan.OfTissues != 0));
        }
    }

    private float Tissue(int row, int sample, int lesion, int target, int z, int y, int x)
    {
        int from = ((sample * Lesions.Most) + lesion) * LesionVoxels.Words;
        int seed = voxels[from];
        if (seed < 0 || (plan.Clip != 0 && voxels[from + 1] != target))
        {
            return 0f;
        }

        int line = seed / plan.Width;
        int plane = line / plan.Height;
        float fromZ = z - plane;
        float fromY = y - (line - (plane * plan.Height));
        float fromX = x - (seed - (line * plan.Width));
        LesionForm form = Unsafe.As<uint, LesionForm>(ref words[row + plan.Forms + (lesion * LesionForm.Words)]);
        if ((fromZ * fromZ) + (fromY * fromY) + (fromX * fromX) > form.Largest * form.Largest)
        {
            return 0f;
        }

        var tile = new LatticeTile(new NumberTable(tiles), (uint)(sample * plan.TileLength), plan.IsFlat);
        return form.At<Real1, Word1>(new Real1(fromZ), new Real1(fromY), new Real1(fromX), in tile).V;
    }
}
