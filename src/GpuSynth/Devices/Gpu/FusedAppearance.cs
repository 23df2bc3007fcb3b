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

    /// <summary>The fused form of a recipe's appearance; null where it has another order, which <see cref="GpuPasses"/> runs.</summary>
    /// <param name="rows">The recipe's components.</param>
    public static FusedAppearance? Of(RowLayout rows)
    {
        if (rows.Facts.AreImagesGiven)
        {
            return null;
        }

        IReadOnlyList<Pass> passes = Schedule.Of(rows);
        int painting = passes.ToList().FindIndex(static pass => pass.Writes);
        Pass painted = passes[painting];
        int fused = 0;
        foreach (Type kind in Painted)
        {
            fused += fused < painted.Chain.Count && painted.Chain[fused].Entry.Component.GetType() == kind ? 1 : 0;
        }

        ScheduledStep[] rest = [.. painted.Chain.Skip(fused), .. passes.Skip(painting + 1).SelectMany(static pass => pass.Chain)];
        bool isOne = painting <= 1
            && painted.Stage is null or { Component: Blur { Taps: <= TilePass.MostTaps } }
            && (painted.Stage is null || painted.Chain.Count == fused)
            && Array.TrueForAll(rest, step => Follows(step, painted, isMeasured: painted.Chain.Count == fused))
            && passes.Skip(painting + 1).All(static pass => pass.Stage is null);
        if (!isOne)
        {
            return null;
        }

        ValueType? links = Kernels.Chain.Of(
            rest.Select(step => step.Component.CreateLink(new StepPlace(step.Entry, MeasuredWords.Minimum, rows.Facts))));
        return new FusedAppearance(
            links,
            [
                .. passes.Take(painting),
                painted with { Chain = [.. painted.Chain.Take(fused)] },
                .. rest.Length == 0 ? Array.Empty<Pass>() : [new Pass(true, rest, null, painted.Slot, true)],
            ]);
    }

    // The painting measures what it writes itself: with a component of its pass behind that, another range is needed. Tables have no place here.
    private static bool Follows(ScheduledStep step, Pass painted, bool isMeasured) =>
        step.Component is IVoxelComponent { ReadsLabels: false } voxel and not ITableComponent
        && (voxel.Needs == MeasureNeed.None || (voxel.Needs == MeasureNeed.Range && isMeasured && step.Slot == painted.Slot));
}
