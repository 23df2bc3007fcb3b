using GpuSynth.Kernels;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>An image cut into blocks, some of which are drawn for every item. The last block of an axis may be cut.</summary>
internal sealed class BlockGrid
{
    private readonly int[] sides;
    private readonly int[] blockSides;

    /// <summary>The blocks of a shape.</summary>
    /// <param name="shape">Shape of the image.</param>
    /// <param name="blockSide">Voxels of a block along an axis of so many voxels.</param>
    public BlockGrid(VolumeShape shape, Func<int, int> blockSide)
    {
        sides = shape.Dimensions == 2 ? [shape.Height, shape.Width] : [shape.Depth, shape.Height, shape.Width];
        blockSides = [.. sides.Select(blockSide)];
        Blocks = [.. sides.Zip(blockSides, static (side, block) => (side + block - 1L) / block)];
        Count = (int)Blocks.Aggregate(1L, static (product, blocks) => product * blocks);
    }

    /// <summary>Blocks along every axis, the slowest first.</summary>
    public long[] Blocks { get; }

    /// <summary>Blocks of an image.</summary>
    public int Count { get; }

    /// <summary>Blocks of every item of a batch: bool [B, 1, (blocks,) blocks, blocks], a function of the run's seed and the item's number.</summary>
    /// <param name="step">The batch.</param>
    /// <param name="chosen">How many of an item's blocks are true.</param>
    /// <param name="device">Where the result is to be.</param>
    public Tensor Draw(ObjectiveStep step, int chosen, Device device)
    {
        bool[] isChosen = new bool[step.Items * Count];
        for (int item = 0; item < step.Items; item++)
        {
            foreach (int block in step.Random(item, PlaceRandom.MaskStream).Shuffled(Count).AsSpan(0, chosen))
            {
                isChosen[(item * Count) + block] = true;
            }
        }

        return tensor(isChosen).reshape([step.Items, 1, .. Blocks]).to(device);
    }

    /// <summary>What holds for blocks, for their voxels: [B, 1, (D,) H, W].</summary>
    /// <param name="blocks">[B, 1, (blocks,) blocks, blocks].</param>
    public Tensor ToVoxels(Tensor blocks)
    {
        for (int axis = 0; axis < sides.Length; axis++)
        {
            blocks = blocks.repeat_interleave(blockSides[axis], axis + 2).narrow(axis + 2, 0, sides[axis]);
        }

        return blocks;
    }
}
