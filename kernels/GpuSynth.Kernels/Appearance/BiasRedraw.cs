using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// BiasRedraw: a sample whose largest mean under its largest bias exceeds e^80 (BiasField.MostLogIntensity) is drawn again, on the
// device, so that nobody need look at a batch before it is used: the words of the next attempt take the place of the last one's,
// and the field is made once more.
//   The largest b is factor * (largest node), or factor * (smallest node) where the factor is negative; the factor is BiasPeak /
//   (largest node). Only fields of few independent nodes, in volumes not much larger than the blur, come near the bound.
// One group per sample. It reads a few words and ends, but once in thousands of small volumes; then it makes a field by itself,
// slowly. Where the words hold no further attempt the sample is marked by a NaN as its measured maximum.
// words: uint[attempt][B][stride]. Same rule on the host: HostAppearance.IsBounded. Source: RaSD, appearance step 10.

/// <summary>Draws appearances again whose intensities leave the range of a float.</summary>
public static class BiasRedraw
{
    internal readonly struct Kernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        SampleLayout layout,
        BiasRedrawPlan plan,
        ArrayView<float> cells,
        ArrayView<float> afterX,
        ArrayView<float> matrices,
        ArrayView<float> nodes) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(GroupExtremes.Length);
            int sample = Grid.IdxX;
            int first = sample * layout.Stride;
            int maximumWord = (sample * MeasuredWords.PerSample) + MeasuredWords.TableMaximum;
            ArrayView<float> ownNodes = nodes.SubView((long)sample * plan.NodeCount, plan.NodeCount);
            bool isBounded = IsBounded(shared, words, first, layout, measured[maximumWord], ownNodes);
            for (int attempt = 1; attempt < plan.Attempts && !isBounded; attempt++)
            {
                Group.Barrier();
                int next = ((attempt * plan.Samples) + sample) * layout.Stride;
                for (int word = Group.IdxX; word < layout.Stride; word += Group.DimX)
                {
                    words[first + word] = words[next + word];
                }

                if (Group.IdxX == 0)
                {
                    measured[maximumWord] = MeasuredWords.Initial(MeasuredWords.TableMaximum);
                }

                Group.Barrier();
                Field(shared, words, measured, layout, plan, cells, afterX, matrices, nodes);
                isBounded = IsBounded(shared, words, first, layout, measured[maximumWord], ownNodes);
            }

            if (!isBounded && Group.IdxX == 0)
            {
                measured[(sample * MeasuredWords.PerSample) + MeasuredWords.Maximum] = uint.MaxValue;
            }
        }
    }

    // ln of the largest mean under the largest bias, against the bound; the same answer in every thread.
    private static bool IsBounded(
        ArrayView<int> shared,
        ArrayView<uint> words,
        int first,
        SampleLayout layout,
        uint orderedMaximum,
        ArrayView<float> nodes)
    {
        float mean = 0f;
        for (int label = 0; label < layout.Labels; label++)
        {
            float magnitude = KernelMath.Abs(SampleLayout.Number(words, first + layout.Means + label));
            mean = magnitude <= mean ? mean : magnitude;
        }

        float largest = MeasuredWords.Value(orderedMaximum);
        float peak = SampleLayout.Number(words, first + layout.BiasPeak);
        float factor = largest == 0f ? 0f : peak / largest;
        float field = factor * (factor < 0f ? Smallest(shared, nodes) : largest);
        return field + KernelMath.Log(mean) <= BiasField.MostLogIntensity;
    }

    private static float Smallest(ArrayView<int> shared, ArrayView<float> nodes)
    {
        int key = int.MaxValue;
        for (int node = Group.IdxX; node < nodes.IntLength; node += Group.DimX)
        {
            key = KernelMath.Min(key, GroupExtremes.Key(nodes[node]));
        }

        Group.Barrier();
        return MeasuredWords.Value(GroupExtremes.Ordered(GroupExtremes.Minimum(shared, key)));
    }

    // The whole field by one group: normals, matrices, passes, largest node.
    private static void Field(
        ArrayView<int> shared,
        ArrayView<uint> words,
        ArrayView<uint> measured,
        SampleLayout layout,
        BiasRedrawPlan plan,
        ArrayView<float> cells,
        ArrayView<float> afterX,
        ArrayView<float> matrices,
        ArrayView<float> nodes)
    {
        int sample = Grid.IdxX;
        RandomPlace place = layout.AppearancePlace(words, sample, Streams.BiasCells);
        ArrayView<float> ownCells = cells.SubView((long)sample * plan.CellStride, plan.CellStride);
        ArrayView<float> ownAfterX = afterX.SubView((long)sample * plan.X.TargetLength, plan.X.TargetLength);
        ArrayView<float> ownMatrices = matrices.SubView((long)sample * plan.Matrices.Entries, plan.Matrices.Entries);
        ArrayView<float> ownNodes = nodes.SubView((long)sample * plan.NodeCount, plan.NodeCount);
        for (int cell = Group.IdxX; cell < plan.CellCount; cell += Group.DimX)
        {
            ownCells[cell] = Normal.At(in place, cell);
        }

        for (int entry = Group.IdxX; entry < plan.Matrices.Entries; entry += Group.DimX)
        {
            ownMatrices[entry] = BiasNodes.Entry(words, (sample * layout.Stride) + layout.BiasSigma, plan.Matrices, entry);
        }

        Group.Barrier();
        Pass(plan.X, ownMatrices, ownCells, ownAfterX);
        Group.Barrier();
        int key;
        if (plan.IsFlat != 0)
        {
            key = Pass(plan.Y, ownMatrices, ownAfterX, ownNodes);
        }
        else
        {
            Pass(plan.Y, ownMatrices, ownAfterX, ownCells);
            Group.Barrier();
            key = Pass(plan.Z, ownMatrices, ownCells, ownNodes);
        }

        GroupExtremes.MergeMaximum(
            shared, key, measured, (sample * MeasuredWords.PerSample) + MeasuredWords.TableMaximum);
        Group.Barrier();
    }

    private static int Pass(BiasPassPlan pass, ArrayView<float> matrices, ArrayView<float> source, ArrayView<float> target)
    {
        int key = int.MinValue;
        ArrayView<float> matrix = matrices.SubView(pass.MatrixFirst, pass.Axis.Cells * pass.Axis.Nodes);
        for (int element = Group.IdxX; element < pass.TargetLength; element += Group.DimX)
        {
            float value = BiasField.Node(element, source, matrix, pass.Axis);
            target[element] = value;
            key = KernelMath.Max(key, GroupExtremes.Key(value));
        }

        return key;
    }

    /// <summary>Launches the check of a batch.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, Kernel> kernel;

        /// <summary>Makes the kernel launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            kernel = loader.Load<Kernel>();
        }

        /// <summary>Checks every sample of a batch, and draws again what is out of range. Views as in
        /// <see cref="BiasNodes.Launcher.Run"/>, which comes before.</summary>
        /// <param name="words">Table of words, of every attempt: those of attempt a begin at sample a * samples.</param>
        /// <param name="layout">Where they lie.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="attempts">Attempts that the table holds.</param>
        /// <param name="grid">Layout of one field.</param>
        /// <param name="cells">Scratch.</param>
        /// <param name="afterX">Scratch.</param>
        /// <param name="matrices">Scratch.</param>
        /// <param name="nodes">Nodes, not scaled; written where a sample is drawn again.</param>
        /// <param name="measured">What was measured.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Run(
            ArrayView<uint> words,
            SampleLayout layout,
            int samples,
            int attempts,
            BiasGrid grid,
            ArrayView<float> cells,
            ArrayView<float> afterX,
            ArrayView<float> matrices,
            ArrayView<float> nodes,
            ArrayView<uint> measured)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
            ArgumentNullException.ThrowIfNull(grid);
            (int cellLength, int afterXLength, int matrixLength) = BiasNodes.ScratchLengths(grid);
            LaunchCheck.AtLeast(words.Length, (long)attempts * samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
            LaunchCheck.AtLeast(cells.Length, (long)samples * cellLength, nameof(cells));
            LaunchCheck.AtLeast(afterX.Length, (long)samples * afterXLength, nameof(afterX));
            LaunchCheck.AtLeast(matrices.Length, (long)samples * matrixLength, nameof(matrices));
            LaunchCheck.AtLeast(nodes.Length, (long)samples * grid.NodeCount, nameof(nodes));
            var plan = new BiasRedrawPlan(grid, cellLength, samples, attempts);
            kernel(
                new KernelConfig(samples, KernelLoader.GroupSize),
                new(words, measured, layout, plan, cells, afterX, matrices, nodes));
        }
    }
}

/// <summary>What a field is made of, for one group that makes all of it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BiasRedrawPlan
{
    public readonly BiasMatrixPlan Matrices;
    public readonly BiasPassPlan X;
    public readonly BiasPassPlan Y;
    public readonly BiasPassPlan Z;
    public readonly int CellCount;
    public readonly int CellStride;
    public readonly int NodeCount;
    public readonly int IsFlat;
    public readonly int Samples;
    public readonly int Attempts;

    public BiasRedrawPlan(BiasGrid grid, int cellStride, int samples, int attempts)
    {
        bool isFlat = grid.Shape.Dimensions == 2;
        Matrices = new BiasMatrixPlan(grid);
        X = new BiasPassPlan(grid, 2, grid.CellCount, grid.AfterX, measures: false);
        Y = new BiasPassPlan(grid, 1, grid.AfterX, isFlat ? grid.NodeCount : grid.AfterY, isFlat);
        Z = new BiasPassPlan(grid, 0, grid.AfterY, grid.NodeCount, measures: true);
        CellCount = grid.CellCount;
        CellStride = cellStride;
        NodeCount = grid.NodeCount;
        IsFlat = isFlat ? 1 : 0;
        Samples = samples;
        Attempts = attempts;
    }
}
