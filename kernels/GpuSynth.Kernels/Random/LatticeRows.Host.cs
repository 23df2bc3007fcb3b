using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// A <see cref="LatticeSum"/> on the host, row by row: the tile between the four lattice lines around a row is worked out once per lattice step, so
/// that a voxel looks at two numbers of each lattice, not at eight.
/// </summary>
/// <param name="shape">Shape of a sample.</param>
/// <param name="lattices">Lattices of a sample.</param>
internal sealed unsafe class LatticeRows(VolumeShape shape, int lattices)
{
    private readonly int tileLength = LatticeTile.Length(shape);

    /// <summary>Voxels of a row and what fills its last vector of 16.</summary>
    public int Width { get; } = HostMath.RoundUp(shape.Width, 16);

    /// <summary>Floats of a sample: the tile; then three numbers of every lattice for every place along x.</summary>
    public long MemoryLength => tileLength + (3L * lattices * Width);

    /// <summary>Floats of scratch: the lattice points along a row, at most one per voxel and two.</summary>
    public int ScratchLength => Width + 16;

    /// <summary>Draws the tile of a sample, and works out what its rows have in common.</summary>
    /// <param name="place">Where the tile is drawn.</param>
    /// <param name="words"><see cref="LatticeWords"/> of each lattice.</param>
    /// <param name="memory">Written, <see cref="MemoryLength"/> floats.</param>
    public void Prepare(in RandomPlace place, float* words, float* memory)
    {
        Normal.HostFill(memory, tileLength, in place);
        new Span<float>(memory + tileLength, 3 * lattices * Width).Clear();
        for (int lattice = 0; lattice < lattices; lattice++)
        {
            float* own = words + (lattice * LatticeWords.Count);
            float* step = Along(memory, lattice);
            int origin = (int)MathF.Floor(own[LatticeWords.Offset + 2]);
            for (int x = 0; x < shape.Width; x++)
            {
                Locate(x, own, 2, out int point, out float along);
                float strength = own[LatticeWords.Strength] / MathF.Sqrt(Squares(along));
                ((int*)step)[x] = point - origin;
                step[Width + x] = strength * (1 - along);
                step[(2 * Width) + x] = strength * along;
            }
        }
    }

    /// <summary>Adds the noises to the numbers of a row.</summary>
    /// <typeparam name="F">The lane.</typeparam>
    /// <typeparam name="U">The whole numbers beside it.</typeparam>
    /// <param name="words"><see cref="LatticeWords"/> of each lattice.</param>
    /// <param name="memory">What was prepared.</param>
    /// <param name="z">Plane of the row.</param>
    /// <param name="y">Its y.</param>
    /// <param name="first">The first voxel, a multiple of 16.</param>
    /// <param name="end">Behind the last voxel; a multiple of 16, at most <see cref="Width"/>.</param>
    /// <param name="to">Numbers of the whole row, changed from the first voxel on.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public void Add<F, U>(float* words, float* memory, int z, int y, int first, int end, float* to, float* scratch)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int lattice = 0; lattice < lattices; lattice++)
        {
            Points(words + (lattice * LatticeWords.Count), z, y, memory, scratch);
            Add<F, U>(to, first, end, Along(memory, lattice), Width, new NumberTable(scratch));
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
        int origin = (int)MathF.Floor(own[LatticeWords.Offset + 2]);
        for (int point = 0; point <= last + 1 - origin; point++)
        {
            int x = (origin + point) & (side - 1);
            points[point] = (lowNear * low[planeNear + x]) + (highNear * high[planeNear + x])
                + (lowFar * low[planeFar + x]) + (highFar * high[planeFar + x]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<F, U>(float* to, int first, int end, float* along, int width, NumberTable points)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int x = first; x < end; x += F.Count)
        {
            U point = F.Bits(F.Load(along + x));
            F value = F.Fma(F.Load(along + width + x), F.Look(in points, point), F.Load(to + x));
            F.Store(F.Fma(F.Load(along + (2 * width) + x), F.Look(in points, point + U.Of(1)), value), to + x);
        }
    }

    // Of a lattice along x: the step before a voxel, then what that counts, then what the next one counts.
    private float* Along(float* memory, int lattice) => memory + tileLength + (3L * lattice * Width);

    private static void Locate(int voxel, float* own, int axis, out int point, out float along)
    {
        float at = MathF.FusedMultiplyAdd(voxel, own[LatticeWords.PerVoxel], own[LatticeWords.Offset + axis]);
        float whole = MathF.Floor(at);
        point = (int)whole;
        along = at - whole;
    }

    private static float Squares(float along) => MathF.FusedMultiplyAdd(along + along, along - 1, 1);
}
