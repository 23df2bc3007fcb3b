using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// I = m[label], one mean intensity per label. Values: the same on every device, bit for bit. Source: RaSD (arXiv 2602.12317), appearance
/// step 5.
/// </summary>
/// <param name="Mean">Mean intensity, drawn per label, one for labels of one tissue; RaSD: uniform(0, 1).</param>
/// <param name="Apart">
/// Labels, and what is of one tissue with them, whose means keep away from those of others: drawn again until they do; where none of 64 does, the
/// one that is farthest away. Null: none. Source: vesselFM, whose vessels are more than 0.4 from the mean of what is behind them.
/// </param>
/// <param name="ApartBy">How far, at least 0.</param>
/// <param name="ApartFrom">From the average of which labels' means. Null: of all others.</param>
/// <param name="ApartMean">What the means of <paramref name="Apart"/> are drawn by. Null: <paramref name="Mean"/>.</param>
[Component(
    "contrast",
    Streams.ContrastLaws,
    Source = "RaSD, step 5",
    Says = "Mean intensity per label (RaSD, step 5).",
    Example = "contrast: { mean: { uniform: [0, 1] } }")]
public sealed record Contrast(
    [property: Allowed(
        -1e6,
        1e6,
        PerLabel = true,
        Says = "Mean intensity, drawn per label; perLabel: the last law is every further label's too. RaSD: uniform 0 to 1.")]
    Law Mean,
    [property: Says("Labels whose means keep away from those of others; absent: none.")]
    ValueList<int>? Apart = null,
    [property: Allowed(0, 1e6, Says = "How far they keep away. vesselFM: 0.4.")]
    [property: Absent(0)]
    double ApartBy = 0,
    [property: Says("Labels whose average they keep away from; absent: all others.")]
    ValueList<int>? ApartFrom = null,
    [property: Allowed(-1e6, 1e6, Says = "What their means are drawn by, again until they are far enough away; absent: as those of others.")]
    Law? ApartMean = null)
    : VoxelComponent<Contrast.Drawn>
{
    // Draws of a mean that keeps away, at most: of a law that keeps away half of the time one sample in 10^19 fails.
    private const uint MostTurns = 64;

    // The first element of such a draw, by turns and the label: append only.
    private const uint ApartElement = 1 << 8;

    /// <inheritdoc/>
    public override bool Begins => true;

    /// <inheritdoc/>
    public override bool ReadsLabels => true;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => facts.LabelCount;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        WordList means = drawing.EachLabel(Mean, 0);
        if (Apart is not null)
        {
            KeepAway(in drawing, drawing.Numbers(means));
        }

        return new Drawn { Means = means };
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Key, int Label)> NamedLabels =>
        [.. (Apart ?? []).Select(static label => ("apart", label)), .. (ApartFrom ?? []).Select(static label => ("apartFrom", label))];

    /// <inheritdoc/>
    public override Component OnOtherLabels() => Has(Apart, 0)
        ? this with { Apart = [0], ApartFrom = null }
        : this with { Apart = null, ApartBy = 0, ApartFrom = null, ApartMean = null };

    /// <summary>Labels that keep away are drawn by other laws than those they keep away from.</summary>
    public override bool DrawsAlike(int label, int other) =>
        base.DrawsAlike(label, other) && Has(Apart, label) == Has(Apart, other) && Has(ApartFrom, label) == Has(ApartFrom, other);

    private void KeepAway(in Drawing drawing, Span<float> means)
    {
        Span<bool> isApart = stackalloc bool[means.Length];
        isApart.Clear();
        for (int label = 0; label < means.Length; label++)
        {
            isApart[drawing.TissueOf(label)] |= Has(Apart, label);
        }

        double sum = 0;
        int others = 0;
        for (int label = 0; label < means.Length; label++)
        {
            if (!isApart[drawing.TissueOf(label)] && (ApartFrom is null || Has(ApartFrom, label)))
            {
                sum += means[label];
                others++;
            }
        }

        for (int label = 0; label < means.Length; label++)
        {
            int own = drawing.TissueOf(label);
            if (isApart[own])
            {
                means[label] = MeanAwayFrom(in drawing, others == 0 ? null : sum / others, (uint)own);
            }
        }
    }

    private float MeanAwayFrom(in Drawing drawing, double? from, uint label)
    {
        Law law = ApartMean ?? (Mean is PerLabelLaw laws ? laws.Of((int)label) : Mean);
        (float mean, double away) = (0, -1);
        for (uint turn = 0; turn < MostTurns && away < ApartBy; turn++)
        {
            float drawn = drawing.Number(law, ((turn + 1) * ApartElement) + label);
            double distance = from is null ? double.PositiveInfinity : Math.Abs(drawn - from.Value);
            (mean, away) = distance > away ? (drawn, distance) : (mean, away);
        }

        return mean;
    }

    private static bool Has(ValueList<int>? list, int label) => list?.AsSpan().Contains(label) ?? false;

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new Step(LinkAt(in place), place.Entry.First);

    /// <summary>On the host the largest mean bounds every intensity.</summary>
    private sealed unsafe class Step(Link<Drawn> link, int first) : HostStep<Link<Drawn>>(link)
    {
        public override long MemoryLength => 1;

        public override void Prepare(in HostSample sample, float* memory, float* scratch)
        {
            WordList means = Real16.Drawn<Drawn>(sample.Row, first).Means;
            *memory = MathF.Abs(TensorPrimitives.MaxMagnitude(
                new ReadOnlySpan<float>((float*)sample.Row.WordsAddress + means.First, means.Count)));
        }

        public override float Bound(float before, int z, int y, float* memory, float* scratch) => *memory;
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>Mean intensity per label.</summary>
        [Recorded("means")]
        public WordList Means;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> => voxel.Look(drawn.Means, voxel.Label);
    }
}
