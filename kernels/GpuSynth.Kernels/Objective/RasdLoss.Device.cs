using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// The device's form: one group per chunk of 256 voxels of an image, a thread per voxel where voxels do not depend on each other,
// and then a thread per sum, which walks through the chunk's voxels in their order: no atomics, the same sums in every run.
// What chunks have summed up is combined on the host, by RasdPrototypes, between the launches. Features are float.
public static partial class RasdLoss
{
    /// <summary>Voxels of a chunk on a device: the threads of a group.</summary>
    public const int DeviceChunkVoxels = KernelLoader.GroupSize;

    // Sums by label of the sample Grid.IdxY; see SumLength.
    internal readonly struct SumKernel(
        ArrayView<float> features, ArrayView<byte> labels, ArrayView<float> sums, FeatureLayout layout, RasdPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<float> inverses = SharedMemory.Allocate<float>(DeviceChunkVoxels);
            ArrayView<int> owns = SharedMemory.Allocate<int>(DeviceChunkVoxels);
            int thread = Group.IdxX, image = Grid.IdxY, first = Grid.IdxX * DeviceChunkVoxels;
            int count = KernelMath.Min(DeviceChunkVoxels, layout.Voxels - first);
            if (thread < count)
            {
                inverses[thread] = plan.IsNormalised != 0 ? InverseLength(features, layout, image, first + thread) : 1f;
                owns[thread] = labels[(image * layout.Voxels) + first + thread];
            }

            Group.Barrier();
            int values = plan.Labels * layout.Channels;
            int begin = ((image * Grid.DimX) + Grid.IdxX) * (values + plan.Labels);
            for (int sum = thread; sum < values + plan.Labels; sum += Group.DimX)
            {
                bool isCount = sum >= values;
                int label = isCount ? sum - values : sum / layout.Channels;
                int channel = isCount ? 0 : sum % layout.Channels;
                float total = 0f;
                for (int voxel = 0; voxel < count; voxel++)
                {
                    if (owns[voxel] == label)
                    {
                        total += isCount ? 1f : features[layout.Place(image, channel, first + voxel)] * inverses[voxel];
                    }
                }

                sums[begin + sum] = total;
            }
        }
    }

    // Loss and G of every voxel, and f G^T of the chunk; see PullLength.
    internal readonly struct PullKernel(
        ArrayView<float> features, ArrayView<byte> labels, ArrayView<float> prototypes, ArrayView<float> logitGradient,
        ArrayView<float> pulls, FeatureLayout layout, RasdPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<float> inverses = SharedMemory.Allocate<float>(DeviceChunkVoxels);
            ArrayView<float> logarithms = SharedMemory.Allocate<float>(DeviceChunkVoxels);
            int thread = Group.IdxX, image = Grid.IdxY, first = Grid.IdxX * DeviceChunkVoxels;
            int count = KernelMath.Min(DeviceChunkVoxels, layout.Voxels - first);
            int values = plan.Labels * layout.Channels;
            if (thread < count)
            {
                int voxel = first + thread;
                float inverse = plan.IsNormalised != 0 ? InverseLength(features, layout, image, voxel) : 1f;
                inverses[thread] = inverse;
                float most = float.NegativeInfinity;
                for (int label = 0; label < plan.Labels; label++)
                {
                    float logit = 0f;
                    for (int channel = 0; channel < layout.Channels; channel++)
                    {
                        logit += prototypes[(image * values) + (label * layout.Channels) + channel]
                            * features[layout.Place(image, channel, voxel)];
                    }

                    logit *= inverse * (float)(1 / Temperature);
                    logitGradient[GradientPlace(layout, plan, image, label, voxel)] = logit;
                    most = KernelMath.Max(most, logit);
                }

                float sum = 0f;
                for (int label = 0; label < plan.Labels; label++)
                {
                    int place = GradientPlace(layout, plan, image, label, voxel);
                    logitGradient[place] = KernelMath.Exp(logitGradient[place] - most);
                    sum += logitGradient[place];
                }

                int own = labels[(image * layout.Voxels) + voxel];
                float ofOwn = logitGradient[GradientPlace(layout, plan, image, own, voxel)] / sum;
                logarithms[thread] = KernelMath.Log(ofOwn + (float)LogOffset);
                float slope = ofOwn / (ofOwn + (float)LogOffset) * plan.Weight * (float)(-1 / Temperature);
                for (int label = 0; label < plan.Labels; label++)
                {
                    int place = GradientPlace(layout, plan, image, label, voxel);
                    logitGradient[place] = ((label == own ? 1f : 0f) - (logitGradient[place] / sum)) * slope;
                }
            }

            Group.Barrier();
            int begin = ((image * Grid.DimX) + Grid.IdxX) * (values + 1);
            for (int sum = thread; sum < values + 1; sum += Group.DimX)
            {
                int label = sum / layout.Channels, channel = sum % layout.Channels;
                float total = 0f;
                for (int voxel = 0; voxel < count; voxel++)
                {
                    total += sum == values
                        ? logarithms[voxel]
                        : features[layout.Place(image, channel, first + voxel)] * inverses[voxel]
                            * logitGradient[GradientPlace(layout, plan, image, label, first + voxel)];
                }

                pulls[begin + sum] = total;
            }
        }
    }

    // One thread per voxel.
    internal readonly struct GradientKernel(
        ArrayView<float> features, ArrayView<byte> labels, ArrayView<float> prototypes, ArrayView<float> columns,
        ArrayView<float> logitGradient, ArrayView<float> gradient, FeatureLayout layout, RasdPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int image = Grid.IdxY, voxel = (Grid.IdxX * DeviceChunkVoxels) + Group.IdxX;
            if (voxel >= layout.Voxels)
            {
                return;
            }

            int values = plan.Labels * layout.Channels;
            int own = labels[(image * layout.Voxels) + voxel];
            float inverse = plan.IsNormalised != 0 ? InverseLength(features, layout, image, voxel) : 1f;
            float along = 0f;
            for (int channel = 0; channel < layout.Channels; channel++)
            {
                float slope = columns[(image * values) + (own * layout.Channels) + channel];
                for (int label = 0; label < plan.Labels; label++)
                {
                    slope += prototypes[(image * values) + (label * layout.Channels) + channel]
                        * logitGradient[GradientPlace(layout, plan, image, label, voxel)];
                }

                int place = layout.Place(image, channel, voxel);
                gradient[place] = slope;
                along += slope * features[place] * inverse;
            }

            for (int channel = 0; plan.IsNormalised != 0 && channel < layout.Channels; channel++)
            {
                int place = layout.Place(image, channel, voxel);
                gradient[place] = (gradient[place] - (features[place] * inverse * along)) * inverse;
            }
        }
    }

    private static int GradientPlace(FeatureLayout layout, RasdPlan plan, int image, int label, int voxel) =>
        (((image * plan.Labels) + label) * layout.Voxels) + voxel;

    private static float InverseLength(ArrayView<float> features, FeatureLayout layout, int image, int voxel)
    {
        float square = 0f;
        for (int channel = 0; channel < layout.Channels; channel++)
        {
            float value = features[layout.Place(image, channel, voxel)];
            square += value * value;
        }

        return 1f / KernelMath.Max(KernelMath.Sqrt(square), ShortestLength);
    }

    /// <summary>The three sweeps on a device; between them the caller combines what chunks have summed up.</summary>
    /// <remarks>Training launches them nowhere yet: torch's features on a GPU take the tensor form.</remarks>
    public sealed class Launcher
    {
        private readonly FeatureLayout layout;
        private readonly RasdPlan plan;
        private readonly KernelConfig config;
        private readonly Action<KernelConfig, SumKernel> sum;
        private readonly Action<KernelConfig, PullKernel> pull;
        private readonly Action<KernelConfig, GradientKernel> gradient;

        /// <summary>Compiles the kernels.</summary>
        /// <param name="loader">Of the device.</param>
        /// <param name="layout">Where the features lie.</param>
        /// <param name="labels">Labels K.</param>
        /// <param name="isNormalised">Whether features are divided by their lengths.</param>
        /// <param name="scale">What gradients are multiplied by.</param>
        public Launcher(KernelLoader loader, FeatureLayout layout, int labels, bool isNormalised, double scale)
        {
            ArgumentNullException.ThrowIfNull(loader);
            ArgumentOutOfRangeException.ThrowIfLessThan(labels, 1);
            this.layout = layout;
            plan = new RasdPlan(labels, isNormalised, (float)(scale / ((double)layout.Batch * labels * layout.Voxels)));
            LaunchCheck.Extent(layout.Extent, nameof(layout));
            LaunchCheck.Extent((long)layout.Batch * labels * layout.Voxels, nameof(labels));
            config = BatchGrid.OfGroups(ChunkCount(layout.Voxels, DeviceChunkVoxels), layout.Batch, DeviceChunkVoxels);
            sum = loader.Load<SumKernel>();
            pull = loader.Load<PullKernel>();
            gradient = loader.Load<GradientKernel>();
        }

        /// <summary>Chunks of the batch.</summary>
        public int Chunks => layout.Batch * ChunkCount(layout.Voxels, DeviceChunkVoxels);

        /// <summary>Sums by label.</summary>
        /// <param name="features">float, as the layout says.</param>
        /// <param name="labels">uint8[B][voxels], below K.</param>
        /// <param name="sums">Written: [B][chunks][<see cref="SumLength"/>].</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Sum(ArrayView<float> features, ArrayView<byte> labels, ArrayView<float> sums)
        {
            Check(features, labels);
            LaunchCheck.AtLeast(sums.Length, (long)Chunks * SumLength(plan.Labels, layout.Channels), nameof(sums));
            sum(config, new(features, labels, sums, layout, plan));
        }

        /// <summary>Loss, and what voxels ask of the prototypes.</summary>
        /// <param name="features">float, as the layout says.</param>
        /// <param name="labels">uint8[B][voxels].</param>
        /// <param name="prototypes">[B][K][C].</param>
        /// <param name="logitGradient">Written: [B][K][voxels].</param>
        /// <param name="pulls">Written: [B][chunks][<see cref="PullLength"/>].</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Pull(
            ArrayView<float> features, ArrayView<byte> labels, ArrayView<float> prototypes, ArrayView<float> logitGradient,
            ArrayView<float> pulls)
        {
            Check(features, labels);
            CheckOfImages(prototypes, nameof(prototypes));
            LaunchCheck.AtLeast(logitGradient.Length, (long)layout.Batch * plan.Labels * layout.Voxels, nameof(logitGradient));
            LaunchCheck.AtLeast(pulls.Length, (long)Chunks * PullLength(plan.Labels, layout.Channels), nameof(pulls));
            pull(config, new(features, labels, prototypes, logitGradient, pulls, layout, plan));
        }

        /// <summary>Gradient of the features.</summary>
        /// <param name="features">float, as the layout says.</param>
        /// <param name="labels">uint8[B][voxels].</param>
        /// <param name="prototypes">[B][K][C].</param>
        /// <param name="columns">[B][K][C], of <see cref="RasdPrototypes.Columns"/>.</param>
        /// <param name="logitGradient">As <see cref="Pull"/> wrote it.</param>
        /// <param name="gradientOf">Written: as the layout says.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Gradient(
            ArrayView<float> features, ArrayView<byte> labels, ArrayView<float> prototypes, ArrayView<float> columns,
            ArrayView<float> logitGradient, ArrayView<float> gradientOf)
        {
            Check(features, labels);
            CheckOfImages(prototypes, nameof(prototypes));
            CheckOfImages(columns, nameof(columns));
            LaunchCheck.AtLeast(gradientOf.Length, layout.Extent, nameof(gradientOf));
            LaunchCheck.AtLeast(logitGradient.Length, (long)layout.Batch * plan.Labels * layout.Voxels, nameof(logitGradient));
            gradient(config, new(features, labels, prototypes, columns, logitGradient, gradientOf, layout, plan));
        }

        private void Check(ArrayView<float> features, ArrayView<byte> labels)
        {
            LaunchCheck.AtLeast(features.Length, layout.Extent, nameof(features));
            LaunchCheck.AtLeast(labels.Length, (long)layout.Batch * layout.Voxels, nameof(labels));
        }

        private void CheckOfImages(ArrayView<float> view, string name) =>
            LaunchCheck.AtLeast(view.Length, (long)layout.Batch * plan.Labels * layout.Channels, name);
    }
}

/// <summary>What a launch of <see cref="RasdLoss"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct RasdPlan(int labels, bool isNormalised, float weight)
{
    public readonly int Labels = labels;
    public readonly int IsNormalised = isNormalised ? 1 : 0;

    /// <summary>scale / (B K voxels).</summary>
    public readonly float Weight = weight;
}
