using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>The host form of the bias field: its nodes by three small matrix passes, its rows by interpolation.</summary>
public sealed unsafe class BiasFieldHost
{
    private const int Lanes = 16;
    private readonly BiasGrid grid;
    private readonly int paddedNodes;
    private readonly PinnedArray<int> firstNodes;
    private readonly PinnedArray<int> nearNodes;
    private readonly PinnedArray<float> fractions;
    private readonly (int Node, float Fraction)[] placesZ;
    private readonly (int Node, float Fraction)[] placesY;
    private readonly bool permutes;

    /// <summary>Prepares everything that does not depend on the sample.</summary>
    public BiasFieldHost(BiasGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        this.grid = grid;
        paddedNodes = HostMath.RoundUp(grid.Nodes.X, Lanes) + (2 * Lanes);
        int width = grid.Shape.Width;
        int padded = HostMath.RoundUp(width, Lanes);
        firstNodes = new PinnedArray<int>(padded / Lanes);
        nearNodes = new PinnedArray<int>(padded);
        fractions = new PinnedArray<float>(padded);
        placesZ = Places(grid.Shape.Depth, grid.Nodes.Z);
        placesY = Places(grid.Shape.Height, grid.Nodes.Y);
        permutes = true;
        for (int x = 0; x < padded; x++)
        {
            (int node, float fraction) = Locate(Math.Min(x, width - 1), width, grid.Nodes.X);
            if (x % Lanes == 0)
            {
                firstNodes[x / Lanes] = node;
            }

            nearNodes[x] = node - firstNodes[x / Lanes];
            fractions[x] = fraction;
            permutes &= nearNodes[x] < (Vector512.IsHardwareAccelerated ? Lanes : Lanes / 2);
        }
    }

    /// <summary>Floats of the node field: a vector that begins with one of its last nodes reads this far.</summary>
    public int NodeLength => grid.NodeCount + Lanes;

    /// <summary>Floats of scratch for <see cref="DrawNodes"/>.</summary>
    public int DrawScratchLength =>
        grid.CellCount + grid.AfterX + grid.AfterY + MatrixLength + (4 * Lanes);

    private int MatrixLength => Math.Max(
        Math.Max(grid.Cells.Z * grid.Nodes.Z, grid.Cells.Y * grid.Nodes.Y),
        HostMath.RoundUp(grid.Cells.X * grid.Nodes.X, Lanes) + (grid.Cells.X * HostMath.RoundUp(grid.Nodes.X, Lanes)));

    /// <summary>Floats of scratch for <see cref="Row"/>.</summary>
    public int RowScratchLength => paddedNodes;

    /// <summary>
    /// Draws the field at its nodes: normals per cell, three passes, rescaled so that its maximum is the white noise's
    /// (<see cref="BiasField.Factor(float, float, long, float)"/>).
    /// </summary>
    /// <param name="place">Place of the draw, stream <see cref="Streams.BiasCells"/>.</param>
    /// <param name="std">Standard deviation of the white noise.</param>
    /// <param name="sigmaVoxels">Standard deviation of the blur in voxels along z, y, x; the first is not read in 2D.</param>
    /// <param name="maximumUniform">Uniform number that decides the maximum of the white noise.</param>
    /// <param name="nodes">Written: <see cref="NodeLength"/> floats.</param>
    /// <param name="scratch"><see cref="DrawScratchLength"/> floats.</param>
    public void DrawNodes(
        in RandomPlace place,
        float std,
        ReadOnlySpan<float> sigmaVoxels,
        float maximumUniform,
        float* nodes,
        float* scratch)
    {
        float* cells = scratch;
        float* afterX = cells + grid.CellCount + Lanes;
        float* afterY = afterX + grid.AfterX + Lanes;
        float* matrix = afterY + grid.AfterY + Lanes;
        Normal.HostFill(cells, grid.CellCount, in place);
        PassAlongX(sigmaVoxels[2], cells, afterX, matrix);
        Pass(1, sigmaVoxels[1], grid.Cells.Z, afterX, afterY, matrix);
        if (grid.Shape.Dimensions == 3)
        {
            Pass(0, sigmaVoxels[0], 1, afterY, nodes, matrix);
        }
        else
        {
            new ReadOnlySpan<float>(afterY, grid.NodeCount).CopyTo(new Span<float>(nodes, grid.NodeCount));
        }

        var field = new Span<float>(nodes, grid.NodeCount);
        float factor = BiasField.Factor(std, maximumUniform, grid.Shape.VoxelCount, TensorPrimitives.Max<float>(field));
        TensorPrimitives.Multiply(field, factor, field);
    }

    /// <summary>The field b along one row of voxels.</summary>
    /// <param name="nodes">From <see cref="DrawNodes"/>.</param>
    /// <param name="z">Plane of the row.</param>
    /// <param name="y">Row in the plane.</param>
    /// <param name="logField">Written: the row's width in floats, and up to a multiple of sixteen.</param>
    /// <param name="scratch"><see cref="RowScratchLength"/> floats.</param>
    public void Row(float* nodes, int z, int y, float* logField, float* scratch)
    {
        NodeRow(nodes, z, y, scratch);
        int width = grid.Shape.Width;
        int* first = firstNodes.Pointer;
        int* near = nearNodes.Pointer;
        float* between = fractions.Pointer;
        for (int x = 0; x < width; x += Lanes)
        {
            float* row = scratch + *first++;
            Vector512<int> node = Vector512.Load(near + x);
            Vector512<float> t = Vector512.Load(between + x);
            Vector512<float> a = permutes ? Permuted(row, node) : HostMath.Gather(row, node);
            Vector512<float> b = permutes ? Permuted(row + 1, node) : HostMath.Gather(row + 1, node);
            HostMath.Lerp(a, b, t).Store(logField + x);
        }
    }

    // The numbers at sixteen places, all within as many as the machine's vector has: wider ones would be a loop over lanes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Permuted(float* from, Vector512<int> places)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.ShuffleNative(Vector512.Load(from), places);
        }

        Vector256<float> eight = Vector256.Load(from);
        return Vector512.Create(Vector256.ShuffleNative(eight, places.GetLower()), Vector256.ShuffleNative(eight, places.GetUpper()));
    }

    /// <summary>An upper bound of b along one row of voxels: its largest node, for b is linear between nodes.</summary>
    /// <param name="nodes">From <see cref="DrawNodes"/>.</param>
    /// <param name="z">Plane of the row.</param>
    /// <param name="y">Row in the plane.</param>
    /// <param name="scratch"><see cref="RowScratchLength"/> floats.</param>
    public float RowBound(float* nodes, int z, int y, float* scratch)
    {
        NodeRow(nodes, z, y, scratch);
        return TensorPrimitives.Max(new ReadOnlySpan<float>(scratch, grid.Nodes.X));
    }

    /// <summary>Multiplies a row of voxels by exp(b).</summary>
    /// <param name="image">Row, in place.</param>
    /// <param name="logField">b along the row, with room up to a multiple of sixteen.</param>
    /// <param name="count">Voxels of the row.</param>
    public static void HostApply(float* image, float* logField, int count)
    {
        int x = 0;
        for (; x + Lanes <= count; x += Lanes)
        {
            (Vector512.Load(image + x) * HostMath.Exp(Vector512.Load(logField + x))).Store(image + x);
        }

        if (x < count)
        {
            float* tail = stackalloc float[Lanes];
            new Span<float>(tail, Lanes).Clear();
            new ReadOnlySpan<float>(image + x, count - x).CopyTo(new Span<float>(tail, count - x));
            (Vector512.Load(tail) * HostMath.Exp(Vector512.Load(logField + x))).Store(tail);
            new ReadOnlySpan<float>(tail, count - x).CopyTo(new Span<float>(image + x, count - x));
        }
    }

    private void NodeRow(float* nodes, int z, int y, float* row)
    {
        (int nz, float tz) = placesZ[z];
        (int ny, float ty) = placesY[y];
        int count = grid.Nodes.X;
        float* below = nodes + (((nz * grid.Nodes.Y) + ny) * count);
        float* above = grid.Nodes.Z > 1 ? below + (grid.Nodes.Y * count) : below;
        int stepY = grid.Nodes.Y > 1 ? count : 0;
        Vector512<float> alongZ = Vector512.Create(tz);
        Vector512<float> alongY = Vector512.Create(ty);
        for (int x = 0; x < count; x += Lanes)
        {
            Vector512<float> low = HostMath.Lerp(Vector512.Load(below + x), Vector512.Load(below + x + stepY), alongY);
            Vector512<float> high = HostMath.Lerp(Vector512.Load(above + x), Vector512.Load(above + x + stepY), alongY);
            HostMath.Lerp(low, high, alongZ).Store(row + x);
        }
    }

    // Twice per row of voxels a division is more than the rest of it.
    private static (int Node, float Fraction)[] Places(int voxels, int nodes) =>
        [.. Enumerable.Range(0, voxels).Select(voxel => Locate(voxel, voxels, nodes))];

    private static (int Node, float Fraction) Locate(int voxel, int voxels, int nodes)
    {
        if (nodes == 1)
        {
            return (0, 0f);
        }

        double at = voxel * (nodes - 1.0) / (voxels - 1);
        int node = Math.Min((int)at, nodes - 2);
        return (node, (float)(at - node));
    }

    // Neighbours along x are the nodes themselves: a vector of nodes takes one cell at a time, from the matrix turned over.
    private void PassAlongX(float sigma, float* source, float* target, float* matrix)
    {
        int nodes = grid.Nodes.X;
        int cells = grid.Cells.X;
        int stride = HostMath.RoundUp(nodes, Lanes);
        float* turned = matrix + HostMath.RoundUp(nodes * cells, Lanes);
        BiasField.AxisMatrix(grid, 2, sigma, new Span<float>(matrix, nodes * cells));
        new Span<float>(turned, stride * cells).Clear();
        for (int node = 0; node < nodes; node++)
        {
            for (int cell = 0; cell < cells; cell++)
            {
                turned[(cell * stride) + node] = matrix[(node * cells) + cell];
            }
        }

        // A row's last vector runs over into the next row, which is written after it.
        for (int row = 0; row < grid.Cells.Z * grid.Cells.Y; row++, source += cells, target += nodes)
        {
            for (int node = 0; node < nodes; node += Lanes)
            {
                Vector512<float> sum = Vector512<float>.Zero;
                for (int cell = 0; cell < cells; cell++)
                {
                    sum = HostMath.Fma(Vector512.Create(source[cell]), Vector512.Load(turned + (cell * stride) + node), sum);
                }

                sum.Store(target + node);
            }
        }
    }

    private void Pass(int axis, float sigma, int outer, float* source, float* target, float* matrix)
    {
        BiasAxis lengths = BiasAxis.Of(grid, axis);
        BiasField.AxisMatrix(grid, axis, sigma, new Span<float>(matrix, lengths.Nodes * lengths.Cells));
        for (int block = 0;
            block < outer;
            block++, source += lengths.Cells * lengths.Inner, target += lengths.Nodes * lengths.Inner)
        {
            for (int node = 0; node < lengths.Nodes; node++)
            {
                float* weights = matrix + (node * lengths.Cells);
                float* to = target + (node * lengths.Inner);
                int inner = 0;
                for (; inner + Lanes <= lengths.Inner; inner += Lanes)
                {
                    Vector512<float> sum = Vector512<float>.Zero;
                    for (int cell = 0; cell < lengths.Cells; cell++)
                    {
                        sum = HostMath.Fma(
                            Vector512.Create(weights[cell]),
                            Vector512.Load(source + (cell * lengths.Inner) + inner),
                            sum);
                    }

                    sum.Store(to + inner);
                }

                for (; inner < lengths.Inner; inner++)
                {
                    float sum = 0;
                    for (int cell = 0; cell < lengths.Cells; cell++)
                    {
                        sum = MathF.FusedMultiplyAdd(weights[cell], source[(cell * lengths.Inner) + inner], sum);
                    }

                    to[inner] = sum;
                }
            }
        }
    }
}
