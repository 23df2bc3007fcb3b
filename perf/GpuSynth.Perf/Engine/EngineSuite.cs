using GpuSynth.Benchmarking;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Perf.Engine;

/// <summary>Whole samples, from the key to the finished image, over sizes: is the cost per voxel flat?</summary>
internal static class EngineSuite
{
    private const int LabelMapSide = 128;

    private static readonly (string Recipe, int Side)[] All =
    [
        ("rasd-3d", 64),
        ("rasd-3d", 96),
        ("rasd-3d", 128),
        ("rasd-3d", 160),
        ("rasd-3d", 192),
        ("rasd-3d", 256),
        ("rasd-2d", 256),
        ("rasd-2d", 512),
        ("rasd-2d", 1024),
        ("labelmap-3d", LabelMapSide),
    ];

    // 128^3 and below get their fifteen samples and more; the largest are cut short so that a run stays under three minutes.
    private static readonly RepeatPolicy Small = new() { Least = 15, Most = 100, Duration = TimeSpan.FromSeconds(2) };
    private static readonly RepeatPolicy Large = new() { Least = 7, Most = 15, Duration = TimeSpan.FromSeconds(6) };

    /// <summary>Measures every recipe and size with each number of threads.</summary>
    /// <param name="ceilings">Numbers of threads, and what they can do at most.</param>
    /// <param name="report">Called with each result as it comes.</param>
    /// <param name="caches">Sizes of the caches.</param>
    public static IReadOnlyList<EngineResult> Run(
        IReadOnlyList<ThreadCeilings> ceilings, CacheSizes caches, Action<EngineResult> report)
    {
        var results = new List<EngineResult>();
        LabelMapSet maps = SyntheticLabelMap.Create(LabelMapSide);
        foreach ((string name, int side) in All)
        {
            Recipe recipe = Presets.Get(name);
            foreach (ThreadCeilings ceiling in ceilings)
            {
                var options = new EngineOptions
                {
                    Recipe = recipe,
                    Shape = VolumeShape.Cubic(recipe.Dimensions, side),
                    Threads = ceiling.Threads,
                    LabelMaps = recipe.Find<LabelMapAnatomy>() is not null ? maps : null,
                };
                StageTimes? least = name == "rasd-3d" && side == 128 ? LeastOf(options, ceiling, caches) : null;
                results.Add(Measure(options, least));
                report(results[^1]);
            }
        }

        return results;
    }

    private static EngineResult Measure(EngineOptions options, StageTimes? least)
    {
        SynthesisPlan plan = SynthesisPlan.Create(options);
        using var engine = new SynthesisEngine(plan);
        var image = new float[options.Shape.VoxelCount];
        var label = new byte[options.Shape.VoxelCount];
        DrawnSample drawn = engine.CreateDrawn();
        var stages = new List<StageTimes>();
        Repeated repeated = Repeated.Measure(
            sample => engine.Generate(SampleKey.Of(sample), image, label, drawn),
            options.Shape.VoxelCount <= 1 << 21 ? Small : Large,
            keep: () => stages.Add(engine.LastStageTimes));
        CheckResult(image, label, plan);
        double Median(Func<StageTimes, double> stage) => Spread.Of(stages.Select(stage)).Median;
        double median = repeated.Milliseconds.Median;
        return new EngineResult(
            options.Recipe.Name,
            options.Shape.ToString(),
            plan.LabelCount,
            plan.Threads,
            repeated.Count,
            repeated.Milliseconds,
            median * 1e6 / options.Shape.VoxelCount,
            1000 / median,
            new StageTimes(
                Median(static times => times.Draw),
                Median(static times => times.Anatomy),
                Median(static times => times.Appearance),
                Median(static times => times.Normalise)),
            least,
            plan.WorkspaceBytes);
    }

    private static StageTimes LeastOf(EngineOptions options, ThreadCeilings ceilings, CacheSizes caches)
    {
        RecipeStage[] stages = RecipeStage.Of(SynthesisPlan.Create(options), default, ceilings, caches);
        double Least(string stage) => stages.Single(one => one.Name == stage).LeastMilliseconds ?? 0;
        return new StageTimes(0, Least("anatomy"), Least("appearance"), Least("normalise"));
    }

    // The tests show that samples are right; this shows that what was timed was a sample.
    private static void CheckResult(float[] image, byte[] label, SynthesisPlan plan)
    {
        bool isNormalised = image.Min() == 0 && image.Max() is > 0.99f and <= 1;
        if (!isNormalised || label.Max() >= plan.LabelCount || label.Max() == label.Min())
        {
            throw new GpuSynthException(
                $"{plan.Options.Recipe.Name} at {plan.Options.Shape} made no image from 0 to 1 with several labels; "
                + "run ./test first.");
        }
    }
}
