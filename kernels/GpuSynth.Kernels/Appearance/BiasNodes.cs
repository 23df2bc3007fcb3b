using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// BiasNodes: the coarse nodes of the bias fields of a batch, A_z A_y A_x xi (see BiasField), and their largest value.
//   matrices: A of every axis and sample, from the words' sigmas. The distance of a node from a cell's centre,
//     x_j - u_m = j (S - 1) / (N - 1) - ((m + 0.5) S / M - 0.5),  S voxels, N nodes, M cells,
//     is a fraction of whole numbers over 2 M (N - 1): its numerator is computed exactly, so that nothing cancels, and whether it
//     lies within the filter's reach, taps / 2, is decided exactly too.
//   passes:   x, y, z; the last one (y in 2D) merges the largest node into measured[BiasMaximum].
// The nodes stay as they are: who reads them multiplies by the factor that brings the largest one to the word BiasPeak
// (BiasField.Factor).
// cells: float[B][M_z,M_y,M_x]; nodes: float[B][N_z,N_y,N_x]; matrices: float[B][axis][node][cell].
// Values: the same run to run on one device. Reference: BiasField.Reference.cs.

/// <summary>The bias fields of a batch at their coarse nodes.</summary>
public static class BiasNodes
{
    /// <summary>A[node, cell] of one axis, as <see cref="BiasField.AxisMatrix"/>.</summary>
    /// <param name="node">Node, 0 to nodes - 1.</param>
    /// <param name="cell">Cell, 0 to cells - 1.</param>
    /// <param name="axis">Lengths of the axis.</param>
    /// <param name="taps">Taps of the filter.</param>
    /// <param name="sigmaVoxels">Standard deviation of the filter along this axis.</param>
    internal static float Weight(int node, int cell, BiasMatrixAxis axis, int taps, float sigmaVoxels)
    {
        int nodeSteps = KernelMath.Max(1, axis.Nodes - 1);
        long numerator = (2L * axis.Cells * node * (axis.Voxels - 1))
            - (nodeSteps * (((2L * cell + 1) * axis.Voxels) - axis.Cells));
        long reach = (long)taps * axis.Cells * nodeSteps;
        float weight = 0f;
        if (numerator <= reach && -numerator <= reach)
        {
            float scale = -0.5f / (sigmaVoxels * sigmaVoxels);
            float sum = 1f;
            for (int tap = 1; tap <= taps / 2; tap++)
            {
                sum += 2f * KernelMath.Exp(scale * tap * tap);
            }

            float distance = (float)numerator / (2L * axis.Cells * nodeSteps);
            float width = (float)axis.Voxels / axis.Cells;
            weight = KernelMath.Sqrt(width) / sum * KernelMath.Exp(scale * distance * distance);
        }

        return weight;
    }

    /// <summary>One entry of a sample's three matrices.</summary>
    /// <param name="words">Table of words.</param>
    /// <param name="firstSigma">The word of the sample's first sigma.</param>
    /// <param name="plan">The matrices.</param>
    /// <param name="entry">Which entry.</param>
    internal static float Entry(ArrayView<uint> words, int firstSigma, BiasMatrixPlan plan, int entry)
    {
        int number = entry < plan.Y.First ? 0 : entry < plan.X.First ? 1 : 2;
        BiasMatrixAxis axis = number == 0 ? plan.Z : number == 1 ? plan.Y : plan.X;
        float sigma = SampleLayout.Number(words, firstSigma + number);
        int own = entry - axis.First;
        int node = own / axis.Cells;
        return Weight(node, own - (node * axis.Cells), axis, plan.Taps, sigma);
    }

    // One thread per entry of the three matrices, z first, of the sample Grid.IdxY.
    internal readonly struct MatrixKernel(
        ArrayView<uint> words, int stride, int firstSigma, BiasMatrixPlan plan, ArrayView<float> matrices) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int entry = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            if (entry >= plan.Entries)
            {
                return;
            }

            matrices[((long)Grid.IdxY * plan.Entries) + entry] = Entry(words, (Grid.IdxY * stride) + firstSigma, plan, entry);
        }
    }

    // One thread per element of the result, of the sample Grid.IdxY.
    internal readonly struct PassKernel(
        ArrayView<uint> measured,
        BiasPassPlan plan,
        ArrayView<float> matrices,
        ArrayView<float> source,
        ArrayView<float> target) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(GroupExtremes.Length);
            int element = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            int sample = Grid.IdxY;
            int key = int.MinValue;
            if (element < plan.TargetLength)
            {
                float value = BiasField.Node(
                    element,
                    source.SubView((long)sample * plan.SourceStride, plan.SourceStride),
                    matrices.SubView(((long)sample * plan.MatrixStride) + plan.MatrixFirst, plan.Axis.Cells * plan.Axis.Nodes),
                    plan.Axis);
                target[((long)sample * plan.TargetStride) + element] = value;
                key = GroupExtremes.Key(value);
            }

            if (plan.Measures != 0)
            {
                GroupExtremes.MergeMaximum(
                    shared, key, measured, (sample * MeasuredWords.PerSample) + MeasuredWords.TableMaximum);
            }
        }
    }

    /// <summary>What the nodes of a batch need besides the nodes themselves, in floats per sample.</summary>
    /// <param name="grid">Layout of one field.</param>
    /// <returns>The cells (and later the result of the pass along y), the result of the pass along x, and the
    /// matrices.</returns>
    public static (int Cells, int AfterX, int Matrices) ScratchLengths(BiasGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        return (Math.Max(grid.CellCount, grid.AfterY), grid.AfterX, new BiasMatrixPlan(grid).Entries);
    }

    /// <summary>The nodes of a batch on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, MatrixKernel> matrixKernel;
        private readonly Action<KernelConfig, PassKernel> passKernel;

        /// <summary>Makes the kernels launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            matrixKernel = loader.Load<MatrixKernel>();
            passKernel = loader.Load<PassKernel>();
        }

        /// <summary>Brings the noise of the cells to the nodes, and measures the largest node of every sample.</summary>
        /// <param name="words">Table of the samples' words.</param>
        /// <param name="layout">Where they lie.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="grid">Layout of one field.</param>
        /// <param name="firstSigma">The word of a row where the standard deviations of the blur stand, along z, y, x.</param>
        /// <param name="cells">Standard normal numbers [sample][cell], consecutive; overwritten. Lengths: see
        /// <see cref="ScratchLengths"/>, times the samples.</param>
        /// <param name="afterX">Scratch.</param>
        /// <param name="matrices">Scratch.</param>
        /// <param name="nodes">Written: [sample][node], not scaled yet.</param>
        /// <param name="measured">Word <see cref="MeasuredWords.TableMaximum"/> of every sample is merged into.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Run(
            ArrayView<uint> words,
            SampleLayout layout,
            int samples,
            BiasGrid grid,
            int firstSigma,
            ArrayView<float> cells,
            ArrayView<float> afterX,
            ArrayView<float> matrices,
            ArrayView<float> nodes,
            ArrayView<uint> measured)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            ArgumentNullException.ThrowIfNull(grid);
            (int cellLength, int afterXLength, int matrixLength) = ScratchLengths(grid);
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
            LaunchCheck.AtLeast(cells.Length, (long)samples * cellLength, nameof(cells));
            LaunchCheck.AtLeast(afterX.Length, (long)samples * afterXLength, nameof(afterX));
            LaunchCheck.AtLeast(matrices.Length, (long)samples * matrixLength, nameof(matrices));
            LaunchCheck.AtLeast(nodes.Length, (long)samples * grid.NodeCount, nameof(nodes));
            var plan = new BiasMatrixPlan(grid);
            bool isFlat = grid.Shape.Dimensions == 2;
            matrixKernel(BatchGrid.Of(plan.Entries, samples), new(words, layout.Stride, firstSigma, plan, matrices));
            Pass(new BiasPassPlan(grid, 2, grid.CellCount, grid.AfterX, measures: false), cells, afterX);
            Pass(
                new BiasPassPlan(grid, 1, grid.AfterX, isFlat ? grid.NodeCount : grid.AfterY, isFlat),
                afterX,
                isFlat ? nodes : cells);
            if (!isFlat)
            {
                Pass(new BiasPassPlan(grid, 0, grid.AfterY, grid.NodeCount, measures: true), cells, nodes);
            }

            void Pass(BiasPassPlan pass, ArrayView<float> source, ArrayView<float> target) =>
                passKernel(BatchGrid.Of(pass.TargetLength, samples), new(measured, pass, matrices, source, target));
        }
    }
}

/// <summary>Lengths of one axis of a <see cref="BiasGrid"/>, and where its matrix begins.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BiasMatrixAxis(BiasGrid grid, int axis, int first)
{
    public readonly int Voxels = grid.VoxelsAlong(axis);
    public readonly int Cells = grid.CellsAlong(axis);
    public readonly int Nodes = grid.NodesAlong(axis);
    public readonly int First = first;

    public int End => First + (Cells * Nodes);
}

/// <summary>The matrices of one sample: z (3D only), y, x.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BiasMatrixPlan
{
    public readonly BiasMatrixAxis Z;
    public readonly BiasMatrixAxis Y;
    public readonly BiasMatrixAxis X;
    public readonly int Taps;
    public readonly int Entries;

    public BiasMatrixPlan(BiasGrid grid)
    {
        Z = new BiasMatrixAxis(grid, 0, 0);
        Y = new BiasMatrixAxis(grid, 1, grid.Shape.Dimensions == 3 ? Z.End : 0);
        X = new BiasMatrixAxis(grid, 2, Y.End);
        Taps = grid.Taps;
        Entries = X.End;
    }
}

/// <summary>One pass over a batch.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BiasPassPlan
{
    public readonly BiasAxis Axis;
    public readonly int MatrixFirst;
    public readonly int MatrixStride;
    public readonly int SourceStride;
    public readonly int TargetStride;
    public readonly int TargetLength;
    public readonly int Measures;

    public BiasPassPlan(BiasGrid grid, int axis, int sourceLength, int targetLength, bool measures)
    {
        var matrices = new BiasMatrixPlan(grid);
        Axis = BiasAxis.Of(grid, axis);
        MatrixFirst = axis == 0 ? matrices.Z.First : axis == 1 ? matrices.Y.First : matrices.X.First;
        MatrixStride = matrices.Entries;
        SourceStride = sourceLength;
        TargetStride = targetLength;
        TargetLength = targetLength;
        Measures = measures ? 1 : 0;
    }
}
