namespace GpuSynth.Kernels;

// LabelOps: label = table[label], one table per sample, made of these operations in this order: one side, drop, merge, keep. Intensities are made
// of what labels become, and the sample has it too; or, of a sample whose chance says so, the sample alone. Then shuffle and compact rename what
// the sample is given with, and no intensity depends on them. Label 0 is the background: nothing changes it.
//   Labels that an anatomy has drawn inside others go with those: into their like inside the other label, where it is drawn there too.
// Reference: none but the table itself; whole numbers, the same on every device.

/// <summary>
/// Changes the labels of the anatomies before it by one table per sample: labels disappear, become one, change names. Sources: label operations of
/// cornucopia; SynthSeg, which paints more labels than it predicts.
/// </summary>
/// <param name="OneSideChance">Probability that the labels of one side, left or right alike, become label 0.</param>
/// <param name="Drop">Probability that a label becomes label 0, each by itself; drawn once.</param>
/// <param name="Merge">Probability that two labels become one, of each of random pairs; drawn once.</param>
/// <param name="Keep">Labels beside 0 that stay, rounded, drawn once; the others become label 0. Null: all.</param>
/// <param name="ShuffleChance">Probability that labels but 0 change names at random.</param>
/// <param name="CompactChance">Probability that labels that are left are renamed 1, 2, 3, ...</param>
/// <param name="IntensitiesChance">Probability that intensities are made of the changed labels; else only the sample's labels change.</param>
[Component(
    "labelOps",
    Streams.LabelOpsLaws,
    Source = "cornucopia, SynthSeg",
    Says = "Drops, merges and renames labels of the anatomies before it, by one table per sample.",
    Example = "labelOps: { drop: 0.4, merge: 0.5 }")]
public sealed record LabelOps(
    [property: Allowed(
        0,
        1,
        Says = "Probability that the labels of one side become label 0, the left or the right alike: of a labelMap with lateralPairs.")]
    [property: Absent(0)]
    double OneSideChance,
    [property: Allowed(0, 1, Says = "Then: probability that a label becomes label 0, each by itself; drawn once.")]
    [property: Absent(0)]
    Law Drop,
    [property: Allowed(0, 1, Says = "Then: probability that two labels become one, for each of random pairs; drawn once.")]
    [property: Absent(0)]
    Law Merge,
    [property: Allowed(
        1, 255, "labels", Says = "Then: how many labels beside 0 stay, drawn once and rounded; the others become label 0. Absent: all.")]
    Law? Keep,
    [property: Allowed(0, 1, Says = "Then: probability that labels but 0 exchange their names at random; intensities stay.")]
    [property: Absent(0)]
    double ShuffleChance,
    [property: Allowed(0, 1, Says = "Last: probability that labels that are left are renamed 1, 2, 3, ...; intensities stay.")]
    [property: Absent(0)]
    double CompactChance,
    [property: Allowed(
        0, 1, Says = "Probability that intensities are made of the changed labels; else only the labels that the sample is given with change.")]
    [property: Absent(1)]
    double IntensitiesChance)
    : AnatomyComponent<LabelOps.Drawn>
{
    // Elements of the stream: append only. Of those per label the label stands in the low byte.
    private const uint OneSideElement = 0;
    private const uint SideElement = 1;
    private const uint DropElement = 2;
    private const uint MergeElement = 3;
    private const uint KeepElement = 4;
    private const uint ShuffleElement = 5;
    private const uint CompactElement = 6;
    private const uint IntensitiesElement = 7;
    private const uint DroppedElement = 256;
    private const uint MergedElement = 512;
    private const uint PairsElement = 768;
    private const uint KeptElement = 1024;
    private const uint NamesElement = 1280;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override bool Covers => false;

    // So that it knows how many labels stand before it; its own are none.
    /// <inheritdoc/>
    public override bool AddsLabels => true;

    /// <inheritdoc/>
    public override string MadeOf => "labels";

    /// <inheritdoc/>
    public override int BytesPerVoxel => Changes ? 2 : 0;

    /// <summary>Whether it may change labels that intensities are made of.</summary>
    public bool Changes => IntensitiesChance > 0 && ChangesAny;

    /// <inheritdoc/>
    public override bool Relabels => Changes;

    /// <inheritdoc/>
    public override bool Renames => MixesNames || (IntensitiesChance < 1 && ChangesAny);

    /// <inheritdoc/>
    public override bool MixesNames => ShuffleChance > 0 || CompactChance > 0;

    private bool ChangesAny => OneSideChance > 0 || Drop.Maximum > 0 || Merge.Maximum > 0 || Keep is not null;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => 0;

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostLabelOps(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceLabelOps(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => 3 * facts.LabelCount;

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at)
    {
        if (list.Skip(at + 1).FirstOrDefault(static one => one is IAnatomyComponent { LiftsLabels: true }) is { } lifting)
        {
            yield return $"names labels that {lifting.Name} behind it makes one higher; put labelOps behind {lifting.Name}";
        }

        if (OneSideChance <= 0)
        {
            yield break;
        }

        if (list.Take(at).LastOrDefault(static one => one is IAnatomyComponent { Hides: true }) is not IAnatomyComponent { SidePairs: { } pairs })
        {
            yield return "keeps one side, and what its labels are of has none; put it behind a labelMap with lateralPairs, or take oneSideChance away";
        }
        else if (list.Take(at).Any(one => one is IAnatomyComponent { SidePairs: { } other } && !Equals(other, pairs)))
        {
            yield return "keeps one side, and the labelMaps before it have several lateralPairs; give them the same, or take oneSideChance away";
        }
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int count = CountOf(drawing.FirstLabel, drawing.Facts);
        WordList becomes = drawing.List(count);
        WordList names = drawing.List(count);
        WordList table = drawing.List(drawing.Facts.LabelCount);
        Span<byte> changed = stackalloc byte[count];
        Span<byte> named = stackalloc byte[count];
        Span<float> numbers = stackalloc float[count];
        Span<float> order = stackalloc float[count];
        LabelChanges.Identity(changed);
        LabelChanges.Identity(named);
        int side = drawing.Facts.Tables?.Sides is { } && IsDrawn(in drawing, OneSideElement, OneSideChance)
            ? IsDrawn(in drawing, SideElement, 0.5) ? LateralPairs.Left : LateralPairs.Right
            : 0;
        if (side != 0)
        {
            LabelChanges.KeepSide(changed, drawing.Facts.Tables!.Sides, side);
        }

        LabelChanges.Drop(changed, drawing.Number(Drop, DropElement), Uniforms(in drawing, DroppedElement, numbers));
        LabelChanges.Merge(
            changed,
            drawing.Number(Merge, MergeElement),
            Uniforms(in drawing, MergedElement, numbers),
            Uniforms(in drawing, PairsElement, order));
        if (Keep is not null)
        {
            LabelChanges.Keep(changed, (int)MathF.Round(drawing.Number(Keep, KeepElement)), Uniforms(in drawing, KeptElement, order));
        }

        if (IsDrawn(in drawing, ShuffleElement, ShuffleChance))
        {
            LabelChanges.Shuffle(named, Uniforms(in drawing, NamesElement, order));
        }

        if (IsDrawn(in drawing, CompactElement, CompactChance))
        {
            LabelChanges.Compact(named, changed);
        }

        bool areOfIntensities = IsDrawn(in drawing, IntensitiesElement, IntensitiesChance);
        Span<float> toBecomes = drawing.Numbers(becomes);
        Span<float> toNames = drawing.Numbers(names);
        for (int label = 0; label < count; label++)
        {
            toBecomes[label] = areOfIntensities ? changed[label] : label;
            toNames[label] = named[areOfIntensities ? label : changed[label]];
        }

        return new Drawn { KeptSide = side, Becomes = becomes, Names = names, Table = table };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        ReadOnlySpan<float> becomes = row.Slice(drawn.Becomes.First, drawn.Becomes.Count);
        Check(becomes, becomes.Length);
        Check(row.Slice(drawn.Names.First, drawn.Names.Count), becomes.Length);
        Span<float> table = row.Slice(drawn.Table.First, drawn.Table.Count);
        for (int label = 0; label < table.Length; label++)
        {
            table[label] = label < becomes.Length ? becomes[label] : label;
        }

        facts.Tables?.Follow(becomes, table);
    }

    /// <summary>Labels that it may change: those of the anatomies before it.</summary>
    /// <param name="firstLabel">The first label behind them.</param>
    /// <param name="facts">What is known of every sample; by itself the component changes all labels.</param>
    internal static int CountOf(int firstLabel, in SampleFacts facts) => facts.Tables is null ? facts.LabelCount : firstLabel;

    private static bool IsDrawn(in Drawing drawing, uint element, double chance) => drawing.Number(Unit, element) < chance;

    private static ReadOnlySpan<float> Uniforms(in Drawing drawing, uint firstElement, Span<float> to)
    {
        for (int label = 0; label < to.Length; label++)
        {
            to[label] = drawing.Number(Unit, firstElement + (uint)label);
        }

        return to;
    }

    private static void Check(ReadOnlySpan<float> labels, int count)
    {
        foreach (float label in labels)
        {
            if (!(label >= 0 && label < count && label == MathF.Floor(label)))
            {
                throw new ArgumentException(
                    $"changedLabels and labelNames hold {NumberText.Of(label)}; give whole numbers from 0 to {count - 1}, a label for each label.");
            }
        }
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>0 where both sides stay; 1 where the left does alone, 2 the right.</summary>
        [Recorded("keptSide")]
        public int KeptSide;

        /// <summary>What each label becomes before intensities are made of it.</summary>
        [Recorded("changedLabels")]
        public WordList Becomes;

        /// <summary>What each of those is called in the sample.</summary>
        [Recorded("labelNames")]
        public WordList Names;

        /// <summary>Worked out: what all labels become, those inside others too.</summary>
        public WordList Table;
    }
}
