using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// What a GPU makes of a schedule: contrast, bias field, noise and blur by the hand-fused painting, and every pointwise component behind them by
/// one kernel that is fused for the recipe at hand.
/// </summary>
/// <param name="Chain">The pointwise components behind the painting, as one chain (<see cref="IChain{TSelf}"/>); null where there is none.</param>
/// <param name="Passes">The passes as a GPU runs them: the largest intensity where noise needs it, the painting, and what follows it.</param>
internal sealed record FusedAppearance(ValueType? Chain, IReadOnlyList<Pass> Passes)
{
    private static readonly Type[] Painted = [typeof(Contrast), typeof(Bias), typeof(Noise)];

    /// <summary>The fused form of a recipe's appearance.</summary>
    /// <param name="rows">The recipe's components.</param>
    /// <param name="device">Name of the device, for the message.</param>
    /// <exception cref="PlanException">The recipe has an order that the kernels of GPUs do not run.</exception>
    public static FusedAppearance Of(RowLayout rows, string device)
    {
        IReadOnlyList<Pass> passes = Schedule.Of(rows);
        int painting = passes.ToList().FindIndex(static pass => pass.Writes);
        Pass painted = passes[painting];
        int fused = 0;
        foreach (Type kind in Painted)
        {
            fused += fused < painted.Chain.Count && painted.Chain[fused].Entry.Component.GetType() == kind ? 1 : 0;
        }

        ScheduledStep[] rest = [.. painted.Chain.Skip(fused), .. passes.Skip(painting + 1).SelectMany(static pass => pass.Chain)];
        RowEntry? wrong = painting > 1 || (painted.Stage is not null && painted.Chain.Count > fused)
            ? painted.Chain[Math.Min(fused, painted.Chain.Count - 1)].Entry
            : Array.Find(rest, step => !Follows(step, painted))?.Entry;
        wrong ??= passes.Skip(painting + 1).Select(static pass => pass.Stage).FirstOrDefault(static stage => stage is not null);
        if (wrong is not null)
        {
            throw new PlanException(
                $"Device {device} cannot run '{wrong.Component.Name}' where it stands in the recipe: GPUs take contrast, bias, noise and blur once "
                + "each and in this order, then components that look at their voxel alone, with one measure of the range between; reorder the "
                + "appearance, or generate with --device host, which takes any order.");
        }

        ValueType? links = rest
            .Select(step => step.Component.CreateLink(new StepPlace(step.Entry, MeasuredWords.Minimum, rows.Facts)))
            .Aggregate((ValueType?)null, static (chain, link) => chain is null ? link : Kernels.Chain.Then(chain, link));
        return new FusedAppearance(
            links,
            [
                .. passes.Take(painting),
                painted with { Chain = [.. painted.Chain.Take(fused)] },
                .. rest.Length == 0 ? Array.Empty<Pass>() : [new Pass(true, rest, null, painted.Slot, true)],
            ]);
    }

    private static bool Follows(ScheduledStep step, Pass painted) => step.Component is IVoxelComponent { ReadsLabels: false } voxel
        && (voxel.Needs == MeasureNeed.None || (voxel.Needs == MeasureNeed.Range && step.Slot == painted.Slot));
}
