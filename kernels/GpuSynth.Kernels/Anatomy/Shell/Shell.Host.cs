using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// A shell on the host, sixteen voxels of a row at a time; what is surely outside costs nothing, and what is surely core no noise.
/// </summary>
internal sealed unsafe class HostShell(Shell shell, in StepPlace place) : HostShape(in place, "shell", Streams.ShellLattice, shell.Octaves)
{
    private const int Lanes = 16;

    private readonly ShellLabels table = new(shell, place.Entry);

    /// <inheritdoc/>
    protected override WordList LatticesOf(ReadOnlySpan<uint> row)
    {
        Shell.Drawn drawn = Entry.Drawn<Shell.Drawn>(row);
        return drawn.FoldVoxels == 0 ? default : drawn.Lattices;
    }

    /// <inheritdoc/>
    protected override void Paint(ReadOnlySpan<uint> row, float* words, float* lattices, in ShapeRows rows, byte* labelsDHW, float* scratch)
    {
        Shell.Drawn drawn = Entry.Drawn<Shell.Drawn>(row);
        for (int z = rows.FirstZ; z < rows.EndZ; z++)
        {
            for (int y = rows.FirstY; y < rows.EndY; y++)
            {
                byte* labels = RowOf(labelsDHW, z, y);
                (int first, int end) = drawn.Blob.Near(z, y, Shape.Width, drawn.FoldVoxels);
                (int core, int coreEnd) = drawn.Blob.Deep(z, y, Shape.Width, drawn.FoldVoxels + drawn.Deepest);
                if (core >= coreEnd)
                {
                    Layers(in drawn, words, lattices, z, y, first, end, labels, scratch);
                    continue;
                }

                Layers(in drawn, words, lattices, z, y, first, core, labels, scratch);
                if (table.HasCore != 0)
                {
                    new Span<byte>(labels + core, coreEnd - core).Fill((byte)(table.First + table.Layers));
                }

                Layers(in drawn, words, lattices, z, y, coreEnd, end, labels, scratch);
            }
        }
    }

    private void Layers(
        in Shell.Drawn drawn, float* words, float* lattices, int z, int y, int first, int end, byte* labels, float* scratch)
    {
        if (first >= end)
        {
            return;
        }

        bool isFolded = drawn.FoldVoxels != 0;
        if (isFolded)
        {
            Roughness(words + drawn.Lattices.First, lattices, z, y, first / Lanes * Lanes, HostMath.RoundUp(end, Lanes), scratch);
        }

        byte* some = stackalloc byte[Lanes];
        float* depths = words + drawn.Depths.First;
        for (int x = first; x < end; x += Lanes)
        {
            // The last voxels go through a vector of their own: what is behind them stays, or will be written.
            int count = Math.Min(Lanes, end - x);
            byte* to = count == Lanes ? labels + x : some;
            if (count < Lanes)
            {
                Buffer.MemoryCopy(labels + x, some, Lanes, count);
            }

            Vector256<float> low = Distance(in drawn, z, y, x, isFolded ? scratch : null);
            Vector256<float> high = Distance(in drawn, z, y, x + 8, isFolded ? scratch : null);
            Vector128<byte> label = Vector128.Create((byte)table.First);
            Vector128<byte> deeper = default;
            for (int layer = 0; layer < table.Layers; layer++)
            {
                var depth = Vector256.Create(-depths[layer]);
                deeper = HostMath.Narrow(Vector256.LessThanOrEqual(low, depth), Vector256.LessThanOrEqual(high, depth));

                // All bits are -1.
                label -= deeper;
            }

            Vector128<byte> painted = HostMath.Narrow(Vector256.LessThan(low, default), Vector256.LessThan(high, default));
            painted = table.HasCore != 0 ? painted : Vector128.AndNot(painted, deeper);
            Vector128.ConditionalSelect(painted, label, Vector128.Load(to)).Store(to);
            if (count < Lanes)
            {
                Buffer.MemoryCopy(some, labels + x, count, count);
            }
        }
    }

    private static Vector256<float> Distance(in Shell.Drawn drawn, int z, int y, int x, float* noise)
    {
        var atX = new Real8(Vector256<float>.Indices + Vector256.Create((float)x));
        Real8 distance = drawn.Blob.Distance<Real8, Word8>(Real8.Of(z), Real8.Of(y), atX);
        return noise == null ? distance.V : Shell.Drawn.Folded<Real8, Word8>(in drawn, distance, new Real8(Vector256.Load(noise + x))).V;
    }
}
