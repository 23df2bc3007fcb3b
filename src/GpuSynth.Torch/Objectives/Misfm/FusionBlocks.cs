using GpuSynth.Kernels;

namespace GpuSynth.Torch.Objectives;

// FusionBlocks: along an axis of D voxels blocks of side b, b a whole number from max(4, D / 6) to D / 2, at least 4 and at most D; D div b of them,
//   behind an offset of 0 to D mod b voxels. Of all n blocks int(.7 n), whichever, have a level of 1 to K each; the others and what lies outside have 0.
// Source: MIS-FM (Wang et al., arXiv 2306.16925), in the form of its later code: one grid per sample.

/// <summary>The blocks of a sample that is mixed of two: a level of 0 to <see cref="Levels"/> at every voxel.</summary>
internal sealed class FusionBlocks
{
    /// <summary>K: the foreground's share is level / K.</summary>
    public const int Levels = 4;

    private const int LeastSide = 4;
    private readonly VolumeShape shape;
    private readonly int[] sides;
    private readonly int[] offsets;
    private readonly int[] counts;

    private FusionBlocks(VolumeShape shape, int[] sides, int[] offsets)
    {
        (this.shape, this.sides, this.offsets) = (shape, sides, offsets);
        counts = [.. AxesOf(shape).Select((axis, n) => axis / sides[n])];
        BlockLevels = new byte[counts[0] * counts[1] * counts[2]];
    }

    /// <summary>Level of every block, z slowest.</summary>
    public byte[] BlockLevels { get; }

    /// <summary>Blocks that a shape has at least.</summary>
    public static int Fewest(VolumeShape shape) =>
        AxesOf(shape).Aggregate(1, static (product, axis) => product * (axis / SidesOf(axis).Longest));

    /// <summary>Draws the blocks of a sample.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="random">Where numbers come from.</param>
    public static FusionBlocks Draw(VolumeShape shape, ref PlaceRandom random)
    {
        int[] axes = AxesOf(shape), sides = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            (int shortest, int longest) = SidesOf(axes[axis]);
            sides[axis] = shortest + random.Below(longest - shortest + 1);
        }

        return Draw(shape, sides, ref random);
    }

    /// <summary>The same with blocks of given sides along z, y, x.</summary>
    public static FusionBlocks Draw(VolumeShape shape, int[] sides, ref PlaceRandom random)
    {
        int[] axes = AxesOf(shape), offsets = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            offsets[axis] = random.Below((axes[axis] % sides[axis]) + 1);
        }

        var blocks = new FusionBlocks(shape, sides, offsets);
        int count = blocks.BlockLevels.Length;
        foreach (int block in random.Shuffled(count).AsSpan(0, 7 * count / 10))
        {
            blocks.BlockLevels[block] = (byte)(1 + random.Below(Levels));
        }

        return blocks;
    }

    /// <summary>Writes the level of every voxel.</summary>
    /// <param name="levelsDHW">As many as the shape has voxels.</param>
    public void Fill(Span<byte> levelsDHW)
    {
        levelsDHW.Clear();
        for (int z = 0; z < counts[0] * sides[0]; z++)
        {
            for (int y = 0; y < counts[1] * sides[1]; y++)
            {
                int row = (((offsets[0] + z) * shape.Height) + offsets[1] + y) * shape.Width;
                int firstBlock = ((z / sides[0] * counts[1]) + (y / sides[1])) * counts[2];
                for (int block = 0; block < counts[2]; block++)
                {
                    levelsDHW.Slice(row + offsets[2] + (block * sides[2]), sides[2]).Fill(BlockLevels[firstBlock + block]);
                }
            }
        }
    }

    private static int[] AxesOf(VolumeShape shape) => [shape.Depth, shape.Height, shape.Width];

    private static (int Shortest, int Longest) SidesOf(int axis)
    {
        int shortest = Math.Min(axis, Math.Max(LeastSide, axis / 6));
        return (shortest, Math.Max(shortest, axis / 2));
    }
}
