using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// ContrastPeak: max |mean[label] exp(b)| over the voxels of every sample, into measured[LargestIntensity]; the noise is scaled by
// it. b is the bias field; without one it is 0.
// label: byte[B][D,H,W]; nodes: float[B][N_z,N_y,N_x]. 1 B/voxel, one exp.
// A thread walks down a column of voxels in each of a few planes: along it the field is linear between nodes (BiasColumn).
// Values: the same run to run on one device. Reference: Contrast.Reference.cs, BiasField.Reference.cs. Source: RaSD, step 7.

/// <summary>The largest intensity of every sample of a batch before its noise.</summary>
public static class ContrastPeak
{
    // One group per tile of columns and run of planes, of the sample Grid.IdxY.
    internal static void Kernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        SampleLayout layout,
        TilePlan plan)
    {
        ArrayView<float> means = SharedMemory.Allocate<float>(PaintingTile.Means);
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupExtremes.Length);
        int sample = Grid.IdxY;
        var tile = new PaintingTile(plan, Grid.IdxX, Group.IdxX);
        PaintingTile.LoadMeans(words, layout, sample, means);
        Group.Barrier();
        ArrayView<byte> own = labels.SubView((long)sample * plan.Voxels, plan.Voxels);
        ArrayView<float> field = nodes.SubView((long)sample * plan.Bias.Count, plan.Bias.Count);
        float factor = BiasColumn.Factor(words, measured, layout, sample);
        int key = GroupExtremes.Key(0f);
        int firstRow = tile.FirstRow + (tile.RowGroup * plan.RowsPerThread);
        int endRow = KernelMath.Min(firstRow + plan.RowsPerThread, plan.Height);
        int endPlane = tile.X < plan.Width ? tile.EndPlane : 0;
        int x = KernelMath.Min(tile.X, plan.Width - 1);
        var placeX = new BiasPlace(x, plan.Bias.NodesX, plan.Bias.StepsX, plan.Bias.PerStepX);
        for (int z = tile.FirstPlane; z < endPlane; z++)
        {
            var placeZ = new BiasPlace(z, plan.Bias.NodesZ, plan.Bias.StepsZ, plan.Bias.PerStepZ);
            int product = firstRow * (plan.Bias.NodesY - 1);
            int nodeY = product / plan.Bias.StepsY;
            int remainder = product - (nodeY * plan.Bias.StepsY);
            float below = 0f;
            float above = 0f;
            if (plan.Bias.IsThere != 0 && firstRow < endRow)
            {
                int next = KernelMath.Min(nodeY + 1, plan.Bias.NodesY - 1);
                below = BiasColumn.NodeRow(field, plan.Bias, placeZ, placeX, nodeY, factor);
                above = BiasColumn.NodeRow(field, plan.Bias, placeZ, placeX, next, factor);
            }

            int voxel = (((z * plan.Height) + firstRow) * plan.Width) + tile.X;
            for (int y = firstRow; y < endRow; y++)
            {
                float b = NoiseField.Linear(below, above, remainder * plan.Bias.PerStepY);
                float value = KernelMath.Abs(BiasField.Voxel(means[(int)own[voxel]], b));
                key = KernelMath.Max(key, GroupExtremes.Key(value));
                voxel += plan.Width;
                remainder += plan.Bias.NodesY - 1;
                if (remainder >= plan.Bias.StepsY && plan.Bias.IsThere != 0)
                {
                    remainder -= plan.Bias.StepsY;
                    nodeY++;
                    int next = KernelMath.Min(nodeY + 1, plan.Bias.NodesY - 1);
                    below = above;
                    above = BiasColumn.NodeRow(field, plan.Bias, placeZ, placeX, next, factor);
                }
            }
        }

        GroupExtremes.MergeMaximum(
            shared, key, measured, (sample * MeasuredWords.PerSample) + MeasuredWords.LargestIntensity);
    }

    /// <summary>The largest intensities on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, ArrayView<uint>, ArrayView<uint>, ArrayView<byte>, ArrayView<float>, SampleLayout,
            TilePlan> kernel;

        /// <summary>Makes the kernel launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            kernel = loader.Load<ArrayView<uint>, ArrayView<uint>, ArrayView<byte>, ArrayView<float>, SampleLayout, TilePlan>(
                Kernel);
        }

        /// <summary>Measures every sample's largest intensity.</summary>
        /// <param name="words">Table of the samples' words.</param>
        /// <param name="measured">Word <see cref="MeasuredWords.LargestIntensity"/> of every sample is merged into; with a bias
        /// field <see cref="MeasuredWords.BiasMaximum"/> is read.</param>
        /// <param name="layout">Where the words lie.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="shape">Shape of one sample.</param>
        /// <param name="bias">Layout of the bias field, or null.</param>
        /// <param name="labels">Labels, byte[samples][D,H,W].</param>
        /// <param name="nodes">Nodes of the bias field, [sample][node]; not read without one.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Run(
            ArrayView<uint> words,
            ArrayView<uint> measured,
            SampleLayout layout,
            int samples,
            VolumeShape shape,
            BiasGrid? bias,
            ArrayView<byte> labels,
            ArrayView<float> nodes)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            TilePlan plan = TilePlan.ForPeak(shape, bias, samples);
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
            LaunchCheck.AtLeast(labels.Length, samples * shape.VoxelCount, nameof(labels));
            LaunchCheck.AtLeast(nodes.Length, (long)samples * plan.Bias.Count, nameof(nodes));
            kernel(BatchGrid.OfGroups(plan.Tiles, samples, plan.Threads), words, measured, labels, nodes, layout, plan);
        }
    }
}
