using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// BiasSpline: I *= e^f or I *= f,  f(x) = sum_abc w_a(z) w_b(y) w_c(x) n[a, b, c], over the two nodes around a place along each axis, or the four.
//   The weights of every plane, row and column are worked out in double: a list of the row, 4 (p + 2) (D + H + W) B of degree p.
// 8 B/voxel. Values: the same run to run on one device.

/// <summary>
/// A multiplicative field from a few drawn nodes along each axis, the first at the first voxel and the last at the last: linear between them, or a cubic B-spline with the
/// nodes as its coefficients and the outer ones repeated. A NaN stays one. Sources: SynthSeg (e^f, f linear, nodes normal of deviation uniform 0 to 0.7, one for each 40 voxels);
/// cornucopia RandomMulField (f cubic, nodes uniform 0.5 to 1.5, 2 to 7 along each axis).
/// </summary>
/// <param name="Node">A node, drawn for each, -10 to 10.</param>
/// <param name="Nodes">Nodes along each axis, drawn once, 2 to 7; the nearest whole number counts: draw it by an integer law.</param>
/// <param name="Exponential">Probability that the factor is e to the field, 0 to 1; else it is the field itself.</param>
/// <param name="Degree">1: linear between nodes; 3: a cubic B-spline.</param>
[Component(
    "biasSpline",
    77,
    Degrades = true,
    Source = "SynthSeg, cornucopia",
    Says = "Smooth multiplicative field from a few drawn nodes, or the exponential of one.",
    Example = "biasSpline: { node: { uniform: [0.3, 1.7] }, nodes: 4, exponential: 0, degree: 3 }")]
public sealed record BiasSpline(
    [property: Allowed(-10, 10, Says = "Value of a node, drawn for each. SynthSeg: normal of mean 0; cornucopia: uniform 0.5 to 1.5.")]
    Law Node,
    [property: Allowed(2, BiasSpline.Most, Says = "Nodes along each axis, drawn once and rounded. SynthSeg: 4 of 160 voxels; cornucopia: integer 2 to 7.")]
    Law Nodes,
    [property: Allowed(0, 1, Says = "Probability that the factor is e to the field, as SynthSeg has it; else it is the field itself, as cornucopia has it.")]
    double Exponential,
    [property: Allowed(1, 3, Odd = true, Says = "1: linear between nodes, as SynthSeg has it; 3: a cubic B-spline, as cornucopia has it.")]
    int Degree)
    : PlacedComponent<BiasSpline.Drawn>
{
    /// <summary>The most nodes along an axis.</summary>
    public const int Most = 7;

    // Elements of the stream: append only.
    private const uint NodesElement = 0;
    private const uint ExponentialElement = 1;
    private const uint NodeElement = 1 << 8;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => Cube(facts.Shape, Most) + Cube(facts.Shape, Most + Degree - 1)
        + ((Degree + 2) * (facts.Shape.Depth + facts.Shape.Height + facts.Shape.Width));

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        VolumeShape shape = drawing.Facts.Shape;
        return new Drawn
        {
            Nodes = drawing.Number(Nodes, NodesElement),
            IsExponential = drawing.Number(Unit, ExponentialElement) < Exponential ? 1 : 0,
            Values = drawing.Each(Node, NodeElement, Cube(shape, Most)),
            Grid = drawing.List(Cube(shape, Most + Degree - 1)),
            WeightsZ = drawing.List((Degree + 2) * shape.Depth),
            WeightsY = drawing.List((Degree + 2) * shape.Height),
            WeightsX = drawing.List((Degree + 2) * shape.Width),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        VolumeShape shape = facts.Shape;
        int nodes = Math.Clamp((int)(drawn.Nodes + 0.5f), 2, Most);
        int more = (Degree - 1) / 2;
        drawn.Place = new VoxelPlace(shape);
        drawn.Taps = Degree + 1;
        drawn.TapsZ = shape.Dimensions == 3 ? Degree + 1 : 1;
        drawn.Side = nodes + (2 * more);
        int planes = shape.Dimensions == 3 ? drawn.Side : 1;
        for (int at = 0; at < planes * drawn.Side * drawn.Side; at++)
        {
            int z = planes == 1 ? 0 : Node(at / (drawn.Side * drawn.Side));
            row[drawn.Grid.First + at] = row[drawn.Values.First + (((z * nodes) + Node(at / drawn.Side % drawn.Side)) * nodes) + Node(at % drawn.Side)];
        }

        Weigh(row.Slice(drawn.WeightsZ.First, drawn.WeightsZ.Count), shape.Dimensions == 3 ? nodes : 1);
        Weigh(row.Slice(drawn.WeightsY.First, drawn.WeightsY.Count), nodes);
        Weigh(row.Slice(drawn.WeightsX.First, drawn.WeightsX.Count), nodes);

        // The outer nodes are repeated.
        int Node(int at) => Math.Clamp(at - more, 0, nodes - 1);
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new BiasSplineStep(in place);

    // Room for the most nodes, whatever their law.
    private static int Cube(VolumeShape shape, int side) => shape.Dimensions == 3 ? side * side * side : side * side;

    // Of every place of an axis the first node that counts, then the weight of it and of those after it: [number][place].
    private void Weigh(Span<float> weights, int nodes)
    {
        int places = weights.Length / (Degree + 2);
        weights.Clear();
        for (int place = 0; place < places; place++)
        {
            double at = places == 1 || nodes == 1 ? (nodes - 1) / 2.0 : place * (nodes - 1.0) / (places - 1);
            int first = Math.Clamp((int)at, 0, Math.Max(0, nodes - 2));
            double t = at - first;
            weights[place] = first;
            if (nodes == 1)
            {
                weights[places + place] = 1;
            }
            else if (Degree == 1)
            {
                weights[places + place] = (float)(1 - t);
                weights[(2 * places) + place] = (float)t;
            }
            else
            {
                weights[places + place] = (float)((1 - t) * (1 - t) * (1 - t) / 6);
                weights[(2 * places) + place] = (float)(((((3 * t) - 6) * t * t) + 4) / 6);
                weights[(3 * places) + place] = (float)(((((((-3 * t) + 3) * t) + 3) * t) + 1) / 6);
                weights[(4 * places) + place] = (float)(t * t * t / 6);
            }
        }
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IPlacedMath<Drawn>
    {
        /// <summary>Nodes along each axis; the nearest whole number counts.</summary>
        [Recorded("biasSplineNodes")]
        public float Nodes;

        /// <summary>1 where the factor is e to the field, 0 where it is the field.</summary>
        [Recorded("biasSplineIsExponential", Kind = RecordedKind.Flag)]
        public int IsExponential;

        /// <summary>The nodes, [z][y][x] of as many as count.</summary>
        [Recorded("biasSplineValues")]
        public WordList Values;

        /// <summary>Worked out: the nodes, the outer ones repeated where a place needs more than lie around it.</summary>
        public WordList Grid;

        /// <summary>Worked out: the first node and the weights of every plane.</summary>
        public WordList WeightsZ;

        /// <summary>Worked out: those of every row.</summary>
        public WordList WeightsY;

        /// <summary>Worked out: those of every column.</summary>
        public WordList WeightsX;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;

        /// <summary>Constant of the recipe: nodes that count at a place, along an axis.</summary>
        public int Taps;

        /// <summary>Worked out: the same along z, 1 of images.</summary>
        public int TapsZ;

        /// <summary>Worked out: nodes of the grid along an axis.</summary>
        public int Side;

        /// <inheritdoc/>
        public static Drawn WithRange(in Drawn drawn, float minimum, float maximum) => drawn;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, U voxel, in Row row, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            drawn.Place.Whole<F, U>(voxel, out U z, out U y, out U x);
            int depth = drawn.WeightsZ.Count / (drawn.Taps + 1);
            int height = drawn.WeightsY.Count / (drawn.Taps + 1);
            int width = drawn.WeightsX.Count / (drawn.Taps + 1);
            U side = U.Of((uint)drawn.Side);
            U plane = F.Whole(F.Look(in row, drawn.WeightsZ, z)) * side;
            U firstY = F.Whole(F.Look(in row, drawn.WeightsY, y));
            U firstX = F.Whole(F.Look(in row, drawn.WeightsX, x));
            F field = F.Of(0f);
            for (int a = 1; a <= drawn.TapsZ; a++)
            {
                U line = ((plane + firstY) * side) + firstX;
                F ofPlane = F.Of(0f);
                for (int b = 1; b <= drawn.Taps; b++)
                {
                    F ofLine = F.Of(0f);
                    for (int c = 1; c <= drawn.Taps; c++)
                    {
                        F weight = F.Look(in row, drawn.WeightsX, x + U.Of((uint)(c * width)));
                        ofLine = F.Fma(weight, F.Look(in row, drawn.Grid, line + U.Of((uint)c - 1)), ofLine);
                    }

                    ofPlane = F.Fma(F.Look(in row, drawn.WeightsY, y + U.Of((uint)(b * height))), ofLine, ofPlane);
                    line += side;
                }

                field = F.Fma(F.Look(in row, drawn.WeightsZ, z + U.Of((uint)(a * depth))), ofPlane, field);
                plane += side;
            }

            return value * (drawn.IsExponential != 0 ? F.Exp(field) : field);
        }
    }
}
