using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Cli;

// What "bench kernels" finds, prints, compares and refuses; how long anything takes is no business of a test.
public sealed class KernelBenchmarkTests
{
    private static readonly string[] OneThread = ["bench", "kernels", "--size", "16", "--threads", "1", "--filter", "gamma,pass"];
    private static readonly string[] PassNames = ["whole sample", "draw", "anatomy", "appearance", "normalise"];
    private ToolRun run = null!;

    private static EngineOptions Tiny => new()
    {
        Recipe = Presets.Get("rasd-3d"),
        Shape = VolumeShape.Cubic(3, 16),
        Threads = 1,
    };

    [OneTimeSetUp]
    public void Measure() => run = ToolRun.Of([.. OneThread, "--json"]);

    [Test]
    public void WhatHasABenchmarkIsFound_AndEveryComponentOfTheAppearanceButBias()
    {
        IEnumerable<string> written = typeof(KernelBenchmark).Assembly.GetTypes()
            .Where(static type => type.GetCustomAttribute<HostFormAttribute>() is not null).Select(KernelBenchmark.NameOf);
        IEnumerable<string> components = ComponentCatalogue.Own.Types
            .Where(static found => found.Value.IsAssignableTo(typeof(IVoxelComponent)) || found.Value.IsAssignableTo(typeof(IStageComponent)))
            .Select(static found => found.Key);
        IReadOnlyList<BenchmarkEntry> entries = KernelSuite.Find(Tiny, "");
        string[] found = [.. entries.Select(static entry => entry.Name)];
        Assert.Multiple(() =>
        {
            Assert.That(written, Is.SubsetOf(found).And.Not.Empty);
            Assert.That(components, Is.SubsetOf(found).And.Contain("gamma").And.Contain("sharpen"));
            Assert.That(PassNames, Is.SubsetOf(found));
            Assert.That(entries.Select(static entry => (entry.Kind, entry.Name)), Is.Unique);
        });
    }

    [Test]
    public void EveryBenchmarkSaysWhatItTimes() => Assert.That(
        typeof(KernelBenchmark).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(KernelBenchmark))
            && type != typeof(PointwiseBenchmark) && type != typeof(StageBenchmark) && type != typeof(AnatomyBenchmark)
            && type.GetCustomAttribute<HostFormAttribute>() is null),
        Is.Empty);

    [TestCase("Gam", "gamma rangeGamma")]
    [TestCase(" GAMMA , norm,", "gamma normalise rangeGamma normalise Normal")]
    [TestCase("reduc", "Reduction")]
    [TestCase("blur", "blur, blur 2D")]
    public void AFilterIsPartsOfNames(string filter, string names) => Assert.That(
        KernelSuite.Find(Tiny, filter).Select(static entry => entry.Name),
        Is.EqualTo(names.Split(names.Contains(',', StringComparison.Ordinal) ? ", " : " ")));

    [Test]
    public void AFilterMayNameAKind() =>
        Assert.That(KernelSuite.Find(Tiny, "pass").Select(static entry => entry.Name), Is.EqualTo(PassNames));

    // Shapes of one voxel and of uneven sides are shapes, too.
    [TestCase(1, 1, 1)]
    [TestCase(5, 1, 7)]
    [TestCase(17, 3, 33)]
    public void EverythingIsCheckedAndRunsAtOddShapes(int depth, int height, int width)
    {
        EngineOptions options = Tiny with { Shape = VolumeShape.Volume(depth, height, width) };
        using var crew = new ThreadCrew(1);
        foreach (BenchmarkEntry entry in KernelSuite.Find(options, ""))
        {
            Assert.That(entry.TimeRound(0, crew, CancellationToken.None), Is.Not.Empty, entry.Name);
        }
    }

    [Test]
    public void ImagesAreMeasuredOnImages()
    {
        EngineOptions options = Tiny with { Recipe = Presets.Get("rasd-2d"), Shape = VolumeShape.Image(33, 31) };
        IReadOnlyList<BenchmarkEntry> found = KernelSuite.Find(options, "");
        Assert.That(found.Select(static entry => entry.Shape), Is.All.EqualTo(options.Shape));
    }

    [TestCase("--filter gama", "nothing on host has 'gama' in its name; did you mean gamma? There are ")]
    [TestCase("--filter gamma,xyzzy", "nothing on host has 'xyzzy' in its name; there are ")]
    [TestCase("--preset rasd-9d", "there is no preset 'rasd-9d'")]
    [TestCase("--preset rasd-2d --recipe mine.yaml", "Both --preset and --recipe")]
    [TestCase("--size 0", "every axis needs at least 1")]
    [TestCase("--threads -1", "'-1' is not a whole number")]
    [TestCase("--batch 65536", "'65536' is not a whole number")]
    [TestCase("--device cuda:7", "There is no device cuda:7")]
    [TestCase("--device gpu", "There is no device gpu")]
    [TestCase("--against nowhere.json", "'nowhere.json' cannot be read: there is no such file")]
    [TestCase("--preset labelmap-3d --filter pass", "name their folder with --labels DIR")]
    public void AWrongValueIsWrongUse(string wrong, string sentence)
    {
        ToolRun refused = ToolRun.Of(["bench", "kernels", .. wrong.Split(' ')]);
        Assert.Multiple(() =>
        {
            Assert.That(refused.Messages, Does.StartWith("gpusynth: ").And.Contain(sentence));
            Assert.That(refused.Messages, Does.Not.Contain("   at "));
            Assert.That((refused.ExitCode, refused.Data), Is.EqualTo((2, "")));
        });
    }

    [Test]
    public void TheJsonHoldsMachineSettingAndEveryTiming()
    {
        Assert.That((run.ExitCode, run.Messages), Is.EqualTo((0, "")));
        JsonElement[] results = [.. run.Json.GetProperty("results").EnumerateArray()];
        JsonElement gamma = results.Single(static result => result.GetProperty("name").GetString() == "gamma");
        JsonElement whole = results.Single(static result => result.GetProperty("name").GetString() == "whole sample");
        double[][] rounds = gamma.GetProperty("rounds").Deserialize<double[][]>()!;
        Assert.Multiple(() =>
        {
            Assert.That(run.Json.GetProperty("benchmark").GetString(), Is.EqualTo("kernels"));
            Assert.That(run.Json.GetProperty("commit").GetString(), Is.Not.Empty);
            Assert.That(run.Json.GetProperty("machine").GetProperty("vectorBits").GetInt32(), Is.AnyOf(128, 256, 512));
            Assert.That(run.Json.GetProperty("machine").GetProperty("isa").GetString(), Is.AnyOf("AVX-512", "AVX2", "NEON", "SSE"));
            Assert.That(run.Json.GetProperty("ceilings")[0].GetProperty("threads").GetInt32(), Is.EqualTo(1));
            Assert.That(run.Json.TryGetProperty("loadAverageBefore", out _) && run.Json.TryGetProperty("warning", out _));
            Assert.That(
                run.Json.GetProperty("setting").Deserialize<BenchmarkSetting>(JsonSerializerOptions.Web),
                Is.EqualTo(new BenchmarkSetting("host", "rasd-3d", "16x16x16", 1, 1)));
            Assert.That(gamma.GetProperty("kind").GetString(), Is.EqualTo("component"));
            Assert.That(rounds, Has.Length.EqualTo(KernelSuite.Rounds).And.All.Not.Empty);
            Assert.That(gamma.GetProperty("repetitions").GetInt32(), Is.EqualTo(rounds.Sum(static round => round.Length)));
            Assert.That(gamma.GetProperty("costPerVoxel").GetProperty("bytes").GetDouble(), Is.EqualTo(8));
            Assert.That(gamma.GetProperty("shareOfCeiling").GetDouble(), Is.Positive);
            Assert.That(whole.GetProperty("shareOfWhole").GetDouble(), Is.EqualTo(1));
            // Nobody has counted what a whole sample costs.
            Assert.That(whole.GetProperty("gigabytesPerSecond").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(run.Json.TryGetProperty("comparison", out _), Is.False);
        });
    }

    [Test]
    public void ARunIsReadBackAsItWasWritten()
    {
        Report<KernelResult> read = Report<KernelResult>.Parse(run.Data);
        string again = read.ToJson();
        Assert.Multiple(() =>
        {
            Assert.That(again.Split('\n').Where(IsGiven), Is.EqualTo(run.Data.Split('\n').Where(IsGiven)));
            Assert.That(Report<KernelResult>.Parse(again).ToJson(), Is.EqualTo(again));
        });

        // What follows from the times does so from those that were written, which have five digits.
        static bool IsGiven(string line) => line.Contains("\"rounds\"", StringComparison.Ordinal)
            || line.Contains("\"name\"", StringComparison.Ordinal)
            || line.Contains("\"ceilingNanosecondsPerVoxel\"", StringComparison.Ordinal);
    }

    [Test]
    public void TheTableFitsAPage()
    {
        using var folder = new IO.TestFolder();
        // An earlier run in which nothing could be as slow, on other threads and with one thing more.
        Report<KernelResult> before = Report<KernelResult>.Parse(run.Data);
        KernelResult[] slow = [.. before.Results.Select(static result => Scaled(result, 1e9))];
        before = before with
        {
            Commit = "0000000",
            Setting = before.Setting! with { Threads = 3 },
            Results = [.. slow, slow[0] with { Name = "LabelMapAnatomy 2D" }],
        };
        File.WriteAllText(folder["before.json"], before.ToJson());
        ToolRun compared = ToolRun.Of([.. OneThread, "--against", folder["before.json"]]);
        Assert.Multiple(() =>
        {
            Assert.That((compared.ExitCode, compared.Messages), Is.EqualTo((0, "")));
            Assert.That(compared.Data, Does.Contain("host, rasd-3d, 16x16x16, 1 thread"));
            Assert.That(compared.Data, Does.Contain("The runs differ in threads: 3 before, 1 now."));
            Assert.That(compared.Data, Does.Contain("Before: commit 0000000"));
            Assert.That(compared.Data, Does.Match(@"component +gamma .* faster"));
            Assert.That(compared.Data, Does.Match(@"pass +anatomy .* faster"));
            Assert.That(compared.Data, Does.Match(@"component +LabelMapAnatomy 2D .* only before"));
            Assert.That(compared.Data.Split('\n').Select(static line => line.TrimEnd().Length), Is.All.LessThanOrEqualTo(100));
        });
    }

    [Test]
    public void WhatIsNoRunIsRefused()
    {
        using var folder = new IO.TestFolder();
        Report<KernelResult> whole = Report<KernelResult>.Parse(run.Data);
        KernelResult gamma = whole.Results[0];
        (string What, string Text)[] wrong =
        [
            ("nothing", ""),
            ("null", "null"),
            ("prose", "# perf"),
            ("another object", "{}"),
            ("a list", "[1, 2]"),
            ("half a file", run.Data[..(run.Data.Length / 2)]),
            ("a report of another benchmark", (whole with { Setting = null }).ToJson()),
            ("no rounds", WithRounds("[]")),
            ("an empty round", WithRounds("[[]]")),
            ("a time of nothing", WithRounds("[[0]]")),
            ("text for times", WithRounds("[[\"a\"]]")),
            ("no list", WithRounds("1")),
            ("null for times", WithRounds("null")),
            ("the same twice", (whole with { Results = [gamma, gamma] }).ToJson()),
        ];
        foreach ((string what, string text) in wrong)
        {
            File.WriteAllText(folder["wrong.json"], text);
            Assert.That(
                () => KernelComparison.ReadEarlier(folder["wrong.json"]),
                Throws.TypeOf<WrongUseException>().With.Message.StartsWith($"--against: '{folder["wrong.json"]}' is not a whole run as "),
                what);
        }
    }

    // Rounds of 10, 11, ... 14 ms, and others.
    [TestCase("10 11 12 13 14", 1, "noise")]
    [TestCase("15 16 17 18 19", 1.417, "slower")]
    [TestCase("14 16 17 18 19", 1.417, "noise")]
    [TestCase("5 6 7 8 9", 0.583, "faster")]
    [TestCase("5 6 7 8 10", 0.583, "noise")]
    [TestCase("15 16 17 18 19 20", 1.458, "slower")]
    [TestCase("15 16 17 18", 1.375, "noise")]
    [TestCase("15 16", 1.292, "noise")]
    [TestCase("90", 7.5, "noise")]
    public void ADifferenceCountsWhereAllRoundsLieApart(string rounds, double ratio, string verdict)
    {
        KernelComparison one = KernelComparison.Of([Timed(10, 11, 12, 13, 14)], [Timed(Numbers(rounds))])[0];
        Assert.That((Math.Round(one.Ratio!.Value, 3), one.Verdict), Is.EqualTo((ratio, verdict)));
    }

    // C(10, 5) = 252 orders of five rounds each, C(9, 4) = 126, C(7, 2) = 21: two of them are apart.
    [TestCase("1 2 3 4 5", 252)]
    [TestCase("1 2 3 4", 126)]
    [TestCase("1 2", 21)]
    public void TheChanceIsThatOfTheRankTest(string rounds, double orders)
    {
        KernelComparison one = KernelComparison.Of([Timed(Numbers(rounds))], [Timed(6, 7, 8, 9, 10)])[0];
        Assert.That(one.Chance, Is.EqualTo(2 / orders).Within(1e-12));
    }

    // Every kernel that a batch launches, with nothing said of what it costs: nobody has counted.
    [TestCase("rasd-3d", "5x7x9")]
    [TestCase("rasd-2d", "9x11")]
    public void KernelsOfADeviceAreFoundByTheirLaunches(string preset, string size)
    {
        ToolRun device = ToolRun.Of(
            "bench", "kernels", "--device", "ilgpu-cpu", "--preset", preset, "--size", size, "--batch", "2", "--json");
        Assert.That((device.ExitCode, device.Messages), Is.EqualTo((0, "")));
        Report<KernelResult> report = Report<KernelResult>.Parse(device.Data);
        KernelResult[] kernels = [.. report.Results.Where(static result => result.Kind == BenchmarkKind.Kernel)];
        KernelResult whole = report.Results.Except(kernels).Single();
        Assert.Multiple(() =>
        {
            Assert.That(report.Setting, Is.EqualTo(new BenchmarkSetting("ilgpu-cpu", preset, size, Environment.ProcessorCount, 2)));
            Assert.That(whole.Name, Is.EqualTo("whole batch"));
            Assert.That(
                kernels.Select(static kernel => kernel.Name),
                Is.Unique.And.Contain("SampleTable.StoreKernel").And.Contain("ChainKernel[Normalise, Gamma, FloatTarget]"));
            Assert.That(kernels.Sum(static kernel => kernel.Launches), Is.EqualTo(whole.Launches));
            Assert.That(kernels.Select(static kernel => kernel.ShareOfWhole), Is.All.InRange(0, 1));
            Assert.That(kernels.Select(static kernel => kernel.Rounds.Count), Is.All.EqualTo(KernelSuite.Rounds));
            Assert.That(kernels.Select(static kernel => kernel.GigabytesPerSecond), Is.All.Null);
            Assert.That(kernels.Select(static kernel => kernel.Registers), Is.All.Null);
            Assert.That(report.Ceilings, Is.Empty);
        });
    }

    [Test]
    public void ADeviceHasOtherNamesThanTheHost()
    {
        ToolRun refused = ToolRun.Of("bench", "kernels", "--device", "ilgpu-cpu", "--size", "9", "--filter", "gama");
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Messages, Does.Contain("nothing on ilgpu-cpu has 'gama' in its name; there are whole batch, "));
    }

    [Test]
    public void AnImageIsNotComparedWithAVolume()
    {
        IReadOnlyList<KernelComparison> both = KernelComparison.Of([Timed(1) with { Size = "8x8" }], [Timed(1)]);
        Assert.That((both[0].Verdict, both[1].Verdict), Is.EqualTo(("only now", "only before")));
    }

    [Test]
    public void RatesAreCountedCostOverTheMedian()
    {
        KernelResult result = Timed(2, 2, 2) with
        {
            CostPerVoxel = new KernelCost(8, 50, 40), CeilingNanosecondsPerVoxel = 1,
        };
        Assert.Multiple(() =>
        {
            Assert.That(result.NanosecondsPerVoxel, Is.EqualTo(2));
            Assert.That(result.GigabytesPerSecond, Is.EqualTo(4));
            Assert.That(result.Gigaflops, Is.EqualTo(25));
            Assert.That(result.ShareOfCeiling, Is.EqualTo(0.5));
            // Of three rounds one had all of the machine, one half and one a quarter: 1 / 2, 1 / (3 / 2), 1 / (5 / 4).
            Assert.That(
                (Timed(2, 3, 5) with { CeilingNanosecondsPerVoxel = 1, Available = [1, 0.5, 0.25] }).ShareOfCeiling, Is.EqualTo(1 / 1.5).Within(1e-12));
            Assert.That(Timed(2, 2, 2).ShareOfCeiling, Is.Null);
        });
    }

    [Test]
    public void OfTwoMeasurementsOfTheMachineTheBestOfEachCounts()
    {
        var a = new ThreadCeilings(2, new(1, 20, 300), new(4, 5, 6), new(7, 8, 9), 100, 2);
        var b = new ThreadCeilings(2, new(10, 2, 30), new(4, 5, 6), new(70, 8, 9), 50, 3);
        Assert.That(a.Best(b), Is.EqualTo(new ThreadCeilings(2, new(10, 20, 300), new(4, 5, 6), new(70, 8, 9), 100, 3)));
    }

    // What a component is timed with is what recipes do with it: the given one, else a preset of as many dimensions, else its keys' middle.
    [Test]
    public void ComponentsAreTimedAsTheyAreUsed()
    {
        Recipe given = Presets.Get("rasd-3d") with { Appearance = [.. Presets.Get("rasd-3d").Appearance, new Gamma(3.25)] };
        Assert.Multiple(() =>
        {
            Assert.That(DrawnComponent.AsUsed(typeof(Gamma), given.Without<Gamma>() with { Name = "x" }, 3), Is.EqualTo(Presets.Get("rasd-3d").Find<Gamma>()));
            Assert.That(DrawnComponent.AsUsed(typeof(Blur), given with { Appearance = [given.Find<Contrast>()!, new Blur(2, 5)] }, 3), Is.EqualTo(new Blur(2, 5)));
            Assert.That(DrawnComponent.AsUsed(typeof(Motion), given, 2), Is.EqualTo(Presets.Get("mri-2d").Find<Motion>()));
            Assert.That(DrawnComponent.AsUsed(typeof(Motion), given, 3), Is.EqualTo(Presets.Get("mri-3d").Find<Motion>()));
        });
    }

    // A component that few samples have is timed on one that has it, and that it changes.
    [Test]
    public unsafe void AComponentIsTimedOnASampleThatHasIt()
    {
        Component rare = DrawnComponent.AsUsed(typeof(CutOut), Presets.Get("mri-3d"), 3) with { Chance = 1e-6 };
        using var drawn = new DrawnComponent(rare, VolumeShape.Cubic(3, 32), 8, DrawnComponent.FirstSample);
        Assert.Multiple(() =>
        {
            Assert.That(((uint*)drawn.Row.WordsAddress)[drawn.Place.Entry.First - 1], Is.EqualTo(1));
            Assert.That(DrawnComponent.FirstThat(static one => one >= 7), Is.EqualTo(7));
            Assert.That(DrawnComponent.FirstThat(static _ => false), Is.EqualTo(DrawnComponent.FirstSample));
        });
    }

    [Test]
    public void WhatIsWrongIsNotTimed()
    {
        var entry = new Failing();
        Assert.That(() => Suite(entry, CancellationToken.None), Throws.TypeOf<GpuSynthException>());
        Assert.That(entry.Rounds, Is.EqualTo(1));
    }

    [Test]
    public void AStopIsAStop()
    {
        var entry = new Failing();
        Assert.That(() => Suite(entry, new CancellationToken(canceled: true)), Throws.TypeOf<OperationCanceledException>());
        Assert.That(entry.Rounds, Is.Zero);
        using var interruption = new Interruption();
        interruption.Stop(130);
        ToolRun stopped = ToolRun.Of(interruption, OneThread);
        Assert.That((stopped.ExitCode, stopped.Data, stopped.Messages.Trim()), Is.EqualTo((130, "", "gpusynth: Stopped.")));
    }

    private string WithRounds(string rounds) =>
        Regex.Replace(run.Data, @"""rounds"": \[\[[^\]]*\](,\[[^\]]*\])*\s*\]", $"\"rounds\": {rounds}");

    private static double[] Numbers(string text) =>
        [.. text.Split(' ').Select(static number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];

    private static KernelResult Timed(params double[] rounds) =>
        new(BenchmarkKind.Stage, "it", "100x100x100", 1_000_000, [.. rounds.Select(static time => new[] { time, time })]);

    private static KernelResult Scaled(KernelResult result, double factor) =>
        result with { Rounds = [.. result.Rounds.Select(round => round.Select(time => time * factor).ToArray())] };

    private static void Suite(BenchmarkEntry entry, CancellationToken stop) =>
        KernelSuite.Run([entry], Report<KernelResult>.Begin("kernels"), 1, static _ => { }, stop);

    private sealed class Failing() : BenchmarkEntry(BenchmarkKind.Stage, "it", VolumeShape.Cubic(3, 4))
    {
        public int Rounds { get; private set; }

        public override IReadOnlyList<double> TimeRound(int round, ThreadCrew crew, CancellationToken stop)
        {
            Rounds++;
            throw new GpuSynthException("wrong");
        }
    }
}
