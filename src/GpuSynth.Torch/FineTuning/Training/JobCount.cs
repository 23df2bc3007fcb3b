using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.FineTuning;

// Bytes of a training: five copies of the weights (themselves, gradients, two moments, the best), and what the backward pass keeps
// of the levels at full resolution, about ten values for each of the widest one's channels; the levels below add little.

/// <summary>How many trainings run at the same time.</summary>
internal static class JobCount
{
    private const double MemoryShare = 0.7;

    /// <summary>The number asked for, or what processors, trainings and memory allow.</summary>
    /// <param name="options">Jobs, threads, device, batch.</param>
    /// <param name="trainings">Trainings that are left.</param>
    /// <param name="memory">What the cases need.</param>
    /// <param name="trainingBytes">Of one training: see <see cref="BytesOf"/>.</param>
    public static int Of(FineTuneOptions options, int trainings, MemoryPlan memory, long trainingBytes)
    {
        int most = options.Jobs ?? (options.Device is "host" or "cpu" ? Math.Max(1, Environment.ProcessorCount / options.Threads) : 1);
        if (options.Jobs is null)
        {
            long held = memory.IsStreamed ? 0 : memory.HeldBytes;
            double free = (MemoryShare * memory.AvailableBytes) - held;
            most = (int)Math.Clamp(free / (trainingBytes + memory.WorkingBytes), 1, most);
        }

        return Math.Max(1, Math.Min(most, trainings));
    }

    /// <summary>About what one training needs of the memory.</summary>
    public static long BytesOf(NetworkOptions network, long parameters, int batch, VolumeShape patch)
    {
        long width = network.Kind switch
        {
            NetworkKind.SwinUnetr => 3L * network.FeatureSize,
            NetworkKind.Vit => Math.Max(network.OutChannels, 2 * VitDecoder.Width),
            _ => Math.Max(network.OutChannels, network.Channels[0]),
        };
        return (5 * sizeof(float) * parameters) + (10 * sizeof(float) * width * batch * patch.VoxelCount);
    }
}
