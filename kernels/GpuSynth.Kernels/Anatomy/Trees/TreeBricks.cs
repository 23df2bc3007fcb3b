namespace GpuSynth.Kernels;

// TreeBricks: which segments may touch which brick of 8^d voxels, as lists one after another. Where that makes more bricks or more entries than
//   there is room for, bricks of twice the edge are taken, and so on; one brick with all segments always fits.
//   starts: int[bricks + 1], behind a word with the edge's power of two; entries: ushort. Segments of a brick stand in their order.

/// <summary>The bricks of a volume.</summary>
/// <param name="shape">Its shape.</param>
internal sealed unsafe class TreeBricks(VolumeShape shape)
{
    /// <summary>Voxels along an edge of a brick at least.</summary>
    public const int Edge = 8;

    /// <summary>Entries at most: 128 KB of them.</summary>
    public const int MostEntries = 1 << 16;

    private const int LeastShift = 3;

    // 128 KB of starts.
    private const int MostBricks = (1 << 15) - 2;

    private readonly int firstShift = FirstShift(shape);

    /// <summary>Whole numbers of the starts.</summary>
    public int StartsLength => Bricks(firstShift) + 2;

    /// <summary>The power of two that is the edge of bricks.</summary>
    public static int ShiftOf(int* starts) => starts[0];

    /// <summary>The brick of a voxel.</summary>
    public int BrickOf(int shift, int z, int y, int x) => IndexOf(shift, z >> shift, y >> shift, x >> shift);

    /// <summary>Puts the segments into bricks.</summary>
    /// <param name="nodes">The sample's nodes.</param>
    /// <param name="segments">How many segments.</param>
    /// <param name="outer">Radius of the walls' outside over that of the lumen.</param>
    /// <param name="starts">
    /// Written, <see cref="StartsLength"/> numbers: the shift, then where each brick's entries begin, and where the last one's end.
    /// </param>
    /// <param name="entries">Written, <see cref="MostEntries"/> at most.</param>
    public void Fill(ReadOnlySpan<float> nodes, int segments, float outer, int* starts, ushort* entries)
    {
        int shift = firstShift;
        while (!Count(nodes, segments, outer, shift, starts + 1))
        {
            shift++;
        }

        starts[0] = shift;
        for (int segment = segments - 1; segment >= 0; segment--)
        {
            var one = new TreeSegment(nodes, segment);
            Box box = BoxOf(in one, outer, shift);
            for (int z = box.FirstZ; z <= box.LastZ; z++)
            {
                for (int y = box.FirstY; y <= box.LastY; y++)
                {
                    for (int x = box.FirstX; x <= box.LastX; x++)
                    {
                        if (MayTouch(in one, outer, shift, z, y, x))
                        {
                            // From the end of a brick's entries to their beginning, which is where its start then is.
                            entries[--starts[1 + IndexOf(shift, z, y, x)]] = (ushort)segment;
                        }
                    }
                }
            }
        }
    }

    // Writes where each brick's entries end: false where there are too many.
    private bool Count(ReadOnlySpan<float> nodes, int segments, float outer, int shift, int* ends)
    {
        int bricks = Bricks(shift);
        new Span<int>(ends, bricks + 1).Clear();
        for (int segment = 0; segment < segments; segment++)
        {
            var one = new TreeSegment(nodes, segment);
            Box box = BoxOf(in one, outer, shift);
            for (int z = box.FirstZ; z <= box.LastZ; z++)
            {
                for (int y = box.FirstY; y <= box.LastY; y++)
                {
                    for (int x = box.FirstX; x <= box.LastX; x++)
                    {
                        ends[IndexOf(shift, z, y, x)] += MayTouch(in one, outer, shift, z, y, x) ? 1 : 0;
                    }
                }
            }
        }

        int total = 0;
        for (int brick = 0; brick < bricks; brick++)
        {
            total += ends[brick];
            ends[brick] = total;
        }

        ends[bricks] = total;
        return total <= MostEntries;
    }

    // The ball around a brick's voxels.
    private bool MayTouch(in TreeSegment segment, float outer, int shift, int z, int y, int x)
    {
        float half = ((1 << shift) - 1) / 2f;
        bool isVolume = shape.Dimensions == 3;
        float reach = half * MathF.Sqrt(isVolume ? 3 : 2);
        return segment.MayTouch(isVolume ? (z << shift) + half : 0, (y << shift) + half, (x << shift) + half, reach, outer);
    }

    private Box BoxOf(in TreeSegment segment, float outer, int shift)
    {
        float radius = segment.LargestRadius * outer;
        (int firstZ, int lastZ) = Range(segment.Z, segment.AlongZ, radius, shape.Depth, shift);
        (int firstY, int lastY) = Range(segment.Y, segment.AlongY, radius, shape.Height, shift);
        (int firstX, int lastX) = Range(segment.X, segment.AlongX, radius, shape.Width, shift);
        return new Box(firstZ, lastZ, firstY, lastY, firstX, lastX);
    }

    // Bricks along an axis; from 0 to -1 where all is outside. A tube may be longer than any volume: clamped before it becomes a whole number.
    private static (int First, int Last) Range(float at, float along, float radius, int length, int shift)
    {
        float low = MathF.Floor(MathF.Min(at, at + along) - radius);
        float high = MathF.Ceiling(MathF.Max(at, at + along) + radius);
        return high < 0 || low > length - 1 ? (0, -1) : ((int)MathF.Max(low, 0) >> shift, (int)MathF.Min(high, length - 1) >> shift);
    }

    private int IndexOf(int shift, int z, int y, int x) => (((z * Along(shape.Height, shift)) + y) * Along(shape.Width, shift)) + x;

    private int Bricks(int shift) => Along(shape.Depth, shift) * Along(shape.Height, shift) * Along(shape.Width, shift);

    private static int FirstShift(VolumeShape shape)
    {
        int shift = LeastShift;
        while ((double)Along(shape.Depth, shift) * Along(shape.Height, shift) * Along(shape.Width, shift) > MostBricks)
        {
            shift++;
        }

        return shift;
    }

    private static int Along(int length, int shift) => ((length - 1) >> shift) + 1;

    private readonly record struct Box(int FirstZ, int LastZ, int FirstY, int LastY, int FirstX, int LastX);
}
