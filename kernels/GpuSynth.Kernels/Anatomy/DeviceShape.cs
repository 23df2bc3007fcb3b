using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>A shape with a rough surface on a device: the tile of its lattices, then the labels; a launch each over the batch.</summary>
/// <typeparam name="TKernel">The kernel of the labels: a voxel per thread.</typeparam>
/// <param name="place">Where the component stands.</param>
/// <param name="name">What it is called in the plan.</param>
/// <param name="tileStream">Stream of the tile.</param>
internal abstract class DeviceShape<TKernel>(StepPlace place, string name, uint tileStream) : DeviceAnatomy
    where TKernel : struct, ILabelKernel
{
    private readonly RowEntry entry = place.Entry;
    private readonly ShapeGrid grid = new(place.Facts.Shape);
    private readonly uint stream = place.Stream(tileStream);
    private readonly int tileLength = LatticeTile.Length(place.Facts.Shape);
    private int piece;
    private ArrayView<float> tiles;
    private CoarseDraw.Launcher? draw;
    private LabelLaunch<TKernel>? labels;

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize) => piece = memory.Declare<float>(
        $"{name} tile{entry.Suffix}", checked((long)batchSize * tileLength), "normal numbers of the lattices");

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        tiles = memory.View<float>(piece);
        draw = new CoarseDraw.Launcher(loader);
        labels = new LabelLaunch<TKernel>(loader, entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch.Words));
        LaunchCheck.AtLeast(batch.Labels.Length, (long)batch.Samples * grid.Voxels, nameof(batch.Labels));
        draw!.Run(batch.Words, batch.Layout, batch.Samples, false, stream, -1, ArrayView<NoiseGridScale>.Empty, tileLength, tiles);
        var sample = new ShapeBatch(batch.Words, batch.Layout.Stride, tiles, tileLength, grid, batch.Labels);
        labels!.Run(BatchGrid.Of(grid.Voxels, batch.Samples), KernelOf(in sample), batch.Samples, batch.GateOf(entry));
    }

    /// <summary>The kernel of a batch.</summary>
    protected abstract TKernel KernelOf(in ShapeBatch batch);
}

/// <summary>Where voxels of a sample lie.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ShapeGrid(VolumeShape shape)
{
    private readonly int height = shape.Height;
    private readonly int width = shape.Width;

    /// <summary>Voxels of a sample.</summary>
    public readonly int Voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));

    /// <summary>1 of images, 0 of volumes.</summary>
    public readonly int IsFlat = shape.Dimensions == 3 ? 0 : 1;

    /// <summary>The place of a voxel.</summary>
    public void Of(int voxel, out int z, out int y, out int x)
    {
        int row = voxel / width;
        z = row / height;
        y = row - (z * height);
        x = voxel - (row * width);
    }
}

/// <summary>What a kernel of a shape reads and writes.</summary>
/// <param name="words">Table of the samples' words.</param>
/// <param name="stride">Words of a sample.</param>
/// <param name="tiles">Tiles of the lattices, [sample][number].</param>
/// <param name="tileLength">Numbers of one.</param>
/// <param name="grid">Where voxels lie.</param>
/// <param name="labels">byte[sample][D,H,W].</param>
internal readonly struct ShapeBatch(
    ArrayView<uint> words, int stride, ArrayView<float> tiles, int tileLength, ShapeGrid grid, ArrayView<byte> labels)
{
    /// <summary>The row of the sample Grid.IdxY.</summary>
    public Row Row => new(words.SubView((long)Grid.IdxY * stride, stride), ArrayView<uint>.Empty, Grid.IdxY);

    /// <summary>Its tile.</summary>
    public LatticeTile Tile => new(new NumberTable(tiles), (uint)(Grid.IdxY * tileLength), grid.IsFlat);

    /// <summary>The voxel of this thread; false where there is none.</summary>
    /// <param name="z">Its plane.</param>
    /// <param name="y">Its row.</param>
    /// <param name="x">Its column.</param>
    /// <param name="at">Where its label stands.</param>
    public bool Voxel(out int z, out int y, out int x, out long at)
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        grid.Of(voxel, out z, out y, out x);
        at = ((long)Grid.IdxY * grid.Voxels) + voxel;
        return voxel < grid.Voxels;
    }

    /// <summary>A label of the batch.</summary>
    /// <param name="at">Where it stands.</param>
    public int Label(long at) => labels[at];

    /// <summary>Writes a label.</summary>
    /// <param name="at">Where it stands.</param>
    /// <param name="label">The label.</param>
    public void Store(long at, int label) => labels[at] = (byte)label;
}
