using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// Cells: a voxel is in cell i where |p - c_i| + f(p) < R_i, and of several the one whose middle is nearest has it.
//   c_i: the points of a lattice of spacing 2 r, each moved by up to r J along each axis. R_i = r times a law. f: lattice noise of deviation r A, the
//   same for all cells, cut at 2 of its deviations.
//   AnyStar's f is 0.9 r times Perlin noise of 8 periods, whose deviation is 0.191 in a volume, and 0.305 in an image.

/// <summary>
/// Star-convex cells on a jittered lattice: nuclei, islets, grains. Over what stands before them, or alone with label 0 between them; a label for
/// each, or one for all.
/// Source: AnyStar (r 12 of 128, jitter 0.5, radii 0.6 to 1.2, 67 to 100 % kept, the outermost row left out).
/// </summary>
/// <param name="RadiusOfSide">r as a fraction of the side, drawn once.</param>
/// <param name="SizeOfRadius">R_i over r, drawn for each cell.</param>
/// <param name="JitterOfRadius">J, drawn once.</param>
/// <param name="Kept">Probability that a cell is there, drawn once.</param>
/// <param name="RoughnessOfRadius">A, drawn once.</param>
/// <param name="RoughSpacing">Width of the roughness in voxels, or side/N.</param>
/// <param name="OwnLabels">Whether each cell has a label of its own.</param>
/// <param name="AreWhole">Whether the outermost row is left out, so that the border cuts none.</param>
/// <param name="Background">Whether all between the cells becomes label 0; else they are painted over what stands before them.</param>
[Component(
    "cells",
    Streams.CellLaws,
    Source = "AnyStar",
    Says = "Star-convex cells on a jittered lattice, alone or over what stands before them: nuclei, grains.",
    Example = "cells: { radiusOfSide: 0.06, sizeOfRadius: { uniform: [0.6, 1.2] }, jitterOfRadius: 0.5, kept: 0.8, roughnessOfRadius: 0.2, roughSpacing: side/8,"
        + " ownLabels: true, areWhole: false, background: false }")]
public sealed partial record Cells(
    [property: Allowed(0.005, 0.5, "of the side", Says = "Radius of a cell as a fraction of the side, drawn once. AnyStar: 0.094.")]
    Law RadiusOfSide,
    [property: Allowed(0.1, 1.5, "radii", Says = "Radius of one cell over that, drawn for each. AnyStar: uniform 0.6 to 1.2.")]
    Law SizeOfRadius,
    [property: Allowed(0, 0.5, "radii", Says = "How far a cell may be from its place in the lattice, drawn once. AnyStar: 0.5.")]
    Law JitterOfRadius,
    [property: Allowed(0, 1, Says = "Probability that a cell of the lattice is there, drawn once. AnyStar: uniform 0.67 to 1.")]
    Law Kept,
    [property: Allowed(0, 0.5, "radii", Says = "Deviation of the surfaces, drawn once. AnyStar: 0.17 in volumes, 0.27 in images.")]
    Law RoughnessOfRadius,
    [property: Allowed(1, 4096, "voxels", Says = "Width of the roughness, or side/N. AnyStar: side/8.")]
    SideMeasure RoughSpacing,
    [property: Says("Whether each cell has a label of its own, as instances; else all have one.")]
    bool OwnLabels,
    [property: Says("Whether the outermost row of cells is left out, so that the border cuts none.")]
    bool AreWhole,
    [property: Says("Whether all between the cells becomes background, label 0; else cells are painted over what stands before them.")]
    bool Background)
    : AnatomyComponent<Cells.Drawn>
{
    /// <summary>Cells of a sample at most: 256 KB of them.</summary>
    public const int Most = 1 << 14;

    private const int MostLabels = 254;
    private const float MostDeviations = 2;

    // Elements of the stream: append only.
    private const uint RadiusElement = 0;
    private const uint JitterElement = 7;
    private const uint KeptElement = 2;
    private const uint RoughnessElement = 3;
    private const uint PhaseElement = 4;
    private const uint OffsetElement = 8;

    // Parts of the cells' stream: append only.
    private const uint SizePart = 1;
    private const uint PlacePart = 2;
    private const uint LatticePart = 3;

    private static readonly UniformLaw Unit = new(0, 1);

    /// <summary>The stream of the lattice's tile.</summary>
    internal const uint LatticeStream = Streams.CellNodes + (LatticePart << 24);

    /// <inheritdoc/>
    public override bool Covers => Background;

    /// <inheritdoc/>
    public override bool MayBeInside => true;

    /// <inheritdoc/>
    public override bool AddsLabels => !Background;

    /// <inheritdoc/>
    public override string MadeOf => "cells";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) =>
        (Background ? 1 : 0) + (OwnLabels ? (int)Math.Min(MostLabels + 1, Math.Max(1, MostAt(shape))) : 1);

    /// <summary>Background where there is one, and cells: the number of one is its place in a lattice that is not seen.</summary>
    public override int[]? KindTable(VolumeShape shape)
    {
        int first = Background ? 1 : 0;
        return [.. Enumerable.Range(0, LabelCount(shape, null)).Select(label => Math.Min(label, first))];
    }

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostCells(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceCells(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => LatticeWords.Count + (CellWords.Count * Room(facts.Shape));

    /// <inheritdoc/>
    public override IEnumerable<string> ComplaintsAt(VolumeShape shape)
    {
        int shortest = Math.Min(shape.Height, shape.Width);
        shortest = shape.Dimensions == 3 ? Math.Min(shortest, shape.Depth) : shortest;
        double largest = RadiusOfSide.Maximum * shape.Side;
        if (AreWhole && 4 * largest > shortest - 1)
        {
            yield return $"draws cells of radius {NumberText.Of(Math.Round(largest, 1))} and leaves out the row at the border, and the shortest axis of {shape} "
                + $"has {shortest} voxels: they find no room; lower radiusOfSide to {NumberText.Of(Math.Floor(2500.0 * (shortest - 1) / shape.Side) / 10000)} "
                + "at most, or set areWhole: false";
        }

        int limit = OwnLabels ? MostLabels : Most;
        double most = MostAt(shape);
        if (most > limit)
        {
            double enough = RadiusOfSide.Minimum;
            while (CellGrid.Most(this, shape, enough * shape.Side) > limit)
            {
                enough += 0.001;
            }

            string what = OwnLabels ? $"each with a label, more than {MostLabels}" : $"more than {Most}";
            yield return $"draws up to {NumberText.Of(most)} cells at {shape}, {what}; raise radiusOfSide to {NumberText.Of(Math.Ceiling(1000 * enough) / 1000)} "
                + (OwnLabels ? "at least, or set ownLabels: false" : "at least");
        }
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        VolumeShape shape = drawing.Facts.Shape;
        Law steps = LatticeOffsets.Of(shape);
        return new Drawn
        {
            RadiusVoxels = drawing.Number(RadiusOfSide, RadiusElement) * shape.Side,
            Jitter = drawing.Number(JitterOfRadius, JitterElement),
            Kept = drawing.Number(Kept, KeptElement),
            Roughness = drawing.Number(RoughnessOfRadius, RoughnessElement),
            PhaseZyx = drawing.Axes(Unit, PhaseElement),
            OffsetZyx = drawing.Axes(steps, OffsetElement),
            Stream = drawing.Stream(Streams.CellNodes),
            Lattice = drawing.List(LatticeWords.Count),
            Nodes = drawing.List(CellWords.Count * Room(shape)),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        Check(in drawn);
        float radius = drawn.RadiusVoxels;
        drawn.Grid = new CellGrid(this, facts.Shape, radius, drawn.PhaseZyx);
        int count = drawn.Grid.Count;
        if (CellGrid.Most(this, facts.Shape, radius) > Room(facts.Shape))
        {
            throw new ArgumentException(
                $"cellRadiusVoxels is {radius}, with more cells than the recipe has at {facts.Shape}; give {RadiusOfSide.Minimum * facts.Shape.Side} at least.");
        }

        drawn.MostRoughness = MostDeviations * drawn.Roughness * radius;
        ReadOnlySpan<float> offset = [drawn.OffsetZyx.Z, drawn.OffsetZyx.Y, drawn.OffsetZyx.X];
        LatticeWords.Write(
            row.Slice(drawn.Lattice.First, LatticeWords.Count),
            drawn.Roughness * radius,
            (float)(1.0 / RoughSpacing.Resolve(facts.Shape.Side)),
            offset);
        RandomPlace place = RowLayout.AnatomyPlace(MemoryMarshal.Cast<float, uint>(row), drawn.Stream);
        Span<float> cells = row.Slice(drawn.Nodes.First, CellWords.Count * count);
        float jitter = facts.Shape.Dimensions == 3 ? drawn.Jitter * radius : 0;
        for (int cell = 0; cell < count; cell++)
        {
            Span<float> own = cells.Slice(CellWords.Count * cell, CellWords.Count);
            UInt4 words = Philox.At(place.Part(PlacePart), (uint)cell);
            int line = cell / drawn.Grid.CountX;
            int plane = line / drawn.Grid.CountY;
            own[CellWords.Z] = drawn.Grid.Start.Z + (plane * drawn.Grid.Pitch) + (jitter * Signed(words.X));
            own[CellWords.Y] = drawn.Grid.Start.Y + ((line - (plane * drawn.Grid.CountY)) * drawn.Grid.Pitch) + (drawn.Jitter * radius * Signed(words.Y));
            own[CellWords.X] = drawn.Grid.Start.X + ((cell - (line * drawn.Grid.CountX)) * drawn.Grid.Pitch) + (drawn.Jitter * radius * Signed(words.Z));

            // Nothing is within a radius below 0.
            own[CellWords.Radius] = Uniform.FromBits(words.W) < drawn.Kept
                ? SizeOfRadius.Draw(place.Part(SizePart), (uint)cell) * radius
                : float.NegativeInfinity;
        }

        static float Signed(uint word) => (2 * Uniform.FromBits(word)) - 1;
    }

    /// <summary>The smallest r, and a little less for what rounding takes of one.</summary>
    internal double LeastRadius(VolumeShape shape) => RadiusOfSide.Minimum * shape.Side * (1 - 1e-6);

    private double MostAt(VolumeShape shape) => CellGrid.Most(this, shape, LeastRadius(shape));

    // Cells that there is room for in the row.
    private int Room(VolumeShape shape) => (int)Math.Min(Most, MostAt(shape));

    private static void Check(in Drawn drawn)
    {
        float all = MathF.Abs(drawn.OffsetZyx.Z) + MathF.Abs(drawn.OffsetZyx.Y) + MathF.Abs(drawn.OffsetZyx.X) + drawn.RadiusVoxels + drawn.Kept;
        if (!(drawn.RadiusVoxels > 0) || !(drawn.Jitter is >= 0 and <= 0.5f) || !(drawn.Roughness is >= 0 and <= 0.5f) || !(all < 1e6f)
            || !(drawn.PhaseZyx.Z + drawn.PhaseZyx.Y + drawn.PhaseZyx.X is >= 0 and <= 3))
        {
            throw new ArgumentException(
                "A number of the cells is no number, or outside what it may be (radius above 0, jitter and roughness 0 to 0.5, phases 0 to 1); "
                + "give back what was drawn, or other numbers of its kind.");
        }
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>r.</summary>
        [Recorded("cellRadiusVoxels")]
        public float RadiusVoxels;

        /// <summary>How far a cell may be from its place, in radii.</summary>
        [Recorded("cellJitter")]
        public float Jitter;

        /// <summary>Probability that a cell is there.</summary>
        [Recorded("cellsKept")]
        public float Kept;

        /// <summary>Standard deviation of the surfaces, in radii.</summary>
        [Recorded("cellRoughness")]
        public float Roughness;

        /// <summary>Where the lattice lies in the room that is left along each axis; z is nothing to an image.</summary>
        [Recorded("cellPhaseZyx")]
        public AxisNumbers PhaseZyx;

        /// <summary>Where the tile of the roughness begins along z, y, x, in lattice steps; z is nothing to an image.</summary>
        [Recorded("cellOffsetZyx")]
        public AxisNumbers OffsetZyx;

        /// <summary>Constant of the recipe: the stream of what is drawn for each cell.</summary>
        public uint Stream;

        /// <summary>Worked out: <c>LatticeWords</c> of the roughness.</summary>
        public WordList Lattice;

        /// <summary>Worked out: <c>CellWords</c> of each cell; room for all that there may be.</summary>
        public WordList Nodes;

        /// <summary>Worked out: what a surface is moved by at most.</summary>
        internal float MostRoughness;

        /// <summary>Worked out: the points of the lattice.</summary>
        internal CellGrid Grid;

        /// <summary>The roughness at a place.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static F Rough<F, U>(in Drawn drawn, in Row row, in LatticeTile tile, F z, F y, F x)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F rough = LatticeSum.Add<F, U>(in row, drawn.Lattice, in tile, z, y, x, F.Of(0f));
            F most = F.Of(drawn.MostRoughness);
            return F.Min(F.Max(rough, F.Of(0f) - most), most);
        }
    }
}

/// <summary>The words of a cell in the row, in voxels.</summary>
internal static class CellWords
{
    /// <summary>Words of a cell.</summary>
    public const int Count = 4;

    /// <summary>Its middle along z.</summary>
    public const int Z = 0;

    /// <summary>Along y.</summary>
    public const int Y = 1;

    /// <summary>Along x.</summary>
    public const int X = 2;

    /// <summary>Its radius; minus infinity of one that is not there.</summary>
    public const int Radius = 3;
}
