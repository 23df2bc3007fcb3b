using ILGPU;

namespace GpuSynth.Kernels;

// The device's form: groups and chunks as in RasdLoss. Logits are float.
public static partial class SegmentLoss
{
    /// <summary>Voxels of a chunk on a device: the threads of a group.</summary>
    public const int DeviceChunkVoxels = KernelLoader.GroupSize;

    // Sums of a chunk of the sample Grid.IdxY; see SumLength.
    internal readonly struct SumKernel(
        ArrayView<float> logits, ArrayView<byte> labels, ArrayView<float> sums, FeatureLayout layout) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            // log of the sum of e^logit.
            ArrayView<float> norms = SharedMemory.Allocate<float>(DeviceChunkVoxels);
            ArrayView<int> owns = SharedMemory.Allocate<int>(DeviceChunkVoxels);
            int thread = Group.IdxX, image = Grid.IdxY, first = Grid.IdxX * DeviceChunkVoxels, count = layout.Channels;
            int voxels = KernelMath.Min(DeviceChunkVoxels, layout.Voxels - first);
            if (thread < voxels)
            {
                norms[thread] = LogSum(logits, layout, image, first + thread);
                owns[thread] = labels[(image * layout.Voxels) + first + thread];
            }

            Group.Barrier();
            int begin = ((image * Grid.DimX) + Grid.IdxX) * ((3 * count) + 1);
            for (int sum = thread; sum < (3 * count) + 1; sum += Group.DimX)
            {
                int part = sum / count, label = sum % count;
                float total = 0f;
                for (int voxel = 0; voxel < voxels; voxel++)
                {
                    int own = owns[voxel], named = part == 3 ? own : label;
                    float logarithm = logits[layout.Place(image, named, first + voxel)] - norms[voxel];
                    float isOwn = own == label ? 1f : 0f;
                    total += part == 3 ? logarithm
                        : part == 2 ? isOwn
                        : part == 1 ? KernelMath.Exp(logarithm)
                        : KernelMath.Exp(logarithm) * isOwn;
                }

                sums[begin + sum] = total;
            }
        }
    }

    // One thread per voxel.
    internal readonly struct GradientKernel(
        ArrayView<float> logits, ArrayView<byte> labels, ArrayView<float> factors, ArrayView<float> gradient,
        FeatureLayout layout, float weight) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int image = Grid.IdxY, voxel = (Grid.IdxX * DeviceChunkVoxels) + Group.IdxX, count = layout.Channels;
            if (voxel >= layout.Voxels)
            {
                return;
            }

            int own = labels[(image * layout.Voxels) + voxel], begin = image * 2 * count;
            float norm = LogSum(logits, layout, image, voxel);
            float mean = 0f;
            for (int label = 0; label < count; label++)
            {
                float p = KernelMath.Exp(logits[layout.Place(image, label, voxel)] - norm);
                mean += p * (factors[begin + count + label] + (label == own ? factors[begin + label] : 0f));
            }

            for (int label = 0; label < count; label++)
            {
                int place = layout.Place(image, label, voxel);
                float p = KernelMath.Exp(logits[place] - norm);
                float slope = factors[begin + count + label] + (label == own ? factors[begin + label] : 0f);
                gradient[place] = (p * (slope - mean)) + ((p - (label == own ? 1f : 0f)) * weight);
            }
        }
    }

    private static float LogSum(ArrayView<float> logits, FeatureLayout layout, int image, int voxel)
    {
        float most = float.NegativeInfinity;
        for (int label = 0; label < layout.Channels; label++)
        {
            most = KernelMath.Max(most, logits[layout.Place(image, label, voxel)]);
        }

        float sum = 0f;
        for (int label = 0; label < layout.Channels; label++)
        {
            sum += KernelMath.Exp(logits[layout.Place(image, label, voxel)] - most);
        }

        return most + KernelMath.Log(sum);
    }

    /// <summary>The two sweeps on a device; between them the caller combines what chunks have summed up.</summary>
    /// <remarks>Training launches them nowhere yet: torch's logits on a GPU take the tensor form.</remarks>
    public sealed class Launcher
    {
        private readonly FeatureLayout layout;
        private readonly KernelConfig config;
        private readonly float weight;
        private readonly Action<KernelConfig, SumKernel> sum;
        private readonly Action<KernelConfig, GradientKernel> gradient;

        /// <summary>Compiles the kernels.</summary>
        /// <param name="loader">Of the device.</param>
        /// <param name="layout">Where the logits lie; a channel per label.</param>
        /// <param name="scale">What gradients are multiplied by.</param>
        public Launcher(KernelLoader loader, FeatureLayout layout, double scale)
        {
            ArgumentNullException.ThrowIfNull(loader);
            this.layout = layout;
            weight = (float)(scale / ((double)layout.Batch * layout.Voxels));
            LaunchCheck.Extent(layout.Extent, nameof(layout));
            config = BatchGrid.OfGroups(
                RasdLoss.ChunkCount(layout.Voxels, DeviceChunkVoxels), layout.Batch, DeviceChunkVoxels);
            sum = loader.Load<SumKernel>();
            gradient = loader.Load<GradientKernel>();
        }

        /// <summary>Chunks of the batch.</summary>
        public int Chunks => layout.Batch * RasdLoss.ChunkCount(layout.Voxels, DeviceChunkVoxels);

        /// <summary>Sums by label.</summary>
        /// <param name="logits">float, as the layout says.</param>
        /// <param name="labels">uint8[B][voxels], below the channels.</param>
        /// <param name="sums">Written: [B][chunks][<see cref="SumLength"/>].</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Sum(ArrayView<float> logits, ArrayView<byte> labels, ArrayView<float> sums)
        {
            Check(logits, labels);
            LaunchCheck.AtLeast(sums.Length, (long)Chunks * SumLength(layout.Channels), nameof(sums));
            sum(config, new(logits, labels, sums, layout));
        }

        /// <summary>Gradient of the logits.</summary>
        /// <param name="logits">float, as the layout says.</param>
        /// <param name="labels">uint8[B][voxels].</param>
        /// <param name="factors">[B][2][K], of <see cref="Combine"/>.</param>
        /// <param name="gradientOf">Written: as the layout says.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Gradient(
            ArrayView<float> logits, ArrayView<byte> labels, ArrayView<float> factors, ArrayView<float> gradientOf)
        {
            Check(logits, labels);
            LaunchCheck.AtLeast(factors.Length, 2L * layout.Batch * layout.Channels, nameof(factors));
            LaunchCheck.AtLeast(gradientOf.Length, layout.Extent, nameof(gradientOf));
            gradient(config, new(logits, labels, factors, gradientOf, layout, weight));
        }

        private void Check(ArrayView<float> logits, ArrayView<byte> labels)
        {
            LaunchCheck.AtLeast(logits.Length, layout.Extent, nameof(logits));
            LaunchCheck.AtLeast(labels.Length, (long)layout.Batch * layout.Voxels, nameof(labels));
        }
    }
}
