namespace GpuSynth.Kernels;

// SoftContrast: I = m_l + s_l sum_k w_k (m_k - m_l),  w = softmax(g / t),  g the scores of Gaussians' organs with their noise and, first, of its background;
//   l the voxel's label, m_k the mean of organ k's label; s_l is 1 of labels of organs and of the background, 0 of parts and of what other anatomies paint.
//   So the sum is that of w_k m_k. The label's organ has the largest score, and with it the largest weight: only a border is soft, and no label moves.
//   With D the least difference of scores that decides a voxel, what is left of others is below K e^(-D / t): t -> 0 is Contrast.
// 9 B/voxel; per organ 14 words of the row, an exponential and, with noise, 2^d numbers of a tile. Values: the same run to run on one device.
// Reference: SoftContrast.Reference.cs.

/// <summary>
/// Intensities of labels that pass into each other where organs of <see cref="Gaussians"/> and its background meet: the mean of all their intensities by
/// the softmax of the scores that the labels are the largest of. Wider where scores differ little, as between blobs far from both middles. Labels stay
/// what they are; parts, and what other anatomies paint, have hard borders. A sample without the Gaussian blobs is that of <see cref="Contrast"/>.
/// Source: RaSD (arXiv 2602.12317), whose abstract speaks of "randomized Gaussian distributions"; the weights are how probable each component of a
/// mixture of Gaussians is at a place (C. M. Bishop, Pattern Recognition and Machine Learning, 2006, 9.2), tempered; the laws are ours.
/// </summary>
/// <param name="Mean">Mean intensity, drawn per label, one for labels of one tissue.</param>
/// <param name="Temperature">t, drawn once, 0 to 10; below 0.001 borders are hard.</param>
[Component(
    "softContrast",
    69,
    Source = "RaSD, its abstract taken at its word",
    Says = "Mean intensity per label; organs of gaussians and their background pass softly into each other.",
    Example = "gaussians: { organs: 7, parts: 1, levels: 2, labelEachBlob: 1, sizeOfSide: { uniform: [0.1, 0.2] }, elongation: { uniform: [1, 2.5] },"
        + " logWeight: 0, partSize: 0.3, roughness: 0.2 }\nsoftContrast: { mean: { uniform: [0, 1] }, temperature: 0.3 }")]
public sealed partial record SoftContrast(
    [property: Allowed(-1e6, 1e6, PerLabel = true, Says = "Mean intensity, drawn per label; perLabel: the last law is every further label's too.")]
    Law Mean,
    [property: Allowed(0, 10, Says = "How soft borders between organs are, in units of their scores, drawn once: 0 is contrast. Like organs: 0.05 to 0.5.")]
    Law Temperature)
    : LinkedComponent<SoftContrast.Drawn, SoftContrastLink>, ITableComponent
{
    /// <summary>Below it, the borders are hard: what is soft of them is far below a voxel.</summary>
    public const float LeastTemperature = 1e-3f;

    // Elements of the stream, that of a label in its low byte: append only.
    private const uint MeanElement = 0;
    private const uint TemperatureElement = 1 << 8;

    /// <inheritdoc/>
    public override bool Begins => true;

    /// <inheritdoc/>
    public override bool ReadsLabels => true;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (2 * facts.LabelCount) + Gaussians.HighestOrgans;

    /// <inheritdoc/>
    public override IEnumerable<string> ComplaintsOf(IReadOnlyList<Component> anatomy)
    {
        int[] found = [.. Enumerable.Range(0, anatomy.Count).Where(at => anatomy[at] is Gaussians)];
        if (found.Length != 1)
        {
            yield return found.Length == 0
                ? "softens the borders of gaussians, and the anatomy has none; add it, or put contrast here"
                : $"softens the borders of one gaussians, and the anatomy has {NumberText.Of(found.Length)}; take the others away, or put contrast here";
            yield break;
        }

        if (((Gaussians)anatomy[found[0]]).Inside is not null)
        {
            yield return "softens the borders of gaussians, and here it lies inside labels of others; take inside away, or put contrast here";
        }

        if (anatomy.Skip(found[0] + 1).FirstOrDefault(static one => one is IAnatomyComponent { Relabels: true }) is { } other)
        {
            yield return $"softens borders where gaussians has drawn them, and {other.Name} behind it moves or changes labels; take {other.Name} away, "
                + "or put contrast here";
        }
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Means = drawing.EachLabel(Mean, MeanElement),
        Temperature = drawing.Number(Temperature, TemperatureElement),
        Softness = drawing.List(drawing.Facts.LabelCount),
        OrganMeans = drawing.List(Gaussians.HighestOrgans),
    };

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        LaunchCheck.Finite(drawn.Temperature, nameof(drawn.Temperature));
        Span<float> softness = row.Slice(drawn.Softness.First, drawn.Softness.Count);
        softness.Clear();
        row.Slice(drawn.OrganMeans.First, drawn.OrganMeans.Count).Clear();
        drawn.Place = new VoxelPlace(facts.Shape);
        drawn.WriteBlobs(SoftBlobs.Of(in facts), row);
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new SoftContrastStep(in place);

    /// <inheritdoc/>
    public DeviceTable CreateTable(in StepPlace place)
    {
        SoftBlobs blobs = SoftBlobs.Of(place.Facts);
        return new TileTable("soft contrast tile", place.Facts.Shape, blobs.TileStream, ofAppearance: false, isUsed: blobs.HasNoise);
    }

    /// <inheritdoc/>
    protected override SoftContrastLink LinkAt(in StepPlace place) => new(in place);

    /// <summary>What is drawn. It begins as that of <see cref="Contrast"/>.</summary>
    public struct Drawn
    {
        /// <summary>Mean intensity per label.</summary>
        [Recorded("softContrastMeans")]
        public WordList Means;

        /// <summary>How soft borders are.</summary>
        [Recorded("softContrastTemperature")]
        public float Temperature;

        /// <summary>Worked out: 1 of a label that passes softly into others, 0 of one that does not.</summary>
        public WordList Softness;

        /// <summary>Worked out: mean intensity per organ.</summary>
        public WordList OrganMeans;

        /// <summary>Worked out: the organs' <see cref="GaussianWords"/>, which are the anatomy's own; a blob of zeros where there are none.</summary>
        public WordList Blobs;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: organs; 0 where every border is hard.</summary>
        public int Organs;

        /// <summary>Worked out: 1 / t; 0 where every border is hard.</summary>
        public float PerTemperature;

        /// <summary>Worked out: the background's score.</summary>
        public float Stay;

        /// <summary>Worked out: its mean intensity.</summary>
        public float Background;

        /// <summary>Worked out: strength of the noise in the scores.</summary>
        public float Roughness;

        /// <summary>Worked out: its lattice steps per voxel.</summary>
        public float StepsPerVoxel;

        /// <summary>Worked out: where the first voxel lies in it along z, in lattice steps.</summary>
        public float PhaseZ;

        /// <summary>Worked out: along y.</summary>
        public float PhaseY;

        /// <summary>Worked out: along x.</summary>
        public float PhaseX;

        /// <summary>Finds the sample's blobs in its row, where it has some and borders are not hard.</summary>
        internal void WriteBlobs(SoftBlobs found, Span<float> row)
        {
            (Organs, PerTemperature, Stay, Background, Roughness) = (0, 0, 0, row[Means.First], 0);
            Blobs = new WordList(RowLayout.Zeros, GaussianWords.Count);
            if (Temperature < LeastTemperature || !found.AreIn(row))
            {
                return;
            }

            Gaussians.Drawn blobs = found.Drawn(row);
            (Organs, PerTemperature, Stay) = (blobs.Organs, 1 / Temperature, blobs.StayScore);
            (Roughness, StepsPerVoxel) = (blobs.Roughness, blobs.StepsPerVoxel);
            (PhaseZ, PhaseY, PhaseX) = (blobs.Phase.Z, blobs.Phase.Y, blobs.Phase.X);
            Blobs = new WordList(blobs.Blobs.First, GaussianWords.Count * blobs.Organs);
            Background = row[Means.First + found.Lift];
            row[Softness.First + found.Lift] = 1;
            for (int organ = 0; organ < Organs; organ++)
            {
                int label = found.Lift + (int)row[blobs.Labels.First + organ];
                row[Softness.First + label] = 1;
                row[OrganMeans.First + organ] = row[Means.First + label];
            }
        }
    }
}
