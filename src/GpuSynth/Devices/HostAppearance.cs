using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Devices;

/// <summary>
/// The image from the label map on the host, pass after pass of the schedule. A chain works on blocks that stay in the nearest cache, component
/// after component; a blur takes the planes that a chain makes from the last few in hand. Only what a pass ends with is written, and its range
/// measured as it is. What is only measured is computed twice rather than stored.
/// </summary>
internal sealed unsafe class HostAppearance
{
    // A vector that looks into the last list of a row reads this far over its end.
    private const int Room = 32;

    private readonly VolumeShape shape;
    private readonly int wordCount;
    private readonly int? recordedPeak;
    private readonly int recordedRange;
    private readonly HostPass[] passes;
    private readonly PreparedStep[] steps;
    private readonly ReductionPartial[] results;
    private int words;
    private int measured;
    private int copy;

    public HostAppearance(VolumeShape shape, RowLayout rows)
    {
        this.shape = shape;
        wordCount = rows.Length;
        IReadOnlyList<Pass> schedule = Schedule.Of(rows);
        recordedPeak = Schedule.RecordedPeak(schedule);
        recordedRange = Schedule.RecordedRange(schedule);
        var known = new Dictionary<RowEntry, PreparedStep>();
        passes =
        [
            .. schedule.Select(pass => new HostPass(pass, [.. pass.Chain.Select(Prepared)], rows.Facts)),
        ];
        steps = [.. known.Values];
        results = new ReductionPartial[passes.Length];

        PreparedStep Prepared(ScheduledStep step)
        {
            if (!known.TryGetValue(step.Entry, out PreparedStep? prepared))
            {
                var place = new StepPlace(step.Entry, step.Slot, rows.Facts);
                prepared = new PreparedStep(step.Entry, step.Component.CreateStep(in place));
                known.Add(step.Entry, prepared);
            }

            return prepared;
        }
    }

    /// <summary>Floats of scratch that a thread needs.</summary>
    public long ScratchLength => passes.Max(static pass => pass.ScratchLength);

    /// <summary>The passes.</summary>
    public IReadOnlyList<HostPass> Passes => passes;

    /// <summary>The first pass, where it can measure rows as soon as their labels are there; else null.</summary>
    public HostPass? MeasuredWithLabels => passes[0].Writes ? null : passes[0];

    public void Declare(WorkArena arena)
    {
        Array.ForEach(steps, step => step.Declare(arena));
        Array.ForEach(passes, pass => pass.Declare(arena));

        words = arena.Floats("sample words", wordCount + Room, "what was drawn for the sample");
        measured = arena.Floats("measured numbers", 2 * passes.Length, "extremes of the sample");
        if (Array.Exists(passes, static pass => pass.NeedsCopy))
        {
            copy = arena.Floats("image before a blur", shape.VoxelCount, "a blur of the image so far reads it while it is written");
        }
    }

    /// <summary>Works out what the voxels of a sample have in common.</summary>
    public void Prepare(WorkArena arena, DrawnSample drawn, float* scratch)
    {
        drawn.Words.CopyTo(new Span<uint>((uint*)arena[words], wordCount));
        var sample = new HostSample(RowOf(arena));
        foreach (PreparedStep step in steps)
        {
            if (step.Entry.IsIn(drawn.Words))
            {
                step.Step.Prepare(in sample, arena[step.Memory], scratch);
            }
        }
    }

    /// <summary>What was drawn and measured.</summary>
    public Row RowOf(WorkArena arena) => new((uint*)arena[words], arena[measured]);

    /// <summary>The image before a blur of it.</summary>
    public float* CopyOf(WorkArena arena) => arena[copy];

    /// <summary>
    /// Keeps what a pass measured where the next ones read it. False where the image that it wrote holds a NaN, an infinity, or a range that is
    /// wider than a float.
    /// </summary>
    public bool Keep(WorkArena arena, int pass, in ReductionPartial range)
    {
        results[pass] = range;
        arena[measured][2 * pass] = range.Minimum;
        arena[measured][(2 * pass) + 1] = range.Maximum;
        return !passes[pass].Writes || (range.NonFinite == 0 && range.Maximum - range.Minimum < float.PositiveInfinity);
    }

    /// <summary>Writes down what was measured: the largest magnitude before noise, and the range that a normalisation took.</summary>
    public void Record(DrawnSample drawn)
    {
        ReductionPartial before = recordedPeak is { } peak ? results[peak] : default;
        drawn.MeasuredMaximum = MathF.Max(MathF.Abs(before.Minimum), MathF.Abs(before.Maximum));
        drawn.MeasuredRange = (results[recordedRange].Minimum, results[recordedRange].Maximum);
    }
}
