using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// BiasField: I *= exp(b), b a smooth random field.
// I: float[D,H,W], in place. 8 B/voxel, eight reads of a grid in cache, one exp.
// Values: the same run to run on one device. Reference: BiasField.Reference.cs. Source: RaSD, appearance step 6.
//
// The method draws white noise N(0, s) in every voxel, blurs it with 83 taps per axis and rescales the result so that its maximum
// is the white noise's. That field is so smooth (sigma >= 6.8 voxels) that a grid with an edge h of sigma / 1.6 holds all of it:
//   cells:  M = ceil(S / h) per axis, w = S / M voxels wide. The sum of w white voxels' worth of noise is sqrt(w) xi,
//           xi ~ N(0, 1), so a cell stands for its voxels with the weight sqrt(w), from its centre u_m = (m + 0.5) w - 0.5.
//   nodes:  b_j = sum over m of A[j, m] xi_m,  A[j, m] = g(x_j - u_m) sqrt(w), g the filter's own Gaussian with its own sum Z
//           over the taps, cut half a voxel beyond the last tap: the same loss at the border as zero padding.
//   The covariance of b at the nodes is the method's up to the ripple of the cell sum, 2 e^(-pi^2 sigma^2 / w^2) relative:
//   2e-11 at sigma = 1.6 w. Between nodes b is linear and loses standard deviation, most at the middle: h^2 / (16 sigma^2) per
//   axis, 2.4 % at sigma = 1.6 h, 0.6 % at twice that.
//   maximum: the maximum of N independent normals has the law Phi(x)^N, so it is drawn from one uniform number; the white noise
//            itself, independent of so smooth a field for every practical purpose, is never drawn.
//   bound:   the textbook multiplies the nodes by p / m, p the white noise's maximum and m the nodes' largest. In volumes hardly
//            wider than the filter m may be below 0 (RaSD's field: 1 in 5 of 16^3, 1 in 100 of 32^3, none seen at 48^3), of a few
//            voxels p too. A factor below 0 turns the field over: its largest value is then the smallest node's, over an m as near
//            to 0 as chance has it, and has no bound. Here the factor is |p / m|, at most 1e30: the field keeps its sign, is at most
//            |p| everywhere (between nodes but for rounding), and never a NaN. Where p / m is above 0 it is the textbook's.
// At 128^3 that is 32^3 normals instead of 128^3. The equivalence is shown by test, against the full law.

/// <summary>A smooth multiplicative field, exp of a filtered white noise.</summary>
public static partial class BiasField
{
    /// <summary>The largest factor of the nodes, which are of the size of a normal number: a product is a float.</summary>
    internal const float MostFactor = 1e30f;

    /// <summary>Cell edge in voxels for the smallest standard deviation that will be drawn: sigma / 1.6, 1 to 4.</summary>
    /// <param name="smallestSigmaVoxels">Smallest standard deviation in voxels, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is not a positive finite number.</exception>
    public static int CellEdge(float smallestSigmaVoxels)
    {
        LaunchCheck.Finite(smallestSigmaVoxels, nameof(smallestSigmaVoxels));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(smallestSigmaVoxels);
        return (int)Math.Clamp(smallestSigmaVoxels / 1.6f, 1f, 4f);
    }

    /// <summary>A[node, cell] of one axis, row by row: what brings the cells' noise to the nodes.</summary>
    /// <param name="grid">Layout.</param>
    /// <param name="axis">0 is z, 1 is y, 2 is x.</param>
    /// <param name="sigmaVoxels">Standard deviation along this axis in voxels, above 0.</param>
    /// <param name="matrix">Written: nodes x cells floats.</param>
    /// <exception cref="ArgumentException">The matrix has another length, or sigma is not a positive finite number.</exception>
    public static void AxisMatrix(BiasGrid grid, int axis, float sigmaVoxels, Span<float> matrix)
    {
        ArgumentNullException.ThrowIfNull(grid);
        LaunchCheck.Finite(sigmaVoxels, nameof(sigmaVoxels));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sigmaVoxels);
        int cells = grid.CellsAlong(axis);
        int nodes = grid.NodesAlong(axis);
        int voxels = grid.VoxelsAlong(axis);
        LaunchCheck.Length(matrix.Length, (long)cells * nodes, nameof(matrix));
        double reach = (grid.Taps / 2) + 0.5;
        double scale = -0.5 / ((double)sigmaVoxels * sigmaVoxels);
        double sum = 1;
        for (int tap = 1; tap <= grid.Taps / 2; tap++)
        {
            sum += 2 * Math.Exp(scale * tap * tap);
        }

        double width = (double)voxels / cells;
        double weight = Math.Sqrt(width) / sum;
        double nodeDistance = nodes == 1 ? 0 : (voxels - 1.0) / (nodes - 1);
        for (int node = 0; node < nodes; node++)
        {
            for (int cell = 0; cell < cells; cell++)
            {
                double distance = (node * nodeDistance) - (((cell + 0.5) * width) - 0.5);
                matrix[(node * cells) + cell] = Math.Abs(distance) <= reach
                    ? (float)(weight * Math.Exp(scale * distance * distance))
                    : 0f;
            }
        }
    }

    /// <summary>
    /// The factor that turns A xi into b: the magnitude of b's maximum over the nodes becomes that of std times the maximum of as
    /// many normals as there are voxels, and its sign stays.
    /// </summary>
    /// <param name="std">Standard deviation s of the white noise.</param>
    /// <param name="u">Uniform number, inside (0, 1), that decides the maximum.</param>
    /// <param name="voxelCount">Voxels of the volume.</param>
    /// <param name="nodesMaximum">Largest value of A xi over the nodes.</param>
    /// <returns>Factor for every node, 0 to <see cref="MostFactor"/>; 0 where the largest is 0.</returns>
    public static float Factor(float std, float u, long voxelCount, float nodesMaximum) =>
        nodesMaximum == 0f ? 0f : Bounded((float)(std * NormalQuantile.OfMaximum(u, voxelCount) / nodesMaximum));

    /// <summary>The same factor of a device, from what is scaled to what.</summary>
    /// <param name="peak">Maximum of the white noise.</param>
    /// <param name="nodesMaximum">Largest value of A xi over the nodes.</param>
    internal static float Factor(float peak, float nodesMaximum) => nodesMaximum == 0f ? 0f : Bounded(peak / nodesMaximum);

    /// <summary>One node of one pass: sum over the axis of A[node, cell] x[cell], of the cells that the filter reaches; beyond
    /// them A is 0.</summary>
    /// <param name="index">Linear index of the result, [outer][node][inner].</param>
    /// <param name="source">[outer][cell][inner].</param>
    /// <param name="matrix">A of this axis.</param>
    /// <param name="axis">Lengths of this pass.</param>
    public static float Node(int index, ArrayView<float> source, ArrayView<float> matrix, BiasAxis axis)
    {
        int inner = index % axis.Inner;
        int outerNode = index / axis.Inner;
        int node = outerNode % axis.Nodes;
        int first = (outerNode / axis.Nodes * axis.Cells * axis.Inner) + inner;
        int centre = node * axis.Cells / axis.Nodes;
        int cell = KernelMath.Max(0, centre - axis.Reach);
        int at = first + (cell * axis.Inner);
        int end = (node * axis.Cells) + KernelMath.Min(axis.Cells, centre + axis.Reach + 1);
        float sum = 0f;
        for (int weight = (node * axis.Cells) + cell; weight < end; weight++)
        {
            sum += matrix[weight] * source[at];
            at += axis.Inner;
        }

        return sum;
    }

    /// <summary>One voxel: value * exp(b).</summary>
    /// <param name="value">Intensity before.</param>
    /// <param name="logField">b.</param>
    public static float Voxel(float value, float logField) => value * KernelMath.Exp(logField);

    // A NaN stays one, so that it is found.
    private static float Bounded(float quotient)
    {
        float magnitude = KernelMath.Abs(quotient);
        return magnitude > MostFactor ? MostFactor : magnitude;
    }
}

/// <summary>One pass from cells to nodes, as a device sees it: [outer][cell][inner] becomes [outer][node][inner].</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct BiasAxis
{
    /// <summary>Cells along the axis.</summary>
    public readonly int Cells;

    /// <summary>Nodes along the axis.</summary>
    public readonly int Nodes;

    /// <summary>Elements between two neighbours along the axis: nodes of the faster axes, whose pass came before.</summary>
    public readonly int Inner;

    /// <summary>A[node, cell] is 0 where cell is further than this from node * Cells / Nodes, rounded down.</summary>
    public readonly int Reach;

    private BiasAxis(int cells, int nodes, int inner, int reach)
    {
        Cells = cells;
        Nodes = nodes;
        Inner = inner;
        Reach = reach;
    }

    /// <summary>The pass along axis 0 (z), 1 (y) or 2 (x).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another axis.</exception>
    public static BiasAxis Of(BiasGrid grid, int axis)
    {
        ArgumentNullException.ThrowIfNull(grid);
        int inner = axis == 0 ? grid.Nodes.Y * grid.Nodes.X : axis == 1 ? grid.Nodes.X : 1;
        int cells = grid.CellsAlong(axis);
        int nodes = grid.NodesAlong(axis);

        // In cells, w voxels wide, node j lies at (x_j + 0.5) / w - 0.5, with x_j = j (S - 1) / (N - 1). That is at most 0.5 and
        // cells / nodes, or 1, away from j cells / nodes, and rounding that down takes less than 1.
        double filter = ((grid.Taps / 2) + 0.5) * cells / grid.VoxelsAlong(axis);
        int reach = (int)Math.Ceiling(filter + Math.Max(1.0, (double)cells / nodes) + 1.5);
        return new BiasAxis(cells, nodes, inner, reach);
    }
}
