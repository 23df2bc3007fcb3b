using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>What is cut away on the host, in slabs of rows, eight voxels at a time; a row that no piece reaches is passed over.</summary>
internal sealed unsafe class HostCutAway(in StepPlace place) : HostAnatomy
{
    private const int RowsPerSlab = 128;
    private const int Lanes = 8;

    private readonly RowEntry entry = place.Entry;
    private readonly VolumeShape shape = place.Facts.Shape;

    /// <inheritdoc/>
    public override int PreparationCount => 0;

    /// <inheritdoc/>
    public override int SlabCount => (Rows + RowsPerSlab - 1) / RowsPerSlab;

    /// <inheritdoc/>
    public override long ScratchLength => 0;

    private int Rows => shape.Depth * shape.Height;

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory)
    {
        // Everything stands in the row.
    }

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch) =>
        throw new ArgumentOutOfRangeException(nameof(piece), piece, "What is cut away has nothing to prepare.");

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab) => (slab * RowsPerSlab, Math.Min(RowsPerSlab, Rows - (slab * RowsPerSlab)));

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        WordList all = entry.Drawn<CutAway.Drawn>(row).Pieces;
        int* reaching = stackalloc int[all.Count / CutPiece.WordCount];
        (int first, int count) = RowsOf(slab);
        fixed (uint* at = row)
        {
            var words = new Row(at, null);
            for (int line = first; line < first + count; line++)
            {
                (int z, int y) = (line / shape.Height, line % shape.Height);
                int found = CutPieces.Reaching(in words, all, (z, y, 0), shape.Width, 0, reaching);
                Paint(in words, reaching, found, z, y, labelsDHW + ((long)line * shape.Width));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Paint(in Row words, int* reaching, int count, int z, int y, byte* labels)
    {
        byte air = (byte)entry.FirstLabel;
        for (int piece = 0; piece < count; piece++)
        {
            for (int x = 0; x < shape.Width; x += Lanes)
            {
                var atX = new Real8(Vector256<float>.Indices + Vector256.Create((float)x));
                Vector256<float> depth = CutPiece.Depth<Real8, Word8>(in words, reaching[piece], Real8.Of(z), Real8.Of(y), atX).V;
                uint held = Vector256.GreaterThanOrEqual(depth, default).ExtractMostSignificantBits();
                for (held &= 0xffu >> Math.Max(0, Lanes - (shape.Width - x)); held != 0; held &= held - 1)
                {
                    labels[x + BitOperations.TrailingZeroCount(held)] = air;
                }
            }
        }
    }
}
