using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Bones over the anatomies before them: a column of vertebrae with discs between, ribs in pairs, and long bones anywhere; cortex outside, marrow
/// inside, a label each. How they lie: BoneShapes; how one is: BonePiece.
/// Source: sizes of adult bones, our choice: ribs of radius 3 to 6 mm every 20 to 30 mm, cortex 1 to 4 mm thick.
/// </summary>
/// <param name="Vertebrae">Vertebrae of a sample, rounded to a whole number.</param>
/// <param name="VertebraRadiusOfSide">Radius of a vertebra as a fraction of the side, drawn once.</param>
/// <param name="SpacingOfSide">From a vertebra, and a rib, to the next as a fraction of the side, drawn once.</param>
/// <param name="DiscShare">Part of it that is disc, drawn once.</param>
/// <param name="RibPairs">Pairs of ribs of a sample, rounded to a whole number.</param>
/// <param name="RibRadiusOfSide">Radius of a rib as a fraction of the side, drawn once.</param>
/// <param name="RibTiltDegrees">How much the ribs fall towards the front, drawn once.</param>
/// <param name="CageDepthOfSide">Half of the cage from back to front as a fraction of the side, drawn once.</param>
/// <param name="CageWidthOfSide">Half of it from left to right, drawn once.</param>
/// <param name="LongBones">Long bones of a sample, rounded to a whole number.</param>
/// <param name="LongRadiusOfSide">Radius of a long bone as a fraction of the side, drawn for each.</param>
/// <param name="LengthOfRadius">Its length over its radius, drawn for each.</param>
/// <param name="CortexOfSide">Thickness of the cortex as a fraction of the side, drawn once.</param>
/// <param name="CentreOfSide">From the volume's middle to the cage's as a fraction of the side, drawn for each axis.</param>
[Component(
    "bones",
    Streams.BoneLaws,
    Source = "sizes of adult bones",
    Says = "Vertebrae, ribs and long bones over what stands before them, cortex and marrow a label each.",
    Example = "bones: { vertebrae: 12, vertebraRadiusOfSide: 0.07, spacingOfSide: 0.08, discShare: 0.2, ribPairs: 12, ribRadiusOfSide: 0.02, ribTiltDegrees: 25,"
        + " cageDepthOfSide: 0.3, cageWidthOfSide: 0.4, longBones: 2, longRadiusOfSide: 0.04, lengthOfRadius: 8, cortexOfSide: 0.012, centreOfSide: 0 }")]
public sealed partial record Bones(
    [property: Allowed(0, Bones.MostVertebrae, "vertebrae", Says = "Vertebrae of a sample, drawn once and rounded to a whole number.")]
    Law Vertebrae,
    [property: Allowed(0.005, 0.3, "of the side", Says = "Radius of a vertebra as a fraction of the side, drawn once.")]
    Law VertebraRadiusOfSide,
    [property: Allowed(0.01, 0.5, "of the side", Says = "From a vertebra, and a rib, to the next as a fraction of the side, drawn once.")]
    Law SpacingOfSide,
    [property: Allowed(0, 0.8, Says = "Part of the spacing that is disc between two vertebrae, drawn once.")]
    Law DiscShare,
    [property: Allowed(0, Bones.MostRibPairs, "pairs", Says = "Pairs of ribs of a sample, drawn once and rounded to a whole number.")]
    Law RibPairs,
    [property: Allowed(0.002, 0.1, "of the side", Says = "Radius of a rib as a fraction of the side, drawn once.")]
    Law RibRadiusOfSide,
    [property: Allowed(0, 60, "degrees", Says = "How much the ribs fall towards the front, drawn once.")]
    Law RibTiltDegrees,
    [property: Allowed(0.02, 1, "of the side", Says = "Half of the cage from back to front as a fraction of the side, drawn once.")]
    Law CageDepthOfSide,
    [property: Allowed(0.02, 1, "of the side", Says = "Half of the cage from left to right as a fraction of the side, drawn once.")]
    Law CageWidthOfSide,
    [property: Allowed(0, Bones.MostLongBones, "bones", Says = "Long bones of a sample, drawn once and rounded to a whole number.")]
    Law LongBones,
    [property: Allowed(0.005, 0.2, "of the side", Says = "Radius of a long bone as a fraction of the side, drawn for each.")]
    Law LongRadiusOfSide,
    [property: Allowed(0, 100, "radii", Says = "Length of a long bone between the middles of its ends, over its radius, drawn for each.")]
    Law LengthOfRadius,
    [property: Allowed(0.001, 0.1, "of the side", Says = "Thickness of the cortex as a fraction of the side, drawn once.")]
    Law CortexOfSide,
    [property: Allowed(-1, 1, "of the side", Says = "From the volume's middle to the cage's as a fraction of the side, drawn for each axis.")]
    Law CentreOfSide)
    : AnatomyComponent<Bones.Drawn>
{
    /// <summary>Straight pieces of a rib.</summary>
    public const int RibSegments = 10;

    private const int MostVertebrae = 24;
    private const int MostRibPairs = 12;
    private const int MostLongBones = 16;
    private const int MostPieces = MostVertebrae + (2 * MostRibPairs * RibSegments) + MostLongBones;

    // Elements of the stream: append only.
    private const uint VertebraeElement = 0;
    private const uint VertebraRadiusElement = 1;
    private const uint SpacingElement = 2;
    private const uint DiscElement = 3;
    private const uint RibPairsElement = 4;
    private const uint RibRadiusElement = 5;
    private const uint TiltElement = 6;
    private const uint CageDepthElement = 7;
    private const uint CageWidthElement = 8;
    private const uint LongBonesElement = 9;
    private const uint CortexElement = 10;
    private const uint CentreElement = 12;

    /// <inheritdoc/>
    public override bool Covers => false;

    /// <inheritdoc/>
    public override bool MayBeInside => true;

    /// <inheritdoc/>
    public override bool AddsLabels => true;

    /// <inheritdoc/>
    public override string MadeOf => "pieces";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => 2;

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostBones(in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceBones(in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => MostPieces * BonePiece.Words;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int side = drawing.Facts.Shape.Side;
        AxisNumbers centre = drawing.Axes(CentreOfSide, CentreElement);
        return new Drawn
        {
            Vertebrae = (int)MathF.Round(drawing.Number(Vertebrae, VertebraeElement)),
            VertebraRadiusVoxels = drawing.Number(VertebraRadiusOfSide, VertebraRadiusElement) * side,
            SpacingVoxels = drawing.Number(SpacingOfSide, SpacingElement) * side,
            DiscShare = drawing.Number(DiscShare, DiscElement),
            RibPairs = (int)MathF.Round(drawing.Number(RibPairs, RibPairsElement)),
            RibRadiusVoxels = drawing.Number(RibRadiusOfSide, RibRadiusElement) * side,
            TiltDegrees = drawing.Number(RibTiltDegrees, TiltElement),
            CageDepthVoxels = drawing.Number(CageDepthOfSide, CageDepthElement) * side,
            CageWidthVoxels = drawing.Number(CageWidthOfSide, CageWidthElement) * side,
            LongBones = (int)MathF.Round(drawing.Number(LongBones, LongBonesElement)),
            CortexVoxels = drawing.Number(CortexOfSide, CortexElement) * side,
            CentreVoxelsZyx = new AxisNumbers(centre.Z * side, centre.Y * side, centre.X * side),
            Stream = drawing.Stream(Streams.BonePieces),
            Pieces = drawing.List(MostPieces * BonePiece.Words),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        Check(in drawn);
        RandomPlace place = RowLayout.AnatomyPlace(MemoryMarshal.Cast<float, uint>(row), drawn.Stream);
        Span<BonePiece> pieces = MemoryMarshal.Cast<float, BonePiece>(row.Slice(drawn.Pieces.First, MostPieces * BonePiece.Words));
        drawn.Count = new BoneShapes(this, in drawn, facts.Shape, place).Fill(pieces);
    }

    private static void Check(in Drawn drawn)
    {
        float least = MathF.Min(MathF.Min(drawn.VertebraRadiusVoxels, drawn.RibRadiusVoxels), MathF.Min(drawn.CortexVoxels, drawn.SpacingVoxels));
        AxisNumbers from = drawn.CentreVoxelsZyx;
        float sum = drawn.VertebraRadiusVoxels + drawn.RibRadiusVoxels + drawn.CortexVoxels + drawn.SpacingVoxels
            + MathF.Abs(drawn.CageDepthVoxels) + MathF.Abs(drawn.CageWidthVoxels) + MathF.Abs(from.Z) + MathF.Abs(from.Y) + MathF.Abs(from.X);
        bool areCounts = drawn.Vertebrae is >= 0 and <= MostVertebrae && drawn.RibPairs is >= 0 and <= MostRibPairs
            && drawn.LongBones is >= 0 and <= MostLongBones;
        if (!areCounts || !(least > 0) || !(sum < 1e5f) || !(drawn.DiscShare is >= 0 and < 1) || !(MathF.Abs(drawn.TiltDegrees) < 80))
        {
            throw new ArgumentException(
                $"A number of the bones is no number, negative or too large (at most {MostVertebrae} vertebrae, {MostRibPairs} pairs of ribs, "
                + $"{MostLongBones} long bones); give back what was drawn, or other numbers of its kind.");
        }
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Vertebrae.</summary>
        [Recorded("vertebrae")]
        public int Vertebrae;

        /// <summary>Radius of a vertebra.</summary>
        [Recorded("vertebraRadiusVoxels")]
        public float VertebraRadiusVoxels;

        /// <summary>From a vertebra to the next.</summary>
        [Recorded("vertebraSpacingVoxels")]
        public float SpacingVoxels;

        /// <summary>Part of it that is disc.</summary>
        [Recorded("discShare")]
        public float DiscShare;

        /// <summary>Pairs of ribs.</summary>
        [Recorded("ribPairs")]
        public int RibPairs;

        /// <summary>Radius of a rib.</summary>
        [Recorded("ribRadiusVoxels")]
        public float RibRadiusVoxels;

        /// <summary>How much ribs fall towards the front.</summary>
        [Recorded("ribTiltDegrees")]
        public float TiltDegrees;

        /// <summary>Half of the cage from back to front.</summary>
        [Recorded("cageDepthVoxels")]
        public float CageDepthVoxels;

        /// <summary>Half of the cage from left to right.</summary>
        [Recorded("cageWidthVoxels")]
        public float CageWidthVoxels;

        /// <summary>Long bones.</summary>
        [Recorded("longBones")]
        public int LongBones;

        /// <summary>Thickness of the cortex.</summary>
        [Recorded("boneCortexVoxels")]
        public float CortexVoxels;

        /// <summary>From the volume's middle to the cage's; z is where the plane of an image cuts it.</summary>
        [Recorded("cageCentreVoxelsZyx")]
        public AxisNumbers CentreVoxelsZyx;

        /// <summary>Constant of the recipe: the stream of what is drawn for each long bone.</summary>
        public uint Stream;

        /// <summary>Worked out: <c>BonePiece</c>s; room for all that there may be.</summary>
        public WordList Pieces;

        /// <summary>Worked out: how many there are.</summary>
        public int Count;
    }
}
