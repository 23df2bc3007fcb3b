using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// The host form of the label-map anatomy, and of what moves labels: sixteen voxels of a row at a time. The deformation is merged to one grid of knots
/// per component (<see cref="KnotGrid"/>), interpolated along z and y once per row and along x per voxel; all of it exact.
/// </summary>
public sealed unsafe class LabelMapAnatomyHost
{
    private const int Lanes = 16;

    private readonly VolumeShape shape;
    private readonly KnotGrid? deformation;
    private readonly PinnedArray<int> cells;
    private readonly PinnedArray<float> fractions;
    private readonly int rowStride;

    /// <summary>Prepares everything that does not depend on the sample.</summary>
    /// <param name="shape">Shape of the output.</param>
    /// <param name="deformationLayout">Coarse grids of the deformation, one channel per axis; null without deformation.</param>
    /// <exception cref="ArgumentException">The layout has another number of channels than the shape has axes.</exception>
    public LabelMapAnatomyHost(VolumeShape shape, NoiseGridLayout? deformationLayout)
    {
        this.shape = shape;
        int padded = HostMath.RoundUp(shape.Width, Lanes);
        cells = new PinnedArray<int>(padded);
        fractions = new PinnedArray<float>(padded);
        if (deformationLayout is null)
        {
            return;
        }

        if (deformationLayout.Channels != shape.Dimensions)
        {
            throw new ArgumentException(
                $"The deformation has {deformationLayout.Channels} channels, expected {shape.Dimensions}: one per axis.",
                nameof(deformationLayout));
        }

        deformation = new KnotGrid(deformationLayout, KnotAxis.OfNodes(deformationLayout));
        rowStride = HostMath.RoundUp(deformation.X.Count + 1, Lanes) + Lanes;
        for (int voxel = 0; voxel < shape.Width; voxel++)
        {
            cells[voxel] = deformation.X.CellOfVoxel[voxel];
            fractions[voxel] = Fraction(deformation.X, voxel);
        }
    }

    /// <summary>The merged deformation, null where there is none. Merge it with factor 1 before the rows.</summary>
    public KnotGrid? Deformation => deformation;

    /// <summary>Rows of the output: Depth x Height.</summary>
    public int RowCount => shape.Depth * shape.Height;

    /// <summary>Floats of scratch that one call of <see cref="Rows"/> needs.</summary>
    public int ScratchLength => Math.Max(1, shape.Dimensions * rowStride);

    /// <summary>Labels of a range of rows; row = z * Height + y.</summary>
    /// <param name="firstRow">First row.</param>
    /// <param name="rowCount">Number of rows.</param>
    /// <param name="deformationKnots">Merged deformation in output voxels, see <see cref="Deformation"/>; not read without
    /// one. Null: nothing is displaced.</param>
    /// <param name="transform">M, t and the sizes.</param>
    /// <param name="map">The map, bytes [D, H, W], as long as the transform says.</param>
    /// <param name="labelsDHW">The whole output; only the rows are written.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    /// <param name="outside">What lies outside the map.</param>
    /// <exception cref="ArgumentException">The transform was built for another shape, or its map is longer than 2^31 - 1
    /// voxels.</exception>
    public void Rows(
        int firstRow,
        int rowCount,
        float* deformationKnots,
        in LabelMapTransform transform,
        byte* map,
        byte* labelsDHW,
        float* scratch,
        OutsideLabels outside = OutsideLabels.Background)
    {
        LabelMapAnatomy.CheckFits(transform, shape);
        long mapLength = (long)transform.MapDepth * transform.MapHeight * transform.MapWidth;
        if (mapLength > int.MaxValue)
        {
            throw new ArgumentException($"The label map holds {mapLength} voxels, at most {int.MaxValue} can be addressed.",
                nameof(transform));
        }

        for (int row = firstRow; row < firstRow + rowCount; row++)
        {
            int z = row / shape.Height;
            int y = row % shape.Height;
            bool isDisplaced = deformation is not null && deformationKnots is not null;
            if (isDisplaced)
            {
                DeformationRow(z, y, deformationKnots, scratch);
            }

            Row(z, y, transform, map, (int)mapLength, labelsDHW + ((long)row * shape.Width), isDisplaced ? scratch : null, outside);
        }
    }

    private static float Fraction(KnotAxis axis, int voxel)
    {
        int cell = axis.CellOfVoxel[voxel];
        return (voxel - axis.Positions[cell]) * axis.InverseWidths[cell];
    }

    /// <summary>The knots of one row, per component: interpolated between four rows of knots.</summary>
    private void DeformationRow(int z, int y, float* knots, float* to)
    {
        KnotGrid grid = deformation!;
        int cellZ = grid.Z.CellOfVoxel[z];
        int cellY = grid.Y.CellOfVoxel[y];
        Vector512<float> tz = Vector512.Create(Fraction(grid.Z, z));
        Vector512<float> ty = Vector512.Create(Fraction(grid.Y, y));
        int stepZ = grid.Z.Count > 1 ? grid.PlaneLength : 0;
        int stepY = grid.Y.Count > 1 ? grid.X.Count : 0;
        for (int component = 0; component < shape.Dimensions; component++, to += rowStride)
        {
            float* below = knots + ((long)component * grid.ChannelStride) + (cellZ * grid.PlaneLength) + (cellY * grid.X.Count);
            float* above = below + stepZ;
            for (int at = 0; at < grid.X.Count; at += Lanes)
            {
                HostMath.Lerp(
                    HostMath.Lerp(Vector512.Load(below + at), Vector512.Load(below + stepY + at), ty),
                    HostMath.Lerp(Vector512.Load(above + at), Vector512.Load(above + stepY + at), ty),
                    tz).Store(to + at);
            }

            // The last voxel may read one knot further, with weight 0: it must be a number.
            to[grid.X.Count] = 0f;
        }
    }

    // Without rows of a displacement nothing is displaced.
    private void Row(int z, int y, in LabelMapTransform transform, byte* map, int mapLength, byte* to, float* rows, OutsideLabels outside)
    {
        bool wraps = outside == OutsideLabels.Wrap;
        Vector512<int> always = outside == OutsideLabels.Background ? Vector512<int>.Zero : Vector512<int>.AllBitsSet;
        byte* last = stackalloc byte[Lanes];
        Vector512<float> lane = Vector512.ConvertToSingle(HostMath.Indices);
        for (int x0 = 0; x0 < shape.Width; x0 += Lanes)
        {
            Vector512<float> pz = Vector512.Create((float)z);
            Vector512<float> py = Vector512.Create((float)y);
            Vector512<float> px = Vector512.Create((float)x0) + lane;
            if (rows is not null)
            {
                Vector512<int> cell = Vector512.Load(cells.Pointer + x0);
                Vector512<float> t = Vector512.Load(fractions.Pointer + x0);
                float* row = rows;
                if (shape.Dimensions == 3)
                {
                    pz += Shift(row, cell, t);
                    row += rowStride;
                }

                py += Shift(row, cell, t);
                px += Shift(row + rowStride, cell, t);
            }

            Vector512<int> inside = Vector512<int>.AllBitsSet;
            Vector512<int> index = Nearest(transform.ZZ, transform.ZY, transform.ZX, transform.Z, transform.MapDepth, pz, py, px,
                wraps, ref inside);
            index = (index * Vector512.Create(transform.MapHeight))
                + Nearest(transform.YZ, transform.YY, transform.YX, transform.Y, transform.MapHeight, pz, py, px, wraps, ref inside);
            index = (index * Vector512.Create(transform.MapWidth))
                + Nearest(transform.XZ, transform.XY, transform.XX, transform.X, transform.MapWidth, pz, py, px, wraps, ref inside);
            Vector128<byte> labels = HostMath.Narrow(Bytes(map, mapLength, index) & (inside | always));
            if (x0 + Lanes <= shape.Width)
            {
                labels.Store(to + x0);
            }
            else
            {
                labels.Store(last);
                Unsafe.CopyBlockUnaligned(to + x0, last, (uint)(shape.Width - x0));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Shift(float* row, Vector512<int> cell, Vector512<float> t) =>
        HostMath.Lerp(HostMath.Gather(row, cell), HostMath.Gather(row + 1, cell), t);

    /// <summary>
    /// The nearest map voxel along one axis, wrapped around or clamped to the map; lanes that were outside are cleared in the mask.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Nearest(
        float fromZ, float fromY, float fromX, float offset, int length,
        Vector512<float> z, Vector512<float> y, Vector512<float> x, bool wraps, ref Vector512<int> inside)
    {
        Vector512<float> q = HostMath.Fma(Vector512.Create(fromX), x, Vector512.Create(offset));
        q = HostMath.Fma(Vector512.Create(fromY), y, q);
        q = HostMath.Fma(Vector512.Create(fromZ), z, q);
        Vector512<float> nearest = Vector512.Floor(q + Vector512.Create(0.5f));
        if (wraps)
        {
            Vector512<float> whole = Vector512.Create((float)length);
            nearest -= whole * Vector512.Floor((nearest + Vector512.Create(0.5f)) / whole);
        }

        Vector512<float> end = Vector512.Create((float)(length - 1));
        inside &= Vector512.GreaterThanOrEqual(nearest, Vector512<float>.Zero).AsInt32()
            & Vector512.LessThanOrEqual(nearest, end).AsInt32();
        return Vector512.ConvertToInt32Native(Vector512.MinNative(Vector512.MaxNative(nearest, Vector512<float>.Zero), end));
    }

    /// <summary>
    /// The bytes at sixteen offsets. A gather reads four bytes at a time: near the end of the map it begins earlier and the byte
    /// is shifted down, so that nothing behind the map is ever read.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Bytes(byte* map, int mapLength, Vector512<int> offsets)
    {
        if (Avx2.IsSupported && mapLength >= sizeof(int))
        {
            Vector512<int> from = Vector512.Min(offsets, Vector512.Create(mapLength - sizeof(int)));
            Vector512<int> words = Vector512.Create(
                Avx2.GatherVector256((int*)map, from.GetLower(), 1), Avx2.GatherVector256((int*)map, from.GetUpper(), 1));
            Vector512<int> bits = Vector512.ShiftLeft(offsets - from, 3);
            Vector512<uint> shifted = Vector512.Create(
                Avx2.ShiftRightLogicalVariable(words.GetLower().AsUInt32(), bits.GetLower().AsUInt32()),
                Avx2.ShiftRightLogicalVariable(words.GetUpper().AsUInt32(), bits.GetUpper().AsUInt32()));
            return shifted.AsInt32() & Vector512.Create(0xff);
        }

        Vector512<int> result = default;
        for (int lane = 0; lane < Lanes; lane++)
        {
            result = result.WithElement(lane, map[offsets.GetElement(lane)]);
        }

        return result;
    }
}
