using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Patches on the host, row by row: the tile between the four lattice lines around a row is worked out once per lattice step, so that a voxel looks
/// at two numbers of each lattice, not at eight.
/// </summary>
internal sealed unsafe class MottleStep(Mottle mottle, StepPlace place) : HostStep
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private readonly int first = place.Entry.First;
    private readonly int lattices = mottle.Spacings.Count;
    private readonly int tileLength = LatticeTile.Length(place.Facts.Shape);
    private readonly int width = HostMath.RoundUp(place.Facts.Shape.Width, 16);
    private readonly uint tileStream = place.Stream(mottle.TileStream);

    // The tile; then three numbers of every lattice for every place along x.
    /// <inheritdoc/>
    public override long MemoryLength => tileLength + (3L * lattices * width);

    // The factors of a row, and the lattice points along it: at most one per voxel and two.
    /// <inheritdoc/>
    public override long ScratchLength => (2L * width) + 16;

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch)
    {
        Normal.HostFill(memory, tileLength, sample.Place(tileStream));
        float* words = Words(sample.Row);
        new Span<float>(memory + tileLength, 3 * lattices * width).Clear();
        for (int lattice = 0; lattice < lattices; lattice++)
        {
            float* own = words + (lattice * MottleWords.Count);
            float* step = Along(memory, lattice);
            int origin = (int)MathF.Floor(own[MottleWords.Offset + 2]);
            for (int x = 0; x < shape.Width; x++)
            {
                Locate(x, own, 2, out int point, out float along);
                float strength = own[MottleWords.Strength] / MathF.Sqrt(Squares(along));
                ((int*)step)[x] = point - origin;
                step[width + x] = strength * (1 - along);
                step[(2 * width) + x] = strength * along;
            }
        }
    }

    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        float* words = Words(block.Row);
        int count;
        for (int done = 0; done < block.Count; done += count)
        {
            // Behind the end of the volume the last voxel counts.
            long voxel = Math.Min(block.First + done, shape.VoxelCount - 1);
            long row = voxel / shape.Width;
            int x = (int)(voxel - (row * shape.Width));
            count = voxel < block.First + done ? 1 : Math.Min(shape.Width - x, block.Count - done);
            int z = (int)(row / shape.Height);
            int y = (int)(row - ((long)z * shape.Height));
            if (lanes == 16)
            {
                Factors<Real16, Word16>(words, z, y, block.Memory, block.Scratch);
            }
            else
            {
                Factors<Real8, Word8>(words, z, y, block.Memory, block.Scratch);
            }

            System.Numerics.Tensors.TensorPrimitives.Multiply(
                new ReadOnlySpan<float>(block.Values + done, count),
                new ReadOnlySpan<float>(block.Scratch + x, count),
                new Span<float>(block.Values + done, count));
        }
    }

    private void Factors<F, U>(float* words, int z, int y, float* memory, float* factors)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        new Span<float>(factors, width).Fill(1);
        for (int lattice = 0; lattice < lattices; lattice++)
        {
            float* points = factors + width;
            Points(words + (lattice * MottleWords.Count), z, y, memory, points);
            Add<F, U>(factors, width, Along(memory, lattice), new NumberTable(points));
        }
    }

    // The noise at the lattice points along a row, but for what its place along x divides it by.
    private void Points(float* own, int z, int y, float* memory, float* points)
    {
        bool isFlat = shape.Dimensions == 2;
        int side = LatticeTile.Side(shape);
        Locate(y, own, 1, out int pointY, out float alongY);
        float* low = memory + ((pointY & (side - 1)) * side);
        float* high = memory + (((pointY + 1) & (side - 1)) * side);
        int planeNear = 0;
        int planeFar = 0;
        float alongZ = 0;
        float squares = Squares(alongY);
        if (!isFlat)
        {
            Locate(z, own, 0, out int pointZ, out alongZ);
            planeNear = (pointZ & (side - 1)) * side * side;
            planeFar = ((pointZ + 1) & (side - 1)) * side * side;
            squares *= Squares(alongZ);
        }

        float scale = 1 / MathF.Sqrt(squares);
        float lowNear = (1 - alongZ) * (1 - alongY) * scale;
        float highNear = (1 - alongZ) * alongY * scale;
        float lowFar = alongZ * (1 - alongY) * scale;
        float highFar = alongZ * alongY * scale;
        Locate(shape.Width - 1, own, 2, out int last, out _);
        int origin = (int)MathF.Floor(own[MottleWords.Offset + 2]);
        for (int point = 0; point <= last + 1 - origin; point++)
        {
            int x = (origin + point) & (side - 1);
            points[point] = (lowNear * low[planeNear + x]) + (highNear * high[planeNear + x])
                + (lowFar * low[planeFar + x]) + (highFar * high[planeFar + x]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<F, U>(float* factors, int width, float* along, NumberTable points)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int x = 0; x < width; x += F.Count)
        {
            U point = F.Bits(F.Load(along + x));
            F value = F.Fma(F.Load(along + width + x), F.Look(in points, point), F.Load(factors + x));
            F.Store(F.Fma(F.Load(along + (2 * width) + x), F.Look(in points, point + U.Of(1)), value), factors + x);
        }
    }

    private float* Words(in Row row) =>
        (float*)row.WordsAddress + Real16.Drawn<Mottle.Drawn>(in row, first).Lattices.First;

    // Of a lattice along x: the step before a voxel, then what that counts, then what the next one counts.
    private float* Along(float* memory, int lattice) => memory + tileLength + (3L * lattice * width);

    private static void Locate(int voxel, float* own, int axis, out int point, out float along)
    {
        float at = MathF.FusedMultiplyAdd(voxel, own[MottleWords.PerVoxel], own[MottleWords.Offset + axis]);
        float whole = MathF.Floor(at);
        point = (int)whole;
        along = at - whole;
    }

    private static float Squares(float along) => MathF.FusedMultiplyAdd(along + along, along - 1, 1);
}
