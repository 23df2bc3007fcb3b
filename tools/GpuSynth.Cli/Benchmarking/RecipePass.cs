using System.Globalization;
using System.Text.Json.Serialization;
using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking;

/// <summary>A component of a pass, or what the pass measures; its operations are null where nobody has counted them.</summary>
internal sealed record PassComponent(string Name, double? FlopPerVoxel, double? InstructionsPerVoxel)
{
    /// <summary>Probability that a sample has it; null where every sample does.</summary>
    public double? Chance { get; init; }

    /// <summary>"blur", or "blur, chance 0.3".</summary>
    [JsonIgnore]
    public string Text => Chance is { } chance ? string.Create(CultureInfo.InvariantCulture, $"{Name}, chance {chance:0.###}") : Name;

    /// <summary>With what was counted.</summary>
    public static PassComponent Of(string name, KernelCost? cost) => new(name, cost?.Flops, cost?.Instructions);
}

/// <summary>One pass over a sample as a device runs it: what is fused, what it moves, and what it costs.</summary>
/// <param name="Stage">The part of a sample's time that it belongs to: anatomy, appearance, normalise; or device, which has them all and the draw.</param>
/// <param name="Reads">What goes into it.</param>
/// <param name="Writes">What comes out of it.</param>
/// <param name="BytesPerVoxel">Bytes that leave the cache: a label is 1, an intensity 4.</param>
/// <param name="Walk">What it does to the arrays.</param>
/// <param name="Components">Its components in their order.</param>
internal sealed record RecipePass(
    string Stage,
    string Reads,
    string Writes,
    int BytesPerVoxel,
    [property: JsonIgnore] MemoryWalk Walk,
    IReadOnlyList<PassComponent> Components)
{
    private const int LabelBytes = 1;
    private const int ImageBytes = 4;

    /// <summary>The share of samples that take it on the host: of several anatomies a sample takes its own.</summary>
    [JsonIgnore]
    public double Share { get; init; } = 1;

    /// <summary>Floating-point operations of all; null where one's are not counted.</summary>
    public double? FlopPerVoxel => Components.All(static one => one.FlopPerVoxel is not null)
        ? Components.Sum(static one => one.FlopPerVoxel)
        : null;

    /// <summary>Vector instructions of all; null where one's are not counted.</summary>
    public double? InstructionsPerVoxel => FlopPerVoxel is null ? null : Components.Sum(static one => one.InstructionsPerVoxel);

    /// <summary>The passes of a plan, the anatomy's first. The draw follows the coarse grids and not the voxels, and has none.</summary>
    public static IReadOnlyList<RecipePass> Of(SynthesisPlan plan)
    {
        EngineOptions options = plan.Options;
        bool isHost = options.Device == DeviceCatalogue.Host;

        // On the host what is drawn beside stays in the cache; on a device it is written and read again.
        int insideBytes = isHost ? LabelBytes : 3 * LabelBytes;
        IEnumerable<RecipePass> labelled = plan.Rows.Entries.Where(static entry => entry.Component.IsAnatomy).Select(OfAnatomy);
        if (!isHost)
        {
            IEnumerable<RecipePass> ofDevice = FusedAppearance.Of(plan.Rows) is { } fused
                ? fused.Passes.Select(OfPass)
                : Schedule.Of(plan.Rows).Select(pass => OfPass(pass) with { BytesPerVoxel = DeviceBytes(pass) });
            return [.. labelled.Concat(ofDevice).Concat(Targets()).Select(static pass => pass with { Stage = "device" })];
        }

        RecipePass[] passes = [.. Schedule.Of(plan.Rows).Select(OfPass)];
        if (passes[0].Writes != "image")
        {
            // Rows are measured as soon as they have their labels, which are in the cache then.
            passes[0] = passes[0] with { Stage = "anatomy", BytesPerVoxel = 0 };
        }

        return [.. labelled, .. passes, .. Targets()];

        // A device's own forms of what is not pointwise do other work than the host's: nobody has counted it.
        PassComponent Counted(RowEntry entry) => PassComponent.Of(
            entry.Component.Name,
            isHost || entry.Component is IVoxelComponent ? ComponentCost.Of(entry.Component, options.Shape) : null) with
        {
            Chance = entry.Share < 1 ? entry.Share : null,
        };

        RecipePass OfAnatomy(RowEntry entry)
        {
            var anatomy = (IAnatomyComponent)entry.Component;
            MemoryWalk walk = anatomy.BytesPerVoxel > LabelBytes ? MemoryWalk.Copy : MemoryWalk.Update;
            return entry.Inner is null
                ? new("anatomy", anatomy.MadeOf, "labels", anatomy.BytesPerVoxel, walk, [Counted(entry)]) { Share = entry.Share }
                : new("anatomy", $"{anatomy.MadeOf}, labels", "labels", anatomy.BytesPerVoxel + insideBytes, walk, [Counted(entry)])
                {
                    Share = entry.Share,
                };
        }

        // Labels that are drawn inside others become those, and get their names, when no pass looks at them any more.
        RecipePass[] Targets() => plan.Rows.Entries.Any(static entry => entry.HasTargets || entry.Component is IAnatomyComponent { Renames: true })
            ? [new("appearance", "labels", "labels", 2 * LabelBytes, MemoryWalk.Update, [new PassComponent("(targets)", null, null)])]
            : [];

        // A chain is one launch, a stage those of its own, the first of which may have the chain in it.
        int DeviceBytes(Pass pass)
        {
            DeviceStage? stage = ((IStageComponent?)pass.Stage?.Component)?.CreateDeviceStage(new StepPlace(pass.Stage!, 0, plan.Rows.Facts));
            int labels = pass.Chain.Any(static step => step.Component.ReadsLabels) ? LabelBytes : 0;
            int image = (pass.FromImage ? ImageBytes : 0) + (pass.Surveys ? ImageBytes : 0);
            return stage is SourcedDeviceStage sourced ? labels + image + sourced.OwnBytesPerVoxel
                : (pass.Chain.Count == 0 ? 0 : labels + image + (pass.Writes ? ImageBytes : 0)) + (stage?.BytesPerVoxel ?? 0);
        }

        RecipePass OfPass(Pass pass)
        {
            IEnumerable<RowEntry> entries = pass.Chain.Select(static step => step.Entry);
            List<PassComponent> parts =
                [.. (pass.Stage is null ? entries : entries.Append(pass.Stage)).Select(Counted)];
            bool readsLabels = pass.Chain.Any(static step => step.Component.ReadsLabels) || pass.Stage?.Component is IStageComponent { ReadsLabels: true };
            int labels = readsLabels ? LabelBytes : 0;
            string reads = !pass.FromImage ? "labels" : labels > 0 ? "image, labels" : "image";
            if (!pass.Writes)
            {
                // A row that cannot hold the largest intensity is left out: how many rows, depends on the sample.
                parts = [.. parts.Select(static part => part with { FlopPerVoxel = null, InstructionsPerVoxel = null })];
                return new("appearance", reads, "largest", labels, MemoryWalk.Read, parts);
            }

            if (pass.Measures)
            {
                parts.Add(PassComponent.Of("(range)", isHost ? ReductionBenchmark.CostPerVoxel : null));
            }

            // What looks at the whole image first reads it so many times more.
            HostStage? stage = ((IStageComponent?)pass.Stage?.Component)?.CreateHostStage(new StepPlace(pass.Stage!, 0, plan.Rows.Facts));
            int seen = ImageBytes * ((pass.Surveys ? 1 : 0) + (isHost ? stage?.SurveyCount ?? 0 : 0));
            return !pass.FromImage ? new("appearance", reads, "image", labels + ImageBytes, MemoryWalk.Copy, parts)
                : stage is null ? new("normalise", reads, "image", labels + (2 * ImageBytes) + seen, MemoryWalk.Update, parts)
                : stage.IsPlanewise ? new("appearance", reads, "image", labels + (2 * ImageBytes) + seen, MemoryWalk.Update, parts)
                // A component that reads neighbours in other planes reads a copy of the image so far.
                : new("appearance", reads, "image", labels + (4 * ImageBytes) + seen, MemoryWalk.Copy, parts);
        }
    }

    /// <summary>The least milliseconds that the host's measured ceilings allow what is counted, and what takes them.</summary>
    public (double Milliseconds, string By) Least(VolumeShape shape, ThreadCeilings ceilings, CacheSizes caches)
    {
        (double bandwidth, string level) = ceilings.Of(Walk, shape.VoxelCount * (LabelBytes + ImageBytes), caches);

        // A unit that does 2 operations per multiply-add does half as many instructions.
        double compute = Components.Sum(static one => one.InstructionsPerVoxel ?? 0) / (ceilings.Gigaflops / 2);
        double move = BytesPerVoxel / bandwidth;
        return (Math.Max(move, compute) * shape.VoxelCount / 1e6, compute > move ? "arithmetic" : level);
    }
}

/// <summary>A stage of a sample's time, beside the least that its passes can take.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Passes">The passes that it covers, from 1.</param>
/// <param name="LeastMilliseconds">What the ceilings allow; null without passes, or on a device, whose ceilings nobody has measured.</param>
/// <param name="LimitedBy">What takes most of them.</param>
/// <param name="Milliseconds">Measured: the median of samples, one at a time.</param>
internal sealed record RecipeStage(string Name, int[] Passes, double? LeastMilliseconds, string? LimitedBy, double Milliseconds)
{
    /// <summary>Sets measured times beside what the host's ceilings allow; null on a device.</summary>
    public static RecipeStage[] Of(SynthesisPlan plan, StageTimes times, ThreadCeilings? ceilings, CacheSizes caches)
    {
        IReadOnlyList<RecipePass> passes = RecipePass.Of(plan);
        (string, double)[] stages = plan.Options.Device != DeviceCatalogue.Host
            ? [("device", times.Total)]
            :
            [
                ("draw", times.Draw), ("anatomy", times.Anatomy), ("appearance", times.Appearance), ("normalise", times.Normalise),
            ];
        return [.. stages.Select(Stage)];

        RecipeStage Stage((string Name, double Took) stage)
        {
            int[] numbers = [.. Enumerable.Range(1, passes.Count).Where(number => passes[number - 1].Stage == stage.Name)];
            if (ceilings is null || numbers.Length == 0)
            {
                return new(stage.Name, numbers, null, null, stage.Took);
            }

            (double Milliseconds, string By)[] least = [.. numbers.Select(number =>
            {
                (double milliseconds, string by) = passes[number - 1].Least(plan.Options.Shape, ceilings, caches);
                return (milliseconds * passes[number - 1].Share, by);
            })];
            (_, string most) = least.MaxBy(static one => one.Milliseconds);
            return new(stage.Name, numbers, least.Sum(static one => one.Milliseconds), most, stage.Took);
        }
    }
}
