using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;

namespace GpuSynth.Tests.Components;

/// <summary>What the components are tried on: draws, intensities and labels, and the tolerance over them.</summary>
internal static class ComponentSamples
{
    /// <summary>Voxels of a sample: more than a block, and no multiple of a vector.</summary>
    public const int Voxels = HostStep.BlockLength + 707;

    /// <summary>NaNs, infinities and ends of the range of floats.</summary>
    public static readonly float[] Specials =
    [
        float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon,
        -float.Epsilon, 1.17549435e-38f, 0f, -0f, 1f, -1f, MathF.BitDecrement(1f), MathF.BitIncrement(1f), 0.5f, 1e30f, -1e30f,
    ];

    /// <summary>Kinds of intensities, by what is said of them.</summary>
    public static readonly string[] Kinds = ["unit", "wide", "small"];

    /// <summary>A component's draws: all numbers at the ends of what is allowed, in the middle, and anywhere.</summary>
    public static IEnumerable<(Component Component, ulong Sample)> Draws(Type type)
    {
        foreach (double way in new[] { 0, 0.5, 1 })
        {
            if (ComponentMaker.At(type, way) is { } made)
            {
                yield return (made, 0);
            }
        }

        Random random = new(5);
        for (ulong sample = 1; sample <= 5; sample++)
        {
            yield return (ComponentMaker.Random(type, random), sample);
        }
    }

    /// <summary>Intensities of 0 to 1 with both ends, of both signs and a million, or of every magnitude below 1.</summary>
    public static float[] Values(string kind)
    {
        Random random = new(7);
        float[] values = [.. Enumerable.Range(0, Voxels).Select(_ => kind switch
        {
            "unit" => random.NextSingle(),
            "wide" => (2e6f * random.NextSingle()) - 1e6f,
            _ => MathF.Exp(-14f * random.NextSingle()),
        })];
        (values[11], values[Voxels - 1]) = kind == "unit" ? (0f, 1f) : (values[11], values[Voxels - 1]);
        return values;
    }

    /// <summary>Labels, every one of them.</summary>
    public static byte[] LabelsOf(int count)
    {
        Random random = new(9);
        return [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(ComponentRow.Labels))];
    }

    /// <summary>
    /// The rule: the values are the exact ones within twice the error of plain float and 4 ulp of their range; in a chain, within what the following
    /// components make of that of each. Voxels at a jump that a component has declared are left out: where the double lane jumps within one rounding
    /// per component; at most 2 % of them each, for of 65,536 levels that many voxels lie so near one.
    /// </summary>
    public static void AssertHolds(ComponentRow row, float[] before, byte[] labels, string what, params float[][] results)
    {
        double[] exact = LaneRuns.Exact(row, [.. before.Select(static value => (double)value)], labels);
        bool[] isTie = Ties(row, before, labels, exact);
        double tolerance = Tolerance(row, before, labels, isTie);
        foreach (float[] result in results)
        {
            Assert.That(Ladder.LargestError(Kept(exact, isTie), Kept(result, isTie)), Is.LessThanOrEqualTo(tolerance), what);
        }
    }

    // Each component gets the exact values, once in double and once in plain float; the rest of the chain, in double, says what its error comes to.
    private static double Tolerance(ComponentRow row, float[] before, byte[] labels, bool[] isTie)
    {
        double sum = 0;
        double[] values = [.. before.Select(static value => (double)value)];
        for (int place = 0; place < row.Layout.Entries.Count; place++)
        {
            Range own = place..(place + 1);
            double[] after = LaneRuns.Exact(row, own, values, labels);
            float[] plain = LaneRuns.Plain(row, own, [.. values.Select(static value => (float)value)], labels);
            double error = Ladder.Tolerance(Kept(after, isTie), Kept(plain, isTie));
            sum += place + 1 == row.Layout.Entries.Count ? error : Math.Max(Behind(place + 1, after, error), Behind(place + 1, after, -error));
            values = after;
        }

        return sum;

        double Behind(int place, double[] values, double error)
        {
            double[] exact = LaneRuns.Exact(row, place.., values, labels);
            double[] moved = LaneRuns.Exact(row, place.., [.. values.Select(value => value + error)], labels);
            double[] errors = Kept([.. exact.Zip(moved, static (one, other) => Math.Abs(one - other))], isTie);
            double jump = HasTies(row) ? Jump(exact) : double.PositiveInfinity;
            return errors.Where(one => one <= jump).DefaultIfEmpty(jump).Max();
        }
    }

    private static T[] Kept<T>(T[] all, bool[] isTie) => [.. all.Where((_, voxel) => !isTie[voxel])];

    private static bool HasTies(ComponentRow row) => row.Layout.Entries.Any(static entry => ((IVoxelComponent)entry.Component).HasTies);

    // A difference that only a jump makes.
    private static double Jump(double[] exact) => 1e-5 * (exact.Max() - exact.Min());

    private static bool[] Ties(ComponentRow row, float[] before, byte[] labels, double[] exact)
    {
        if (!HasTies(row))
        {
            return new bool[before.Length];
        }

        double rounding = row.Layout.Entries.Count * (double)before.Max(MathF.Abs) / (1 << 23);
        double[] above = LaneRuns.Exact(row, [.. before.Select(value => value + rounding)], labels);
        double[] below = LaneRuns.Exact(row, [.. before.Select(value => value - rounding)], labels);
        double jump = Jump(exact);
        bool[] ties = [.. above.Select((value, voxel) => Math.Abs(value - below[voxel]) > jump)];
        Assert.That(ties.Count(static tie => tie), Is.LessThanOrEqualTo(row.Layout.Entries.Count * before.Length / 50), "voxels at a tie");
        return ties;
    }
}
