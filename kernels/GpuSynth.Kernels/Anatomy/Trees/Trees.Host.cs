using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// Trees on the host: one piece puts the segments into bricks; then slabs of eight planes of a volume, or eight rows of an image, brick by brick,
/// eight voxels of a row at a time. A brick without segments takes no time.
/// </summary>
internal sealed unsafe class HostTrees : HostAnatomy
{
    // A segment as slabs read it: its numbers, then the rows and planes that it touches.
    private const int Words = 16;
    private const int MostSegments = TreeBranch.Most * TreeBranch.Segments;
    private const uint AllEight = 0xff;

    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly TreeBricks bricks;
    private readonly int kinds;
    private int segments;
    private int starts;
    private int entries;

    public HostTrees(Trees trees, in StepPlace place)
    {
        this.place = place;
        kinds = trees.Kinds;
        shape = place.Facts.Shape;
        bricks = new TreeBricks(shape);
    }

    /// <inheritdoc/>
    public override int PreparationCount => 1;

    /// <inheritdoc/>
    public override int SlabCount => (Slices + TreeBricks.Edge - 1) / TreeBricks.Edge;

    /// <inheritdoc/>
    public override long ScratchLength => 0;

    // A slice is a plane of H rows in a volume, one row in an image.
    private int Slices => shape.Dimensions == 3 ? shape.Depth : shape.Height;

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory)
    {
        string suffix = place.Entry.Suffix;
        segments = memory.Floats($"tree segments{suffix}", MostSegments * Words, "the pieces of the tubes");
        starts = memory.Floats($"tree bricks{suffix}", bricks.StartsLength, "where each brick's list of pieces begins");
        entries = memory.Floats($"tree lists{suffix}", TreeBricks.MostEntries / 2, "which pieces may touch a brick");
    }

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        Trees.Drawn drawn = place.Entry.Drawn<Trees.Drawn>(row);
        ReadOnlySpan<float> nodes = RowLayout.Numbers(row, drawn.Nodes);
        float outer = drawn.Outer;
        bricks.Fill(nodes, drawn.Segments, outer, (int*)memory[starts], (ushort*)memory[entries]);
        for (int segment = 0; segment < drawn.Segments; segment++)
        {
            float* to = memory[segments] + (segment * Words);
            var one = new TreeSegment(nodes, segment);
            (to[0], to[1], to[2], to[3]) = (one.Z, one.Y, one.X, one.Radius);
            (to[4], to[5], to[6], to[7]) = (one.AlongZ, one.AlongY, one.AlongX, one.Growth);
            to[8] = one.PerSquare;
            to[9] = segment < drawn.FirstKindSegments ? 0 : 1;
            float reach = one.LargestRadius * outer;
            to[10] = MathF.Min(one.Y, one.Y + one.AlongY) - reach;
            to[11] = MathF.Max(one.Y, one.Y + one.AlongY) + reach;
            to[12] = MathF.Min(one.Z, one.Z + one.AlongZ) - reach;
            to[13] = MathF.Max(one.Z, one.Z + one.AlongZ) + reach;
        }
    }

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        int* begins = (int*)memory[starts];
        ushort* lists = (ushort*)memory[entries];
        int shift = TreeBricks.ShiftOf(begins);
        int first = slab * TreeBricks.Edge;
        int end = Math.Min(first + TreeBricks.Edge, Slices);
        float outer = place.Entry.Drawn<Trees.Drawn>(row).Outer;
        bool isVolume = shape.Dimensions == 3;
        (int firstZ, int endZ) = isVolume ? (first, end) : (0, 1);
        (int slabY, int slabEndY) = isVolume ? (0, shape.Height) : (first, end);
        for (int firstY = slabY; firstY < slabEndY; firstY += TreeBricks.Edge)
        {
            for (int x = 0; x < shape.Width; x += TreeBricks.Edge)
            {
                int brick = 1 + bricks.BrickOf(shift, firstZ, firstY, x);
                int count = begins[brick + 1] - begins[brick];
                if (count > 0)
                {
                    int endY = Math.Min(firstY + TreeBricks.Edge, slabEndY);
                    Brick(memory[segments], lists + begins[brick], count, new Rows(firstZ, endZ, firstY, endY), x, outer, labelsDHW);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab)
    {
        int rowsPerSlice = shape.Dimensions == 3 ? shape.Height : 1;
        int first = slab * TreeBricks.Edge;
        return (first * rowsPerSlice, Math.Min(TreeBricks.Edge, Slices - first) * rowsPerSlice);
    }

    private void Brick(float* all, ushort* list, int count, Rows rows, int x, float outer, byte* labelsDHW)
    {
        int inRow = Math.Min(TreeBricks.Edge, shape.Width - x);
        uint wanted = AllEight >> (TreeBricks.Edge - inRow);
        byte first = (byte)place.Entry.FirstLabel;
        byte firstWall = (byte)(first + kinds);
        for (int z = rows.FirstZ; z < rows.EndZ; z++)
        {
            for (int y = rows.FirstY; y < rows.EndY; y++)
            {
                // The first kind stands first in a list, so that what is painted stays. Walls come after all lumens.
                byte* to = labelsDHW + ((((long)z * shape.Height) + y) * shape.Width) + x;
                uint open = wanted;
                uint wallOfFirst = 0;
                uint wallOfSecond = 0;
                for (int n = 0; n < count && open != 0; n++)
                {
                    float* one = all + (list[n] * Words);
                    if (y < one[10] || y > one[11] || z < one[12] || z > one[13])
                    {
                        continue;
                    }

                    uint held = Holds(one, z, y, x, outer, out uint walled) & open;
                    open &= ~held;
                    Paint(to, held, (byte)(first + (int)one[9]));
                    wallOfFirst |= one[9] == 0 ? walled : 0;
                    wallOfSecond |= one[9] == 0 ? 0 : walled;
                }

                Paint(to, wallOfFirst & open, firstWall);
                Paint(to, wallOfSecond & open & ~wallOfFirst, (byte)(firstWall + 1));
            }
        }
    }

    // Which of eight voxels of a row are in a segment, a bit each; and which of them are so, or in its wall, where it has one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Holds(float* one, int z, int y, int x, float outer, out uint walled)
    {
        float fromZ = z - one[0];
        float fromY = y - one[1];
        Vector256<float> fromX = Vector256<float>.Indices + Vector256.Create(x - one[2]);
        Vector256<float> alongX = Vector256.Create(one[6]);
        Vector256<float> along = ((fromX * alongX) + Vector256.Create((fromZ * one[4]) + (fromY * one[5]))) * Vector256.Create(one[8]);
        Vector256<float> t = Vector256.Min(Vector256<float>.One, Vector256.Max(Vector256<float>.Zero, along));
        Vector256<float> offZ = Vector256.Create(fromZ) - (t * Vector256.Create(one[4]));
        Vector256<float> offY = Vector256.Create(fromY) - (t * Vector256.Create(one[5]));
        Vector256<float> offX = fromX - (t * alongX);
        Vector256<float> allowed = Vector256.Create(one[3]) + (t * Vector256.Create(one[7]));
        Vector256<float> off = (offZ * offZ) + (offY * offY) + (offX * offX);
        Vector256<float> allowedOutside = allowed * Vector256.Create(outer);
        walled = outer > 1 ? Vector256.LessThan(off, allowedOutside * allowedOutside).ExtractMostSignificantBits() : 0;
        return Vector256.LessThan(off, allowed * allowed).ExtractMostSignificantBits();
    }

    private static void Paint(byte* to, uint held, byte label)
    {
        if (held == AllEight)
        {
            Unsafe.WriteUnaligned(to, label * 0x0101010101010101UL);
            return;
        }

        for (; held != 0; held &= held - 1)
        {
            to[BitOperations.TrailingZeroCount(held)] = label;
        }
    }

    private readonly record struct Rows(int FirstZ, int EndZ, int FirstY, int EndY);
}
