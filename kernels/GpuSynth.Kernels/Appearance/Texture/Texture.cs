namespace GpuSynth.Kernels;

// Texture: I = m + s (sqrt(1 - c) z + sqrt(c) n(A x + o)), numbers of the voxel's label; z ~ N(0, 1) per voxel, n a FractalNoise, or its ridges.
//   A: a rotation, then 1 / h along two axes and 1 / (h e) along the third: structure of width h, stretched e times along a drawn direction.
//   Ridges: n becomes (sqrt(2 / pi) - |n|) / sqrt(1 - 2 / pi), which has mean 0 and deviation 1 too, and is largest where n changes its sign.
// Reads 1 B/voxel, and of the tile 2^d numbers per octave. Random bits: the same on every device.

/// <summary>
/// Intensities of labels with structure in them: a mean, and around it white noise and lattice noise of a spacing, direction and kind of the
/// label's own. Deviation 0 is <see cref="Contrast"/>. Sources: laws of SynthSeg (m uniform 0 to 250, s uniform 0 to 30) and anatomix; fractal
/// noise: B. B. Mandelbrot, J. W. Van Ness, SIAM Review 10 (1968) 422.
/// </summary>
/// <param name="Mean">m, drawn per label.</param>
/// <param name="Std">s, drawn per label, at least 0.</param>
/// <param name="Share">c, the structured part of the variance, drawn per label, 0 to 1; the rest is white noise.</param>
/// <param name="Octaves">Octaves, 1 to 4; each doubles the width of the one before.</param>
/// <param name="SpacingVoxels">h, the width of the finest structure in voxels, drawn per label, 1 to 1024; absent: 4.</param>
/// <param name="Elongation">e, how many times longer structure is along its direction than across, drawn per label, 1 to 16; absent: 1.</param>
/// <param name="Ridge">Drawn per label: bright ridges from 0.5 on, dark ones to -0.5, clouds between; absent: 0.</param>
/// <param name="Hurst">H, an octave is 2^H times as strong as the next finer one; drawn per label, 0 to 2; absent: 0.5.</param>
/// <param name="Background">What label 0 is in some samples; null: a label as others.</param>
[Component(
    "texture",
    50,
    Source = "SynthSeg, anatomix",
    Says = "Intensity per label with structure in it: white noise, clouds, fibres and ridges about the label's mean.",
    Example = "texture: { mean: { perLabel: [0.2, 0.7, 0.4, 0.6, 0.8] }, std: 0.1, share: 0.9, octaves: 3, spacingVoxels: 5, elongation: { uniform: [1, 8] } }")]
public sealed record Texture(
    [property: Allowed(-1e6, 1e6, PerLabel = true, Says = "Mean intensity, drawn per label. SynthSeg: uniform 0 to 250; anatomix: 25 to 255.")]
    Law Mean,
    [property: Allowed(0, 1e6, PerLabel = true, Says = "Standard deviation about it, drawn per label. SynthSeg: uniform 0 to 30; anatomix: 5 to 20.")]
    Law Std,
    [property: Allowed(0, 1, PerLabel = true, Says = "Share of the variance that is structure, drawn per label; the rest is white noise. Like tissue: 0.3 to 1.")]
    Law Share,
    [property: Allowed(1, 4, Says = "Octaves of structure, each twice as wide as the one before. Like tissue: 2.")]
    int Octaves,
    [property: Allowed(1, 1024, "voxels", PerLabel = true, Says = "Width of the finest structure, drawn per label. Like tissue: log-uniform 1.5 to 12.")]
    [property: Absent(4)]
    Law SpacingVoxels,
    [property: Allowed(1, 16, PerLabel = true, Says = "How many times longer structure is along a drawn direction than across, drawn per label.")]
    [property: Absent(1)]
    Law Elongation,
    [property: Allowed(-1, 1, PerLabel = true, Says = "Drawn per label: bright ridges from 0.5 on, dark ones to -0.5, clouds between.")]
    [property: Absent(0)]
    Law Ridge,
    [property: Allowed(0, 2, PerLabel = true, Says = "An octave is 2 to this power times as strong as the next finer one, drawn per label.")]
    [property: Absent(0.5)]
    Law Hurst,
    [property: Says("What label 0 is in some samples: nothing, or darker than other labels; absent: a label as others.")]
    TextureBackground? Background = null)
    : LinkedComponent<Texture.Drawn, TextureLink>, ITableComponent
{
    // The first elements of lists per label, 256 each, and of single numbers: append only. An element's low byte is the label.
    private const uint MeanElement = 0;
    private const uint StdElement = 1 << 8;
    private const uint ShareElement = 2 << 8;
    private const uint SpacingElement = 3 << 8;
    private const uint ElongationElement = 4 << 8;
    private const uint RidgeElement = 5 << 8;
    private const uint HurstElement = 6 << 8;
    private const uint TiltElement = 7 << 8;
    private const uint TurnElement = 8 << 8;
    private const uint SpinElement = 9 << 8;
    private const uint OffsetElement = 10 << 8;
    private const uint BackgroundElement = 13 << 8;
    private const int Lists = 13;
    private static readonly UniformLaw Unit = new(0, 1);
    private static readonly UniformLaw Cosine = new(-1, 1);

    /// <summary>The stream of the voxels' white noise: a part of its own that no law draws from.</summary>
    public uint VoxelStream => Stream + (1u << 24);

    /// <summary>The stream of the lattice's tile.</summary>
    public uint TileStream => Stream + (2u << 24);

    /// <inheritdoc/>
    public override bool Begins => true;

    /// <inheritdoc/>
    public override bool ReadsLabels => true;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (Lists + TissueWords.Count) * facts.LabelCount;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int labels = drawing.Facts.LabelCount;
        var steps = new UniformLaw(0, LatticeTile.Side(drawing.Facts.Shape));
        return new Drawn
        {
            Means = drawing.EachLabel(Mean, MeanElement),
            Stds = drawing.EachLabel(Std, StdElement),
            Shares = drawing.EachLabel(Share, ShareElement),
            SpacingsVoxels = drawing.EachLabel(SpacingVoxels, SpacingElement),
            Elongations = drawing.EachLabel(Elongation, ElongationElement),
            Ridges = drawing.EachLabel(Ridge, RidgeElement),
            Hursts = drawing.EachLabel(Hurst, HurstElement),
            Tilts = drawing.EachLabel(Cosine, TiltElement),
            Turns = drawing.EachLabel(Unit, TurnElement),
            Spins = drawing.EachLabel(Unit, SpinElement),

            // Labels of one tissue are alike, and each has its own piece of it.
            OffsetsZ = drawing.Each(steps, OffsetElement, labels),
            OffsetsY = drawing.Each(steps, OffsetElement + (1 << 8), labels),
            OffsetsX = drawing.Each(steps, OffsetElement + (2 << 8), labels),
            Tissue = drawing.List(labels * TissueWords.Count),
            BackgroundMean = Background is null ? 0 : drawing.Number(Background.Mean, BackgroundElement),
            BackgroundStd = Background is null ? 0 : drawing.Number(Background.Std, BackgroundElement + 1),
            BackgroundKind = Background is null ? 0 : Background.KindOf(drawing.Number(Unit, BackgroundElement + 2)),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        drawn.MoreOctaves = Octaves - 1;
        drawn.Place = new VoxelPlace(facts.Shape);
        drawn.IsUnstructured = 1;
        for (int label = 0; label < drawn.Means.Count; label++)
        {
            bool isStructured = TissueWords.Write(row, in drawn, label, Octaves, facts.Shape.Dimensions);
            drawn.IsUnstructured = isStructured ? 0 : drawn.IsUnstructured;
        }
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new TextureStep(this, place);

    /// <inheritdoc/>
    public DeviceTable CreateTable(in StepPlace place) => new TileTable("texture tile", place.Facts.Shape, place.Stream(TileStream));

    /// <inheritdoc/>
    protected override TextureLink LinkAt(in StepPlace place) => new(in place, place.Stream(VoxelStream));

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Mean intensity per label.</summary>
        [Recorded("textureMeans")]
        public WordList Means;

        /// <summary>Standard deviation per label.</summary>
        [Recorded("textureStds")]
        public WordList Stds;

        /// <summary>Structured share of the variance per label.</summary>
        [Recorded("textureShares")]
        public WordList Shares;

        /// <summary>Width of the finest structure per label, in voxels.</summary>
        [Recorded("textureSpacingsVoxels")]
        public WordList SpacingsVoxels;

        /// <summary>Length of structure over its width, per label.</summary>
        [Recorded("textureElongations")]
        public WordList Elongations;

        /// <summary>Bright ridges from 0.5 on, dark ones to -0.5, clouds between, per label.</summary>
        [Recorded("textureRidges")]
        public WordList Ridges;

        /// <summary>Logarithm to base 2 of the strength of an octave over that of the next finer one, per label.</summary>
        [Recorded("textureHursts")]
        public WordList Hursts;

        /// <summary>Cosine of the angle between structure's direction and z, per label; nothing to an image.</summary>
        [Recorded("textureTilts")]
        public WordList Tilts;

        /// <summary>Angle of its direction from x to y, in turns, per label.</summary>
        [Recorded("textureTurns")]
        public WordList Turns;

        /// <summary>Angle of the lattice about its direction, in turns, per label; nothing to an image.</summary>
        [Recorded("textureSpins")]
        public WordList Spins;

        /// <summary>Where the tile begins along z, in lattice steps, per label; nothing to an image.</summary>
        [Recorded("textureOffsetsZ")]
        public WordList OffsetsZ;

        /// <summary>Where it begins along y.</summary>
        [Recorded("textureOffsetsY")]
        public WordList OffsetsY;

        /// <summary>Where it begins along x.</summary>
        [Recorded("textureOffsetsX")]
        public WordList OffsetsX;

        /// <summary>Mean of label 0 where it is a dark background.</summary>
        [Recorded("textureBackgroundMean")]
        public float BackgroundMean;

        /// <summary>Standard deviation of label 0 where it is a dark background.</summary>
        [Recorded("textureBackgroundStd")]
        public float BackgroundStd;

        /// <summary>What label 0 is: 0 a label as others, 1 a dark background, 2 zero everywhere.</summary>
        [Recorded("textureBackground")]
        public float BackgroundKind;

        /// <summary>Worked out: <see cref="TissueWords"/> per label.</summary>
        public WordList Tissue;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Constant of the recipe: octaves beside the first.</summary>
        public int MoreOctaves;

        /// <summary>Worked out: 1 where no label has structure.</summary>
        public int IsUnstructured;
    }
}

/// <summary>What label 0 is in some samples, where it is the background.</summary>
/// <param name="Zero">Probability that it is 0 everywhere, 0 to 1.</param>
/// <param name="Dark">Probability that it has a mean and a deviation of its own, 0 to 1; with Zero at most 1 counts.</param>
/// <param name="Mean">That mean.</param>
/// <param name="Std">That deviation, at least 0.</param>
public sealed record TextureBackground(
    [property: Allowed(0, 1, Says = "Probability that label 0 is 0 everywhere. SynthSeg: 0.05; anatomix: 0.25.")] double Zero,
    [property: Allowed(0, 1, Says = "Probability that label 0 has the mean and the deviation below. SynthSeg: 0.25.")] double Dark,
    [property: Allowed(-1e6, 1e6, Says = "Mean of label 0 then. SynthSeg: uniform 0 to 15.")] Law Mean,
    [property: Allowed(0, 1e6, Says = "Standard deviation of label 0 then. SynthSeg: uniform 0 to 5.")] Law Std)
{
    /// <summary>What label 0 is: 0 a label as others, 1 dark, 2 zero.</summary>
    /// <param name="uniform">A uniform number, 0 to 1.</param>
    internal float KindOf(float uniform) => uniform < Zero ? 2 : uniform < Zero + Dark ? 1 : 0;
}
