using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// Rings: I += g(r), r the distance from the isocentre in the plane; g is looked up in a table and linear between its numbers.
// 8 B/voxel, and two numbers of the table. Values: the same run to run on one device.

/// <summary>
/// The rings that detectors of wrong gain leave in CT: over a full turn a detector's error is a circle about the isocentre, the same in every
/// plane z, dark beside what is bright. g is the filtered back-projection of the errors, <see cref="RingProfile"/>. Source: the transforms of
/// Radon and Abel; ramp by G. N. Ramachandran, A. V. Lakshminarayanan, PNAS 68 (1971) 2236.
/// </summary>
/// <param name="Count">Detectors of wrong gain, drawn once, 0 to 32; the nearest whole number counts.</param>
/// <param name="Strength">How much brighter or darker a ring is at its own radius, drawn for each, at least 0; one in two is dark.</param>
/// <param name="CentreOfExtent">The isocentre over the sample's extent along y and x, drawn for each, 0 to 1; 0.5 is the middle.</param>
[Component(
    "rings",
    83,
    Degrades = true,
    Source = "Ramachandran 1971",
    Says = "Bright and dark rings, as detectors of wrong gain leave them in CT.",
    Example = "hounsfield: { classes: { soft: 1, fat: 1 } }\nrings: { count: 8, strength: 40 }\nwindow: { level: 0, width: 350 }")]
public sealed record Rings(
    [property: Allowed(0, Rings.Most, Says = "Detectors of wrong gain, drawn once and rounded. CT: integer 3 to 20.")] Law Count,
    [property: Allowed(0, 1e6, Says = "How bright or dark a ring is, drawn for each; one in two is dark. CT: log-uniform 2 to 40 HU.")]
    Law Strength,
    [property: Allowed(0, 1, Says = "Their centre over the sample's extent, drawn for y and x; 0.5 is the middle.")]
    [property: Absent(0.5)]
    Law CentreOfExtent)
    : PlacedComponent<Rings.Drawn>
{
    /// <summary>The most detectors of wrong gain.</summary>
    public const int Most = 32;

    // Elements of the stream: append only.
    private const uint CountElement = 0;
    private const uint CentreElement = 1;
    private const uint StrengthElement = 1 << 8;
    private const uint RadiusElement = 2 << 8;
    private const uint SignElement = 3 << 8;
    private static readonly UniformLaw Unit = new(0, 1);
    private static readonly ChoiceLaw Sign = new([-1, 1]);

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at) => HounsfieldUnits.Complaints(list, at);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => 2 + (3 * Most) + RingProfile.Length(facts.Shape);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int count = (int)MathF.Round(drawing.Number(Count, CountElement));
        VolumeShape shape = drawing.Facts.Shape;
        return new Drawn
        {
            CentreOfExtent = drawing.Each(CentreOfExtent, CentreElement, 2),
            Strengths = drawing.Each(Strength, StrengthElement, count),
            Radii = drawing.Each(Unit, RadiusElement, count, Math.Max(shape.Height, shape.Width) / 2f),
            Signs = drawing.Each(Sign, SignElement, count),
            Profile = drawing.List(RingProfile.Length(shape)),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        VolumeShape shape = facts.Shape;
        drawn.Place = new VoxelPlace(shape);
        drawn.CentreY = (row[drawn.CentreOfExtent.First] * shape.Height) - 0.5f;
        drawn.CentreX = (row[drawn.CentreOfExtent.First + 1] * shape.Width) - 0.5f;
        RingProfile.Write(
            row.Slice(drawn.Radii.First, drawn.Radii.Count),
            row.Slice(drawn.Strengths.First, drawn.Strengths.Count),
            row.Slice(drawn.Signs.First, drawn.Signs.Count),
            row.Slice(drawn.Profile.First, drawn.Profile.Count));
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>The isocentre along y and x over the extent.</summary>
        [Recorded("ringsCentreOfExtentYx")]
        public WordList CentreOfExtent;

        /// <summary>How bright or dark each ring is.</summary>
        [Recorded("ringsStrengths")]
        public WordList Strengths;

        /// <summary>Radius of each ring, in voxels; the nearest whole number counts.</summary>
        [Recorded("ringsRadiiVoxels")]
        public WordList Radii;

        /// <summary>1 of bright rings, -1 of dark ones.</summary>
        [Recorded("ringsSigns")]
        public WordList Signs;

        /// <summary>Worked out: g at whole distances from the isocentre.</summary>
        public WordList Profile;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: the isocentre along y, in voxels.</summary>
        public float CentreY;

        /// <summary>Worked out: the isocentre along x, in voxels.</summary>
        public float CentreX;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Of(voxel, out F _, out F y, out F x);
            y -= F.Of(drawn.CentreY);
            x -= F.Of(drawn.CentreX);
            F square = F.Fma(y, y, x * x);
            F distance = F.Sqrt(square);
            F near = F.Floor(distance);
            U index = F.Whole(near);

            // distance - near, without what the root has rounded away.
            F along = F.Fma(F.Of(0f) - near, near, square) / F.Max(distance + near, F.Of(1e-6f));
            return value + F.Lerp(F.Look(in row, drawn.Profile, index), F.Look(in row, drawn.Profile, index + U.Of(1)), along);
        }
    }
}
