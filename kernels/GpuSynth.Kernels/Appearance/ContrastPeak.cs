using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// ContrastPeak: max |mean[label] exp(b)| over the voxels of every sample, into measured[LargestIntensity]; the noise is scaled by
// it. b is the bias field; without one it is 0.
// label: byte[B][D,H,W]; nodes: float[B][N_z,N_y,N_x]. 1 B/voxel, one exp.
// A thread walks down a column of voxels in each of a few planes: along it the field is linear between nodes (BiasColumn). What
// cannot hold the largest intensity is left out: a group first looks at a few of its voxels, and then only where the field's nodes
// and the largest mean allow more than was seen. The result is that of all voxels, bit for bit.
// Values: the same run to run on one device. Reference: Contrast.Reference.cs, BiasField.Reference.cs. Source: RaSD, step 7.

/// <summary>The largest intensity of every sample of a batch before its noise.</summary>
public static class ContrastPeak
{
    // In fewer planes a look at some voxels costs more than it saves.
    private const int FewestPlanes = 3;

    // What b must stay below for an intensity to stay below one that was seen, whatever its mean: less than ln(seen / mean) by more
    // than what rounding can do. A NaN where that is not known, which nothing is below.
    private static float Limit(float seen, float largestMean, bool hasBias)
    {
        float logarithm = KernelMath.Log(seen / largestMean);
        float rounding = 1e-4f + (1e-5f * KernelMath.Abs(logarithm));
        return hasBias ? logarithm - rounding : seen >= largestMean ? 1f : float.NaN;
    }

    // Whether b is below a limit at all nodes around the rows of a column, at a place along x and between two nodes along z.
    private static bool IsBelow(
        ArrayView<float> nodes, BiasSpan span, BiasPlace z, BiasPlace x, int firstRow, int endRow, float factor, float limit)
    {
        bool isBelow = 0f < limit;
        if (span.IsThere != 0)
        {
            int plane = span.NodesY * span.NodesX;
            int row = firstRow * (span.NodesY - 1) / span.StepsY * span.NodesX;
            int lastRow = new BiasPlace(endRow - 1, span.NodesY, span.StepsY, span.PerStepY).Far * span.NodesX;
            isBelow = true;
            for (; row <= lastRow; row += span.NodesX)
            {
                int near = (z.Near * plane) + row;
                int far = (z.Far * plane) + row;
                float low = factor * NoiseField.Linear(nodes[near + x.Near], nodes[near + x.Far], x.Fraction);
                float high = factor * NoiseField.Linear(nodes[far + x.Near], nodes[far + x.Far], x.Fraction);
                isBelow = isBelow && low < limit && high < limit;
            }
        }

        return isBelow;
    }

    // The largest intensity of every fourth voxel of a thread's rows in the first plane of its group, as a key.
    private static int Glance(
        ArrayView<float> means,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        TilePlan plan,
        BiasSpan span,
        Tile tile,
        BiasPlace x,
        int firstRow,
        int endRow,
        float factor)
    {
        var z = new BiasPlace(tile.FirstPlane, span.NodesZ, span.StepsZ, span.PerStepZ);
        int key = GroupExtremes.Key(0f);
        for (int row = firstRow; row < endRow; row += 4)
        {
            float b = new BiasWalk(nodes, span, z, x, row, factor, span.IsThere != 0).Value;
            int voxel = (((tile.FirstPlane * plan.Height) + row) * plan.Width) + tile.X;
            key = KernelMath.Max(key, GroupExtremes.Key(KernelMath.Abs(BiasField.Voxel(means[(int)labels[voxel]], b))));
        }

        return key;
    }

    // One group per tile of columns and run of planes, of the sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        SampleLayout layout,
        TilePlan plan,
        BiasSpan span) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<float> means = SharedMemory.Allocate<float>(Tile.TableLength);
            ArrayView<int> shared = SharedMemory.Allocate<int>(GroupExtremes.Length);
            int sample = Grid.IdxY;
            var tile = new Tile(plan, Grid.IdxX, Group.IdxX);
            ArrayView<uint> row = words.SubView((long)sample * layout.Stride, layout.Stride);
            PaintedSource.LoadMeans(row, layout, means);
            Group.Barrier();
            ArrayView<byte> own = labels.SubView((long)sample * plan.Voxels, plan.Voxels);
            ArrayView<float> field = nodes.SubView((long)sample * span.Count, span.Count);
            float factor = BiasColumn.Factor(row, measured, layout, sample);
            int firstRow = tile.FirstRow + (tile.RowGroup * Tile.RowsPerThread);
            int endRow = KernelMath.Min(firstRow + Tile.RowsPerThread, plan.Height);
            int endPlane = tile.X < plan.Width && firstRow < endRow ? tile.EndPlane : 0;
            int x = KernelMath.Min(tile.X, plan.Width - 1);
            var placeX = new BiasPlace(x, span.NodesX, span.StepsX, span.PerStepX);
            int key = GroupExtremes.Key(0f);
            float limit = float.NaN;
            bool looksFirst = tile.EndPlane - tile.FirstPlane >= FewestPlanes;
            if (looksFirst)
            {
                if (tile.FirstPlane < endPlane)
                {
                    key = Glance(means, own, field, plan, span, tile, placeX, firstRow, endRow, factor);
                }

                int meanKey = GroupExtremes.Key(0f);
                for (int label = Group.IdxX; label < layout.Labels; label += Group.DimX)
                {
                    meanKey = KernelMath.Max(meanKey, GroupExtremes.Key(KernelMath.Abs(means[label])));
                }

                float seen = GroupExtremes.Value(GroupExtremes.Maximum(shared, key));
                limit = Limit(seen, GroupExtremes.Value(GroupExtremes.Maximum(shared, meanKey)), span.IsThere != 0);
            }

            int nearNode = -1;
            bool isBelow = false;
            for (int z = tile.FirstPlane; z < endPlane; z++)
            {
                var placeZ = new BiasPlace(z, span.NodesZ, span.StepsZ, span.PerStepZ);
                if (looksFirst && placeZ.Near != nearNode)
                {
                    nearNode = placeZ.Near;
                    isBelow = IsBelow(field, span, placeZ, placeX, firstRow, endRow, factor, limit);
                }

                if (isBelow)
                {
                    continue;
                }

                var walk = new BiasWalk(field, span, placeZ, placeX, firstRow, factor, span.IsThere != 0);
                int voxel = (((z * plan.Height) + firstRow) * plan.Width) + tile.X;
                for (int y = firstRow; y < endRow; y++)
                {
                    float value = KernelMath.Abs(BiasField.Voxel(means[(int)own[voxel]], walk.Value));
                    key = KernelMath.Max(key, GroupExtremes.Key(value));
                    voxel += plan.Width;
                    walk = walk.Next();
                }
            }

            GroupExtremes.MergeMaximum(
                shared, key, measured, (sample * MeasuredWords.PerSample) + MeasuredWords.LargestIntensity);
        }
    }

    /// <summary>The largest intensities on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, Kernel> kernel;

        /// <summary>Makes the kernel launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            kernel = loader.Load<Kernel>();
        }

        /// <summary>Measures every sample's largest intensity.</summary>
        /// <param name="words">Table of the samples' words.</param>
        /// <param name="measured">Word <see cref="MeasuredWords.LargestIntensity"/> of every sample is merged into; with a bias
        /// field <see cref="MeasuredWords.TableMaximum"/> is read.</param>
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
            TilePlan plan = TilePlan.Best(shape, samples, 0);
            var span = new BiasSpan(bias);
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
            LaunchCheck.AtLeast(labels.Length, samples * shape.VoxelCount, nameof(labels));
            LaunchCheck.AtLeast(nodes.Length, (long)samples * span.Count, nameof(nodes));
            kernel(
                BatchGrid.OfGroups(plan.Tiles, samples, plan.Threads), new(words, measured, labels, nodes, layout, plan, span));
        }
    }
}
