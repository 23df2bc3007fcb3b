using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// Cupping: I -= d sqrt(max(0, 1 - (y - c_y)^2 / R_y^2 - (x - c_x)^2 / R_x^2)), in every plane z alike.
// Hardening by a square, p' = p - b p^2, of a disc of radius R and attenuation m, whose projections are p = 2 m sqrt(R^2 - s^2): b p^2 is the
// projection of (8 b m^2 / pi) sqrt(R^2 - r^2), for that of sqrt(R^2 - r^2) is (pi / 2) (R^2 - s^2). So d = 8 b m^2 R / pi, exactly.
// 8 B/voxel. Values: the same run to run on one device.

/// <summary>
/// The cup that beam hardening makes of a body: darker towards the middle of an ellipse, as left in CT without its correction. Exact for a disc
/// and a correction of second order. Source: the transform of Abel; J. Hsieh, Computed Tomography, SPIE 2003.
/// </summary>
/// <param name="Depth">d, how much darker the middle is, drawn once, at least 0, in the unit of the intensities.</param>
/// <param name="RadiusOfExtent">R over the sample's extent along y and x, drawn for each, 0.05 to 4; 0.5 reaches the borders.</param>
/// <param name="CentreOfExtent">c over the extent along y and x, drawn for each, 0 to 1; 0.5 is the middle.</param>
[Component(
    "cupping",
    84,
    Degrades = true,
    Source = "Hsieh 2003",
    Says = "Darker towards the middle of a body, as CT is by beam hardening.",
    Example = "hounsfield: { classes: { soft: 1, fat: 1 } }\ncupping: { depth: 80 }\nwindow: { level: 0, width: 350 }")]
public sealed record Cupping(
    [property: Allowed(0, 1e6, Says = "How much darker the middle is, drawn once. CT: uniform 0 to 60 HU.")] Law Depth,
    [property: Allowed(0.05, 4, Says = "Radius of the ellipse over the sample's extent, drawn for y and x; 0.5 reaches the borders.")]
    [property: Absent(0.45)]
    Law RadiusOfExtent,
    [property: Allowed(0, 1, Says = "Its centre over the extent, drawn for y and x; 0.5 is the middle.")]
    [property: Absent(0.5)]
    Law CentreOfExtent)
    : PlacedComponent<Cupping.Drawn>
{
    // Elements of the stream: append only.
    private const uint DepthElement = 0;
    private const uint RadiusElement = 1;
    private const uint CentreElement = 3;

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at) => HounsfieldUnits.Complaints(list, at);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => 4;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Depth = drawing.Number(Depth, DepthElement),
        RadiiOfExtent = drawing.Each(RadiusOfExtent, RadiusElement, 2),
        CentreOfExtent = drawing.Each(CentreOfExtent, CentreElement, 2),
    };

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        ReadOnlySpan<float> radii = row.Slice(drawn.RadiiOfExtent.First, 2);
        ReadOnlySpan<float> centre = row.Slice(drawn.CentreOfExtent.First, 2);
        drawn.Place = new VoxelPlace(facts.Shape);
        (drawn.PerVoxelY, drawn.OffsetY) = Ellipse.Along(facts.Shape.Height, radii[0], centre[0]);
        (drawn.PerVoxelX, drawn.OffsetX) = Ellipse.Along(facts.Shape.Width, radii[1], centre[1]);
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>How much darker the middle is.</summary>
        [Recorded("cuppingDepth")]
        public float Depth;

        /// <summary>Radii along y and x over the extent.</summary>
        [Recorded("cuppingRadiiOfExtentYx")]
        public WordList RadiiOfExtent;

        /// <summary>Centre along y and x over the extent.</summary>
        [Recorded("cuppingCentreOfExtentYx")]
        public WordList CentreOfExtent;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: radii per voxel along y.</summary>
        public float PerVoxelY;

        /// <summary>Worked out: how far the first voxel lies from the centre along y, in radii.</summary>
        public float OffsetY;

        /// <summary>Worked out: radii per voxel along x.</summary>
        public float PerVoxelX;

        /// <summary>Worked out: how far the first voxel lies from the centre along x, in radii.</summary>
        public float OffsetX;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Of(voxel, out F _, out F y, out F x);
            y = F.Fma(y, F.Of(drawn.PerVoxelY), F.Of(drawn.OffsetY));
            x = F.Fma(x, F.Of(drawn.PerVoxelX), F.Of(drawn.OffsetX));
            F inside = F.Max(F.Of(1f) - F.Fma(y, y, x * x), F.Of(0f));
            return F.Fma(F.Of(-drawn.Depth), F.Sqrt(inside), value);
        }
    }
}
