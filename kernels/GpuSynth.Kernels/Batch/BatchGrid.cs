using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <summary>The groups of a launch over a batch: X counts a sample's tiles, Y its samples.</summary>
internal static class BatchGrid
{
    /// <summary>A launch of one thread per item.</summary>
    /// <param name="items">Items of one sample.</param>
    /// <param name="samples">Samples of the batch.</param>
    public static KernelConfig Of(int items, int samples) => OfGroups(
        (items + KernelLoader.GroupSize - 1) / KernelLoader.GroupSize, samples, KernelLoader.GroupSize);

    /// <summary>A launch of a number of groups per sample.</summary>
    /// <param name="groups">Groups of one sample.</param>
    /// <param name="samples">Samples of the batch.</param>
    /// <param name="threads">Threads of a group.</param>
    public static KernelConfig OfGroups(int groups, int samples, int threads) =>
        new(new Index2D(groups, samples), new Index2D(threads, 1));
}
