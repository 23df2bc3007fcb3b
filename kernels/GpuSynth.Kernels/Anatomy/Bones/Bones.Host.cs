using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// Bones on the host, in slabs of eight planes or rows, piece by piece, eight voxels of a row at a time: all cortex first, then all marrow, so that
/// pieces that meet have one marrow. Where no piece may be costs nothing.
/// </summary>
internal sealed unsafe class HostBones(in StepPlace place) : HostAnatomy
{
    private const int SlabSlices = 8;
    private const int Lanes = 8;

    private readonly RowEntry entry = place.Entry;
    private readonly VolumeShape shape = place.Facts.Shape;

    /// <inheritdoc/>
    public override int PreparationCount => 0;

    /// <inheritdoc/>
    public override int SlabCount => (Slices + SlabSlices - 1) / SlabSlices;

    /// <inheritdoc/>
    public override long ScratchLength => 0;

    // A slice is a plane of H rows in a volume, one row in an image.
    private int Slices => shape.Dimensions == 3 ? shape.Depth : shape.Height;

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory)
    {
        // Everything stands in the row.
    }

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch) =>
        throw new ArgumentOutOfRangeException(nameof(piece), piece, "Bones have nothing to prepare.");

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        Bones.Drawn drawn = entry.Drawn<Bones.Drawn>(row);
        int first = slab * SlabSlices;
        int end = Math.Min(first + SlabSlices, Slices);
        bool isVolume = shape.Dimensions == 3;
        var rows = new ShapeRows(isVolume ? first : 0, isVolume ? end : 1, isVolume ? 0 : first, isVolume ? shape.Height : end);
        fixed (uint* words = row)
        {
            var pieces = (BonePiece*)(words + drawn.Pieces.First);
            for (int marrow = 0; marrow < 2; marrow++)
            {
                for (int piece = 0; piece < drawn.Count; piece++)
                {
                    Paint(in pieces[piece], marrow == 0 ? 0 : -pieces[piece].Cortex, (byte)(entry.FirstLabel + marrow), in rows, labelsDHW);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab)
    {
        int rowsPerSlice = shape.Dimensions == 3 ? shape.Height : 1;
        int first = slab * SlabSlices;
        return (first * rowsPerSlice, Math.Min(SlabSlices, Slices - first) * rowsPerSlice);
    }

    // Where a piece is deeper than a limit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Paint(in BonePiece piece, float limit, byte label, in ShapeRows rows, byte* labelsDHW)
    {
        (int firstZ, int endZ) = piece.RangeZ(shape.Depth);
        (int firstY, int endY) = piece.RangeY(shape.Height);
        (int firstX, int endX) = piece.RangeX(shape.Width);
        for (int z = Math.Max(firstZ, rows.FirstZ); z < Math.Min(endZ, rows.EndZ); z++)
        {
            for (int y = Math.Max(firstY, rows.FirstY); y < Math.Min(endY, rows.EndY); y++)
            {
                byte* labels = labelsDHW + ((((long)z * shape.Height) + y) * shape.Width);
                for (int x = firstX; x < endX; x += Lanes)
                {
                    var atX = new Real8(Vector256<float>.Indices + Vector256.Create((float)x));
                    Vector256<float> distance = piece.Distance<Real8, Word8>(Real8.Of(z), Real8.Of(y), atX).V;
                    uint held = Vector256.LessThan(distance, Vector256.Create(limit)).ExtractMostSignificantBits();
                    for (held &= 0xffu >> Math.Max(0, Lanes - (endX - x)); held != 0; held &= held - 1)
                    {
                        labels[x + BitOperations.TrailingZeroCount(held)] = label;
                    }
                }
            }
        }
    }
}
