using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Perf.Engine;

/// <summary>
/// The least time that the machine's measured ceilings allow each stage of a RaSD sample, from the counted costs of the kernels
/// in it. A stage is fused: of its kernels' bytes only those that leave the cache count, a label and an intensity per voxel.
/// </summary>
internal static class StageCeiling
{
    private const double LabelBytes = 1;
    private const double ImageBytes = 4;

    /// <summary>Milliseconds per stage; the draw is not counted, it follows the coarse grids and not the voxels.</summary>
    public static StageTimes Of(VolumeShape shape, ThreadCeilings ceilings, CacheSizes caches)
    {
        double anatomy = Instructions(new NoiseAnatomyBenchmark(shape, 1));
        double appearance = new Contrast(0).Cost.Instructions + Instructions(new BiasFieldBenchmark(shape, 1))
            + Instructions(new WhiteNoiseBenchmark(shape, 1)) + Instructions(new BlurBenchmark(shape, 1))
            + Instructions(new ReductionBenchmark(shape, 1));
        double normalise = new Normalise(0).Cost.Instructions + new Gamma(1).Cost.Instructions;
        return new StageTimes(
            0,
            Least(shape, ceilings, caches, anatomy, LabelBytes, MemoryWalk.Update),
            Least(shape, ceilings, caches, appearance, LabelBytes + ImageBytes, MemoryWalk.Copy),
            Least(shape, ceilings, caches, normalise, 2 * ImageBytes, MemoryWalk.Update));
    }

    private static double Instructions(KernelBenchmark benchmark)
    {
        using (benchmark)
        {
            return benchmark.Cost.Instructions;
        }
    }

    private static double Least(
        VolumeShape shape, ThreadCeilings ceilings, CacheSizes caches, double instructions, double bytes, MemoryWalk walk)
    {
        (double bandwidth, _) = ceilings.Of(walk, (long)(shape.VoxelCount * (LabelBytes + ImageBytes)), caches);
        double nanoseconds = Math.Max(bytes / bandwidth, instructions / (ceilings.Gigaflops / 2));
        return nanoseconds * shape.VoxelCount / 1e6;
    }
}
