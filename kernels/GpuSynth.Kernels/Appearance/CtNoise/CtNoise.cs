using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// CtNoise: I += n, a look into a tile of noise (CtTile) whose planes serve slices that each begin elsewhere in them. Or I += s n + d n_r: n_r, a look into a
// second tile, is what of the noise lies in streaks along rows, and s and d are looks into two maps of the slice (CtPaths), which need the image before: then
// 4 B/voxel more, a number of that tile and eight of the maps.
// 8 B/voxel, and one number of the tile. Random bits: the same on every device. Values: the same run to run on one device.

/// <summary>
/// The quantum noise of CT: in the plane of a slice its power grows with the frequency, as the ramp filter makes it of white projections; slices
/// know nothing of each other. It is the same everywhere in a slice, or by <paramref name="Local"/> the stronger the less of the beam comes through to a
/// place: thick parts and what lies between bones are noisy, the rim of a body is not; and by <paramref name="Streaks"/> it lies in streaks along the axis that a
/// body is thicker along, as through shoulders. Sources: S. J. Riederer et al., Phys. Med. Biol. 23 (1978) 446;
/// thickness: noise falls with the root of the photons. The local law is ours (<see cref="CtPaths"/>).
/// </summary>
/// <param name="Std">Standard deviation before the kernel at thickness 1, drawn once, at least 0, in the unit of the intensities.</param>
/// <param name="Thickness">Thickness of a slice over that at which the noise has this deviation, drawn once: it falls with the root.</param>
/// <param name="Sharpness">a, drawn once, -1 to 8: the noise n becomes n + a (n - G n); -1 is a soft kernel, 0 the ramp, above 0 a sharp one.</param>
/// <param name="KernelSigmaVoxels">Sigma of the Gaussian G in voxels, drawn once, 0 to 1.5.</param>
/// <param name="Local">
/// l, drawn once, 0 to 1: the deviation is multiplied by exp(l / 2 (p - p_0)), p the mean line integral through a place and p_0 its mean over the body in the
/// slice, as where the tube's current follows the body along z. 1 is a bare beam; scanners weaken it towards the rim of the body.
/// </param>
/// <param name="WidthCentimetres">Width of a sample in cm, along x, drawn once, 1 to 200; voxels are squares. Nothing where l is 0.</param>
/// <param name="Streaks">
/// w, drawn once, 0 to 1: noise whose waves run up and down is multiplied by exp(l / 2 (p + w q - p_0)) instead, noise whose waves run along rows by
/// exp(l / 2 (p - w q - p_0)), q the part of p from the three directions next to rows minus that from the three next to columns. Nothing where l is 0.
/// </param>
[Component(
    "ctNoise",
    82,
    Degrades = true,
    Source = "Riederer 1978",
    Says = "Quantum noise of CT: in the plane of a slice its power grows with the frequency, as the ramp filter makes it.",
    Example = "hounsfield: { classes: { soft: 1, fat: 1 } }\nctNoise: { std: 30, sharpness: 1 }\nwindow: { level: 0, width: 350 }")]
public sealed record CtNoise(
    [property: Allowed(0, 1e6, Says = "Standard deviation at thickness 1, drawn once. CT: log-uniform 4 to 60 HU.")] Law Std,
    [property: Allowed(0.01, 100, Says = "Thickness of a slice over that of this deviation, drawn once: noise falls with its root.")]
    [property: Absent(1)]
    Law Thickness,
    [property: Allowed(-1, 8, Says = "Kernel, drawn once: to -1 soft, 0 the ramp, above 0 sharp.")]
    [property: Absent(0)]
    Law Sharpness,
    [property: Allowed(0, 1.5, "voxels", Says = "Sigma of the Gaussian that the kernel smooths or sharpens by, drawn once. CT: uniform 0.4 to 1.2.")]
    [property: Absent(0.8)]
    Law KernelSigmaVoxels,
    [property: Allowed(0, 1, Says = "How much stronger noise is in thick parts, drawn once: 0 not at all, 1 as of a bare beam. CT: uniform 0 to 0.6.")]
    [property: Absent(0)]
    Law Local,
    [property: Allowed(1, 200, "cm", Says = "Width of a sample, for the above, drawn once. CT of a trunk: uniform 28 to 44.")]
    [property: Absent(36)]
    Law WidthCentimetres,
    [property: Allowed(0, 1, Says = "How much of it lies in streaks along the axis that a body is thicker along, for the above, drawn once.")]
    [property: Absent(0.5)]
    Law Streaks)
    : LinkedComponent<CtNoise.Drawn, CtNoiseLink>, ITableComponent
{
    // Elements of the stream: append only.
    private const uint StdElement = 0;
    private const uint ThicknessElement = 1;
    private const uint SharpnessElement = 2;
    private const uint SigmaElement = 3;
    private const uint StartElement = 4;
    private const uint LocalElement = 5;
    private const uint WidthElement = 6;
    private const uint StreaksElement = 7;
    private const float Starts = 1 << 23;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <summary>The stream of the tile's normal numbers: a part of its own that no law draws from.</summary>
    public uint TileStream => Stream + (2u << 24);

    /// <inheritdoc/>
    public override MeasureNeed Needs => IsLocal ? MeasureNeed.Image : MeasureNeed.None;

    // Whether there is a sample with a map.
    private bool IsLocal => Local.Maximum > 0;

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at) => HounsfieldUnits.Complaints(list, at);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => CtTile.Taps + facts.Shape.Depth;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Std = drawing.Number(Std, StdElement),
        Thickness = drawing.Number(Thickness, ThicknessElement),
        Sharpness = drawing.Number(Sharpness, SharpnessElement),
        KernelSigmaVoxels = drawing.Number(KernelSigmaVoxels, SigmaElement),
        Start = MathF.Floor(Starts * drawing.Number(Unit, StartElement)),
        Local = drawing.Number(Local, LocalElement),
        WidthCentimetres = drawing.Number(WidthCentimetres, WidthElement),
        Streaks = drawing.Number(Streaks, StreaksElement),
        Weights = drawing.List(CtTile.Taps),
        Slices = drawing.List(drawing.Facts.Shape.Depth),
    };

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.Std = 0;

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        var cells = new CtPaths(facts.Shape);
        CtTile tile = TileOf(facts.Shape);
        (drawn.TileBits, drawn.TileLength) = (tile.Bits, tile.Length);
        drawn.Place = new VoxelPlace(facts.Shape);
        (drawn.Rows, drawn.Columns) = IsLocal ? (cells.Rows, cells.Columns) : (0, 0);
        (drawn.PerCell, drawn.PerMap) = (1f / cells.Cell, 1f / cells.Shared);
        drawn.PathPerCell = CtPaths.WaterPerCm * drawn.WidthCentimetres * cells.Cell / facts.Shape.Width;
        drawn.Scale = (float)(drawn.Std / Math.Sqrt(drawn.Thickness) / CtTile.PlainStd);
        Blur.Weights(drawn.KernelSigmaVoxels, row.Slice(drawn.Weights.First, CtTile.Taps));
        Span<float> slices = row.Slice(drawn.Slices.First, drawn.Slices.Count);
        for (int z = 0; z < slices.Length; z++)
        {
            // A place in the tile for every slice, by the one number that was drawn.
            slices[z] = Philox.Block((uint)z, Stream, 0, 0, (uint)drawn.Start, 0).X % tile.Length;
        }
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place)
    {
        var tiles = new CtNoiseStep(place, place.Stream(TileStream), TileOf(place.Facts.Shape));
        return IsLocal ? new CtLocalNoiseStep(place, tiles) : tiles;
    }

    /// <inheritdoc/>
    public DeviceTable CreateTable(in StepPlace place) =>
        new CtTileTable(place, place.Stream(TileStream), TileOf(place.Facts.Shape), TableLength(place.Facts.Shape));

    /// <inheritdoc/>
    protected override CtNoiseLink LinkAt(in StepPlace place) => new(in place, TableLength(place.Facts.Shape));

    private CtTile TileOf(VolumeShape shape) => new(shape, IsLocal ? 2 : 1);

    // The tiles, and behind them the maps.
    private int TableLength(VolumeShape shape) => TileOf(shape).Total + (IsLocal ? new CtPaths(shape).Length : 0);

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Standard deviation before the kernel at thickness 1.</summary>
        [Recorded("ctNoiseStd")]
        public float Std;

        /// <summary>Thickness of a slice over that.</summary>
        [Recorded("ctNoiseThickness")]
        public float Thickness;

        /// <summary>Below 0 a soft kernel, above a sharp one.</summary>
        [Recorded("ctNoiseSharpness")]
        public float Sharpness;

        /// <summary>Sigma of the kernel's Gaussian in voxels.</summary>
        [Recorded("ctNoiseKernelSigmaVoxels")]
        public float KernelSigmaVoxels;

        /// <summary>What decides where slices begin in the tile, a whole number below 2^23.</summary>
        [Recorded("ctNoiseStart")]
        public float Start;

        /// <summary>How much stronger noise is in thick parts.</summary>
        [Recorded("ctNoiseLocal")]
        public float Local;

        /// <summary>Width of the sample in cm; nothing where <see cref="Local"/> is 0.</summary>
        [Recorded("ctNoiseWidthCentimetres")]
        public float WidthCentimetres;

        /// <summary>How much of that lies in streaks.</summary>
        [Recorded("ctNoiseStreaks")]
        public float Streaks;

        /// <summary>Worked out: what the tile's plain noise is multiplied by.</summary>
        public float Scale;

        /// <summary>Worked out: the Gaussian's taps.</summary>
        public WordList Weights;

        /// <summary>Worked out: where every slice begins in the tile.</summary>
        public WordList Slices;

        /// <summary>Worked out: logarithm to base 2 of a tile's side.</summary>
        public int TileBits;

        /// <summary>Worked out: numbers of a tile.</summary>
        public int TileLength;

        /// <summary>Worked out: rows of a map; 0 where the recipe asks for none.</summary>
        public int Rows;

        /// <summary>Worked out: columns of a map.</summary>
        public int Columns;

        /// <summary>Worked out: 1 over the voxels along a cell of a map.</summary>
        public float PerCell;

        /// <summary>Worked out: 1 over the slices that share a map.</summary>
        public float PerMap;

        /// <summary>Worked out: the line integral over one cell of water.</summary>
        public float PathPerCell;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>The cells whose middles lie on either side of a voxel along an axis.</summary>
        /// <param name="voxel">Its place along the axis.</param>
        /// <param name="count">Cells along it.</param>
        /// <param name="near">The cell before it.</param>
        /// <param name="next">The one behind it; the same at the end.</param>
        /// <returns>How far from one to the other, 0 to 1.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal readonly F CellOf<F, U>(F voxel, int count, out U near, out U next)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F at = ((voxel + F.Of(0.5f)) * F.Of(PerCell)) - F.Of(0.5f);
            at = F.Max(F.Min(at, F.Of(count - 1)), F.Of(0f));
            F whole = F.Floor(at);
            near = F.Whole(whole);
            next = U.Min(near + U.Of(1), U.Of((uint)count - 1));
            return at - whole;
        }
    }
}
