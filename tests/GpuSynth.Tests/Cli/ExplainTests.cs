using System.Text.Json;
using GpuSynth.Benchmarking;
using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.IO;

namespace GpuSynth.Tests.Cli;

// What "recipe explain" says of passes, costs, memory and stages; how long anything takes is no business of a test.
public sealed class ExplainTests
{
    private const string Head = """
        name: mine
        dimensions: 3
        anatomy:
          - noiseField: { labels: 3, field: { scales: [side/2], std: 1 } }
        appearance:
          - contrast: { mean: { uniform: [0, 1] } }

        """;

    private const string Blur = "  - blur: { sigmaVoxels: 0.5, taps: 5 }\n";
    private const string Noise = "  - noise: { stdOfMaximum: 0.1 }\n";
    private const string Normalise = "  - normalise: { epsilon: 1e-6 }\n";
    private const string Gamma = "  - gamma: { exponent: 2 }\n";
    private const string Window = "  - window: { level: 0.5, width: 1 }\n";

    [Test]
    public void TheRasdRecipeIsFourPasses()
    {
        JsonElement run = Explained("rasd-3d", "--size", "128", "--threads", "2");
        Assert.Multiple(() =>
        {
            Assert.That(Text(run), Is.EqualTo(
                """
                anatomy: grids -> labels, 1 B: noiseField
                anatomy: labels -> largest, 0 B: contrast bias
                appearance: labels -> image, 5 B: contrast bias noise blur (range)
                normalise: image -> image, 8 B: normalise gamma
                """));
            Assert.That(
                (run.GetProperty("recipe").GetString(), run.GetProperty("size").GetString(), run.GetProperty("device").GetString()),
                Is.EqualTo(("rasd-3d", "128x128x128", "host")));
            Assert.That((run.GetProperty("labels").GetInt32(), run.GetProperty("threads").GetInt32()), Is.EqualTo((8, 2)));
            Assert.That(run.GetProperty("stages").ValueKind, Is.EqualTo(JsonValueKind.Null), "nothing was measured");
        });
    }

    // Blur by hand: of 3 axes a product and 6 multiply-adds each. The sum counts what its parts do; a measure alone is not counted.
    [Test]
    public void OperationsAreThoseOfTheBenchmarks()
    {
        JsonElement[] passes = [.. Explained("rasd-3d", "--size", "128").GetProperty("passes").EnumerateArray()];
        Assert.Multiple(() =>
        {
            Assert.That(Flops(passes[0]), Is.EqualTo(Counted(new NoiseAnatomyBenchmark(VolumeShape.Cubic(3, 128), 1))));
            Assert.That(Flops(passes[1]), Is.EqualTo(new double?[] { null, null }));
            Assert.That(passes[1].GetProperty("flopPerVoxel").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(Flops(passes[2])[3], Is.EqualTo(3 * (1 + (6 * 2))));
            Assert.That(Flops(passes[2])[1..2], Is.EqualTo(Counted(new BiasFieldBenchmark(VolumeShape.Cubic(3, 128), 1))));
            Assert.That(passes[2].GetProperty("flopPerVoxel").GetDouble(), Is.EqualTo(Flops(passes[2]).Sum()!.Value).Within(1e-9));
            Assert.That(Flops(passes[3]), Is.EqualTo(new double?[] { 2, 58 }));
        });

        static double?[] Counted(KernelBenchmark benchmark)
        {
            using (benchmark)
            {
                return [benchmark.Cost.Flops];
            }
        }
    }

    // What is fused with what, and which pass reads and writes the image so far.
    [TestCase(Normalise + Gamma, "appearance: labels -> image, 5 B: contrast (range)|normalise: image -> image, 8 B: normalise gamma")]
    [TestCase(Window, "appearance: labels -> image, 5 B: contrast window (range)")]
    [TestCase(Blur + Blur, "appearance: labels -> image, 5 B: contrast blur (range)|appearance: image -> image, 16 B: blur")]
    [TestCase(
        Blur + Noise + Blur,
        "appearance: labels -> image, 5 B: contrast blur (range)|appearance: image -> image, 16 B: noise blur")]
    [TestCase(
        Noise + Noise,
        "anatomy: labels -> largest, 0 B: contrast|appearance: labels -> largest, 1 B: contrast noise"
            + "|appearance: labels -> image, 5 B: contrast noise noise (range)")]
    public void AnyListOfComponentsIsExplained(string appearance, string passes)
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["mine.yaml"], Head + appearance);
        string text = Text(Explained(folder["mine.yaml"], "--size", "9x10x11"));
        Assert.That(text, Is.EqualTo($"anatomy: grids -> labels, 1 B: noiseField\n{passes.Replace('|', '\n')}"));
    }

    [Test]
    public void AChanceIsNamed()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["mine.yaml"], Head + "  - blur: { sigmaVoxels: 0.5, taps: 5, chance: 0.3 }\n" + Window);
        JsonElement pass = Explained(folder["mine.yaml"], "--size", "9").GetProperty("passes")[1].GetProperty("components");
        Assert.That(pass[0].GetProperty("chance").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(pass[1].GetProperty("chance").GetDouble(), Is.EqualTo(0.3));
        Assert.That(ToolRun.Of("recipe", "explain", folder["mine.yaml"], "--size", "9").Data, Does.Match(@"\n +blur, chance 0\.3 +"));
    }

    // Of several anatomies a sample has the last that is in: each with the share of samples that are its own.
    [Test]
    public void SeveralAnatomiesAreAPassEach_WithTheirShares()
    {
        using var folder = new TestFolder();
        string second = "  - noiseField: { labels: 7, field: { scales: [4], std: 1 }, displacement: { scales: [4], stdOfSide: 0.1 }, chance: 0.25 }\n";
        File.WriteAllText(folder["mine.yaml"], Head.Replace("appearance:", second + "appearance:", StringComparison.Ordinal) + Window);
        JsonElement[] passes = [.. Explained(folder["mine.yaml"], "--size", "9").GetProperty("passes").EnumerateArray()];
        Assert.That(
            passes.Take(2).Select(static pass => pass.GetProperty("components")[0].GetProperty("chance").GetDouble()), Is.EqualTo([0.75, 0.25]));
        Assert.That(passes[2].GetProperty("reads").GetString(), Is.EqualTo("labels"));
        string text = ToolRun.Of("recipe", "explain", folder["mine.yaml"], "--size", "9").Data;
        Assert.That(text, Does.Match(@"grids +labels +1 +noiseField, chance 0\.75 ").And.Match(@"grids +labels +1 +noiseField, chance 0\.25 +[1-9]"));
        Assert.That(text, Does.Contain("label-field knots#2"));
    }

    // A recipe without displacement is not what the benchmark of the anatomy counts.
    [Test]
    public void WhatNobodyHasCountedIsNoNumber()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["mine.yaml"], Head + Window);
        JsonElement anatomy = Explained(folder["mine.yaml"], "--size", "9").GetProperty("passes")[0];
        Assert.That(Flops(anatomy), Is.EqualTo(new double?[] { null }));
        Assert.That(ToolRun.Of("recipe", "explain", folder["mine.yaml"], "--size", "9").Data, Does.Match(@"noiseField +- +-"));
    }

    // A device runs the painting that is fused by hand, and counts only what is the same mathematics everywhere.
    [Test]
    public void ADeviceHasItsOwnPasses()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["mine.yaml"], Head + Window + Normalise);
        JsonElement run = Explained(folder["mine.yaml"], "--size", "9", "--device", DeviceCatalogue.IlgpuCpu);
        Assert.Multiple(() =>
        {
            Assert.That(Text(run), Is.EqualTo(
                """
                device: grids -> labels, 1 B: noiseField
                device: labels -> image, 5 B: contrast window (range)
                device: image -> image, 8 B: normalise
                """));
            Assert.That(Flops(run.GetProperty("passes")[1]), Is.EqualTo(new double?[] { 0, 6, null }));
            Assert.That(
                Text(Explained("rasd-2d", "--size", "32", "--device", DeviceCatalogue.IlgpuCpu)), Is.EqualTo(
                """
                device: grids -> labels, 1 B: noiseField
                device: labels -> largest, 1 B: contrast bias
                device: labels -> image, 5 B: contrast bias noise blur (range)
                device: image -> image, 8 B: normalise gamma
                """));
        });
    }

    // An order that the hand-fused painting does not take: each chain is a kernel, but that before a blur is made in the blur's tiles.
    [Test]
    public void ADeviceRunsAnyOrder_WithAChainInTheTilesOfItsBlur()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["mine.yaml"], Head + Blur + Noise);
        Assert.That(
            Text(Explained(folder["mine.yaml"], "--size", "9", "--device", DeviceCatalogue.IlgpuCpu)), Is.EqualTo(
            """
            device: grids -> labels, 1 B: noiseField
            device: labels -> image, 13 B: contrast blur (range)
            device: image -> image, 8 B: noise
            """));
    }

    [Test]
    public void MemoryIsThePlans()
    {
        var options = new EngineOptions { Recipe = Presets.Get("rasd-3d"), Shape = VolumeShape.Volume(9, 16, 11), Threads = 3 };
        SynthesisPlan plan = SynthesisPlan.Create(options);
        JsonElement run = Explained("rasd-3d", "--size", "9x16x11", "--threads", "3");
        (string?, long)[] told = [.. run.GetProperty("memory").EnumerateArray()
            .Select(static one => (one.GetProperty("name").GetString(), one.GetProperty("bytes").GetInt64()))];
        Assert.That(told[0], Is.EqualTo(("the sample", 9L * 16 * 11 * 5)));
        Assert.That(told[1..], Is.EqualTo(plan.Buffers.Select(static buffer => (buffer.Name, buffer.Bytes))));
        Assert.That(run.GetProperty("workspaceBytes").GetInt64(), Is.EqualTo(plan.WorkspaceBytes));
    }

    [Test]
    public void LabelMapsAreReadOnceAndCounted()
    {
        using var folder = new TestFolder();
        var shape = VolumeShape.Volume(9, 10, 11);
        byte[] labels = [.. Enumerable.Range(0, 990).Select(static voxel => (byte)(voxel % 3))];
        Nifti.WriteLabels(folder["map.nii"], shape, labels, NiftiGeometry.Isotropic(shape, 1));
        JsonElement run = Explained("labelmap-3d", "--size", "16", "--labels", folder.Root);
        Assert.That(Text(run), Does.StartWith("anatomy: label map -> labels, 2 B: labelMap\n"));
        Assert.That(Flops(run.GetProperty("passes")[0])[0], Is.Positive);
        Assert.That(
            run.GetProperty("memory").EnumerateArray().Select(static one => one.GetProperty("name").GetString()),
            Does.Contain("label maps"));
    }

    // By hand, at 10^6 voxels in memory: max(bytes / bandwidth, instructions / half the multiply-add rate).
    [Test]
    public void TheLeastTimeIsThatOfBytesOrInstructions()
    {
        var shape = VolumeShape.Cubic(3, 100);
        var ceilings = new ThreadCeilings(
            1, Copy: new(10, 20, 30), Update: new(8, 16, 24), Read: new(5, 10, 15), Gigaflops: 100);
        RecipePass With(double instructions) =>
            new("normalise", "image", "image", 8, MemoryWalk.Update, [new("a", 1, instructions), new("b", null, null)]);
        Assert.Multiple(() =>
        {
            Assert.That(With(49).Least(shape, ceilings, new CacheSizes(1, 1)), Is.EqualTo((1, "memory")));
            Assert.That(With(100).Least(shape, ceilings, new CacheSizes(1, 1)), Is.EqualTo((2, "arithmetic")));
            Assert.That(With(10).Least(shape, ceilings, new CacheSizes(1, 1 << 30)), Is.EqualTo((0.5, "last level")));
        });
    }

    [Test]
    public void StagesSumTheirPasses()
    {
        var options = new EngineOptions { Recipe = Presets.Get("rasd-3d"), Shape = VolumeShape.Cubic(3, 64), Threads = 1 };
        SynthesisPlan plan = SynthesisPlan.Create(options);
        var ceilings = new ThreadCeilings(1, new(10, 10, 10), new(10, 10, 10), new(10, 10, 10), 100);
        var caches = new CacheSizes(1, 1);
        RecipeStage[] stages = RecipeStage.Of(plan, new StageTimes(1, 2, 3, 4), ceilings, caches);
        double[] least = [.. RecipePass.Of(plan).Select(pass => pass.Least(options.Shape, ceilings, caches).Milliseconds)];
        Assert.Multiple(() =>
        {
            Assert.That(stages.Select(static stage => stage.Name), Is.EqualTo(["draw", "anatomy", "appearance", "normalise"]));
            Assert.That(stages.Select(static stage => stage.Milliseconds), Is.EqualTo([1, 2, 3, 4]));
            Assert.That(stages.Select(static stage => string.Join(' ', stage.Passes)), Is.EqualTo(["", "1 2", "3", "4"]));
            Assert.That(
                stages.Select(static stage => stage.LeastMilliseconds),
                Is.EqualTo(new double?[] { null, least[0] + least[1], least[2], least[3] }));
            Assert.That(least, Has.Some.Positive);
        });
    }

    [Test]
    public void MeasuredTimesStandBesideTheBound()
    {
        JsonElement[] stages =
            [.. Explained("rasd-3d", "--size", "16", "--threads", "1", "--measure").GetProperty("stages").EnumerateArray()];
        Assert.That(stages, Has.Length.EqualTo(4));
        Assert.That(stages.Select(static stage => stage.GetProperty("milliseconds").GetDouble()), Is.All.Positive);
        Assert.That(stages[1..].Select(static stage => stage.GetProperty("leastMilliseconds").GetDouble()), Is.All.Positive);
        Assert.That(stages[0].GetProperty("leastMilliseconds").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void TheTableFitsAPage()
    {
        ToolRun run = ToolRun.Of("recipe", "explain", "rasd-3d", "--size", "128");
        Assert.Multiple(() =>
        {
            Assert.That(run.Data, Does.StartWith("rasd-3d  128x128x128  8 labels  host, threads: "));
            Assert.That(run.Data, Does.Match(@"\n +3 +appearance +labels +image +5 +contrast +0 +0 *\n +bias +"));
            Assert.That(run.Data, Does.Contain("together").And.Contain("the sample").And.Not.Contain("at best"));
            Assert.That(run.Data.Split('\n').Select(static line => line.TrimEnd().Length), Is.All.LessThanOrEqualTo(100));
        });
    }

    [TestCase("rasd-9d --size 9", 2, "there is no preset 'rasd-9d'")]
    [TestCase("nowhere.yaml --size 9", 1, "nowhere.yaml: there is no such file")]
    [TestCase("rasd-3d", 2, "--size")]
    [TestCase("rasd-3d --size 9x9", 2, "--size 9x9 has 2 axes")]
    [TestCase("rasd-3d --size 9 --device gpu", 2, "There is no device gpu")]
    [TestCase("labelmap-3d --size 9", 2, "name their folder with --labels DIR")]
    [TestCase("rasd-2d --size 9 --labels nowhere", 1, "there is no such folder of label maps")]
    public void WhatIsWrongIsSaidInOneSentence(string wrong, int code, string sentence)
    {
        ToolRun run = ToolRun.Of(["recipe", "explain", .. wrong.Split(' ')]);
        Assert.That((run.ExitCode, run.Data), Is.EqualTo((code, "")), run.Messages);
        Assert.That(run.Messages, Does.StartWith("gpusynth: ").And.Contain(sentence).And.Not.Contain("   at "));
    }

    private static JsonElement Explained(params string[] arguments)
    {
        ToolRun run = ToolRun.Of(["recipe", "explain", .. arguments, "--json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Messages);
        return run.Json;
    }

    private static string Text(JsonElement run) => string.Join('\n', run.GetProperty("passes").EnumerateArray().Select(static pass =>
        $"{pass.GetProperty("stage")}: {pass.GetProperty("reads")} -> {pass.GetProperty("writes")}, {pass.GetProperty("bytesPerVoxel")} B: "
        + string.Join(' ', pass.GetProperty("components").EnumerateArray().Select(static one => one.GetProperty("name").GetString()))));

    private static double?[] Flops(JsonElement pass) =>
        [.. pass.GetProperty("components").EnumerateArray().Select(static one => one.GetProperty("flopPerVoxel").Deserialize<double?>())];
}
