using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// CutOut: y = (1 - w) I + w v,  w = clamp(1/2 + d, 0, 1) of the piece that cuts most,  d in voxels how deep a voxel lies in what is cut:
//   a box         d = min over the axes of (p - low, high - p); its faces lie between voxels, so that w is 0 or 1;
//   a half-space  d = n . p - offset;
//   a cylinder    d = rho - radius: what lies outside it is cut.
// 8 B/voxel; a piece is 8 words of the row.

/// <summary>
/// Parts of the image become the value that its air has: boxes, half-spaces, or all outside a cylinder, as where a field of view ends. What is cut is drawn of
/// the appearance alone: **labels stay**, so that what was there is to be guessed from the rest. Edges are one voxel wide. A NaN stays one. Source: AnyStar
/// (20 boxes of 12 of 64 voxels, value 0, probability 0.2, whose labels are cut too); laws: our choice.
/// </summary>
/// <param name="Kind">What is cut, drawn for each piece, the nearest whole number: 0 a box, 1 a half-space, 2 all outside a cylinder.</param>
/// <param name="Size">
/// How much, drawn for each piece, 0 (nothing) to 1 (all): the edge of a box as a share of the axis, drawn per axis; the depth of a half-space as a share of the extent
/// across it; the share of the half diagonal that a cylinder's radius is short of it.
/// </param>
/// <param name="Value">v, drawn once, in the unit of the intensities. Absent: 0.</param>
/// <param name="Count">Pieces, 1 to 32.</param>
[Component(
    "cutOut",
    73,
    Degrades = true,
    Source = "AnyStar",
    Says = "Boxes, half-spaces or all outside a cylinder become air in the image; labels stay.",
    Example = "cutOut: { kind: 0, size: 0.2, count: 6 }")]
public sealed record CutOut(
    [property: Allowed(0, 2, Says = "What is cut, drawn for each piece and rounded: 0 a box, 1 a half-space, 2 all outside a cylinder.")]
    Law Kind,
    [property: Allowed(0, 1, Says = "How much, drawn for each piece: edges of a box as shares of the axes, depth of a half-space as share of the extent, share of the half diagonal that a cylinder lacks.")]
    Law Size,
    [property: Allowed(-1e6, 1e6, Says = "Intensity of what is cut, drawn once.")]
    [property: Absent(0)]
    Law Value,
    [property: Allowed(1, 32, Says = "Pieces; AnyStar: 20 boxes of size 0.1875.")] int Count)
    : PlacedComponent<CutOut.Drawn>
{
    // An element of the stream; those behind it are the pieces'.
    private const uint ValueElement = 0;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => CutPieces.ListWords(Count);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        float value = drawing.Number(Value, ValueElement);
        CutNumbers pieces = CutPieces.Draw(ref drawing, Kind, Size, Count);
        return new Drawn
        {
            Value = value,
            Kinds = pieces.Kinds,
            SizesZyx = pieces.SizesZyx,
            PositionsZyx = pieces.PositionsZyx,
            Tilts = pieces.Tilts,
            Turns = pieces.Turns,
            Pieces = drawing.List(CutPiece.WordCount * Count),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        drawn.Place = new VoxelPlace(facts.Shape);
        CutNumbers numbers = new(drawn.Kinds, drawn.SizesZyx, drawn.PositionsZyx, drawn.Tilts, drawn.Turns);
        CutPieces.Prepare(facts.Shape, in numbers, drawn.Pieces, row);
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new CutOutStep(in place);

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>Intensity of what is cut.</summary>
        [Recorded("cutOutValue")]
        public float Value;

        /// <summary>What is cut per piece, the nearest whole number: 0 a box, 1 a half-space, 2 all outside a cylinder.</summary>
        [Recorded("cutOutKinds")]
        public WordList Kinds;

        /// <summary>How much per piece along z, y, x; z is nothing to an image, and the last of them is that of a half-space and of a cylinder.</summary>
        [Recorded("cutOutSizesZyx")]
        public WordList SizesZyx;

        /// <summary>Where per piece along z, y, x, 0 to 1 of where it can be; nothing to a half-space.</summary>
        [Recorded("cutOutPositionsZyx")]
        public WordList PositionsZyx;

        /// <summary>Cosine of the angle between a half-space's normal and z, per piece; nothing to others and to an image.</summary>
        [Recorded("cutOutTilts")]
        public WordList Tilts;

        /// <summary>Angle of a half-space's normal from x to y in turns, per piece; which axis a cylinder has, z in the first third, then y, then x.</summary>
        [Recorded("cutOutTurns")]
        public WordList Turns;

        /// <summary>Worked out: the pieces, <see cref="CutPiece"/>.</summary>
        public WordList Pieces;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Of(voxel, out F z, out F y, out F x);
            F cover = F.Of(0f);
            int word = 0;
            do
            {
                cover = F.Max(cover, Cover<F, U>(in row, drawn.Pieces.First + word, z, y, x));
                word += CutPiece.WordCount;
            }
            while (word < drawn.Pieces.Count);

            return Cut<F, U>(value, cover, drawn.Value);
        }

        /// <summary>How much of a voxel a piece cuts, 0 to 1.</summary>
        /// <param name="row">The sample's row.</param>
        /// <param name="word">The piece's first word.</param>
        /// <param name="z">Place of the voxel along z.</param>
        /// <param name="y">Along y.</param>
        /// <param name="x">Along x.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static F Cover<F, U>(in Row row, int word, F z, F y, F x)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> =>
            F.Min(F.Max(CutPiece.Depth<F, U>(in row, word, z, y, x) + F.Of(0.5f), F.Of(0f)), F.Of(1f));

        /// <summary>A voxel of which so much is cut.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static F Cut<F, U>(F value, F cover, float air)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U> =>
            F.WhereLess(F.Of(0f), cover, F.Fma(cover, F.Of(air), (F.Of(1f) - cover) * value), value);
    }
}
