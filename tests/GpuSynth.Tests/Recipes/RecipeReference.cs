using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Components;
using GpuSynth.Tests.Kernels;
using ILGPU;

namespace GpuSynth.Tests.Recipes;

/// <summary>
/// The image of a recipe, component after component in double, and how far from it a device may be, voxel by voxel: twice the error of the same
/// steps in plain float and 4 ulp of the range; behind a curve what becomes of that, and the same of the curve itself. A bias field is a curve
/// too: it is exp(b), and 4 ulp of the range of b are carried through it, which is much where b falls to -200 in a few voxels.
/// </summary>
/// <param name="Image">The image.</param>
/// <param name="Tolerance">How far a voxel may be off.</param>
internal sealed record RecipeReference(double[] Image, double[] Tolerance)
{
    // Magnitudes of the weights of a line, of ringing along three axes: (4 / pi^2) ln N + 1.3 each.
    private const double MostWeights = 27;

    // 4 ulp, relative.
    private const double Ulps = 4.0 / (1 << 23);

    /// <summary>Components of the appearance: so many times the tolerance may be used up.</summary>
    public int Components { get; private init; } = 1;

    /// <summary>Of what was drawn, on labels that are given.</summary>
    public static RecipeReference Of(Recipe recipe, DrawnSample drawn, byte[] labels)
    {
        double[] exact = [];
        float[] plain = [];
        double carried = 0;
        var before = new Dictionary<Type, int>();
        foreach (Component component in recipe.Components)
        {
            int occurrence = before.GetValueOrDefault(component.GetType());
            before[component.GetType()] = occurrence + 1;
            if (!drawn.Layout.Entries.First(entry => entry.Component == component && entry.Occurrence == occurrence).IsIn(drawn.Words))
            {
                continue;
            }

            switch (component)
            {
                case Contrast:
                    Span<float> means = drawn.List(drawn.Of<Contrast.Drawn>().Means);
                    plain = new float[labels.Length];
                    for (int voxel = 0; voxel < labels.Length; voxel++)
                    {
                        plain[voxel] = means[labels[voxel]];
                    }

                    exact = [.. plain.Select(static value => (double)value)];
                    break;
                case Bias bias:
                    (exact, plain, double most) = Biased(bias, drawn, occurrence, exact, plain);
                    carried += Ulps * most * exact.Max(Math.Abs);
                    break;
                case Noise:
                    (exact, plain) = Noisy(drawn, occurrence, exact, plain);

                    // The noise is as large as the largest intensity says; a normal number of a few hundred is hardly above 4.
                    carried *= 1 + (4 * drawn.Of<Noise.Drawn>(occurrence).StdOfMaximum);
                    break;
                case Blur blur:
                    float[] sigmas = drawn.Of<Blur.Drawn>(occurrence).SigmaVoxels.ToArray();
                    exact = Blur.ReferenceImage(exact, drawn.Layout.Facts.Shape, sigmas, blur.Taps);
                    plain = PlainForms.Blur(plain, drawn.Layout.Facts.Shape, sigmas, blur.Taps);
                    break;
                case Normalise:
                    // (v - a) / (b - a) is off by (dv - (1 - t) da - t db) / (b - a): by twice what each may be off. In plain float these may cancel by luck, and
                    // do not elsewhere: much, where values are large beside their range.
                    carried = 2 * (Ladder.Tolerance(exact, plain) + carried)
                        / Math.Max(1e-30, exact.Max() - exact.Min() + drawn.Of<Normalise.Drawn>(occurrence).Epsilon);
                    (exact, plain) = Normalised(drawn.Of<Normalise.Drawn>(occurrence).Epsilon, exact, plain);
                    break;
                case Gamma:
                    return Curved(drawn.Of<Gamma.Drawn>(), exact, Ladder.Tolerance(exact, plain) + carried) with { Components = recipe.Appearance.Count };
                case Ghost ghost:
                    carried *= 1 + drawn.Of<Ghost.Drawn>(occurrence).Strength;
                    (exact, plain) = Staged(ghost, drawn, occurrence, exact, plain, labels);
                    break;
                case QuantileRange range:
                    double width = Math.Max(1e-30, exact.Max() - exact.Min());
                    (exact, plain) = Staged(range, drawn, occurrence, exact, plain, labels);

                    // A voxel at the edge of a bin may be counted on either side of it, which moves a quantile by a bin where few voxels lie.
                    carried = (exact.Max() - exact.Min()) * ((carried / width) + (2.0 / QuantileRange.Bins)) * (1 + exact.Max(Math.Abs));
                    break;
                case RangeGamma curve:
                    carried = Bent(exact, drawn.Of<RangeGamma.Drawn>(occurrence).Exponent, Ladder.Tolerance(exact, plain) + carried);
                    (exact, plain) = Linked(curve, drawn, occurrence, exact, plain, labels);
                    break;
                case IVoxelComponent voxel:
                    if (component.Begins)
                    {
                        (exact, plain) = (new double[labels.Length], new float[labels.Length]);
                    }

                    (exact, plain) = Linked(voxel, drawn, occurrence, exact, plain, labels);
                    break;
                case IStageComponent stage:
                    (exact, plain) = Staged(stage, drawn, occurrence, exact, plain, labels);

                    // What was off before is off by as much times what a line's weights add up to at most; what they add is four times 4 ulp.
                    carried = (MostWeights * carried) + (4 * Ulps * exact.Max(Math.Abs));
                    break;
                default:
                    Assert.That(component.IsAnatomy, $"say in {nameof(RecipeReference)} what {component.Name} does");
                    break;
            }
        }

        double tolerance = Ladder.Tolerance(exact, plain) + carried;
        return new RecipeReference(exact, [.. exact.Select(_ => tolerance)]) { Components = recipe.Appearance.Count };
    }

    private static (double[] Exact, float[] Plain, double Most) Biased(
        Bias bias, DrawnSample drawn, int occurrence, double[] exact, float[] plain)
    {
        BiasGrid grid = bias.Grid(drawn.Layout.Facts.Shape);
        Bias.Drawn numbers = drawn.Of<Bias.Drawn>(occurrence);
        float[] sigmas = numbers.SigmaVoxels.ToArray();
        RandomPlace place = Place(drawn, Streams.BiasCells, occurrence);
        float[] cells = [.. Enumerable.Range(0, grid.CellCount).Select(cell => Normal.At(place, cell))];
        double most = numbers.Std * NormalQuantile.OfMaximum(numbers.MaximumUniform, exact.Length);
        double[] field = BiasField.ReferenceCoarse(grid, sigmas, cells, most);
        return (
            [.. exact.Select((value, voxel) => value * Math.Exp(field[voxel]))],
            PlainForms.Bias(grid, numbers.Std, sigmas, cells, numbers.MaximumUniform, plain),
            field.Max(Math.Abs));
    }

    private static (double[] Exact, float[] Plain) Noisy(
        DrawnSample drawn, int occurrence, double[] exact, float[] plain)
    {
        float std = drawn.Of<Noise.Drawn>(occurrence).StdOfMaximum;
        RandomPlace place = Place(drawn, Streams.NoiseVoxels, occurrence);
        double[] noise = Normal.ReferenceValues(place, 0, exact.Length);
        double sigma = std * exact.Max(Math.Abs);
        float plainSigma = std * plain.Max(MathF.Abs);
        return (
            [.. exact.Select((value, voxel) => value + (sigma * noise[voxel]))],
            [.. plain.Select((value, voxel) => WhiteNoise.Voxel(value, plainSigma, place, voxel))]);
    }

    // By its own mathematics in the lanes: what it makes by hand is its own test's.
    private static unsafe (double[] Exact, float[] Plain) Linked(
        IVoxelComponent component, DrawnSample drawn, int occurrence, double[] exact, float[] plain, byte[] labels)
    {
        RowEntry entry = drawn.Layout.Entries.First(one => ReferenceEquals(one.Component, component) && one.Occurrence == occurrence);
        var place = new StepPlace(entry, 0, drawn.Layout.Facts);
        HostStep step = component.CreateStep(in place);
        uint[] words = [.. drawn.Words, .. new uint[32]];
        var table = new float[Math.Max(1, step.MemoryLength)];
        var scratch = new float[Math.Max(1, step.ScratchLength)];
        float* measured = stackalloc float[] { (float)exact.Min(), (float)exact.Max() };
        fixed (uint* at = words)
        fixed (float* tableAt = table, scratchAt = scratch, before = plain)
        {
            var row = new Row(at, measured);
            step.Prepare(new HostSample(row), tableAt, scratchAt);
            if (component.Needs == MeasureNeed.Image)
            {
                step.Survey(new HostSample(row), before, 0, place.Facts.Shape.Depth, tableAt, scratchAt);
            }

            using var onDevice = BatchDevice.Upload(table);
            return (
                LaneRuns.Exact(component.CreateLink(place with { Table = new NumberTable(tableAt) }), row, exact, labels),
                LaneRuns.Plain(
                    component.CreateLink(place with { Table = new NumberTable((ArrayView<float>)onDevice.View) }),
                    words,
                    [MeasuredWords.Ordered(plain.Min()), MeasuredWords.Ordered(plain.Max())],
                    plain,
                    labels));
        }
    }

    // By its own form in double, of what was in double and of what was in float: how that is right is its own test's.
    private static unsafe (double[] Exact, float[] Plain) Staged(
        IStageComponent component, DrawnSample drawn, int occurrence, double[] exact, float[] plain, byte[] labels)
    {
        RowEntry entry = drawn.Layout.Entries.First(one => ReferenceEquals(one.Component, component) && one.Occurrence == occurrence);
        HostStage stage = component.CreateHostStage(new StepPlace(entry, 0, drawn.Layout.Facts));
        uint[] words = [.. drawn.Words, .. new uint[32]];
        float* measured = stackalloc float[2];
        fixed (uint* at = words)
        {
            var row = new Row(at, measured);
            double[] ofPlain = stage.Exact(in row, [.. plain.Select(static value => (double)value)], labels);
            return (stage.Exact(in row, exact, labels), [.. ofPlain.Select(static value => (float)value)]);
        }
    }

    private static (double[] Exact, float[] Plain) Normalised(float epsilon, double[] exact, float[] plain)
    {
        double least = exact.Min();
        double width = exact.Max() - least + epsilon;
        double range = width == 0 ? 1 : width;
        Normalise.Drawn measured = Normalise.Drawn.WithRange(new Normalise.Drawn { Epsilon = epsilon }, plain.Min(), plain.Max());
        return ([.. exact.Select(value => (value - least) / range)], Pointwise.Plain(measured, plain));
    }

    // What becomes of a tolerance behind min + (max - min) t^g: much, where g is below 1 and a voxel near the smallest one. That one stays what it is.
    private static double Bent(double[] before, double exponent, double tolerance)
    {
        double least = before.Min();
        double range = before.Max() - least;
        double most = 0;
        foreach (double value in before.Order().Skip(1).TakeWhile(_ => range > 0))
        {
            (double share, double step) = ((value - least) / range, tolerance / range);
            double bent = Math.Pow(share, exponent);
            most = Math.Max(most, Math.Max(Math.Pow(share + step, exponent) - bent, bent - Math.Pow(Math.Max(0, share - step), exponent)));
        }

        return (range * most) + tolerance;
    }

    private static RecipeReference Curved(Gamma.Drawn drawn, double[] before, double tolerance)
    {
        double[] exact = Curve(before);
        double[] above = Curve([.. before.Select(value => value + tolerance)]);
        double[] below = Curve([.. before.Select(value => value - tolerance)]);
        float[] rounded = [.. before.Select(static value => (float)value)];
        double own = Ladder.Tolerance(Pointwise.Exact(drawn, rounded), Pointwise.Plain(drawn, rounded));
        return new RecipeReference(
            exact,
            [.. exact.Select((value, voxel) => own + Math.Max(Math.Abs(above[voxel] - value), Math.Abs(below[voxel] - value)))]);

        double[] Curve(double[] values) => [.. values.Select(value =>
            Gamma.Drawn.At(new RealExact(value), default(Voxel<RealExact, WordExact>), in drawn).V)];
    }

    private static RandomPlace Place(DrawnSample drawn, uint stream, int occurrence) =>
        new(drawn.Seed, drawn.Key.Appearance, stream | ((uint)occurrence << 16));
}
