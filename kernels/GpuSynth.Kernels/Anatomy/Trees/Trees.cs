using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Branching tubes over the anatomies before it: vessels, airways, ducts. A voxel is in a tube where
/// s(x) = min over segments of |x - (a + t (b - a))| - (r_a + t (r_b - r_a)) is below 0, t the nearest place on the segment, 0 to 1; where tubes
/// of two kinds meet, the first kind is seen. How trees grow: TreeGrowth. A wall lies around the lumen, as in vessels and airways: radii are those
/// of the lumen, as in Murray's law. It is where s of radii 1 + w times as large is below 0, and no lumen is there, its own or another's.
/// Source: Murray, PNAS 12, 1926; the centre lines of Blochet et al., synthspline.
/// </summary>
/// <param name="Count">Trees of a sample, rounded to a whole number.</param>
/// <param name="Kinds">Kinds of trees, a label each: 2 for arteries and veins, which take turns.</param>
/// <param name="RootRadiusOfSide">Radius of a root as a fraction of the side, drawn for each tree.</param>
/// <param name="LeastRadiusOfSide">Where a tree ends, drawn once; half a voxel where it is less.</param>
/// <param name="MurrayExponent">k of r_p^k = r_1^k + r_2^k, drawn once.</param>
/// <param name="Asymmetry">Radius of the smaller of two branches over that of the larger, drawn for each branching.</param>
/// <param name="LengthOfRadius">Length of a branch over its radius, drawn for each branch.</param>
/// <param name="Tortuosity">T of TreeGrowth, drawn once; 1 is straight.</param>
/// <param name="RadiusJitter">Standard deviation of the radius's logarithm along a branch.</param>
/// <param name="InsideChance">Probability that all trees begin at one point inside; else each enters from a face.</param>
/// <param name="WallOfRadius">
/// w, drawn once: the wall's thickness over the radius, for what bears a pressure needs a wall in proportion to its radius (Laplace).
/// 0 in all samples: none, and no label.
/// </param>
/// <param name="ThickerVoxels">
/// What every radius is larger by once trees have grown, drawn once: what a mask gains where it is smoothed and thresholded low, as a Gaussian of
/// deviation 1 and 0.2 add 0.84 voxels to a plane. 0: nothing.
/// </param>
[Component(
    "trees",
    Streams.TreeLaws,
    Source = "Murray 1926",
    Says = "Branching tubes over what stands before them, a label each kind: vessels, airways, ducts.",
    Example = "trees: { count: 6, kinds: 2, rootRadiusOfSide: 0.015, leastRadiusOfSide: 0.004, murrayExponent: 2.7, asymmetry: 0.7, lengthOfRadius: 12,"
        + " tortuosity: 2, radiusJitter: 0.06, insideChance: 0.5, wallOfRadius: 0.5 }")]
public sealed partial record Trees(
    [property: Allowed(1, Trees.MostTrees, "trees", Says = "Trees of a sample, drawn once and rounded to a whole number.")]
    Law Count,
    [property: Allowed(1, Trees.MostKinds, "kinds", Says = "Kinds of trees, a label each: 2 for arteries and veins, which take turns.")]
    int Kinds,
    [property: Allowed(0.0005, 0.2, "of the side", Says = "Radius of a root as a fraction of the side, drawn for each tree.")]
    Law RootRadiusOfSide,
    [property: Allowed(
        0, 0.05, "of the side", Says = "Radius below which there are no branches, drawn once; never below half a voxel.")]
    Law LeastRadiusOfSide,
    [property: Allowed(2, 6, Says = "Murray's exponent, drawn once: 3 costs the least; 2 keeps the cross-section.")]
    Law MurrayExponent,
    [property: Allowed(0.1, 1, Says = "Radius of the smaller of two branches over that of the larger, drawn for each branching.")]
    Law Asymmetry,
    [property: Allowed(2, 200, "radii", Says = "Length of a branch over its radius, drawn for each branch.")]
    Law LengthOfRadius,
    [property: Allowed(1, 20, Says = "How winding the branches are, drawn once: 1 is straight.")]
    Law Tortuosity,
    [property: Allowed(0, 0.5, Says = "Standard deviation of the radius's logarithm along a branch.")]
    double RadiusJitter,
    [property: Allowed(0, 1, Says = "Probability that all trees begin at one point inside; else each enters from a face.")]
    double InsideChance,
    [property: Allowed(
        0, 2, "radii", Says = "Thickness of a wall over the radius, drawn once, with a label for each kind behind the tubes'; 0 in all samples: none.")]
    [property: Absent(0)]
    Law WallOfRadius,
    [property: Allowed(
        0, 16, "voxels", Says = "What every grown radius is larger by, drawn once. vesselFM's smoothed masks: 0.84 in nine samples of ten.")]
    [property: Absent(0)]
    Law ThickerVoxels)
    : AnatomyComponent<Trees.Drawn>
{
    /// <summary>Trees of a sample at most.</summary>
    public const int MostTrees = 16;

    private const int MostKinds = 2;

    // Elements of the stream: append only.
    private const uint CountElement = 0;
    private const uint LeastRadiusElement = 1;
    private const uint ExponentElement = 2;
    private const uint TortuosityElement = 3;
    private const uint InsideElement = 4;
    private const uint WallElement = 5;
    private const uint ThickerElement = 6;
    private const uint RootRadiusElement = 64;

    private static readonly UniformLaw Unit = new(0, 1);

    private bool HasWalls => WallOfRadius.Maximum > 0;

    /// <inheritdoc/>
    public override bool Covers => false;

    /// <inheritdoc/>
    public override bool MayBeInside => true;

    /// <inheritdoc/>
    public override bool AddsLabels => true;

    /// <inheritdoc/>
    public override string MadeOf => "segments";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => HasWalls ? 2 * Kinds : Kinds;

    /// <summary>All lumens are of one kind, for their trees are drawn alike, and all walls.</summary>
    public override int[]? KindTable(VolumeShape shape) =>
        [.. Enumerable.Range(0, LabelCount(shape, null)).Select(label => label < Kinds ? 0 : Kinds)];

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostTrees(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceTrees(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => MostTrees + (TreeBranch.Most * TreeBranch.Words);

    /// <inheritdoc/>
    public override IEnumerable<string> ComplaintsAt(VolumeShape shape)
    {
        int shortest = Math.Min(shape.Height, shape.Width);
        shortest = shape.Dimensions == 3 ? Math.Min(shortest, shape.Depth) : shortest;
        double thickest = Math.Max(0.5, RootRadiusOfSide.Maximum * shape.Side);
        return 2 * thickest <= shortest ? [] :
        [
            $"draws roots of up to {NumberText.Of(Math.Round(2 * thickest, 1))} voxels across, and the shortest axis of {shape} has {shortest}: "
            + $"they find no room; lower rootRadiusOfSide to {NumberText.Of(Math.Floor(5000.0 * shortest / shape.Side) / 10000)} at most, "
            + "or take a larger size",
        ];
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int count = (int)MathF.Round(drawing.Number(Count, CountElement));
        int side = drawing.Facts.Shape.Side;
        WordList radii = drawing.List(MostTrees);
        Span<float> numbers = drawing.Numbers(radii);
        for (int tree = 0; tree < count; tree++)
        {
            numbers[tree] = drawing.Number(RootRadiusOfSide, RootRadiusElement + (uint)tree) * side;
        }

        return new Drawn
        {
            Count = count,
            RootRadiusVoxels = new WordList(radii.First, count),
            LeastRadiusVoxels = drawing.Number(LeastRadiusOfSide, LeastRadiusElement) * side,
            MurrayExponent = drawing.Number(MurrayExponent, ExponentElement),
            Tortuosity = drawing.Number(Tortuosity, TortuosityElement),
            IsFromInside = drawing.Number(Unit, InsideElement) < InsideChance ? 1 : 0,
            WallOfRadius = drawing.Number(WallOfRadius, WallElement),
            ThickerVoxels = drawing.Number(ThickerVoxels, ThickerElement),
            Stream = drawing.Stream(Streams.TreeBranches),
            Nodes = drawing.List(TreeBranch.Most * TreeBranch.Words),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        ReadOnlySpan<float> radii = row.Slice(drawn.RootRadiusVoxels.First, drawn.RootRadiusVoxels.Count);
        Check(in drawn, radii);
        RandomPlace place = RowLayout.AnatomyPlace(MemoryMarshal.Cast<float, uint>(row), drawn.Stream);
        var growth = new TreeGrowth(this, in drawn, facts.Shape, place);
        Span<TreeBranch> grown = stackalloc TreeBranch[TreeBranch.Most];
        Span<float> nodes = row.Slice(drawn.Nodes.First, TreeBranch.Most * TreeBranch.Words);
        int first = growth.Grow(0, radii, grown[..(TreeBranch.Most / Kinds)], nodes);
        int second = Kinds == 1 ? 0 : growth.Grow(1, radii, grown[first..], nodes[(first * TreeBranch.Words)..]);
        drawn.FirstKindSegments = first * TreeBranch.Segments;
        drawn.Segments = (first + second) * TreeBranch.Segments;
        drawn.Nodes = new WordList(drawn.Nodes.First, (first + second) * TreeBranch.Words);
        drawn.Outer = 1 + drawn.WallOfRadius;
        for (int word = TreeBranch.RadiusWord; word < drawn.Nodes.Count; word += TreeBranch.NodeWords)
        {
            nodes[word] += drawn.ThickerVoxels;
        }
    }

    private void Check(in Drawn drawn, ReadOnlySpan<float> radii)
    {
        if (drawn.Count != radii.Length || radii.Length is < 1 or > MostTrees)
        {
            throw new ArgumentException(
                $"treeCount is {drawn.Count} and treeRootRadiusVoxels has {radii.Length} numbers; give 1 to {MostTrees} trees a radius each.");
        }

        float least = drawn.LeastRadiusVoxels;
        foreach (float radius in radii)
        {
            least = radius >= 0 && float.IsFinite(radius) ? least : float.NaN;
        }

        if (drawn.WallOfRadius > 0 && !HasWalls)
        {
            throw new ArgumentException(
                $"treeWallOfRadius is {drawn.WallOfRadius}, and the recipe has no label for walls; give 0, or the recipe wallOfRadius.");
        }

        least = MathF.Min(least, MathF.Min(drawn.WallOfRadius, drawn.ThickerVoxels));
        if (!(least >= 0) || !(drawn.MurrayExponent >= 1) || !(drawn.Tortuosity >= 0)
            || !float.IsFinite(drawn.LeastRadiusVoxels + drawn.MurrayExponent + drawn.Tortuosity + drawn.WallOfRadius + drawn.ThickerVoxels))
        {
            throw new ArgumentException(
                "A number of trees is no number, negative, or a Murray exponent below 1; give back what was drawn, or other numbers of its kind.");
        }
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Trees.</summary>
        [Recorded("treeCount")]
        public int Count;

        /// <summary>Radius of each tree's root, in voxels.</summary>
        [Recorded("treeRootRadiusVoxels")]
        public WordList RootRadiusVoxels;

        /// <summary>Radius below which there are no branches, in voxels; below half a voxel that is meant.</summary>
        [Recorded("treeLeastRadiusVoxels")]
        public float LeastRadiusVoxels;

        /// <summary>Murray's exponent.</summary>
        [Recorded("treeMurrayExponent")]
        public float MurrayExponent;

        /// <summary>How winding the branches are.</summary>
        [Recorded("treeTortuosity")]
        public float Tortuosity;

        /// <summary>Whether all trees begin at one point inside.</summary>
        [Recorded("treesFromInside", Kind = RecordedKind.Flag)]
        public int IsFromInside;

        /// <summary>Thickness of a wall over the radius.</summary>
        [Recorded("treeWallOfRadius")]
        public float WallOfRadius;

        /// <summary>What every radius is larger by, in voxels.</summary>
        [Recorded("treeThickerVoxels")]
        public float ThickerVoxels;

        /// <summary>Constant of the recipe: the stream of what is drawn for each branch.</summary>
        public uint Stream;

        /// <summary>
        /// Worked out: the branches, those of the first kind first: z, y, x and radius in voxels of seven nodes each. Room for all that may grow.
        /// </summary>
        public WordList Nodes;

        /// <summary>Worked out: segments, six of each branch.</summary>
        public int Segments;

        /// <summary>Worked out: segments of the first kind.</summary>
        public int FirstKindSegments;

        /// <summary>Worked out: radius of the walls' outside over that of the lumen; 1: no walls.</summary>
        public float Outer;
    }
}
