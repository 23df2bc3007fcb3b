using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <content>The launches.</content>
public static partial class KnotMerge
{
    /// <summary>Launches the merges of a batch.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, FieldKernel> fieldKernel;
        private readonly Action<KernelConfig, ShiftKernel> shiftKernel;

        /// <summary>Makes the kernels launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            fieldKernel = loader.Load<FieldKernel>();
            shiftKernel = loader.Load<ShiftKernel>();
        }

        /// <summary>Merges the label fields of every sample.</summary>
        /// <param name="grid">Their grid.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="nodes">Coarse nodes, [sample][element]; may be longer.</param>
        /// <param name="scales">Scales of the coarse grids; one entry that is not read where there are none.</param>
        /// <param name="weights"><see cref="FieldGrid.Weights"/> on the device; one entry that is not read where there are
        /// none.</param>
        /// <param name="cells">Written; may be longer.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Fields(
            FieldGrid grid,
            int samples,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<KnotWeight> weights,
            ArrayView<FieldCell> cells)
        {
            ArgumentNullException.ThrowIfNull(grid);
            var plan = new KnotMergePlan(grid);
            LaunchCheck.AtLeast(cells.Length, (long)samples * plan.Cells, nameof(cells));
            KernelConfig config = Config(plan, grid.Layout, samples, nodes, scales, weights, grid.Weights.Length);
            fieldKernel(config, new(nodes, scales, weights, plan, cells));
        }

        /// <summary>Merges the displacements of every sample.</summary>
        /// <param name="grid">Their grid.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="nodes">Coarse nodes in voxels, [sample][element]; may be longer.</param>
        /// <param name="scales">Scales of the coarse grids; one entry that is not read where there are none.</param>
        /// <param name="weights"><see cref="ShiftGrid.Weights"/> on the device.</param>
        /// <param name="cells">Written; may be longer.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Shifts(
            ShiftGrid grid,
            int samples,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<KnotWeight> weights,
            ArrayView<ShiftKnot> cells)
        {
            ArgumentNullException.ThrowIfNull(grid);
            var plan = new KnotMergePlan(grid);
            LaunchCheck.AtLeast(cells.Length, (long)samples * plan.Cells, nameof(cells));
            KernelConfig config = Config(plan, grid.Layout, samples, nodes, scales, weights, grid.Weights.Length);
            shiftKernel(config, new(nodes, scales, weights, plan, cells));
        }

        private static KernelConfig Config(
            KnotMergePlan plan,
            NoiseGridLayout layout,
            int samples,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<KnotWeight> weights,
            int weightCount)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            LaunchCheck.AtLeast(nodes.Length, (long)samples * layout.Length, nameof(nodes));
            LaunchCheck.AtLeast(scales.Length, layout.ScaleCount, nameof(scales));
            LaunchCheck.AtLeast(weights.Length, weightCount, nameof(weights));
            return BatchGrid.Of(plan.Threads, samples);
        }

        internal static int Chunks(int cells) => (cells + CellsPerThread - 1) / CellsPerThread;
    }
}
