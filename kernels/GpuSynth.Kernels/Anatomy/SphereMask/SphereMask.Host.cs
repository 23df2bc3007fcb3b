using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// A sphere mask on the host, sixteen voxels of a row at a time; what is surely outside or surely inside by its distance from the surface costs no
/// roughness.
/// </summary>
internal sealed unsafe class HostSphereMask(SphereMask mask, in StepPlace place)
    : HostShape(in place, "sphere mask", Streams.SphereMaskLattice, mask.Spacings.Count)
{
    private const int Lanes = 16;

    private readonly SphereMaskLabels table = new(mask, place.Entry);

    /// <inheritdoc/>
    protected override WordList LatticesOf(ReadOnlySpan<uint> row)
    {
        SphereMask.Drawn drawn = Entry.Drawn<SphereMask.Drawn>(row);
        return drawn.IsMasked == 0 ? default : drawn.Lattices;
    }

    /// <inheritdoc/>
    protected override void Paint(ReadOnlySpan<uint> row, float* words, float* lattices, in ShapeRows rows, byte* labelsDHW, float* scratch)
    {
        SphereMask.Drawn drawn = Entry.Drawn<SphereMask.Drawn>(row);
        float reach = drawn.MostRoughness + drawn.HalfRim;
        for (int z = rows.FirstZ; z < rows.EndZ; z++)
        {
            for (int y = rows.FirstY; y < rows.EndY; y++)
            {
                byte* labels = RowOf(labelsDHW, z, y);
                if (drawn.IsMasked == 0)
                {
                    Inside(labels, 0, Shape.Width);
                    continue;
                }

                (int first, int end) = drawn.Ball.Near(z, y, Shape.Width, reach);
                (int deep, int deepEnd) = drawn.Ball.Deep(z, y, Shape.Width, reach);
                new Span<byte>(labels, first).Clear();
                new Span<byte>(labels + end, Shape.Width - end).Clear();
                if (deep >= deepEnd)
                {
                    Border(in drawn, words, lattices, z, y, first, end, labels, scratch);
                    continue;
                }

                Border(in drawn, words, lattices, z, y, first, deep, labels, scratch);
                Inside(labels, deep, deepEnd);
                Border(in drawn, words, lattices, z, y, deepEnd, end, labels, scratch);
            }
        }
    }

    // Voxels that may be on either side of the surface.
    private void Border(
        in SphereMask.Drawn drawn, float* words, float* lattices, int z, int y, int first, int end, byte* labels, float* scratch)
    {
        if (first >= end)
        {
            return;
        }

        Roughness(words + drawn.Lattices.First, lattices, z, y, first / Lanes * Lanes, HostMath.RoundUp(end, Lanes), scratch);
        byte* some = stackalloc byte[Lanes];
        for (int x = first; x < end; x += Lanes)
        {
            // The last voxels go through a vector of their own: what is behind them has been written, or will be.
            int count = Math.Min(Lanes, end - x);
            byte* to = count == Lanes ? labels + x : some;
            if (count < Lanes)
            {
                Buffer.MemoryCopy(labels + x, some, Lanes, count);
            }

            Vector256<float> low = Distance(in drawn, z, y, x, scratch);
            Vector256<float> high = Distance(in drawn, z, y, x + 8, scratch);
            Vector128<byte> outside = HostMath.Narrow(Vector256.GreaterThanOrEqual(low, default), Vector256.GreaterThanOrEqual(high, default));
            Vector256<float> half = Vector256.Create(drawn.HalfRim);
            Vector128<byte> rim = HostMath.Narrow(Vector256.LessThan(Vector256.Abs(low), half), Vector256.LessThan(Vector256.Abs(high), half));
            Vector128<byte> label = Vector128.AndNot(table.Inside(Vector128.Load(to)), outside);
            Vector128.ConditionalSelect(rim, Vector128.Create((byte)table.Rim), label).Store(to);
            if (count < Lanes)
            {
                Buffer.MemoryCopy(some, labels + x, count, count);
            }
        }
    }

    private static Vector256<float> Distance(in SphereMask.Drawn drawn, int z, int y, int x, float* rough)
    {
        var atX = new Real8(Vector256<float>.Indices + Vector256.Create((float)x));
        Real8 distance = drawn.Ball.Distance<Real8, Word8>(Real8.Of(z), Real8.Of(y), atX);
        var most = Real8.Of(drawn.MostRoughness);
        return (distance + Real8.Min(Real8.Max(new Real8(Vector256.Load(rough + x)), Real8.Of(0f) - most), most)).V;
    }

    private void Inside(byte* labels, int first, int end)
    {
        if (!table.Lifts)
        {
            return;
        }

        int x = first;
        for (; x + Lanes <= end; x += Lanes)
        {
            table.Inside(Vector128.Load(labels + x)).Store(labels + x);
        }

        for (; x < end; x++)
        {
            labels[x] = (byte)table.Inside(labels[x]);
        }
    }
}

/// <summary>What a sphere mask makes of labels.</summary>
internal readonly struct SphereMaskLabels(SphereMask mask, RowEntry entry)
{
    // Labels before it; those from here on lie inside others', and stay.
    private readonly int before = entry.FirstLabel;
    private readonly int lift = mask.OwnBackground ? 1 : 0;

    /// <summary>The rim's label.</summary>
    public readonly int Rim = entry.FirstLabel + (mask.OwnBackground ? 1 : 0);

    /// <summary>Whether labels inside become others.</summary>
    public bool Lifts => lift != 0;

    /// <summary>What a label becomes inside.</summary>
    public int Inside(int label) => label < before ? label + lift : label;

    /// <summary>What labels become inside.</summary>
    public Vector128<byte> Inside(Vector128<byte> labels) =>
        labels + (Vector128.LessThan(labels, Vector128.Create((byte)before)) & Vector128.Create((byte)lift));
}
