using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Trees: Murray's law, the shape of a tube, one piece, the lanes.</summary>
public sealed class TreesTests
{
    // What rounding takes of a distance in a volume of a hundred voxels.
    internal const double Rounding = 2e-4;

    internal static readonly Trees Plain = new(
        Count: 1,
        Kinds: 1,
        RootRadiusOfSide: 0.03,
        LeastRadiusOfSide: 0.01,
        MurrayExponent: 2.7,
        Asymmetry: new UniformLaw(0.5, 1),
        LengthOfRadius: 8,
        Tortuosity: 2,
        RadiusJitter: 0,
        InsideChance: 0,
        WallOfRadius: 0,
        ThickerVoxels: 0);

    private static readonly NoiseAnatomy Below = new(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(5)], 1), null);

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // By hand: r_1 = r_2 = 2^(-1/3), cos = 1 / (2 r_1^2) = 2^(-1/3) = 0.7937, which is 37.467 degrees.
    [Test]
    public void ASymmetricSplit_OfExponent3_Turns37Point47Degrees()
    {
        TreeSplit split = TreeSplit.Of(1, 1, 3);
        Assert.That(split.Larger, Is.EqualTo(Math.Pow(2, -1.0 / 3)).Within(1e-12));
        Assert.That(split.LargerTurn * 180 / Math.PI, Is.EqualTo(37.4666).Within(1e-3));
        Assert.That(split.SmallerTurn, Is.EqualTo(split.LargerTurn).Within(1e-12));
    }

    // By hand, exponent 2 and a = 3/4 of parent 5: 4 and 3, and (625 + 256 - 81) / (2 * 25 * 16) = 1 turns nowhere.
    [Test]
    public void ASplit_KeepsTheSumOfPowers_AndTheThinnerTurnsMore()
    {
        TreeSplit byHand = TreeSplit.Of(5, 0.75, 2);
        Assert.That((byHand.Larger, byHand.Smaller), Is.EqualTo((4.0, 3.0)).Using<(double, double)>(
            static (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-12));
        Assert.That(byHand.LargerTurn, Is.EqualTo(0).Within(1e-6));
        foreach (double exponent in new[] { 2.2, 3, 5 })
        {
            TreeSplit split = TreeSplit.Of(2, 0.6, exponent);
            Assert.That(Math.Pow(split.Larger, exponent) + Math.Pow(split.Smaller, exponent), Is.EqualTo(Math.Pow(2, exponent)).Within(1e-9));
            Assert.That(split.SmallerTurn, Is.GreaterThan(split.LargerTurn));
        }
    }

    // Symmetric, so that a generation ends as a whole: 2^-1/2.7 per generation, 10 voxels at the root, 2 at least: seven generations, 64 leaves.
    [Test]
    public void TheLeaves_HaveThePowersOfTheRoot()
    {
        VolumeShape shape = VolumeShape.Image(10000, 10000);
        Trees trees = Plain with { RootRadiusOfSide = 0.001, LeastRadiusOfSide = 0.0002, Asymmetry = 1, InsideChance = 1, Tortuosity = 1 };
        TreeBranch[] branches = TreeSample.Grown(trees, shape, 3, out _);
        TreeBranch[] leaves = [.. branches.Where(branch => branches.All(other => other.Id / 2 != branch.Id))];
        Assert.That(branches, Has.Length.EqualTo(127));
        Assert.That(leaves, Has.Length.EqualTo(64));
        Assert.That(leaves.Sum(static leaf => Math.Pow(leaf.Radius, 2.7)), Is.EqualTo(Math.Pow(branches[0].Radius, 2.7)).Within(1e-3).Percent);
    }

    // A branch is a function of its ancestors: a thinner least radius adds branches and changes none, and another tree changes nothing either.
    [Test]
    public void ABranch_IsAFunctionOfItsAncestors([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = VolumeShape.Cubic(dimensions, 300);
        TreeBranch[] few = TreeSample.Grown(Plain with { LeastRadiusOfSide = 0.015 }, shape, 5, out _);
        TreeBranch[] more = TreeSample.Grown(Plain with { LeastRadiusOfSide = 0.011 }, shape, 5, out _);
        TreeBranch[] two = TreeSample.Grown(Plain with { LeastRadiusOfSide = 0.015, Count = 2 }, shape, 5, out _);
        Assert.That(few, Has.Length.GreaterThan(3));
        Assert.That(more, Has.Length.GreaterThan(few.Length));
        Assert.That(more, Is.SupersetOf(few));
        Assert.That(two.Where(static branch => branch.Tree == 0), Is.EquivalentTo(few));
        Assert.That(more.Max(branch => Math.Abs(branch.Direction.Length() - 1)), Is.LessThan(1e-5));
        Assert.That(more.Max(branch => Math.Abs(System.Numerics.Vector3.Dot(branch.Direction, branch.Side))), Is.LessThan(1e-5));
    }

    // Uniform draws of each branching and each branch; n suffices to see a law that is off by 0.09.
    [Test]
    public void EachBranching_FollowsItsLaws_KS_n600_alpha1e3_seed20261129()
    {
        const double alpha = 1e-3;
        Trees trees = Plain with
        {
            RootRadiusOfSide = 0.001, LeastRadiusOfSide = 0.0002, InsideChance = 1, Tortuosity = 1, LengthOfRadius = new UniformLaw(5, 9),
        };
        var ratios = new List<double>();
        var lengths = new List<double>();
        for (ulong sample = 0; ratios.Count < 600; sample++)
        {
            TreeBranch[] branches = TreeSample.Grown(trees, VolumeShape.Image(10000, 10000), sample, out float[] nodes);
            Dictionary<uint, TreeBranch> byId = branches.ToDictionary(static branch => branch.Id);
            ratios.AddRange(branches.Where(branch => branch.Id <= 8 && byId.ContainsKey(2 * branch.Id) && byId.ContainsKey((2 * branch.Id) + 1))
                .Select(branch => (double)byId[(2 * branch.Id) + 1].Radius / byId[2 * branch.Id].Radius));
            lengths.AddRange(branches.Select((branch, at) =>
            {
                ReadOnlySpan<float> own = nodes.AsSpan(at * TreeBranch.Words, TreeBranch.Words);
                return Math.Sqrt(Math.Pow(own[^3] - own[1], 2) + Math.Pow(own[^2] - own[2], 2)) / branch.Radius;
            }).Take(8));
        }

        double critical = Ladder.Critical(alpha, ratios.Count);
        Assert.That(critical, Is.LessThan(0.09), "n does not suffice");
        Assert.That(Ladder.KolmogorovSmirnov([.. ratios], static ratio => Math.Clamp((ratio - 0.5) / 0.5, 0, 1)), Is.LessThan(critical));
        Assert.That(Ladder.KolmogorovSmirnov([.. lengths], static length => Math.Clamp((length - 5) / 4, 0, 1)), Is.LessThan(Ladder.Critical(alpha, lengths.Count)));
    }

    [Test]
    public void TheNumberOfTrees_IsRounded_AndEachHasItsRadius()
    {
        Trees trees = Plain with { Count = new IntegerLaw(1, 6), RootRadiusOfSide = new UniformLaw(0.02, 0.1) };
        var seen = new HashSet<int>();
        for (ulong sample = 0; sample < 60; sample++)
        {
            var one = new TreeSample(trees, VolumeShape.Image(100, 100), sample);
            seen.Add(one.Drawn.Count);
            Assert.That(one.Drawn.RootRadiusVoxels.Count, Is.EqualTo(one.Drawn.Count));
        }

        Assert.That(seen, Is.EquivalentTo(Enumerable.Range(1, 6)));
    }

    // Across: pi r^2 / cos of the angle between the tube and the axis, in every plane that it goes through whole.
    [TestCase(0f, 0f)]
    [TestCase(9f, -14f)]
    public void AStraightTube_HasTheAreaOfItsCircle(float leanY, float leanX)
    {
        const float radius = 19.3f;
        VolumeShape shape = VolumeShape.Volume(80, 96, 97);
        var sample = new TreeSample(Plain, shape, 1);
        sample.Replace(TreeSample.Straight((-40, 47.2f - leanY, 46.9f - leanX), (120, 47.2f + leanY, 46.9f + leanX), radius));
        double count = sample.Labels().Chunk(96 * 97).Average(static plane => (double)plane.Count(static label => label == 0));
        double lean = Math.Sqrt((leanY * leanY) + (leanX * leanX)) / 80;
        Assert.That(count, Is.EqualTo(Math.PI * radius * radius * Math.Sqrt(1 + (lean * lean))).Within(1).Percent);
    }

    [Test]
    public void ATreeOfRadius0Point87_IsInOnePiece([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(90, 101) : VolumeShape.Volume(50, 41, 60);
        for (ulong sample = 0; sample < 40; sample++)
        {
            Trees trees = Plain with { LeastRadiusOfSide = 0.88 / shape.Side, Tortuosity = new UniformLaw(1, 4), InsideChance = sample % 2, RadiusJitter = 0.1 };
            byte[] labels = new TreeSample(trees, shape, sample).Labels();
            Assert.That(labels, Does.Contain(0));
            Assert.That(Pieces(labels, shape), Is.EqualTo(1), $"sample {sample}");
        }
    }

    [Test]
    public void TheOrderOfSegments_ChangesNothing()
    {
        var sample = new TreeSample(Plain with { Count = 3 }, VolumeShape.Volume(40, 41, 42), 7);
        byte[] labels = sample.Labels();
        float[][] branches = [.. sample.Nodes.ToArray().Chunk(TreeBranch.Words)];
        Assert.That(branches, Has.Length.GreaterThan(10));
        for (int turn = 0; turn < 4; turn++)
        {
            new Random(turn).Shuffle(branches);
            sample.Replace([.. branches.SelectMany(static branch => branch)]);
            Assert.That(sample.Labels(), Is.EqualTo(labels));
        }
    }

    // A tube so thick that every brick has every segment: more entries than there is room for, so that bricks grow.
    [Test]
    public void ManyThickTubes_FallIntoLargerBricks()
    {
        VolumeShape shape = VolumeShape.Volume(70, 72, 75);
        var sample = new TreeSample(Plain, shape, 1);
        var random = new Random(3);
        sample.Replace([.. Enumerable.Range(0, TreeBranch.Most).SelectMany(_ => TreeSample.Straight(Point(), Point(), 8 + (9 * random.NextSingle())))]);
        byte[] labels = sample.Labels();
        float[] nodes = sample.Nodes.ToArray();
        for (int turn = 0; turn < 3000; turn++)
        {
            (int z, int y, int x) = (random.Next(70), random.Next(72), random.Next(75));
            bool isInside = Enumerable.Range(0, sample.Drawn.Segments).Any(segment => new TreeSegment(nodes.AsSpan(), segment).LayerOf(z, y, x, 1) == TreeSegment.InLumen);
            Assert.That(labels[(((z * 72) + y) * 75) + x], Is.EqualTo(isInside ? 0 : 255));
        }

        (float, float, float) Point() => (random.Next(-20, 40), random.Next(-20, 40), random.Next(-20, 40));
    }

    // On what stands below, two kinds and a second component: the reference's labels but within rounding of a surface, whatever the threads.
    [TestCaseSource(nameof(Devices))]
    public void Labels_AreThoseOfTheReference(string device)
    {
        foreach ((VolumeShape shape, Law walls) in new (VolumeShape, Law)[]
        {
            (VolumeShape.Image(67, 83), 0), (VolumeShape.Volume(21, 30, 35), 0), (VolumeShape.Volume(21, 30, 35), new UniformLaw(0, 1)),
        })
        {
            int labels = walls.Maximum > 0 ? 4 : 2;
            Trees trees = Plain with { Count = new IntegerLaw(1, 4), Kinds = 2, RadiusJitter = 0.2, InsideChance = 0.5, LeastRadiusOfSide = 0, WallOfRadius = walls };
            Trees single = Plain with { RootRadiusOfSide = 0.05, Chance = 0.5 };
            Recipe bare = new("bare", shape.Dimensions, [Below], [new Contrast(new UniformLaw(0, 1))]);
            Recipe recipe = bare with { Anatomy = [Below, trees, single] };
            using SynthesisEngine below = Start(Options(bare, shape));
            using SynthesisEngine engine = Start(Options(recipe, shape, threads: 2) with { Device = device });
            Assert.That(engine.Plan.LabelCount, Is.EqualTo(4 + labels + 1));
            int near = 0;
            int painted = 0;
            for (int n = 0; n < 6; n++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                byte[] expected = Sample(below, SampleKey.Of(n)).Label;
                var margins = new double[expected.Length];
                double[] least = Reference(sample.Drawn, shape, 0, 4, expected, margins);
                double[] ofSecond = sample.Drawn.LeftOut.Any() ? least : Reference(sample.Drawn, shape, 1, 4 + labels, expected, margins);
                for (int voxel = 0; voxel < expected.Length; voxel++)
                {
                    bool isNear = Math.Min(least[voxel], ofSecond[voxel]) < Rounding;
                    near += isNear ? 1 : 0;
                    painted += sample.Label[voxel] >= 4 ? 1 : 0;
                    Assert.That(isNear || sample.Label[voxel] == expected[voxel], $"{shape}, sample {n}, voxel {voxel}");
                }

                Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
            }

            Assert.That(painted, Is.GreaterThan(300));
            Assert.That(near, Is.LessThan(6 * shape.VoxelCount / 500));
        }
    }

    // What was drawn may be changed and given back: the trees follow.
    [Test]
    public void WhatIsGivenBackChanged_GrowsOtherTrees()
    {
        VolumeShape shape = VolumeShape.Image(64, 64);
        using SynthesisEngine engine = Start(Options(new Recipe("given", 2, [Below, Plain], [new Contrast(1)]), shape));
        RenderedSample sample = Sample(engine, SampleKey.Of(1));
        int thin = sample.Label.Count(static label => label == 4);
        sample.Drawn.List(sample.Drawn.Of<Trees.Drawn>().RootRadiusVoxels)[0] *= 2;
        Assert.That(Applied(engine, sample.Drawn).Label.Count(static label => label == 4), Is.GreaterThan(2 * thin));
        sample.Drawn.Of<Trees.Drawn>().LeastRadiusVoxels = float.NaN;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("give back what was drawn"));
        sample.Drawn.Of<Trees.Drawn>().WallOfRadius = 0.2f;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("no label for walls"));
        sample.Drawn.Of<Trees.Drawn>().Count = 3;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("treeCount is 3"));
    }

    [Test]
    public void TreesWithoutRoom_AreRefusedInOneSentence()
    {
        var recipe = new Recipe("thin", 3, [Below, Plain with { RootRadiusOfSide = new UniformLaw(0.01, 0.1) }], [new Contrast(1)]);
        Assert.That(() => SynthesisPlan.Create(Options(recipe, VolumeShape.Volume(100, 100, 20))), Throws.Nothing);
        Assert.That(
            () => SynthesisPlan.Create(Options(recipe, VolumeShape.Volume(100, 100, 15))),
            Throws.TypeOf<PlanException>().With.Message.EqualTo(
                "Recipe thin: anatomy[1].trees draws roots of up to 20 voxels across, and the shortest axis of 100x100x15 has 15: they find no room; "
                + "lower rootRadiusOfSide to 0.075 at most, or take a larger size."));
    }

    [Test]
    public void LabelsBeyond255_AreRefused() => Assert.That(
        () => SynthesisPlan.Create(Options(
            new Recipe("many", 2, [Below with { Labels = SideMeasure.Of(254) }, Plain with { Kinds = 2 }], [new Contrast(1)]), VolumeShape.Image(64, 64))),
        Throws.TypeOf<PlanException>().With.Message.Contains("has 256 labels"));

    // The tables of a sample: 512 KB at most, whatever its size.
    [TestCase(512)]
    [TestCase(4000)]
    public void TheTables_AreDeclared_AndSmall(int side)
    {
        var layout = new RowLayout([Plain], new SampleFacts(VolumeShape.Volume(side, side, 1000), 1));
        using var arena = new WorkArena();
        Plain.CreateHostAnatomy(new StepPlace(layout.Entries[0], 0, layout.Facts)).Declare(arena);
        Assert.That(arena.Bytes + (layout.Length * sizeof(uint)), Is.LessThanOrEqualTo(512 * 1024));
    }

    // Paints the trees of a component over labels; merges how far each voxel is from a surface.
    private static double[] Reference(DrawnSample drawn, VolumeShape shape, int occurrence, int label, byte[] labels, double[] margins)
    {
        Trees.Drawn trees = drawn.Of<Trees.Drawn>(occurrence);
        ReadOnlySpan<float> nodes = drawn.List(trees.Nodes);
        int first = trees.FirstKindSegments / 6 * 28;
        Trees.ReferenceLabels(shape, nodes[..first], nodes[first..], label, 2 - occurrence, trees.WallOfRadius, labels, margins);
        return [.. margins];
    }

    // Pieces of what is 0, neighbours by faces, edges and corners.
    private static int Pieces(byte[] labels, VolumeShape shape)
    {
        int pieces = 0;
        var seen = new bool[labels.Length];
        var open = new Stack<int>();
        for (int start = 0; start < labels.Length; start++)
        {
            if (labels[start] != 0 || seen[start])
            {
                continue;
            }

            pieces++;
            seen[start] = true;
            open.Push(start);
            while (open.TryPop(out int at))
            {
                (int z, int y, int x) = (at / shape.Width / shape.Height, at / shape.Width % shape.Height, at % shape.Width);
                for (int step = 0; step < 27; step++)
                {
                    (int toZ, int toY, int toX) = (z + (step / 9) - 1, y + (step / 3 % 3) - 1, x + (step % 3) - 1);
                    int to = (((toZ * shape.Height) + toY) * shape.Width) + toX;
                    if (toZ >= 0 && toZ < shape.Depth && toY >= 0 && toY < shape.Height && toX >= 0 && toX < shape.Width && labels[to] == 0 && !seen[to])
                    {
                        seen[to] = true;
                        open.Push(to);
                    }
                }
            }
        }

        return pieces;
    }
}
