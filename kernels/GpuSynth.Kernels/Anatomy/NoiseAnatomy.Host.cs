using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The host form of the noise-field anatomy. Eight slices (planes of a volume, rows of an image) make a slab; a block is
/// eight slices of a tile of sixteen voxels (4 x 4 of a plane, 16 of a row), one vector per slice, worked out in two parts.
/// </summary>
/// <remarks>
/// What makes it fast, none of it approximate: displacements are lerped between slices once per slice, so that a tile reads each
/// component as a sum of some six nodes under hat weights that all labels share; the positions of a block lie in a box that few
/// knots of the label field enclose, so that its score is a sum over those knots under hat weights, with no gather; and a label
/// whose field in that box is everywhere below the worst winner so far cannot win a voxel of the block.
/// </remarks>
public sealed unsafe partial class NoiseAnatomyHost
{
    /// <summary>Slices of a slab: two parts of each block.</summary>
    public const int SlabSlices = Parts * Slices;

    private const int Parts = 2;
    private const int Slices = 4;
    private const int Lanes = 16;
    private readonly VolumeShape shape;
    private readonly KnotGrid labelField;
    private readonly KnotGrid? displacement;
    private readonly int labels;
    private readonly bool isVolume;
    private readonly int sliceCount;
    private readonly int rowCount;
    private readonly int tileHeight;
    private readonly int tileWidth;
    private readonly SampleAxis sliceAxis;
    private readonly SampleAxis rowAxis;
    private readonly SampleAxis columnAxis;
    private readonly TileAxis rowTiles;
    private readonly TileAxis columnTiles;
    private readonly KnotAxis? displacementSlices;
    private readonly int displacementSlice;
    private readonly int channelStride;
    private readonly int sliceStride;
    private readonly int knotSlice;

    /// <summary>Prepares everything that does not depend on the sample.</summary>
    /// <param name="shape">Shape of the label map.</param>
    /// <param name="fieldLayout">Coarse grids of the label fields: one channel per label.</param>
    /// <param name="displacementLayout">
    /// Coarse grids of the displacements: one channel per label and axis; null without displacement.
    /// </param>
    public NoiseAnatomyHost(VolumeShape shape, NoiseGridLayout fieldLayout, NoiseGridLayout? displacementLayout)
    {
        ArgumentNullException.ThrowIfNull(fieldLayout);
        this.shape = shape;
        labels = fieldLayout.Channels;
        isVolume = shape.Dimensions == 3;
        labelField = new KnotGrid(fieldLayout, KnotAxis.OfVoxels(fieldLayout));
        displacement = displacementLayout is null
            ? null
            : new KnotGrid(displacementLayout, KnotAxis.OfNodes(displacementLayout));

        // An image is a stack of rows: slices along y, tiles along x, and an axis of one voxel between them.
        sliceCount = isVolume ? shape.Depth : shape.Height;
        rowCount = isVolume ? shape.Height : 1;
        tileHeight = isVolume ? 4 : 1;
        tileWidth = Lanes / tileHeight;
        sliceAxis = new SampleAxis(isVolume ? labelField.Z : labelField.Y, sliceCount);
        rowAxis = new SampleAxis(isVolume ? labelField.Y : labelField.Z, rowCount);
        columnAxis = new SampleAxis(labelField.X, shape.Width);
        rowTiles = new TileAxis(isVolume ? displacement?.Y : displacement?.Z, rowAxis, rowCount, tileHeight, tileWidth);
        columnTiles = new TileAxis(displacement?.X, columnAxis, shape.Width, tileWidth, 1);
        knotSlice = isVolume ? labelField.PlaneLength : labelField.X.Count;
        if (displacement is not null)
        {
            displacementSlices = isVolume ? displacement.Z : displacement.Y;
            displacementSlice = isVolume ? displacement.PlaneLength : displacement.X.Count;
            channelStride = HostMath.RoundUp(displacementSlice, Lanes) + Lanes;
            sliceStride = labels * shape.Dimensions * channelStride;
        }
    }

    /// <summary>The merged label fields.</summary>
    public KnotGrid Field => labelField;

    /// <summary>The merged displacements, null where there are none.</summary>
    public KnotGrid? Displacement => displacement;

    /// <summary>Slabs of <see cref="SlabSlices"/> slices.</summary>
    public int SlabCount => (sliceCount + SlabSlices - 1) / SlabSlices;

    /// <summary>Floats of scratch that one call of <see cref="Slab"/> needs.</summary>
    public int ScratchLength =>
        (Parts * sizeof(PartScratch) / sizeof(float)) + (Lanes * TileNodes) + (SlabSlices * sliceStride)
        + Lanes + TileNodes + labels;

    private int TileNodes => rowTiles.MaxNodes * columnTiles.MaxNodes;

    /// <summary>
    /// Factor that takes a displacement component (array-axis order) from voxels to sampling positions: S / (S - 1).
    /// </summary>
    public float Stretch(int component)
    {
        SampleAxis axis = component == 0 ? sliceAxis : component == shape.Dimensions - 1 ? columnAxis : rowAxis;
        return axis.Stretch;
    }

    /// <summary>Labels of one slab.</summary>
    /// <param name="slab">Index of the slab.</param>
    /// <param name="fieldKnots">Merged label fields, see <see cref="Field"/>.</param>
    /// <param name="displacementKnots">Merged displacements times <see cref="Stretch"/>, see <see cref="Displacement"/>.</param>
    /// <param name="labelsDHW">The whole label map; only the slab is written.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, aligned to 64 bytes.</param>
    public void Slab(int slab, float* fieldKnots, float* displacementKnots, byte* labelsDHW, float* scratch)
    {
        int slice0 = slab * SlabSlices;
        int slices = Math.Min(SlabSlices, sliceCount - slice0);
        PartScratch* parts = (PartScratch*)scratch;
        float* weights = scratch + (Parts * sizeof(PartScratch) / sizeof(float));
        float* nodes = weights + (Lanes * TileNodes);
        int* offsets = (int*)(nodes + (SlabSlices * sliceStride) + Lanes);
        int* order = offsets + TileNodes;
        for (int label = 0; label < labels; label++)
        {
            order[label] = label;
        }

        for (int slice = 0; slice < SlabSlices; slice++)
        {
            // Slices beyond the volume repeat its last.
            int at = slice0 + Math.Min(slice, slices - 1);
            parts[slice / Slices].SliceBase[slice % Slices] = Vector512.Create(sliceAxis.Base(at));
            if (displacement is not null)
            {
                DisplacementSlice(at, displacementKnots, nodes + (slice * sliceStride));
            }
        }

        for (int part = 0; part < Parts; part++)
        {
            int first = slice0 + (part * Slices);
            parts[part].IsLinear = displacementSlices is not null && first + Slices <= sliceCount
                && displacementSlices.Positions[displacementSlices.CellOfVoxel[first] + 1] >= first + Slices - 1;
        }

        byte* slabLabels = labelsDHW + ((long)slice0 * rowCount * shape.Width);
        for (int row = 0; row < rowTiles.Count; row++)
        {
            Vector512<float> rowBase = rowTiles.Bases(row);
            for (int column = 0; column < columnTiles.Count; column++)
            {
                int count = TileWeights(row, column, weights, offsets);
                Block(rowBase, columnTiles.Bases(column), fieldKnots, nodes, count, offsets, weights, order, parts);
                Store(parts, slices, row, column, slabLabels);
                Promote(order, parts[0].Winner[0].GetElement(0));
                Promote(order, parts[Parts - 1].Winner[Slices - 1].GetElement(Lanes - 1));
                Promote(order, parts[0].Winner[Slices - 1].GetElement(Lanes / 2));
            }
        }
    }

    /// <summary>Moves a label to the front, so that it is tried first in the next block.</summary>
    private static void Promote(int* order, int label)
    {
        int at = 0;
        while (order[at] != label)
        {
            at++;
        }

        for (; at > 0; at--)
        {
            order[at] = order[at - 1];
        }

        order[0] = label;
    }

    private void DisplacementSlice(int slice, float* knots, float* to)
    {
        KnotAxis axis = displacementSlices!;
        int cell = axis.CellOfVoxel[slice];
        Vector512<float> t = Vector512.Create((slice - axis.Positions[cell]) * axis.InverseWidths[cell]);
        int step = axis.Count > 1 ? displacementSlice : 0;
        for (int channel = 0; channel < labels * shape.Dimensions; channel++, to += channelStride)
        {
            float* below = knots + ((long)channel * displacement!.ChannelStride) + (cell * displacementSlice);
            for (int at = 0; at < displacementSlice; at += Lanes)
            {
                HostMath.Lerp(Vector512.Load(below + at), Vector512.Load(below + step + at), t).Store(to + at);
            }
        }
    }

    private int TileWeights(int row, int column, float* weights, int* offsets)
    {
        if (displacement is null)
        {
            return 0;
        }

        int at = 0;
        for (int j = 0; j < rowTiles.NodeCount[row]; j++)
        {
            Vector512<float> across = rowTiles.Weight(row, j);
            for (int i = 0; i < columnTiles.NodeCount[column]; i++, at++)
            {
                (across * columnTiles.Weight(column, i)).Store(weights + (at * Lanes));
                offsets[at] = ((rowTiles.FirstNode[row] + j) * displacement.X.Count) + columnTiles.FirstNode[column] + i;
            }
        }

        return at;
    }

    private void Store(PartScratch* parts, int slices, int row, int column, byte* slabLabels)
    {
        int y0 = row * tileHeight;
        int x0 = column * tileWidth;
        int height = Math.Min(tileHeight, rowCount - y0);
        int width = Math.Min(tileWidth, shape.Width - x0);
        Vector128<byte>* bytes = stackalloc Vector128<byte>[1];
        for (int slice = 0; slice < slices; slice++)
        {
            *bytes = HostMath.Narrow(parts[slice / Slices].Winner[slice % Slices]);
            byte* from = (byte*)bytes;
            byte* to = slabLabels + ((((long)slice * rowCount) + y0) * shape.Width) + x0;
            for (int y = 0; y < height; y++, to += shape.Width, from += tileWidth)
            {
                if (width == 4)
                {
                    Unsafe.CopyBlockUnaligned(to, from, 4);
                }
                else
                {
                    Buffer.MemoryCopy(from, to, width, width);
                }
            }
        }
    }
}
