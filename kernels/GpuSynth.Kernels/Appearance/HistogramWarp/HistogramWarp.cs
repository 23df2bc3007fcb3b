using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// A monotone random curve on intensities of 0 to 1, 0 and 1 kept: a piecewise cubic through knots at equal distances, whose heights are cumulative
/// sums of a flat Dirichlet draw. The order of any two voxels is kept. What lies outside is clamped; a NaN stays one. Sources: F. N. Fritsch, R. E.
/// Carlson, "Monotone piecewise cubic interpolation", SIAM J. Numer. Anal. 17 (1980), slopes by their harmonic mean; MONAI's histogram shift.
/// </summary>
/// <param name="Knots">Knots of the curve, both ends included, 3 to 32: the more, the rougher.</param>
[Component(
    "histogramWarp",
    17,
    Source = "Fritsch and Carlson 1980",
    Says = "A random curve that keeps the order of intensities of 0 to 1, and their ends.",
    Example = "normalise: { epsilon: 1e-6 }\nhistogramWarp: { knots: 5 }")]
public sealed record HistogramWarp(
    [property: Allowed(3, 32, Says = "Knots of the curve, both ends included: the more, the rougher.")] int Knots)
    : VoxelComponent<HistogramWarp.Drawn>
{
    // Steps of the table that the curve is read from: linear between them.
    private const int Steps = 256;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => Knots + Steps + 1;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        WordList knots = drawing.List(Knots);
        Span<float> heights = drawing.Numbers(knots);
        double sum = 0;
        for (int knot = 1; knot < Knots; knot++)
        {
            // Exponential numbers over their sum are flat on the simplex.
            sum -= Math.Log(drawing.Number(Unit, (uint)knot - 1));
            heights[knot] = (float)sum;
        }

        heights[0] = 0;
        for (int knot = 1; knot < Knots; knot++)
        {
            heights[knot] = knot == Knots - 1 ? 1 : (float)Math.Min(heights[knot] / sum, 1);
        }

        return new Drawn { Heights = knots, Curve = drawing.List(Steps + 1) };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        ReadOnlySpan<float> heights = row.Slice(drawn.Heights.First, drawn.Heights.Count);
        Span<float> curve = row.Slice(drawn.Curve.First, Steps + 1);
        for (int step = 0; step <= Steps; step++)
        {
            curve[step] = (float)At(heights, (double)step / Steps);
        }
    }

    /// <summary>The curve through heights at equal distances.</summary>
    /// <param name="heights">Heights, never falling, at least 3.</param>
    /// <param name="position">0 to 1.</param>
    internal static double At(ReadOnlySpan<float> heights, double position)
    {
        int last = heights.Length - 1;
        double at = position * last;
        int knot = Math.Min((int)at, last - 1);
        double t = at - knot;
        double rise = heights[knot + 1] - (double)heights[knot];
        double before = Slope(heights, knot);
        double after = Slope(heights, knot + 1);
        return heights[knot] + (t * before) + (t * t * ((3 * rise) - (2 * before) - after)) + (t * t * t * (before + after - (2 * rise)));
    }

    // The harmonic mean of the rises on both sides is at most three times either, which keeps the cubic monotone.
    private static double Slope(ReadOnlySpan<float> heights, int knot)
    {
        int last = heights.Length - 1;
        double left = knot == 0 ? double.NaN : heights[knot] - (double)heights[knot - 1];
        double right = knot == last ? double.NaN : heights[knot + 1] - (double)heights[knot];
        return double.IsNaN(left) ? right : double.IsNaN(right) ? left : left + right == 0 ? 0 : 2 * left * right / (left + right);
    }

    /// <summary>What is drawn, and what it does.</summary>
    public struct Drawn : IVoxelMath<Drawn>
    {
        /// <summary>Heights of the knots.</summary>
        [Recorded("histogramWarpHeights")]
        public WordList Heights;

        /// <summary>Worked out: the curve at equal steps.</summary>
        public WordList Curve;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static F At<F, U>(F value, in Voxel<F, U> voxel, in Drawn drawn)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F at = F.Min(F.Max(value, F.Of(0f)), F.Of(1f)) * F.Of(Steps);
            F step = F.Min(F.Floor(at), F.Of(Steps - 1));
            U index = F.Whole(step);
            F curve = F.Lerp(voxel.Look(drawn.Curve, index), voxel.Look(drawn.Curve, index + U.Of(1)), at - step);
            return F.WhereNumber(value, curve, value);
        }
    }
}
