using GpuSynth.Kernels;

namespace GpuSynth.Planning;

/// <summary>
/// One pass over a sample: intensities of labels or of the image so far, through a chain of pointwise components, into a stage that reads
/// neighbours where there is one, and into the image; or only measured, and computed again by the next pass.
/// </summary>
/// <param name="FromImage">Whether the intensities are the image so far; else the chain makes them of labels.</param>
/// <param name="Chain">The pointwise components, in their order.</param>
/// <param name="Stage">The component that reads neighbours, or null.</param>
/// <param name="Slot">
/// Where the pass leaves what it measured: the smallest and the largest intensity in two numbers, or 0 and the largest magnitude.
/// </param>
/// <param name="Writes">Whether the image is written; else it is only measured.</param>
internal sealed record Pass(bool FromImage, IReadOnlyList<ScheduledStep> Chain, RowEntry? Stage, int Slot, bool Writes)
{
    /// <summary>
    /// Whether what the pass makes is measured: a later one needs it, or it is the first that is written, which shows a NaN or an infinity.
    /// </summary>
    public bool Measures { get; init; }

    /// <summary>Whether its first component looks at the whole image before it works on a voxel.</summary>
    public bool Surveys => Chain is [{ Component.Needs: MeasureNeed.Image }, ..];
}

/// <summary>A pointwise component of a pass.</summary>
/// <param name="Entry">Its place in the row.</param>
/// <param name="Slot">Where what it needs to know was measured; not read by others.</param>
internal sealed record ScheduledStep(RowEntry Entry, int Slot)
{
    /// <summary>The component.</summary>
    public IChainComponent Component => (IChainComponent)Entry.Component;
}

/// <summary>
/// The passes of a recipe's appearance. A pointwise component joins the open chain; a component that reads neighbours, or needs a measure of
/// what comes before it, closes it. What is made of labels is measured without being written, and made again; but before what reads from anywhere it is
/// written. Where images are given they are measured first, and all passes read the image so far.
/// </summary>
internal static class Schedule
{
    /// <summary>The passes, in their order; every one writes into its own slot.</summary>
    /// <param name="rows">The recipe's components.</param>
    public static IReadOnlyList<Pass> Of(RowLayout rows)
    {
        var passes = new List<Pass>();
        var chain = new List<ScheduledStep>();
        bool fromImage = rows.Facts.AreImagesGiven;
        if (fromImage)
        {
            // Nothing is changed: what follows may need the range, and a NaN shows.
            passes.Add(new Pass(true, [], null, 0, Writes: true));
        }

        foreach (RowEntry entry in rows.Entries.Where(static entry => !entry.Component.IsAnatomy).Skip(fromImage ? 1 : 0))
        {
            if (entry.Component is not IChainComponent pointwise)
            {
                if (entry.Component is IStageComponent { ReadsFar: true } && !(chain.Count == 0 && fromImage))
                {
                    Close(null, writes: true);
                }

                Close(entry, writes: true);
                continue;
            }

            if (pointwise.Needs != MeasureNeed.None && !(chain.Count == 0 && fromImage))
            {
                bool isMade = !fromImage && pointwise.Needs == MeasureNeed.Peak;
                Close(null, writes: !isMade);
            }

            chain.Add(new ScheduledStep(entry, 2 * (passes.Count - 1)));
        }

        if (chain.Count > 0)
        {
            Close(null, writes: true);
        }

        int firstWritten = passes.FindIndex(static pass => pass.Writes);
        return
        [
            .. passes.Select((pass, number) => pass with
            {
                Measures = number == firstWritten || passes.Any(other => other.Chain.Any(
                    step => step.Component.Needs is MeasureNeed.Peak or MeasureNeed.Range && step.Slot == pass.Slot)),
            }),
        ];

        void Close(RowEntry? stage, bool writes)
        {
            passes.Add(new Pass(fromImage, [.. chain], stage, 2 * passes.Count, writes));
            if (writes)
            {
                chain.Clear();
                fromImage = true;
            }
        }
    }

    /// <summary>The pass whose range a sample's record names: what the first normalisation takes, or the first image without one.</summary>
    public static int RecordedRange(IReadOnlyList<Pass> passes) =>
        Measured(passes, MeasureNeed.Range) ?? passes.TakeWhile(static pass => !pass.Writes).Count();

    /// <summary>The pass whose largest magnitude a sample's record names: what the first noise takes; null without one.</summary>
    public static int? RecordedPeak(IReadOnlyList<Pass> passes) => Measured(passes, MeasureNeed.Peak);

    private static int? Measured(IReadOnlyList<Pass> passes, MeasureNeed need) => passes
        .SelectMany(static pass => pass.Chain)
        .FirstOrDefault(step => step.Component.Needs == need)?.Slot / 2;
}
