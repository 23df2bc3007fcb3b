using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// TreeLabels: the labels of a batch's tubes. A group takes a tile of 8x16x16 voxels, or 32x64 of an image: its threads look which of the
//   sample's segments may touch the ball around the tile and list them in shared memory; then each takes voxels and looks at those alone.
//   Which of them holds a voxel, in its lumen or its wall, is asked of all, so that their order, which changes from run to run, changes nothing.
//   Per tile: 32 B of each segment of the sample, from the cache; per voxel 26 operations for each segment in the list, mostly none.
// label: byte[sample][D,H,W], written where a tube is. Labels: the same on every device away from ties. Reference: Trees.Reference.cs.

/// <summary>Trees on a device: one launch over the batch; the branches stand in the samples' rows.</summary>
internal sealed class DeviceTrees(Trees trees, in StepPlace place) : DeviceAnatomy
{
    private readonly RowEntry entry = place.Entry;
    private readonly TreePlan plan = new(trees.Kinds, in place);
    private LabelLaunch<TreeLabels>? labels;

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        // Everything stands in the row.
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory) => labels = new(loader, entry.MayBeMissing);

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch.Words));
        LaunchCheck.AtLeast(batch.Labels.Length, batch.Samples * plan.VoxelCount, nameof(batch.Labels));
        labels!.Run(
            BatchGrid.OfGroups(plan.Tiles, batch.Samples, KernelLoader.GroupSize),
            new(batch.Words, batch.Layout.Stride, plan, batch.Labels),
            batch.Samples,
            batch.GateOf(entry));
    }
}

/// <summary>The tiles of a sample, and where its segments stand in its row.</summary>
internal readonly struct TreePlan
{
    private readonly int depth;
    private readonly int height;
    private readonly int width;
    private readonly int tileDepth;
    private readonly int tileHeight;
    private readonly int tileWidth;
    private readonly int tilesY;
    private readonly int tilesX;

    /// <summary>The plan of a component.</summary>
    public TreePlan(int kinds, in StepPlace place)
    {
        VolumeShape shape = place.Facts.Shape;
        (depth, height, width) = (shape.Depth, shape.Height, shape.Width);
        (tileDepth, tileHeight, tileWidth) = shape.Dimensions == 3 ? (8, 16, 16) : (1, 32, 64);
        tilesY = (height + tileHeight - 1) / tileHeight;
        tilesX = (width + tileWidth - 1) / tileWidth;
        Tiles = checked((depth + tileDepth - 1) / tileDepth * tilesY * tilesX);
        TileVoxels = tileDepth * tileHeight * tileWidth;
        Reach = MathF.Sqrt(Square(tileDepth - 1) + Square(tileHeight - 1) + Square(tileWidth - 1)) / 2;
        NodesWord = place.Entry.Lists + Trees.MostTrees;
        SegmentsWord = SampleLayout.FieldOf<Trees.Drawn>(place.Entry, nameof(Trees.Drawn.Segments));
        FirstKindWord = SampleLayout.FieldOf<Trees.Drawn>(place.Entry, nameof(Trees.Drawn.FirstKindSegments));
        OuterWord = SampleLayout.FieldOf<Trees.Drawn>(place.Entry, nameof(Trees.Drawn.Outer));
        FirstLabel = place.Entry.FirstLabel;
        Kinds = kinds;

        static float Square(int value) => (float)value * value;
    }

    /// <summary>Tiles of a sample.</summary>
    public readonly int Tiles;

    /// <summary>Voxels of one.</summary>
    public readonly int TileVoxels;

    /// <summary>From a tile's middle to its farthest voxel.</summary>
    public readonly float Reach;

    /// <summary>Word of the nodes.</summary>
    public readonly int NodesWord;

    /// <summary>Word of the number of segments.</summary>
    public readonly int SegmentsWord;

    /// <summary>Word of those of the first kind.</summary>
    public readonly int FirstKindWord;

    /// <summary>Word of the radius of the walls' outside over that of the lumen.</summary>
    public readonly int OuterWord;

    /// <summary>Label of the first kind.</summary>
    public readonly int FirstLabel;

    /// <summary>Kinds; the labels of their walls stand behind theirs.</summary>
    public readonly int Kinds;

    /// <summary>Voxels of a sample.</summary>
    public long VoxelCount => (long)depth * height * width;

    /// <summary>Whether a segment may touch a tile.</summary>
    public bool MayTouch(in TreeSegment segment, float outer, int tile)
    {
        Corner(tile, out int z, out int y, out int x);
        return segment.MayTouch(z + ((tileDepth - 1) / 2f), y + ((tileHeight - 1) / 2f), x + ((tileWidth - 1) / 2f), Reach, outer);
    }

    /// <summary>A voxel of a tile; false where it is outside the sample.</summary>
    public bool Voxel(int tile, int inTile, out int z, out int y, out int x)
    {
        Corner(tile, out z, out y, out x);
        int row = inTile / tileWidth;
        int plane = row / tileHeight;
        z += plane;
        y += row - (plane * tileHeight);
        x += inTile - (row * tileWidth);
        return z < depth && y < height && x < width;
    }

    /// <summary>Where a voxel's label stands among the batch's.</summary>
    public long At(int sample, int z, int y, int x) => (((((long)sample * depth) + z) * height) + y) * width + x;

    private void Corner(int tile, out int z, out int y, out int x)
    {
        int row = tile / tilesX;
        int plane = row / tilesY;
        z = plane * tileDepth;
        y = (row - (plane * tilesY)) * tileHeight;
        x = (tile - (row * tilesX)) * tileWidth;
    }
}

/// <summary>One group for a tile of the sample Grid.IdxY.</summary>
internal readonly struct TreeLabels(ArrayView<uint> words, int stride, TreePlan plan, ArrayView<byte> labelDHW) : ILabelKernel
{
    private const int MostSegments = TreeBranch.Most * TreeBranch.Segments;

    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<int> near = SharedMemory.Allocate<int>(MostSegments);
        ArrayView<int> found = SharedMemory.Allocate<int>(1);
        if (Group.IdxX == 0)
        {
            found[0] = 0;
        }

        Group.Barrier();
        int sample = Grid.IdxY;
        int tile = Grid.IdxX;
        int row = sample * stride;
        int segments = (int)words[row + plan.SegmentsWord];
        int firstKind = (int)words[row + plan.FirstKindWord];
        float outer = SampleLayout.Number(words, row + plan.OuterWord);
        ArrayView<uint> nodes = words.SubView(row + plan.NodesWord);
        for (int segment = Group.IdxX; segment < segments; segment += KernelLoader.GroupSize)
        {
            if (plan.MayTouch(new TreeSegment(nodes, segment), outer, tile))
            {
                near[Atomic.Add(ref found[0], 1)] = segment;
            }
        }

        Group.Barrier();
        int count = found[0];
        for (int voxel = Group.IdxX; count > 0 && voxel < plan.TileVoxels; voxel += KernelLoader.GroupSize)
        {
            if (!plan.Voxel(tile, voxel, out int z, out int y, out int x))
            {
                continue;
            }

            // 0 and 1 are the kinds' lumens, 2 and 3 their walls.
            int least = 2 * TreeSegment.Outside;
            for (int n = 0; n < count; n++)
            {
                int segment = near[n];
                int layer = new TreeSegment(nodes, segment).LayerOf(z, y, x, outer);
                least = KernelMath.Min(least, (2 * layer) + (segment < firstKind ? 0 : 1));
            }

            if (least < 2 * TreeSegment.Outside)
            {
                labelDHW[plan.At(sample, z, y, x)] = (byte)(plan.FirstLabel + (least >> 1) * plan.Kinds + (least & 1));
            }
        }
    }
}
