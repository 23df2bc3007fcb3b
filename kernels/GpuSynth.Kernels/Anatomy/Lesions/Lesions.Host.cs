using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Lesions on the host: one piece draws the noise's tile; the first slab that begins places them, before any has painted; then slabs of eight planes
/// of a volume, or eight rows of an image, of each lesion the box around it.
/// </summary>
internal sealed unsafe class HostLesions : HostAnatomy
{
    private const int Edge = 8;

    private readonly Lesions component;
    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly byte[] table;
    private readonly Lock placing = new();
    private readonly int[] voxels = new int[Lesions.Most];
    private readonly byte[] targets = new byte[Lesions.Most];
    private int tilePiece;
    private bool arePlaced;

    public HostLesions(Lesions component, in StepPlace place)
    {
        this.component = component;
        this.place = place;
        shape = place.Facts.Shape;
        table = LesionPlaces.Table(component.Within, place.Entry, component.LabelCount(shape, null), place.Facts);
    }

    /// <inheritdoc/>
    public override int PreparationCount => 1;

    /// <inheritdoc/>
    public override int SlabCount => (Slices + Edge - 1) / Edge;

    /// <inheritdoc/>
    public override long ScratchLength => 16;

    // A slice is a plane of H rows in a volume, one row in an image.
    private int Slices => shape.Dimensions == 3 ? shape.Depth : shape.Height;

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory) =>
        tilePiece = memory.Floats($"lesion tile{place.Entry.Suffix}", LatticeTile.Length(shape), "the noise of lesions' borders");

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        arePlaced = false;
        if (place.Entry.Drawn<Lesions.Drawn>(row).Count > 0)
        {
            Normal.HostFill(memory[tilePiece], LatticeTile.Length(shape), RowLayout.AnatomyPlace(row, place.Stream(Lesions.TileStream)));
        }
    }

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        Lesions.Drawn drawn = place.Entry.Drawn<Lesions.Drawn>(row);
        lock (placing)
        {
            if (!arePlaced)
            {
                Place(row, drawn.Count, labelsDHW);
                arePlaced = true;
            }
        }

        ReadOnlySpan<LesionForm> forms = MemoryMarshal.Cast<float, LesionForm>(RowLayout.Numbers(row, drawn.Forms));
        var tile = new LatticeTile(new NumberTable(memory[tilePiece]), 0, shape.Dimensions == 2 ? 1 : 0);
        for (int lesion = 0; lesion < drawn.Count; lesion++)
        {
            if (voxels[lesion] < 0)
            {
                continue;
            }

            if (HostStep.Lanes == 16)
            {
                Paint<Real16, Word16>(in forms[lesion], lesion, in tile, slab, labelsDHW, scratch);
            }
            else
            {
                Paint<Real8, Word8>(in forms[lesion], lesion, in tile, slab, labelsDHW, scratch);
            }
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab)
    {
        int rowsPerSlice = shape.Dimensions == 3 ? shape.Height : 1;
        int first = slab * Edge;
        return (first * rowsPerSlice, Math.Min(Edge, Slices - first) * rowsPerSlice);
    }

    /// <inheritdoc/>
    public override void Record(Span<uint> row)
    {
        Lesions.Drawn drawn = place.Entry.Drawn<Lesions.Drawn>(row);
        for (int lesion = 0; lesion < drawn.Count; lesion++)
        {
            LesionPlaces.Record(drawn.Voxels, lesion, voxels[lesion], shape, row);
        }
    }

    // Finds the voxel of each, and the label there: -1 where there is none.
    private void Place(ReadOnlySpan<uint> row, int count, byte* labels)
    {
        RandomPlace random = RowLayout.AnatomyPlace(row, place.Stream(Streams.LesionPlaces));
        for (int lesion = 0; lesion < count; lesion++)
        {
            voxels[lesion] = -1;
            for (int attempt = 0; attempt < LesionPlaces.Tries && voxels[lesion] < 0; attempt++)
            {
                int voxel = LesionPlaces.Voxel(in random, lesion, attempt, shape.Depth, shape.Height, shape.Width);
                voxels[lesion] = table[LabelTables.Most + labels[voxel]] == LesionPlaces.IsAllowed ? voxel : -1;
            }

            targets[lesion] = voxels[lesion] < 0 ? (byte)0 : table[labels[voxels[lesion]]];
        }
    }

    private void Paint<F, U>(in LesionForm form, int lesion, in LatticeTile tile, int slab, byte* labels, float* scratch)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        int plane = voxels[lesion] / shape.Width;
        (int centreZ, int centreY, int centreX) = (plane / shape.Height, plane % shape.Height, voxels[lesion] % shape.Width);
        (int slabFirst, int slabEnd) = (slab * Edge, Math.Min((slab + 1) * Edge, Slices));
        bool isVolume = shape.Dimensions == 3;
        (int firstZ, int endZ) = isVolume ? Range(centreZ, form.Largest, slabFirst, slabEnd) : (0, 1);
        (int firstY, int endY) = isVolume ? Range(centreY, form.Largest, 0, shape.Height) : Range(centreY, form.Largest, slabFirst, slabEnd);
        for (int z = firstZ; z < endZ; z++)
        {
            for (int y = firstY; y < endY; y++)
            {
                (float fromZ, float fromY) = (z - centreZ, y - centreY);
                float left = (form.Largest * form.Largest) - (fromZ * fromZ) - (fromY * fromY);
                if (left < 0)
                {
                    continue;
                }

                (int firstX, int endX) = Range(centreX, MathF.Sqrt(left), 0, shape.Width);
                byte* row = labels + ((((long)z * shape.Height) + y) * shape.Width);
                for (int x = firstX; x < endX; x += F.Count)
                {
                    F fromX = U.ToReal(F.CountFrom((uint)x)) - F.Of(centreX);
                    F.Store(form.At<F, U>(F.Of(fromZ), F.Of(fromY), fromX, in tile), scratch);
                    Put(scratch, row + x, Math.Min(F.Count, endX - x), targets[lesion]);
                }
            }
        }
    }

    private void Put(float* tissues, byte* labels, int count, byte target)
    {
        for (int at = 0; at < count; at++)
        {
            byte old = labels[at];
            bool isFree = table[LabelTables.Most + old] != LesionPlaces.IsOwn && (component.Clip == 0 || table[old] == target);
            if (isFree && tissues[at] > 0)
            {
                labels[at] = (byte)(place.Entry.FirstLabel + LesionForm.LabelOf((int)tissues[at], component.LabelEachTissue != 0));
            }
        }
    }

    private static (int First, int End) Range(int centre, float reach, int first, int end)
    {
        // A radius that was given back may be larger than any volume.
        int whole = (int)MathF.Min(reach + 1, 1 << 20);
        return (Math.Max(first, centre - whole), Math.Min(end, centre + whole + 1));
    }
}
