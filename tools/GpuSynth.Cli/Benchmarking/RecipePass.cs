using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking;

/// <summary>A component of a pass, or what the pass measures.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Cost">Its operations per voxel; null where nobody has counted, or where they depend on the sample.</param>
internal sealed record PassPart(string Name, KernelCost? Cost);

/// <summary>One pass over a sample as a device runs it: components that are fused, what it moves, and what it costs.</summary>
/// <param name="Stage">The part of a sample's time that it belongs to.</param>
/// <param name="Reads">What goes into it.</param>
/// <param name="Writes">What comes out of it.</param>
/// <param name="Bytes">Bytes per voxel that leave the cache: a label is 1, an intensity 4.</param>
/// <param name="Walk">What it does to the arrays.</param>
/// <param name="Parts">Its components in their order.</param>
internal sealed record RecipePass(
    string Stage, string Reads, string Writes, double Bytes, MemoryWalk Walk, IReadOnlyList<PassPart> Parts)
{
    /// <summary>The stages of <see cref="StageTimes"/>; the draw follows the coarse grids and not the voxels, and has no pass.</summary>
    public const string Draw = "draw", Anatomy = "anatomy", Appearance = "appearance", Normalise = "normalise";

    /// <summary>A device's passes are timed together: they run one behind the other without a clock between them.</summary>
    public const string OnDevice = "device";

    private const double LabelBytes = 1;
    private const double ImageBytes = 4;

    /// <summary>Operations per voxel of all parts; null where one is not counted.</summary>
    public KernelCost? Cost => Parts.All(static part => part.Cost is not null) ? Counted : null;

    private KernelCost Counted =>
        Parts.Aggregate(default(KernelCost), static (sum, part) => part.Cost is { } cost ? sum + cost : sum);

    /// <summary>The passes of a plan, the anatomy's first.</summary>
    public static IReadOnlyList<RecipePass> Of(SynthesisPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        EngineOptions options = plan.Options;
        bool isHost = options.Device == DeviceCatalogue.Host;
        Component anatomy = options.Recipe.Anatomy[0];
        bool readsMap = anatomy is LabelMapAnatomy;
        IReadOnlyList<Pass> passes =
            isHost ? Schedule.Of(plan.Rows) : FusedAppearance.Of(plan.Rows, options.Device).Passes;
        return
        [
            new RecipePass(
                isHost ? Anatomy : OnDevice,
                readsMap ? "label map" : "grids",
                "labels",
                readsMap ? 2 * LabelBytes : LabelBytes,
                readsMap ? MemoryWalk.Copy : MemoryWalk.Update,
                [PartOf(anatomy)]),
            .. passes.Select((pass, number) => isHost && number == 0 && !pass.Writes
                // Rows are measured as soon as they have their labels, which are in the cache then.
                ? OfPass(pass, Anatomy) with { Bytes = 0 }
                : OfPass(pass, !isHost ? OnDevice : pass is { FromImage: true, Stage: null } ? Normalise : Appearance)),
        ];

        // A device's own forms of what is not pointwise do other work than the host's: nobody has counted it.
        PassPart PartOf(Component component) => new(
            component.Name,
            isHost || component is IVoxelComponent ? ComponentCost.Of(component, options.Shape, plan.LabelCount) : null);

        RecipePass OfPass(Pass pass, string stage)
        {
            List<PassPart> parts = [.. pass.Chain.Select(static step => step.Entry).Append(pass.Stage).OfType<RowEntry>()
                .Select(entry => PartOf(entry.Component))];
            bool readsLabels = pass.Chain.Any(static step => step.Component.ReadsLabels);
            double labels = readsLabels ? LabelBytes : 0;
            string reads = !pass.FromImage ? "labels" : readsLabels ? "image, labels" : "image";
            if (!pass.Writes)
            {
                // A row that cannot hold the largest intensity is left out: how many do depends on the sample.
                return new RecipePass(
                    stage, reads, "largest", labels, MemoryWalk.Read, [.. parts.Select(static part => part with { Cost = null })]);
            }

            if (pass.Measures)
            {
                parts.Add(new PassPart("(range)", isHost ? ReductionBenchmark.CostPerVoxel : null));
            }

            // A blur of the image so far reads a copy of it.
            double images = !pass.FromImage ? ImageBytes : pass.Stage is null ? 2 * ImageBytes : 4 * ImageBytes;
            MemoryWalk walk = pass is { FromImage: true, Stage: null } ? MemoryWalk.Update : MemoryWalk.Copy;
            return new RecipePass(stage, reads, "image", labels + images, walk, parts);
        }
    }

    /// <summary>The least time that the host's measured ceilings allow it, of what is counted.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="ceilings">What the threads can do at most.</param>
    /// <param name="caches">Sizes of the caches.</param>
    /// <returns>Milliseconds, and what takes them: arithmetic, or where the bytes come from.</returns>
    public (double Milliseconds, string By) Least(VolumeShape shape, ThreadCeilings ceilings, CacheSizes caches)
    {
        (double bandwidth, string level) = ceilings.Of(Walk, (long)(shape.VoxelCount * (LabelBytes + ImageBytes)), caches);

        // A unit that does 2 operations per multiply-add does half as many instructions.
        (double move, double compute) = (Bytes / bandwidth, Counted.Instructions / (ceilings.Gigaflops / 2));
        return (Math.Max(move, compute) * shape.VoxelCount / 1e6, compute > move ? "arithmetic" : level);
    }

    /// <summary>The least time of each stage on the host: its passes' together.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="ceilings">What the threads can do at most.</param>
    /// <param name="caches">Sizes of the caches.</param>
    /// <returns>Milliseconds; 0 for the draw, which is not counted.</returns>
    public static StageTimes LeastPerStage(SynthesisPlan plan, ThreadCeilings ceilings, CacheSizes caches)
    {
        ILookup<string, double> least = Of(plan).ToLookup(
            static pass => pass.Stage, pass => pass.Least(plan.Options.Shape, ceilings, caches).Milliseconds);
        return new StageTimes(0, least[Anatomy].Sum(), least[Appearance].Sum(), least[Normalise].Sum());
    }
}
