namespace GpuSynth.Kernels;

// Gaussians: label(x) by the largest of the scores
//   g_k(x) = ln a_k - |L_k^-1 (x - c_k)|^2 / 2 + r n_k(x),  n_k the noise of a LatticeTile of spacing h, N(0, 1) at every voxel,
//   first among the organs and the background, whose score is -R^2 / 2 everywhere; then, where an organ has won, among its parts and a score of the
//   same -R^2 / 2 by which it stays; and so on down the levels. The lowest blob wins a tie, and what was there wins it before any.
//   So a lone blob of weight 1 without noise is the ellipsoid |L^-1 (x - c)| < R, and a part never leaves the blob that it is part of.
// Per voxel and blob 12 operations and, where there is noise, 2^d numbers of the tile. 1 B/voxel. Labels: the same on every device away from ties.
// Reference: Gaussians.Reference.cs.

/// <summary>
/// Labels as the winners among Gaussian blobs: organs on a background of label 0, parts in them, parts in those. Source: RaSD (arXiv 2602.12317),
/// whose abstract speaks of "randomized Gaussian distributions": taken at its word; the laws are ours.
/// </summary>
/// <param name="Organs">Organs of a sample, rounded to a whole number.</param>
/// <param name="Parts">Parts of an organ, or of a part of the level above, drawn for each and rounded.</param>
/// <param name="Levels">How deep it goes, rounded: 1 is organs alone.</param>
/// <param name="LabelEachBlob">1: a label for each blob; 0: one for each level.</param>
/// <param name="SizeOfSide">Geometric mean of an organ's standard deviations as a fraction of the side, drawn for each organ.</param>
/// <param name="Elongation">The longest standard deviation of a blob over its shortest, drawn for each; of a part, in the shape of what it is in.</param>
/// <param name="LogWeight">ln a, drawn for each organ; a part has 0.</param>
/// <param name="PartSize">A part's longest axis over that of what it is in, drawn for each part.</param>
/// <param name="Reach">R, drawn once: how many standard deviations from its centre a lone blob ends; absent: 1.8.</param>
/// <param name="Roughness">r, drawn once; absent: 0, smooth borders.</param>
/// <param name="RoughnessOfSide">h as a fraction of the side, drawn once, never below a voxel; absent: an eighth.</param>
/// <param name="Anchored">Where organ k means the same in every sample; null: it does not.</param>
[Component(
    "gaussians",
    Streams.GaussianLaws,
    Source = "RaSD, its abstract taken at its word",
    Says = "Labels of Gaussian blobs on a background: organs, parts in them, and parts in those.",
    Example = "gaussians: { organs: 7, parts: 2, levels: 2, labelEachBlob: 1, sizeOfSide: { uniform: [0.1, 0.2] }, elongation: { uniform: [1, 2.5] },"
        + " logWeight: 0, partSize: { uniform: [0.3, 0.5] }, roughness: 0.2 }")]
public sealed partial record Gaussians(
    [property: Allowed(1, Gaussians.HighestOrgans, "organs", Says = "Organs of a sample, drawn once and rounded to a whole number.")]
    Law Organs,
    [property: Allowed(0, Gaussians.HighestParts, "parts", Says = "Parts of an organ, and of a part where there are more levels, drawn for each and rounded.")]
    Law Parts,
    [property: Allowed(1, Gaussians.HighestLevels, "levels", Says = "How deep it goes, drawn once and rounded: 1 is organs alone, 2 with parts, 3 with parts of parts.")]
    Law Levels,
    [property: Allowed(0, 1, Says = "1: a label for each blob; 0: one for each level, organs 1, their parts 2, and so on.")]
    int LabelEachBlob,
    [property: Allowed(0.005, 1, "of the side", Says = "Standard deviation of an organ as a fraction of the side, the geometric mean of its axes, drawn for each.")]
    Law SizeOfSide,
    [property: Allowed(1, 8, Says = "Longest axis over the shortest, drawn for each organ and part.")]
    Law Elongation,
    [property: Allowed(-4, 4, Says = "Natural logarithm of an organ's weight, drawn for each: a heavier one takes more where two meet.")]
    Law LogWeight,
    [property: Allowed(0.05, 0.9, Says = "Size of a part over that of what it lies in, drawn for each.")]
    Law PartSize,
    [property: Allowed(0.5, 4, "standard deviations", Says = "Where a lone blob ends, drawn once.")]
    [property: Absent(1.8)]
    Law Reach,
    [property: Allowed(0, 2, Says = "Strength of the noise that makes borders irregular, drawn once; 0: smooth ones.")]
    [property: Absent(0)]
    Law Roughness,
    [property: Allowed(0.01, 1, "of the side", Says = "Spacing of that noise as a fraction of the side, drawn once; never below a voxel.")]
    [property: Absent(0.125)]
    Law RoughnessOfSide,
    [property: Says("Makes organ k the same organ in every sample: its place, size and weight come from a table; absent: each sample has organs of its own.")]
    GaussianAnchors? Anchored = null)
    : AnatomyComponent<Gaussians.Drawn>
{
    /// <summary>Blobs of a sample at most.</summary>
    public const int MostBlobs = 64;

    /// <summary>Organs of a sample at most.</summary>
    internal const int HighestOrgans = 32;

    private const int HighestParts = 6;
    private const int HighestLevels = 3;

    // Elements of the stream below 32; behind them the blobs' (Gaussians.Draw.cs). Append only.
    private const uint OrgansElement = 0;
    private const uint LevelsElement = 1;
    private const uint ReachElement = 2;
    private const uint RoughnessElement = 3;
    private const uint SpacingElement = 4;
    private const uint PhaseElement = 5;

    private static readonly UniformLaw Unit = new(0, 1);

    private int MostOrgans => Rounded(Organs.Maximum);

    private int MostParts => Rounded(Parts.Maximum);

    private int MostLevels => MostParts == 0 ? 1 : Rounded(Levels.Maximum);

    // Blobs that a sample may have at most, whether there is room for them or not.
    private int Places => FirstPlace(MostLevels);

    /// <summary>Blobs that the row has room for.</summary>
    internal int Room => Math.Min(MostBlobs, Places);

    /// <inheritdoc/>
    public override string MadeOf => "blobs";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => 1 + (LabelEachBlob != 0 ? Places : MostLevels);

    /// <summary>Background, and the blobs of each level; of organs that are anchored each, and its own parts of each level.</summary>
    public override int[]? KindTable(VolumeShape shape)
    {
        if (LabelEachBlob == 0)
        {
            return null;
        }

        List<int> kinds = [0];
        for ((int level, int ofOrgan) = (0, 1); level < MostLevels; level++, ofOrgan *= MostParts)
        {
            (int first, int inLevel) = (1 + FirstPlace(level), MostOrgans * ofOrgan);
            int ofKind = Anchored is null ? inLevel : ofOrgan;
            kinds.AddRange(Enumerable.Range(0, inLevel).Select(blob => first + (blob / ofKind * ofKind)));
        }

        return [.. kinds];
    }

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostGaussians(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceGaussians(in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => Room * (GaussianWords.Count + DrawnWordsOfBlob);

    /// <inheritdoc/>
    public override IEnumerable<string> ComplaintsAt(VolumeShape shape) => Places <= MostBlobs ? [] :
    [
        $"draws up to {NumberText.Of(Places)} blobs ({NumberText.Of(MostOrgans)} organs, {NumberText.Of(MostParts)} parts in each, "
        + $"{NumberText.Of(MostLevels)} levels), and a sample has at most {NumberText.Of(MostBlobs)}; lower organs, parts or levels",
    ];

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        GaussianWords.Write(in drawn, row, LabelCount(facts.Shape, null));
        if (drawn.Roughness > 0 && (Roughness.Maximum <= 0 || MathF.Max(1, drawn.SpacingVoxels) < LeastSpacing(facts.Shape)))
        {
            throw new ArgumentException(
                $"gaussianRoughness is {NumberText.Of(drawn.Roughness)} with gaussianRoughnessVoxels {NumberText.Of(drawn.SpacingVoxels)}, and the recipe's laws "
                + $"draw a roughness of up to {NumberText.Of(Roughness.Maximum)} and no noise that is narrower than {NumberText.Of(LeastSpacing(facts.Shape))}; "
                + "give back what they draw.");
        }

        drawn.StayScore = -0.5f * drawn.Reach * drawn.Reach;
        drawn.StepsPerVoxel = 1 / MathF.Max(1, drawn.SpacingVoxels);
    }

    /// <summary>The narrowest noise that the law draws, in voxels; a little less for rounding.</summary>
    internal double LeastSpacing(VolumeShape shape) => Math.Max(1, (1 - 1e-5) * RoughnessOfSide.Minimum * shape.Side);

    private static int Rounded(double number) => (int)Math.Round(number);

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Organs.</summary>
        [Recorded("gaussianOrgans")]
        public int Organs;

        /// <summary>How many standard deviations from its centre a lone blob ends.</summary>
        [Recorded("gaussianReach")]
        public float Reach;

        /// <summary>Strength of the noise.</summary>
        [Recorded("gaussianRoughness")]
        public float Roughness;

        /// <summary>Its spacing in voxels; below 1 a voxel is meant.</summary>
        [Recorded("gaussianRoughnessVoxels")]
        public float SpacingVoxels;

        /// <summary>Where a lattice point of it lies, in lattice steps before the first voxel, 0 to 1.</summary>
        [Recorded("gaussianPhaseZyx")]
        public AxisNumbers Phase;

        /// <summary>Label per blob: organs first, then the parts of each, then theirs.</summary>
        [Recorded("gaussianLabels")]
        public WordList Labels;

        /// <summary>Which blob each is a part of; -1 of an organ.</summary>
        [Recorded("gaussianParents")]
        public WordList Parents;

        /// <summary>Centre per blob: z, y, x in voxels; z is 0 in an image.</summary>
        [Recorded("gaussianCentresVoxelsZyx")]
        public WordList Centres;

        /// <summary>Three half axes per blob, one standard deviation long: z, y, x in voxels of each; of an image the first is along z.</summary>
        [Recorded("gaussianAxesVoxelsZyx")]
        public WordList Axes;

        /// <summary>ln a per blob.</summary>
        [Recorded("gaussianLogWeights")]
        public WordList LogWeights;

        /// <summary>Where each blob's noise begins in the tile: z, y, x in whole lattice steps.</summary>
        [Recorded("gaussianNoiseOffsetsZyx")]
        public WordList Offsets;

        /// <summary>Worked out: <see cref="GaussianWords"/> per blob.</summary>
        public WordList Blobs;

        /// <summary>Worked out: the score of the background, and that by which a blob stays beside its parts.</summary>
        public float StayScore;

        /// <summary>Worked out: lattice steps per voxel.</summary>
        public float StepsPerVoxel;
    }
}

/// <summary>Organs that are the same in every sample but for a little.</summary>
/// <param name="Table">Which table of organs: the same number, the same organs, whatever the seed.</param>
/// <param name="SpreadOfSide">Standard deviation of a centre along each axis as a fraction of the side.</param>
/// <param name="SizeSpread">Standard deviation of the logarithm of an organ's size.</param>
public sealed record GaussianAnchors(
    [property: Allowed(0, 1000000, Says = "Which table of organs: the same number means the same organs, whatever the seed.")] int Table,
    [property: Allowed(0, 0.5, "of the side", Says = "How far organs lie from their places, a standard deviation along each axis. A body: 0.05.")]
    double SpreadOfSide,
    [property: Allowed(0, 1, Says = "Standard deviation of the logarithm of an organ's size. A body: 0.1.")] double SizeSpread);
