using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;

namespace GpuSynth.Tests.Components;

/// <summary>
/// What every component records against the law of the key that it was drawn by, each key alone with the uniform law over all that it allows;
/// and with all keys drawn, that no two numbers know of each other.
/// </summary>
public sealed class ComponentLawTests
{
    private const int Samples = 4000;
    private const ulong Seed = 20261128;
    private const double Alpha = 1e-3;

    // What is recorded is the law's number times this.
    private static readonly Dictionary<string, double> Factors = new()
    {
        ["noiseField.Displacement.StdOfSide"] = 64, // in voxels, at side 64
        ["labelMap.Deformation.StdOfSide"] = 64,
        ["labelMap.Velocity.StdOfSide"] = 64,
        ["deformation.Displacement.StdOfSide"] = 64,
        ["deformation.Velocity.StdOfSide"] = 64,
        ["trees.RootRadiusOfSide"] = 64,
        ["trees.LeastRadiusOfSide"] = 64,
        ["gaussians.RoughnessOfSide"] = 64,
        ["lesions.RadiusOfSide"] = 64,
        ["lesions.WallOfSide"] = 64,
        ["lesions.RingOfSide"] = 64,
        ["sphereMask.RadiusOfSide"] = 64,
        ["sphereMask.CentreOfSide"] = 64,
        ["sphereMask.RoughnessOfSide"] = 64,
        ["sphereMask.RimOfSide"] = 64,
        ["cells.RadiusOfSide"] = 64,
        ["shell.RadiusOfSide"] = 64,
        ["bones.VertebraRadiusOfSide"] = 64,
        ["bones.SpacingOfSide"] = 64,
        ["bones.RibRadiusOfSide"] = 64,
        ["bones.CageDepthOfSide"] = 64,
        ["bones.CageWidthOfSide"] = 64,
        ["bones.CortexOfSide"] = 64,
        ["bones.CentreOfSide"] = 64,
        ["shell.CentreOfSide"] = 64,
        ["shell.ThicknessOfSide"] = 64,
        ["shell.FoldOfSide"] = 64,
        ["shell.FoldSpacingOfSide"] = 64,
        ["density.SizeOfSide"] = 64,
    };

    // Keys whose numbers are not recorded as they are drawn, and where their law is held.
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["labelMap.Flip"] = "a yes or no, only where sides are known: DrawnLawTests.LabelMapFlip",
        ["contrast.ApartMean"] = "of labels that are named alone, drawn until they keep away: ContrastTests.WhatKeepsAway",
        ["trees.Count"] = "a whole number: TreesTests.TheNumberOfTrees",
        ["trees.Asymmetry"] = "drawn for each branching: TreesTests.EachBranching",
        ["trees.LengthOfRadius"] = "drawn for each branch: TreesTests.EachBranching",
        ["motion.Segments"] = "a whole number: MotionTests.TheNumberOfSegments",
        ["rings.Count"] = "a whole number: RingsTests.DetectorsAreAsManyAsDrawn",
        ["gaussians.Organs"] = "a whole number: GaussiansTests.TheNumbersOfBlobs",
        ["gaussians.Parts"] = "a whole number: GaussiansTests.TheNumbersOfBlobs",
        ["gaussians.Levels"] = "a whole number: GaussiansTests.TheNumbersOfBlobs",
        ["gaussians.SizeOfSide"] = "recorded as axes: GaussiansTests.EachBlob",
        ["gaussians.Elongation"] = "recorded as axes: GaussiansTests.EachBlob",
        ["gaussians.LogWeight"] = "the table's where organs are anchored: GaussiansTests.EachBlob",
        ["gaussians.Reach"] = "recorded, and moves the places of parts: GaussiansTests.EachBlob",
        ["gaussians.PartSize"] = "recorded as axes: GaussiansTests.EachBlob",
        ["lesions.Count"] = "a whole number: LesionsTests.TheNumberOfLesions",
        ["bones.Vertebrae"] = "a whole number: BonesTests.TheNumbersOfBones",
        ["bones.RibPairs"] = "a whole number: BonesTests.TheNumbersOfBones",
        ["bones.LongBones"] = "a whole number: BonesTests.TheNumbersOfBones",
        ["bones.LongRadiusOfSide"] = "drawn for each long bone: BonesTests.EachLongBone",
        ["bones.LengthOfRadius"] = "drawn for each long bone: BonesTests.EachLongBone",
        ["cells.SizeOfRadius"] = "drawn for each cell: CellsTests.EachCell",
        ["labelOps.Drop"] = "a chance of each label: LabelOpsTests.Chances",
        ["labelOps.Merge"] = "a chance of each pair: LabelOpsTests.Chances",
        ["labelOps.Keep"] = "a whole number: LabelOpsTests.Chances",
        ["deformation.Outside"] = "the nearest whole number: DeformationTests.Chances",
        ["labelMap.SliceAxis"] = "the nearest whole number, only of images of volumes: MapSliceTests",
    };

    // Components whose recorded numbers depend on each other, and where their law is held.
    private static readonly Dictionary<string, string> Dependent = new()
    {
        ["histogramWarp"] = "heights of one curve, which never falls: HistogramWarpTests",
        ["hounsfield"] = "means and deviations are those of the class that was drawn: HounsfieldTests",
        ["rings"] = "numbers for each of as many detectors as were drawn: RingsTests.DetectorsAreAsManyAsDrawn",
        ["gaussians"] = "a list for each of as many blobs as were drawn: GaussiansTests.EachBlob",
        ["lesions"] = "a number for each of as many lesions as were drawn: LesionsTests.TheNumberOfLesions",
        ["labelOps"] = "what labels become, one after another: LabelOpsTests.Chances",
        ["trees"] = "a radius for each of as many trees as were drawn: TreesTests.TheNumberOfTrees",
    };

    private static IEnumerable<TestCaseData> LawKeys => ComponentMaker.All.SelectMany(static type => ComponentMaker.Keys(type)
        .Where(static key => key.Type == typeof(Law) && !Elsewhere.ContainsKey(key.Path))
        .Select(key => new TestCaseData(type, key.Path).SetArgDisplayNames(key.Path)));

    private static IEnumerable<TestCaseData<Type>> Independent =>
        All.Where(static test => !Dependent.ContainsKey(ComponentMaker.NameOf((Type)test.Arguments[0]!)));

    private static IEnumerable<TestCaseData<Type>> All =>
        ComponentMaker.All.Select(static type => new TestCaseData<Type>(type).SetArgDisplayNames(ComponentMaker.NameOf(type)));

    [Test]
    public void Exceptions_AreOfKeysThatAre() =>
        Assert.That(Factors.Keys.Concat(Elsewhere.Keys), Is.SubsetOf(ComponentMaker.All.SelectMany(ComponentMaker.Keys).Select(key => key.Path)));

    [TestCaseSource(nameof(LawKeys))]
    public void EachKeyAlone_KS_n4000_alpha1e3_seed20261128(Type type, string path)
    {
        ComponentKey key = ComponentMaker.Keys(type).Single(key => key.Path == path);
        double factor = Factors.GetValueOrDefault(path, 1);
        double[] low = Numbers(With(new FixedLaw(key.Between(0.25))), 1)[0];
        double[] high = Numbers(With(new FixedLaw(key.Between(0.75))), 1)[0];
        int[] own = [.. Enumerable.Range(0, low.Length).Where(number => low[number] != high[number])];
        Assert.That(own, Is.Not.Empty, "what is drawn by it is recorded");
        foreach (int number in own)
        {
            Assert.That((low[number], high[number]), Is.EqualTo(((double)(float)(key.Between(0.25) * factor), (double)(float)(key.Between(0.75) * factor)))
                .Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) <= 1e-6 * Math.Abs(b.Item2)));
        }

        double critical = Ladder.Critical(Alpha / own.Length, Samples);
        Assert.That(2 * critical, Is.LessThan(0.085), "n does not suffice to see a law that is off by 0.085");
        double[][] drawn = Numbers(With(ComponentMaker.Everything(key)), Samples);
        foreach (int number in own)
        {
            double distance = Ladder.KolmogorovSmirnov(
                [.. drawn.Select(numbers => numbers[number] / factor)],
                value => Math.Clamp((value - key.Allowed!.Minimum) / (key.Allowed.Maximum - key.Allowed.Minimum), 0, 1));
            Assert.That(distance, Is.LessThan(critical), $"number {number}");
        }

        Component With(Law law) => ComponentMaker.Make(type, other => other.Path == path ? law : other.Between(0.5), _ => 0.5)!;
    }

    [TestCaseSource(nameof(Independent))]
    public void AllKeysAtOnce_Correlation_n4000_alpha1e3_seed20261128(Type type)
    {
        double[][] drawn = Numbers(ComponentMaker.Make(type, ComponentMaker.Everything, _ => 0.5)!, Samples);
        double[][] columns =
        [
            .. Enumerable.Range(0, drawn[0].Length).Select(number => Standardised([.. drawn.Select(numbers => numbers[number])]))
                .OfType<double[]>(),
        ];
        int pairs = columns.Length * (columns.Length - 1) / 2;
        double critical = NormalQuantile.AtUpperTail(Alpha / 2 / Math.Max(1, pairs)) / Math.Sqrt(Samples);
        Assert.That(critical, Is.LessThan(0.1), "n does not suffice to see a correlation of 0.2");
        for (int first = 0; first < columns.Length; first++)
        {
            for (int second = 0; second < first; second++)
            {
                double correlation = columns[first].Zip(columns[second], static (a, b) => a * b).Sum() / Samples;
                Assert.That(Math.Abs(correlation), Is.LessThan(critical), $"numbers {first} and {second}");
            }
        }
    }

    // All that is recorded, one number after another; one row per sample.
    private static double[][] Numbers(Component component, int samples)
    {
        var drawn = new DrawnSample(new RowLayout([component], ComponentRow.Facts));
        IReadOnlyList<RecordedNumber> recorded = RecordedNumber.Of(drawn.Layout);
        return
        [
            .. Enumerable.Range(0, samples).Select(sample =>
            {
                drawn.Draw(Seed, SampleKey.Of(sample));
                return recorded.SelectMany(number => number.Values(drawn)).Select(static value => (double)value).ToArray();
            }),
        ];
    }

    // Mean 0 and deviation 1; null of a constant.
    private static double[]? Standardised(double[] values)
    {
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return deviation == 0 ? null : [.. values.Select(value => (value - mean) / deviation)];
    }
}
