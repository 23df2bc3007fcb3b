using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using TorchSharp;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>Runs in this process: resumed they are the same to the bit, and whatever stands in the way is said.</summary>
[CancelAfter(120_000)]
public sealed class PretrainRunTests
{
    [Test]
    public void AStoppedRunThatIsResumedIsTheWholeRun_ToTheBit(
        [Values("rasd", "rasd-cosine", "segment", "misfm", "multitask")] string objective, [Values(1, 3, 4)] int stop) =>
        ResumedRun.AssertToTheBit(TinyRun.For(objective), stop);

    [Test]
    public void BatchNormAndItsMeansAreResumedToo() => ResumedRun.AssertToTheBit(
        TinyRun.Options with { Network = TinyRun.Options.Network with { Norm = "batch" }, Accumulate = 1 }, stop: 3);

    [Test]
    public void TheFolderExplainsItself()
    {
        using var folder = new TinyRun();
        folder.TrainWhole(TinyRun.Options, "run");
        string[] names = [.. Directory.EnumerateFileSystemEntries(folder["run"]).Select(static path => Path.GetFileName(path))];
        Assert.That(names, Is.SupersetOf(new[]
        {
            "run.json", "recipe.yaml", "metrics.jsonl", "checkpoints", "previews", "weights.safetensors", "report.html",
            "MODEL_CARD.md",
        }));
        Assert.That(names, Has.Some.StartsWith("events.out.tfevents."));
        JsonNode run = JsonNode.Parse(File.ReadAllText(folder["run/run.json"]))!;
        Assert.That((string?)run["status"], Is.EqualTo("finished"));
        Assert.That((long?)run["samplesSeen"], Is.EqualTo(24));
        Assert.That((string?)run["settings"]!["shape"], Is.EqualTo("32x8x8"));
        Assert.That(
            run["torch"]!.ToJsonString(),
            Is.EqualTo("""{"allowTf32MatrixProducts":true,"allowTf32Convolutions":true,"cudnnBenchmark":false}"""));
        using CheckpointReader weights = CheckpointReader.Open(folder["run/weights.safetensors"]);
        using CheckpointReader latest = CheckpointReader.Open(folder["run"]);
        Assert.That(weights.Network, Is.EqualTo(latest.Network).And.EqualTo(TinyRun.Options.Network));
        Assert.That((latest.RecipeName, latest.Step, latest.Objective), Is.EqualTo(("rasd-3d", 6L, "rasd-cosine")));
        Assert.That(weights.NetworkTensors.Keys, Is.EquivalentTo(latest.NetworkTensors.Keys));
    }

    [Test]
    public void AConstantRunMayBecomeLonger_ACosineRunMayNot()
    {
        using var folder = new TinyRun();
        PretrainOptions options = TinyRun.Options with { Schedule = ScheduleKind.Constant };
        string[] whole = folder.TrainWhole(options with { Steps = 8 }, "whole");
        folder.TrainWhole(options, "run");
        using (PretrainRun run = PretrainRun.Resume(folder["run"], before => before with { Steps = 8 }, Assert.Fail))
        {
            TinyRun.Train(run);
        }

        Assert.That(TinyRun.Losses(folder["run"]), Is.EqualTo(whole));
        folder.TrainWhole(TinyRun.Options, "cosine");
        AssertRefused(
            () => PretrainRun.Resume(folder["cosine"], static before => before with { Steps = 8 }, Assert.Fail),
            "cosine schedule over 6 steps has shaped its 6 steps, and 8 would change them");
        AssertRefused(
            () => PretrainRun.Resume(folder["run"], static before => before with { Steps = 7 }, Assert.Fail),
            "has done 8 steps already");
        AssertRefused(
            () => PretrainRun.Resume(folder["run"], static before => before with { LearningRate = 1e-2 }, Assert.Fail),
            "begun with learningRate 0.001, and its 8 steps cannot be done again with 0.01");
    }

    [Test]
    public void ANaNStopsTheRun_WithTheSamplesThatMadeIt()
    {
        using var folder = new TinyRun();
        using (PretrainRun run = PretrainRun.Begin(folder["run"], TinyRun.Options, "x"))
        {
            TinyRun.Train(run, 3);
        }

        using (PretrainRun run = PretrainRun.Resume(folder["run"], null, Assert.Fail))
        {
            using (torch.no_grad())
            {
                run.Loop.Network.parameters().First().mul_(double.NaN);
            }

            var error = Assert.Throws<NonFiniteLossException>(() => TinyRun.Train(run));
            Assert.That((error!.FirstSample, error.SampleCount), Is.EqualTo((12L, 2L)));
            Assert.That(error.Message, Does.Match(
                @"^The loss of step 4 is NaN; samples 12 to 13 of seed 11 made it: .*--lr; the checkpoint of step 3 stays\.$"));
        }

        Assert.That((string?)JsonNode.Parse(File.ReadAllText(folder["run/run.json"]))!["status"], Is.EqualTo("failed"));
        using PretrainRun again = PretrainRun.Resume(folder["run"], null, Assert.Fail);
        Assert.That(TinyRun.Train(again), Is.EqualTo(PretrainEnd.Finished), "the checkpoint was not touched");
    }

#pragma warning disable CA2201 // It is what torch throws.
    private static IEnumerable<TestCaseData<Exception, string>> LostDevices =>
    [
        new(new DeviceException("The device cuda:0 was lost"), "^The device cuda:0 was lost"),
        new(
            new ExternalException("CUDA error: an illegal memory access was encountered\nCompile with ..."),
            @"^The GPU failed in the middle: CUDA error: .* encountered; the checkpoint of step 2 stays, and --resume goes on"),
        new(
            new ExternalException("CUDA out of memory. Tried to allocate 20.00 MiB"),
            "^The GPU's memory ran out: CUDA out of memory.*; use a smaller --batch"),
    ];
#pragma warning restore CA2201

    [TestCaseSource(nameof(LostDevices))]
    public void ADeviceLostInTheMiddle_IsTold_AndTheRunGoesOnLater(Exception lost, string told)
    {
        using var folder = new TinyRun();
        string[] whole = folder.TrainWhole(TinyRun.Options, "whole");
        using (PretrainRun run = PretrainRun.Begin(folder["run"], TinyRun.Options, "x"))
        {
            var error = Assert.Throws(
                Is.InstanceOf<GpuSynthException>(),
                () => run.Run(
                    row =>
                    {
                        if (row.Step == 3)
                        {
                            throw lost;
                        }
                    },
                    CancellationToken.None));
            Assert.That(error!.Message, Does.Match(told));
        }

        Assert.That((string?)JsonNode.Parse(File.ReadAllText(folder["run/run.json"]))!["status"], Is.EqualTo("failed"));
        using PretrainRun again = PretrainRun.Resume(folder["run"], null, Assert.Fail);
        Assert.That(TinyRun.Train(again), Is.EqualTo(PretrainEnd.Finished));
        Assert.That(TinyRun.Losses(folder["run"]), Is.EqualTo(whole));
    }

    [Test]
    public void AFolderWithARunIsNotOverwritten_AndOneWithoutIsNotResumed()
    {
        using var folder = new TinyRun();
        folder.TrainWhole(TinyRun.Options, "run");
        AssertRefused(() => PretrainRun.Begin(folder["run"], TinyRun.Options, "x"), "holds a run already; give --resume");
        AssertRefused(() => PretrainRun.Resume(folder["absent"], null, Assert.Fail), "There is no folder");
        Directory.CreateDirectory(folder["empty"]);
        AssertRefused(() => PretrainRun.Resume(folder["empty"], null, Assert.Fail), "holds no run.json");
    }

    [Test]
    public void ARecipeThatDoesNotFitIsRefused()
    {
        using var folder = new TinyRun();
        folder.TrainWhole(TinyRun.Options, "run");
        string recipe = folder["run/recipe.yaml"];
        string before = File.ReadAllText(recipe);
        File.WriteAllText(recipe, RecipeYaml.Write(Presets.Get("rasd-3d").Without<Gamma>()));
        AssertRefused(
            () => PretrainRun.Resume(folder["run"], null, Assert.Fail), "recipe.yaml of '.*' was changed since the run began");
        File.WriteAllText(recipe, before);
        PretrainOptions other = TinyRun.Options with { Recipe = Presets.Get("rasd-3d").Without<Gamma>() };
        folder.TrainWhole(other, "other");
        File.Copy(folder["other/checkpoints/step_000006.safetensors"], folder["run/checkpoints/step_000006.safetensors"], true);
        AssertRefused(
            () => PretrainRun.Resume(folder["run"], null, Assert.Fail), "checkpoint of step 6 was trained on another recipe");
    }

    [Test]
    public void ARunWhoseRecipeIsInTheFlatFormIsResumed()
    {
        // As versions before lists left it: recipe.yaml flat, and its checksum in run.json and in every checkpoint.
        const string Flat = """
            name: rasd-3d
            dimensions: 3
            anatomy: { kind: noise, labels: 3, field: { scales: [side/4], std: 1 } }
            contrast: { mean: { uniform: [0, 1] } }

            """;
        using var folder = new TinyRun();
        Recipe recipe = RecipeYaml.Parse(Flat, "flat");
        using (PretrainRun run = PretrainRun.Begin(folder["run"], TinyRun.Options with { Recipe = recipe }, "x"))
        {
        }

        string facts = File.ReadAllText(folder["run/run.json"]);
        string now = (string)JsonNode.Parse(facts)!["recipeSha256"]!;
        string then = Checksum.Sha256(Encoding.UTF8.GetBytes(Flat));
        File.WriteAllText(folder["run/run.json"], facts.Replace(now, then, StringComparison.Ordinal));
        File.WriteAllText(folder["run/recipe.yaml"], "# A heading.\n" + Flat);
        using (PretrainRun run = PretrainRun.Resume(folder["run"], null, Assert.Fail))
        {
            Assert.That(run.Options.Recipe, Is.EqualTo(recipe));
        }

        Assert.That((string?)JsonNode.Parse(File.ReadAllText(folder["run/run.json"]))!["recipeSha256"], Is.EqualTo(then));
        File.AppendAllText(folder["run/recipe.yaml"], "noise: { stdOfMaximum: 1 }\n");
        AssertRefused(
            () => PretrainRun.Resume(folder["run"], null, Assert.Fail), "recipe.yaml of '.*' was changed since the run began");
    }

    [Test]
    public void SettingsThatMakeNoRunAreRefused_AndLeaveNoFolder()
    {
        using var folder = new TinyRun();
        AssertRefused(
            () => PretrainRun.Begin(folder["run"], TinyRun.Options with { Batch = 0 }, "x"),
            "A batch of 0 cannot be; it is at least 1");
        AssertRefused(
            () => PretrainRun.Begin(folder["run"], TinyRun.Options with { Recipe = Presets.Get("rasd-2d") }, "x"),
            "2 dimensions");
        Assert.That(Directory.Exists(folder["run"]), Is.False);
        AssertRefused(
            () => PretrainRun.Begin(folder["run"], TinyRun.Options with { Shape = VolumeShape.Volume(32, 7, 8) }, "x"), "32x7x8");
        AssertRefused(
            () => PretrainRun.Begin(folder["run"], TinyRun.Options with { Device = "cuda:0" }, "x"),
            "no CUDA device for 'cuda:0'");
    }

    [Test]
    public void SettingsComeBackFromJson()
    {
        PretrainOptions options =
            TinyRun.Options with { Precision = Precision.Bf16, Schedule = ScheduleKind.Constant, Labels = "a" };
        Assert.That(PretrainOptions.FromJson(options.ToJson(), options.Recipe), Is.EqualTo(options));
    }

    private static void AssertRefused(Action action, string pattern)
    {
        var error = Assert.Catch<GpuSynthException>(() => action());
        Assert.That(error!.Message, Does.Match(pattern).And.EndsWith("."));
    }
}
