using GpuSynth.Benchmarking;
using GpuSynth.Kernels;
using GpuSynth.Perf.Measuring;

namespace GpuSynth.Perf.Kernels;

/// <summary>Every kernel's host form, checked and then timed.</summary>
internal static class KernelSuite
{
    /// <summary>Voxels of an image's side for each voxel of the volume's: 512^2 beside 128^3.</summary>
    public const int ImageSidePerVolumeSide = 4;

    private delegate KernelBenchmark Factory(VolumeShape shape, int threads);

    // In the order of a sample. Only what works differently on an image is measured on one too.
    private static readonly (Factory Create, bool HasImageForm)[] All =
    [
        ((shape, threads) => new PhiloxBenchmark(shape, threads), false),
        ((shape, threads) => new UniformBenchmark(shape, threads), false),
        ((shape, threads) => new NormalBenchmark(shape, threads), false),
        ((shape, threads) => new NoiseFieldBenchmark(shape, threads), true),
        ((shape, threads) => new NoiseAnatomyBenchmark(shape, threads), true),
        ((shape, threads) => new LabelMapAnatomyBenchmark(shape, threads), true),
        ((shape, threads) => new BiasFieldBenchmark(shape, threads), true),
        ((shape, threads) => new WhiteNoiseBenchmark(shape, threads), false),
        ((shape, threads) => new BlurBenchmark(shape, threads), true),
        ((shape, threads) => new ReductionBenchmark(shape, threads), false),
    ];

    /// <summary>Measures the kernels whose name contains the filter.</summary>
    /// <param name="filter">Part of a kernel's stem, in any case; empty for all.</param>
    /// <param name="side">Side of the volume.</param>
    /// <param name="ceilings">One per number of threads to measure with.</param>
    /// <param name="caches">Sizes of the caches.</param>
    /// <param name="report">Called with each result as it comes.</param>
    /// <exception cref="GpuSynthException">No kernel has such a name, or one gives wrong results.</exception>
    public static IReadOnlyList<KernelResult> Run(
        string filter, int side, IReadOnlyList<ThreadCeilings> ceilings, CacheSizes caches, Action<KernelResult> report)
    {
        var results = new List<KernelResult>();
        var names = new List<string>();
        foreach ((Factory create, bool hasImageForm) in All)
        {
            foreach (int dimensions in hasImageForm ? [3, 2] : (int[])[3])
            {
                VolumeShape shape = VolumeShape.Cubic(dimensions, dimensions == 3 ? side : side * ImageSidePerVolumeSide);
                using KernelBenchmark benchmark = create(shape, ceilings.Max(static ceiling => ceiling.Threads));
                names.Add(benchmark.Name);
                if (!benchmark.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                benchmark.Check();
                foreach (ThreadCeilings ceiling in ceilings)
                {
                    results.Add(Measure(benchmark, ceiling, caches));
                    report(results[^1]);
                }
            }
        }

        return results.Count > 0
            ? results
            : throw new GpuSynthException($"No kernel's name contains '{filter}'; there are "
                + $"{string.Join(", ", names.Distinct())}.");
    }

    private static KernelResult Measure(KernelBenchmark benchmark, ThreadCeilings ceiling, CacheSizes caches)
    {
        using var crew = new ThreadCrew(ceiling.Threads);
        Repeated repeated = Repeated.Measure(_ => Once(benchmark, crew), new RepeatPolicy(), benchmark.Prepare);
        Spread milliseconds = repeated.Milliseconds;
        KernelCost cost = benchmark.Cost;
        double nanoseconds = milliseconds.Median * 1e6 / benchmark.Shape.VoxelCount;
        (double bandwidth, string name) = ceiling.Of(benchmark.Walk, benchmark.Footprint, caches);
        double leastToMove = cost.Bytes / bandwidth;

        // A unit that does 2 operations per multiply-add does half as many instructions.
        double leastToCompute = cost.Instructions / (ceiling.Gigaflops / 2);
        bool computes = leastToCompute > leastToMove;
        double least = computes ? leastToCompute : leastToMove;
        return new KernelResult(
            benchmark.Name,
            benchmark.Shape.ToString(),
            ceiling.Threads,
            repeated.Count,
            milliseconds,
            nanoseconds,
            cost,
            cost.Bytes / nanoseconds,
            cost.Flops / nanoseconds,
            computes ? "multiply-add" : name,
            least,
            least / nanoseconds);
    }

    private static void Once(KernelBenchmark benchmark, ThreadCrew crew)
    {
        for (int phase = 0; phase < benchmark.Phases; phase++)
        {
            int current = phase;
            crew.Share(benchmark.Pieces(phase), (piece, thread) => benchmark.Run(current, piece, thread));
        }
    }
}
