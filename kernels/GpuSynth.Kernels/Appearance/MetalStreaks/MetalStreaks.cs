using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// MetalStreaks: I += v(z) sum over views of F_k((x - c) . n_k), F_k looked up in a table of the row and linear between its numbers; then metal is painted:
// I += v(z) w (3071 - I) with w = clamp(R + 1/2 - r, 0, 1). Continuous in the place, so that rounding decides nothing.
// 8 B/voxel; per view and voxel two numbers of the table, in planes with metal; 4 (3 + 2 half) B of the row per view: 75 KB at 128^2.
// Values: the same run to run on one device.

/// <summary>
/// Metal discs and the streaks that they leave in CT: dark bands that join them, by hardening of the beam, and fine streaks, where few photons come
/// through. It is the filtered back-projection of the error of the metals' traces alone, less what is the same in all directions and stays in their
/// discs, an error for each metal and direction, the same in every plane that the metals reach (<see cref="MetalTraces"/>). Labels stay. Sources:
/// J. Hsieh, Computed Tomography, SPIE 2003; photons and scatter: ADN (H. Liao et al., IEEE Trans. Med. Imaging 39, 2020, 634). A quadratic law of
/// hardening is ours.
/// </summary>
/// <param name="Count">Metals, drawn once, 1 to 8; the nearest whole number counts.</param>
/// <param name="WidthVoxels">Diameter of each in voxels, 1 to 64.</param>
/// <param name="Planes">How many planes of a volume metals reach through, drawn once, 1 to 4096; nothing to an image.</param>
/// <param name="AttenuationPerCm">Attenuation of each per cm, 0 to 50, at 70 keV: titanium 2.5, iron 6.5, copper 9.6.</param>
/// <param name="Hardening">b, drawn once, 0.001 to 1: a projection p is measured as p - b p^2, and never as more than 1 / (4 b).</param>
/// <param name="Photons">
/// Photons that a detector counts where there is no metal, drawn once, 1 to 1e9: of a direction, which stands for several of a scanner's.
/// </param>
/// <param name="VoxelMillimetres">Side of a voxel in mm, drawn once, 0.05 to 20.</param>
/// <param name="CentreOfExtent">Middle of each over the sample's extent along y and x, 0 to 1.</param>
[Component(
    "metalStreaks",
    58,
    Degrades = true,
    Source = "Hsieh 2003, ADN",
    Says = "Metal discs with the dark bands and fine streaks that they leave in CT.",
    Example = "hounsfield: { classes: { soft: 1, fat: 1 } }\nmetalStreaks: { count: 2, widthVoxels: 6, planes: 200, attenuationPerCm: 6.5, hardening: 0.05,"
        + " photons: 500000, voxelMillimetres: 1.5, centreOfExtent: { uniform: [0.3, 0.7] } }\nwindow: { level: 0, width: 700 }")]
public sealed record MetalStreaks(
    [property: Allowed(1, MetalStreaks.Most, Says = "Metals, drawn once and rounded. CT: integer 1 to 3.")] Law Count,
    [property: Allowed(1, 64, "voxels", Says = "Diameter of a metal, drawn for each. CT: log-uniform 2 to 12.")] Law WidthVoxels,
    [property: Allowed(1, 4096, Says = "How many planes of a volume metals reach through, drawn once; nothing to an image. CT: integer 3 to 20.")]
    [property: Absent(8)]
    Law Planes,
    [property: Allowed(0, 50, "1/cm", Says = "Attenuation of a metal, drawn for each. Titanium 2.5, iron 6.5, copper 9.6.")] Law AttenuationPerCm,
    [property: Allowed(1e-3, 1, Says = "b, drawn once: a projection p is measured as p - b p^2. CT: uniform 0.02 to 0.08.")] Law Hardening,
    [property: Allowed(1, 1e9, Says = "Photons that a detector counts in a direction without metal, drawn once. CT: log-uniform 1e5 to 1e7.")] Law Photons,
    [property: Allowed(0.05, 20, "mm", Says = "Side of a voxel, drawn once. CT: uniform 0.7 to 2.5.")] Law VoxelMillimetres,
    [property: Allowed(0, 1, Says = "Middle of a metal over the sample's extent, drawn for each along y and x.")] Law CentreOfExtent)
    : PlacedComponent<MetalStreaks.Drawn>
{
    /// <summary>The most metals.</summary>
    public const int Most = 8;

    // What metal is painted with: the end of 12 bits.
    private const float MetalUnits = 3071;

    // Attenuation of water per mm at 70 keV.
    private const double WaterPerMillimetre = 0.0192;

    // Words of a painted metal: its middle along y and x from the isocentre, and its radius and a half.
    private const int DiscWords = 3;

    // Elements of the stream: append only.
    private const uint CountElement = 0;
    private const uint PlanesElement = 1;
    private const uint HardeningElement = 2;
    private const uint PhotonsElement = 3;
    private const uint VoxelElement = 4;
    private const uint PositionElement = 5;
    private const uint WidthElement = 1 << 8;
    private const uint AttenuationElement = 2 << 8;
    private const uint CentreElement = 3 << 8;
    private static readonly UniformLaw Unit = new(0, 1);
    private static readonly NormalLaw Deviate = new(0, 1);

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at) => HounsfieldUnits.Complaints(list, at);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) =>
        ((4 + DiscWords) * Most) + facts.Shape.Depth + (MetalTraces.ViewWords(facts.Shape) * MetalTraces.Views(facts.Shape));

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        VolumeShape shape = drawing.Facts.Shape;
        return new Drawn
        {
            Count = drawing.Number(Count, CountElement),
            Planes = drawing.Number(Planes, PlanesElement),
            Hardening = drawing.Number(Hardening, HardeningElement),
            Photons = drawing.Number(Photons, PhotonsElement),
            VoxelMillimetres = drawing.Number(VoxelMillimetres, VoxelElement),
            Position = drawing.Number(Unit, PositionElement),
            WidthsVoxels = drawing.Each(WidthVoxels, WidthElement, Most),
            AttenuationsPerCm = drawing.Each(AttenuationPerCm, AttenuationElement, Most),
            CentresOfExtent = drawing.Each(CentreOfExtent, CentreElement, 2 * Most),
            Discs = drawing.List(DiscWords * Most),
            PlaneShares = drawing.List(shape.Depth),
            Table = drawing.List(MetalTraces.Views(shape) * MetalTraces.ViewWords(shape)),
            Stream = drawing.Stream(Streams.MetalNoise),
        };
    }

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.Count = 0;

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        VolumeShape shape = facts.Shape;
        drawn.Place = new VoxelPlace(shape);
        drawn.CentreY = (shape.Height - 1) / 2f;
        drawn.CentreX = (shape.Width - 1) / 2f;
        drawn.Half = MetalTraces.Half(shape);
        drawn.ViewWords = MetalTraces.ViewWords(shape);
        drawn.Used = Math.Clamp((int)(drawn.Count + 0.5f), 0, Most);
        drawn.Views = drawn.Used > 0 ? MetalTraces.Views(shape) : 0;
        if (drawn.Used == 0)
        {
            return;
        }

        Span<float> shares = row.Slice(drawn.PlaneShares.First, drawn.PlaneShares.Count);
        float middle = (drawn.Position * shape.Depth) - 0.5f;
        for (int z = 0; z < shares.Length; z++)
        {
            shares[z] = shape.Dimensions == 2 ? 1 : Math.Clamp(((drawn.Planes + 1) / 2) - Math.Abs(z - middle), 0, 1);
        }

        Span<Metal> metals = stackalloc Metal[drawn.Used];
        for (int metal = 0; metal < metals.Length; metal++)
        {
            ReadOnlySpan<float> centre = row.Slice(drawn.CentresOfExtent.First + (2 * metal), 2);
            float width = row[drawn.WidthsVoxels.First + metal];
            double path = row[drawn.AttenuationsPerCm.First + metal] * (width * drawn.VoxelMillimetres / 10.0);
            metals[metal] = new Metal((centre[0] - 0.5) * shape.Height, (centre[1] - 0.5) * shape.Width, width, path);
            Span<float> disc = row.Slice(drawn.Discs.First + (DiscWords * metal), DiscWords);
            (disc[0], disc[1], disc[2]) = ((float)metals[metal].Y, (float)metals[metal].X, (width + 1) / 2);
        }

        RandomPlace place = RowLayout.AppearancePlace(MemoryMarshal.Cast<float, uint>(row), drawn.Stream);
        Span<float> noise = stackalloc float[drawn.Used * drawn.Views];
        for (int at = 0; at < noise.Length; at++)
        {
            noise[at] = Deviate.Draw(in place, (uint)((256 * (at / drawn.Views)) + (at % drawn.Views)));
        }

        var beam = new MetalBeam(drawn.Hardening, drawn.Photons, 1000 / (WaterPerMillimetre * drawn.VoxelMillimetres));
        MetalTraces.Write(metals, beam, noise, shape, row.Slice(drawn.Table.First, drawn.Table.Count));
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new MetalStreaksStep(in place);

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>Metals; the nearest whole number counts.</summary>
        [Recorded("metalStreaksCount")]
        public float Count;

        /// <summary>How many planes of a volume metals reach through.</summary>
        [Recorded("metalStreaksPlanes")]
        public float Planes;

        /// <summary>b of p - b p^2.</summary>
        [Recorded("metalStreaksHardening")]
        public float Hardening;

        /// <summary>Photons that a detector counts where there is no metal.</summary>
        [Recorded("metalStreaksPhotons")]
        public float Photons;

        /// <summary>Side of a voxel in mm.</summary>
        [Recorded("metalStreaksVoxelMillimetres")]
        public float VoxelMillimetres;

        /// <summary>Where the middle of the planes lies over the extent along z; nothing to an image.</summary>
        [Recorded("metalStreaksPosition")]
        public float Position;

        /// <summary>Diameter of each metal, in voxels; of as many as count, as of what follows.</summary>
        [Recorded("metalStreaksWidthsVoxels")]
        public WordList WidthsVoxels;

        /// <summary>Attenuation of each metal per cm.</summary>
        [Recorded("metalStreaksAttenuationsPerCm")]
        public WordList AttenuationsPerCm;

        /// <summary>Middle of each metal along y and x over the extent.</summary>
        [Recorded("metalStreaksCentresOfExtentYx")]
        public WordList CentresOfExtent;

        /// <summary>Worked out: the stream of a normal number for each metal and direction.</summary>
        public uint Stream;

        /// <summary>Worked out: the metals that are painted.</summary>
        public WordList Discs;

        /// <summary>Worked out: how much of each plane metals reach through.</summary>
        public WordList PlaneShares;

        /// <summary>Worked out: the directions, in Hounsfield units.</summary>
        public WordList Table;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Worked out: the isocentre along y, in voxels.</summary>
        public float CentreY;

        /// <summary>Worked out: the isocentre along x, in voxels.</summary>
        public float CentreX;

        /// <summary>Worked out: detectors on either side of the middle one.</summary>
        public int Half;

        /// <summary>Worked out: words of a direction.</summary>
        public int ViewWords;

        /// <summary>Worked out: directions.</summary>
        public int Views;

        /// <summary>Worked out: metals that count.</summary>
        public int Used;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Whole<F, U>(voxel, out U z, out U line, out U column);
            F y = U.ToReal(line) - F.Of(drawn.CentreY);
            F x = U.ToReal(column) - F.Of(drawn.CentreX);
            F sum = F.Of(0f);
            int view = 0;

            // Once at least, as of metals: nobody asks samples without them.
            do
            {
                U first = U.Of((uint)(view * drawn.ViewWords));
                F s = F.Fma(x, F.Look(in row, drawn.Table, first), y * F.Look(in row, drawn.Table, first + U.Of(1)));
                sum += drawn.OfView<F, U>(view, s, in row);
                view++;
            }
            while (view < drawn.Views);

            return drawn.With<F, U>(value, sum, y, x, F.Look(in row, drawn.PlaneShares, z), in row);
        }

        /// <summary>What a direction adds to voxels whose place along its detectors is s, from the middle one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly F OfView<F, U>(int view, F s, in Row row)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F near = F.Floor(s);
            U at = U.Of((uint)(view * ViewWords)) + F.Whole(near + F.Of(Half + 2));
            return F.Lerp(F.Look(in row, Table, at), F.Look(in row, Table, at + U.Of(1)), s - near);
        }

        /// <summary>A value with its streaks and metals, at a place from the isocentre in a plane of which metals have a share.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly F With<F, U>(F value, F streaks, F y, F x, F share, in Row row)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            value = F.Fma(share, streaks, value);
            int metal = 0;
            do
            {
                U disc = U.Of((uint)(metal * DiscWords));
                F dy = y - F.Look(in row, Discs, disc);
                F dx = x - F.Look(in row, Discs, disc + U.Of(1));
                F inside = F.Look(in row, Discs, disc + U.Of(2)) - F.Sqrt(F.Fma(dy, dy, dx * dx));
                inside = F.Min(F.Max(inside, F.Of(0f)), F.Of(1f)) * share;

                // Metal alone, to the bit, where a voxel is all metal: whatever was there.
                value = F.Fma(F.Of(1f) - inside, value, inside * F.Of(MetalUnits));
                metal++;
            }
            while (metal < Used);

            return value;
        }
    }
}
