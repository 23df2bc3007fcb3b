using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// Shell: s(p) = s_0(p) + A (1 - 2 min(|f(p)|, 1)),  s_0 the ellipsoid's (Ellipsoid), f fractal lattice noise of deviation 1.
//   Where f is 0 the surface lies A deeper: furrows, as of a folded cortex, with A 0 a smooth shell. Layer j is where
//   t_1 + ... + t_j-1 <= -s < t_1 + ... + t_j; the core lies deeper than all of them. |s - s_0| <= A: what is surely outside or core needs no noise.
//   A layer is t thick across where s has slope 1, and thinner on the flanks of folds that are deep for their width.

/// <summary>
/// Nested layers around a core: cortex, gut, skin and fat, retina; smooth or folded. Painted over the anatomies before it, a label for each layer from
/// outside, then one for the core, which may stay what it was.
/// Source: signed distances and ridged noise, as in computer graphics; the laws are ours.
/// </summary>
/// <param name="RadiusOfSide">Radius of the ellipsoid as a fraction of the side, drawn once.</param>
/// <param name="StretchOfRadius">Its radius along an axis over that, drawn for each axis.</param>
/// <param name="CentreOfSide">From the volume's middle to the ellipsoid's as a fraction of the side, drawn for each axis.</param>
/// <param name="Layers">Layers beside the core.</param>
/// <param name="ThicknessOfSide">t_j as a fraction of the side, drawn for each layer.</param>
/// <param name="FoldOfSide">A as a fraction of the side, drawn once.</param>
/// <param name="FoldSpacingOfSide">Spacing of the noise's first octave as a fraction of the side, drawn once; a voxel at least.</param>
/// <param name="Octaves">Octaves of the noise, each twice as wide as the one before and as strong.</param>
/// <param name="Core">Whether the core has a label; else what lies deeper than the layers stays what it was.</param>
[Component(
    "shell",
    Streams.ShellLaws,
    Source = "signed distances, ridged noise",
    Says = "Nested layers around a core, smooth or folded, over what stands before them: cortex, gut, skin.",
    Example = "shell: { radiusOfSide: 0.42, stretchOfRadius: 1, centreOfSide: 0, layers: 2, thicknessOfSide: 0.04, foldOfSide: 0.035, foldSpacingOfSide: 0.15,"
        + " octaves: 2, core: true }")]
public sealed partial record Shell(
    [property: Allowed(0.02, 2, "of the side", Says = "Radius as a fraction of the side, drawn once.")]
    Law RadiusOfSide,
    [property: Allowed(0.2, 5, "radii", Says = "Radius along an axis over that, drawn for each axis.")]
    Law StretchOfRadius,
    [property: Allowed(-1, 1, "of the side", Says = "From the volume's middle to the shell's, as a fraction of the side, drawn for each axis.")]
    Law CentreOfSide,
    [property: Allowed(1, Shell.MostLayers, "layers", Says = "Layers beside the core, a label each from outside inwards.")]
    int Layers,
    [property: Allowed(0.001, 0.5, "of the side", Says = "Thickness of a layer as a fraction of the side, drawn for each. A cortex: 0.016 to 0.047.")]
    Law ThicknessOfSide,
    [property: Allowed(0, 0.2, "of the side", Says = "Depth of the folds as a fraction of the side, drawn once: 0 is smooth. A cortex: 0.015 to 0.04.")]
    Law FoldOfSide,
    [property: Allowed(0.005, 1, "of the side", Says = "Width of the folds as a fraction of the side, drawn once. A cortex: 0.1 to 0.2.")]
    Law FoldSpacingOfSide,
    [property: Allowed(1, 4, "octaves", Says = "Octaves of the folds, each twice as wide as the one before and as strong.")]
    int Octaves,
    [property: Says("Whether the core gets a label too, the last; else what lies deeper than the layers stays what it was.")]
    bool Core)
    : AnatomyComponent<Shell.Drawn>
{
    /// <summary>Layers at most.</summary>
    public const int MostLayers = 8;

    // Elements of the stream: append only.
    private const uint RadiusElement = 0;
    private const uint FoldElement = 1;
    private const uint SpacingElement = 2;
    private const uint StretchElement = 4;
    private const uint CentreElement = 8;
    private const uint OffsetElement = 12;
    private const uint ThicknessElement = 64;

    /// <inheritdoc/>
    public override bool Covers => false;

    /// <inheritdoc/>
    public override bool MayBeInside => true;

    /// <inheritdoc/>
    public override bool AddsLabels => true;

    /// <inheritdoc/>
    public override string MadeOf => "lattices";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => Layers + (Core ? 1 : 0);

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostShell(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceShell(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (2 * Layers) + (LatticeWords.Count * Octaves);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        VolumeShape shape = drawing.Facts.Shape;
        Law steps = LatticeOffsets.Of(shape);
        AxisNumbers centre = drawing.Axes(CentreOfSide, CentreElement);
        return new Drawn
        {
            RadiusVoxels = drawing.Number(RadiusOfSide, RadiusElement) * shape.Side,
            StretchZyx = drawing.Axes(StretchOfRadius, StretchElement),
            CentreVoxelsZyx = new AxisNumbers(centre.Z * shape.Side, centre.Y * shape.Side, centre.X * shape.Side),
            FoldVoxels = drawing.Number(FoldOfSide, FoldElement) * shape.Side,
            FoldSpacingVoxels = drawing.Number(FoldSpacingOfSide, SpacingElement) * shape.Side,
            OffsetZyx = drawing.Axes(steps, OffsetElement),
            ThicknessVoxels = drawing.Each(ThicknessOfSide, ThicknessElement, Layers, shape.Side),
            Depths = drawing.List(Layers),
            Lattices = drawing.List(LatticeWords.Count * Octaves),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        float depth = 0;
        for (int layer = 0; layer < Layers; layer++)
        {
            float thickness = row[drawn.ThicknessVoxels.First + layer];
            depth += thickness >= 0 ? thickness : float.NaN;
            row[drawn.Depths.First + layer] = depth;
        }

        Check(facts.Shape, in drawn, depth);
        drawn.Deepest = depth;

        // Octaves as FractalNoise has them: each looks elsewhere into the tile than the one before.
        float strength = (float)FractalNoise.FirstStrength(Octaves, 0);
        float perVoxel = 1 / MathF.Max(1, drawn.FoldSpacingVoxels);
        Span<float> offset = [drawn.OffsetZyx.Z, drawn.OffsetZyx.Y, drawn.OffsetZyx.X];
        for (int octave = 0; octave < Octaves; octave++)
        {
            LatticeWords.Write(row.Slice(drawn.Lattices.First + (octave * LatticeWords.Count), LatticeWords.Count), strength, perVoxel, offset);
            perVoxel /= 2;
            for (int axis = 0; axis < offset.Length; axis++)
            {
                offset[axis] = (offset[axis] / 2) + FractalNoise.Shift;
            }
        }

        VolumeShape shape = facts.Shape;
        (float radius, AxisNumbers stretch, AxisNumbers from) = (drawn.RadiusVoxels, drawn.StretchZyx, drawn.CentreVoxelsZyx);
        drawn.Blob = new Ellipsoid(
            new AxisNumbers(
                shape.Dimensions == 3 ? ((shape.Depth - 1) / 2f) + from.Z : 0, ((shape.Height - 1) / 2f) + from.Y, ((shape.Width - 1) / 2f) + from.X),
            new AxisNumbers(radius * stretch.Z, radius * stretch.Y, radius * stretch.X),
            shape.Dimensions);
    }

    private static void Check(VolumeShape shape, in Drawn drawn, float depth)
    {
        (AxisNumbers stretch, AxisNumbers from, AxisNumbers offset) = (drawn.StretchZyx, drawn.CentreVoxelsZyx, drawn.OffsetZyx);
        float sum = depth + drawn.FoldVoxels + drawn.FoldSpacingVoxels + (drawn.RadiusVoxels * (stretch.Y + stretch.X + stretch.Z))
            + MathF.Abs(from.Z) + MathF.Abs(from.Y) + MathF.Abs(from.X) + MathF.Abs(offset.Z) + MathF.Abs(offset.Y) + MathF.Abs(offset.X);
        float least = MathF.Min(drawn.RadiusVoxels, MathF.Min(stretch.Y, stretch.X));
        least = shape.Dimensions == 3 ? MathF.Min(least, stretch.Z) : least;
        if (!(least > 0) || !(drawn.FoldVoxels >= 0) || !(sum < 1e6f))
        {
            throw new ArgumentException(
                "A number of the shell is no number, negative, too large, or a radius not above 0; give back what was drawn, or other numbers of its kind.");
        }
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Radius.</summary>
        [Recorded("shellRadiusVoxels")]
        public float RadiusVoxels;

        /// <summary>Radius along each axis over that; z is nothing to an image.</summary>
        [Recorded("shellStretchZyx")]
        public AxisNumbers StretchZyx;

        /// <summary>From the volume's middle to the shell's; z is nothing to an image.</summary>
        [Recorded("shellCentreVoxelsZyx")]
        public AxisNumbers CentreVoxelsZyx;

        /// <summary>Depth of the folds.</summary>
        [Recorded("shellFoldVoxels")]
        public float FoldVoxels;

        /// <summary>Width of the folds.</summary>
        [Recorded("shellFoldSpacingVoxels")]
        public float FoldSpacingVoxels;

        /// <summary>Where the tile of the folds begins along z, y, x, in lattice steps; z is nothing to an image.</summary>
        [Recorded("shellOffsetZyx")]
        public AxisNumbers OffsetZyx;

        /// <summary>Thickness of each layer, from outside.</summary>
        [Recorded("shellThicknessVoxels")]
        public WordList ThicknessVoxels;

        /// <summary>Worked out: where each layer ends, in voxels below the surface.</summary>
        public WordList Depths;

        /// <summary>Worked out: <c>LatticeWords</c> of each octave.</summary>
        public WordList Lattices;

        /// <summary>Worked out: where the last layer ends.</summary>
        internal float Deepest;

        /// <summary>Worked out: the shell without folds.</summary>
        internal Ellipsoid Blob;

        /// <summary>s, of the distance without folds and the noise.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static F Folded<F, U>(in Drawn drawn, F distance, F noise)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F ridge = F.Fma(F.Of(-2f), F.Min(F.Abs(noise), F.Of(1f)), F.Of(1f));
            return F.Fma(F.Of(drawn.FoldVoxels), ridge, distance);
        }
    }
}

/// <summary>The labels of a shell.</summary>
internal readonly struct ShellLabels(Shell shell, RowEntry entry)
{
    /// <summary>The outermost layer's label.</summary>
    public readonly int First = entry.FirstLabel;

    /// <summary>Layers; the core's label stands behind theirs.</summary>
    public readonly int Layers = shell.Layers;

    /// <summary>1 where the core has a label; else 0.</summary>
    public readonly int HasCore = shell.Core ? 1 : 0;
}
