using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// Lesions: s(x) = |x - c| - R f(u),  u = (x - c) / |x - c| the direction, inside where s < 0.
//   f = 1 + a n, at least 1/4; of a spiculated one 1 + a max(0, 1 - |n|)^q.  n = n(k u), the noise of a LatticeTile, clamped to 3; k such that so many
//   cells of it lie around the lesion.
//   Diffuse: no ball, but all places where the noise of spacing S / 2, S the side, is above the quantile of N(0, 1) that leaves a share p above it.
//   A ring around it where 0 <= s < v, but around a diffuse one.
//   Cystic: fluid where s < -w. Rim-enhancing: a rim where -w <= s < 0. Calcified: specks where s < -1 and another noise, two voxels wide, is above 1.7.
// c: the first of 64 drawn voxels whose label, of those painted so far, the lesion may lie in; none: the sample is without that lesion.
// Only voxels near a lesion are looked at. 1 B/voxel there. Labels: the same on every device away from ties. Reference: Lesions.Reference.cs.

/// <summary>
/// Lesions over the anatomies before it, each in a label that it may lie in: round ones, spiculated, cystic, rim-enhancing, calcified, diffuse; around
/// each may lie a ring, as of oedema. Where two
/// meet, the first is seen. Source: kinds as radiology names them; diffuse ones as BrainFM's generator has them, of thresholded noise; forms and
/// laws are ours.
/// </summary>
/// <param name="Count">Lesions of a sample, rounded to a whole number; one that finds no place is not there.</param>
/// <param name="RadiusOfSide">R as a fraction of the side, drawn for each.</param>
/// <param name="Blob">Weight of the kind of irregular balls; where no kind has any, all are of this.</param>
/// <param name="Spiculated">Weight of those with ridges that reach out.</param>
/// <param name="Cystic">Weight of those with fluid in a wall.</param>
/// <param name="RimEnhancing">Weight of those with a rim.</param>
/// <param name="Calcified">Weight of those with specks.</param>
/// <param name="Clip">1: a lesion ends where the label ends that it was put in; 0: it paints over its neighbours too.</param>
/// <param name="LabelEachTissue">1: labels for lesion, fluid, rim and specks; 0: one for all. A ring has its own behind them in either case.</param>
/// <param name="Irregularity">a, drawn for each; absent: 0.25.</param>
/// <param name="Spicules">a of a spiculated one, drawn for each; absent: 1.</param>
/// <param name="Sharpness">q, drawn for each; absent: 4.</param>
/// <param name="Cells">Cells of noise around a lesion, drawn for each; absent: 10.</param>
/// <param name="WallOfSide">w as a fraction of the side, drawn for each; absent: 2 voxels of 128.</param>
/// <param name="Diffuse">Weight of those that are thresholded noise over the whole sample: best with clip, which keeps them in one label.</param>
/// <param name="DiffuseShare">p, the share of all places that a diffuse one takes in the mean over samples, drawn for each; absent: 0.1.</param>
/// <param name="RingOfSide">v, the width of a ring around a lesion, such as its oedema, as a fraction of the side, drawn for each; absent: 0, and no label.</param>
/// <param name="Within">The labels that they may lie in; null: all but 0.</param>
[Component(
    "lesions",
    Streams.LesionLaws,
    Source = "kinds of radiology; laws of our own",
    Says = "Lesions in what stands before them, with labels of their own: balls, spiculated, cystic, rim-enhancing, calcified, diffuse.",
    Example = "lesions: { count: 4, radiusOfSide: { uniform: [0.06, 0.12] }, blob: 1, spiculated: 1, cystic: 1, rimEnhancing: 1, calcified: 1, clip: 0,"
        + " labelEachTissue: 1, ringOfSide: 0.03 }")]
public sealed partial record Lesions(
    [property: Allowed(0, Lesions.Most, "lesions", Says = "Lesions of a sample, drawn once and rounded; one that finds no place is not there.")]
    Law Count,
    [property: Allowed(0.002, 0.5, "of the side", Says = "Radius as a fraction of the side, drawn for each.")]
    Law RadiusOfSide,
    [property: Allowed(0, 1000, Says = "How often they are irregular balls, as a weight beside those of the other kinds; where none has any, all are.")]
    [property: Absent(0)]
    double Blob,
    [property: Allowed(0, 1000, Says = "How often they have ridges that reach out, likewise.")]
    [property: Absent(0)]
    double Spiculated,
    [property: Allowed(0, 1000, Says = "How often they are fluid in a wall, likewise.")]
    [property: Absent(0)]
    double Cystic,
    [property: Allowed(0, 1000, Says = "How often they have a rim of another tissue, likewise.")]
    [property: Absent(0)]
    double RimEnhancing,
    [property: Allowed(0, 1000, Says = "How often they have specks of another tissue, likewise.")]
    [property: Absent(0)]
    double Calcified,
    [property: Allowed(0, 1, Says = "1: a lesion ends where the label ends that it was put in; 0: it paints over its neighbours too.")]
    int Clip,
    [property: Allowed(0, 1, Says = "1: labels of their own for lesion, fluid, rim and specks, in this order; 0: one label for all. A ring has its own.")]
    int LabelEachTissue,
    [property: Allowed(0, 0.5, Says = "How irregular a border is: standard deviation of its distance over the radius, drawn for each.")]
    [property: Absent(0.25)]
    Law Irregularity,
    [property: Allowed(0, 3, Says = "How far ridges of a spiculated one reach, over the radius, drawn for each.")]
    [property: Absent(1)]
    Law Spicules,
    [property: Allowed(1, 12, Says = "How thin they are: the power of the noise that makes them, drawn for each.")]
    [property: Absent(4)]
    Law Sharpness,
    [property: Allowed(1, 40, "cells", Says = "Bumps or ridges around a lesion, drawn for each.")]
    [property: Absent(10)]
    Law Cells,
    [property: Allowed(0.001, 0.2, "of the side", Says = "Thickness of a wall or a rim, drawn for each.")]
    [property: Absent(0.015625)]
    Law WallOfSide,
    [property: Allowed(0, 1000, Says = "How often they are the heights of one smooth noise over the whole sample, likewise; clip keeps them in the label they were put in.")]
    [property: Absent(0)]
    double Diffuse,
    [property: Allowed(0.001, 0.5, Says = "Share of all places that a diffuse one takes in the mean over samples, drawn for each. BrainFM: uniform 0.001 to 0.15.")]
    [property: Absent(0.1)]
    Law DiffuseShare,
    [property: Allowed(
        0, 0.2, "of the side", Says = "Width of a ring around a lesion, as of oedema, drawn for each, with a label of its own, the last; 0 in all samples: there is none.")]
    [property: Absent(0)]
    Law RingOfSide,
    [property: Says("Labels of the anatomies before it that they may lie in; stored values of label maps, else labels; absent: all but 0.")]
    ValueList<int>? Within = null)
    : AnatomyComponent<Lesions.Drawn>
{
    /// <summary>Lesions of a sample at most.</summary>
    public const int Most = 8;

    // Elements of the stream: append only. Items of a lesion, added to 32 times its number and 1.
    private const uint CountElement = 0;
    private const uint KindItem = 0;
    private const uint RadiusItem = 1;
    private const uint IrregularityItem = 2;
    private const uint SpiculesItem = 3;
    private const uint SharpnessItem = 4;
    private const uint CellsItem = 5;
    private const uint WallItem = 6;
    private const uint OffsetItem = 7;
    private const uint ShareItem = 10;
    private const uint RingItem = 11;
    private const int Lists = 9;

    private static readonly UniformLaw Unit = new(0, 1);
    private static readonly UniformLaw StepsOfVolume = new(0, LatticeTile.VolumeSide);
    private static readonly UniformLaw StepsOfImage = new(0, LatticeTile.ImageSide);

    /// <summary>The stream of the noise's tile: a part of the places' that no place is drawn from.</summary>
    internal static uint TileStream => Streams.LesionPlaces + (1u << 24);

    /// <inheritdoc/>
    public override bool Covers => false;

    /// <inheritdoc/>
    public override bool MayBeInside => true;

    /// <inheritdoc/>
    public override bool AddsLabels => true;

    /// <inheritdoc/>
    public override bool FindsPlaces => true;

    /// <inheritdoc/>
    public override string MadeOf => "lesions";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => (LabelEachTissue != 0 ? 4 : 1) + (RingOfSide.Maximum > 0 ? 1 : 0);

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostLesions(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceLesions(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => Most * (Lists + 6 + LesionForm.Words);

    /// <inheritdoc/>
    public override byte[]? TissueTable(ILabelMaps? maps)
    {
        // Its own labels are their own tissues; this is where what it names is held against the label maps.
        foreach (int value in maps is null || Within is null ? [] : Within)
        {
            if (!maps!.SourceValues.Any(values => values.Contains(value)))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"within: no label map holds the value {value}; name one that they hold"));
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int count = (int)MathF.Round(drawing.Number(Count, CountElement));
        int side = drawing.Facts.Shape.Side;
        var drawn = new Drawn { Count = count, Forms = drawing.List(Most * LesionForm.Words), Kinds = drawing.List(count) };
        Span<float> kinds = drawing.Numbers(drawn.Kinds);
        for (int lesion = 0; lesion < count; lesion++)
        {
            kinds[lesion] = KindOf(drawing.Number(Unit, ElementOf(lesion, KindItem)));
        }

        drawn.Radii = Each(ref drawing, RadiusOfSide, RadiusItem, count, side);
        drawn.Irregularities = Each(ref drawing, Irregularity, IrregularityItem, count);
        drawn.Spicules = Each(ref drawing, Spicules, SpiculesItem, count);
        drawn.Sharpnesses = Each(ref drawing, Sharpness, SharpnessItem, count);
        drawn.Cells = Each(ref drawing, Cells, CellsItem, count);
        drawn.Walls = Each(ref drawing, WallOfSide, WallItem, count, side);
        drawn.Rings = Each(ref drawing, RingOfSide, RingItem, count, side);
        drawn.Shares = Each(ref drawing, DiffuseShare, ShareItem, count);
        drawn.Offsets = drawing.List(3 * count);
        drawn.Voxels = drawing.List(3 * count);
        drawing.Numbers(drawn.Voxels).Fill(-1);
        UniformLaw steps = drawing.Facts.Shape.Dimensions == 3 ? StepsOfVolume : StepsOfImage;
        Span<float> offsets = drawing.Numbers(drawn.Offsets);
        for (int lesion = 0; lesion < count; lesion++)
        {
            for (uint axis = 0; axis < 3; axis++)
            {
                offsets[(3 * lesion) + (int)axis] = drawing.Number(steps, ElementOf(lesion, OffsetItem + axis));
            }
        }

        return drawn;
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        if (drawn.Count is < 0 or > Most || drawn.Kinds.Count != drawn.Count)
        {
            throw new ArgumentException(
                $"lesionCount is {NumberText.Of(drawn.Count)} and lesionKinds has {NumberText.Of(drawn.Kinds.Count)} numbers; give back as many as were drawn.");
        }

        Span<LesionForm> forms = MemoryMarshal.Cast<float, LesionForm>(row.Slice(drawn.Forms.First, Most * LesionForm.Words));
        for (int lesion = 0; lesion < drawn.Count; lesion++)
        {
            forms[lesion] = LesionForm.Of(in drawn, row, lesion, facts.Shape);
            if (!forms[lesion].IsRight)
            {
                throw new ArgumentException(
                    $"A number of lesion {NumberText.Of(lesion)} is no number, or not above 0 where it must be, or a kind that there is not; give back what was "
                    + "drawn, or other numbers of its kind.");
            }
        }
    }

    private WordList Each(ref Drawing drawing, Law law, uint item, int count, float factor = 1)
    {
        WordList list = drawing.List(count);
        for (int lesion = 0; lesion < count; lesion++)
        {
            drawing.Numbers(list)[lesion] = drawing.Number(law, ElementOf(lesion, item)) * factor;
        }

        return list;
    }

    private static uint ElementOf(int lesion, uint item) => (32 * ((uint)lesion + 1)) + item;

    private float KindOf(float uniform)
    {
        ReadOnlySpan<double> weights = [Blob, Spiculated, Cystic, RimEnhancing, Calcified, Diffuse];
        double total = Blob + Spiculated + Cystic + RimEnhancing + Calcified + Diffuse;
        int kind = 0;
        for (double edge = weights[0]; kind < LesionForm.DiffuseKind && uniform * total >= edge; edge += weights[kind])
        {
            kind++;
        }

        return total > 0 ? kind : 0;
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Lesions, those included that find no place.</summary>
        [Recorded("lesionCount")]
        public int Count;

        /// <summary>Kind of each: 0 a ball, 1 spiculated, 2 cystic, 3 rim-enhancing, 4 calcified, 5 diffuse.</summary>
        [Recorded("lesionKinds")]
        public WordList Kinds;

        /// <summary>Radius of each in voxels.</summary>
        [Recorded("lesionRadiiVoxels")]
        public WordList Radii;

        /// <summary>How irregular each is where it is not spiculated.</summary>
        [Recorded("lesionIrregularities")]
        public WordList Irregularities;

        /// <summary>How far its ridges reach where it is.</summary>
        [Recorded("lesionSpicules")]
        public WordList Spicules;

        /// <summary>The power of what makes them.</summary>
        [Recorded("lesionSharpnesses")]
        public WordList Sharpnesses;

        /// <summary>Cells of noise around each.</summary>
        [Recorded("lesionCells")]
        public WordList Cells;

        /// <summary>Thickness of a wall or a rim in voxels.</summary>
        [Recorded("lesionWallsVoxels")]
        public WordList Walls;

        /// <summary>Width of the ring around each in voxels.</summary>
        [Recorded("lesionRingsVoxels")]
        public WordList Rings;

        /// <summary>Share of all places that each takes in the mean where it is diffuse.</summary>
        [Recorded("lesionShares")]
        public WordList Shares;

        /// <summary>Where each one's noise begins in the tile: z, y, x in lattice steps.</summary>
        [Recorded("lesionOffsetsZyx")]
        public WordList Offsets;

        /// <summary>
        /// Found while labels are written: the voxel that each lies around, z, y, x; -1 of one that found no place and is not there, and before any was
        /// looked for.
        /// </summary>
        [Recorded("lesionVoxelsZyx")]
        public WordList Voxels;

        /// <summary>Worked out: a <see cref="LesionForm"/> of each.</summary>
        public WordList Forms;
    }
}
