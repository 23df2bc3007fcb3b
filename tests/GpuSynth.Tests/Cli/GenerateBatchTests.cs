using System.Text.Json;
using GpuSynth.Cli.Generating;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.IO;

namespace GpuSynth.Tests.Cli;

/// <summary>Samples are made in batches: what is written is what single samples were, and the memory is what was said.</summary>
[CancelAfter(300_000)]
public sealed class GenerateBatchTests
{
    // 7 samples: batches of 1, 2, 3 end with a shorter one, 7 and 20 are one batch. The default is one sample per thread.
    [TestCase("--batch 2 --threads 1")]
    [TestCase("--batch 2 --threads 2")]
    [TestCase("--batch 3 --threads 2")]
    [TestCase("--batch 7 --threads 3")]
    [TestCase("--batch 20 --threads 2")]
    [TestCase("--threads 1")]
    [TestCase("--threads 3")]
    [TestCase("--threads 16")]
    public void OnTheHost_FilesAndManifest_AreThoseOfSingleSamples(string batches)
    {
        using var folder = new TestFolder();
        Generate(folder["one"], 7, "--batch 1 --threads 2");
        Generate(folder["batch"], 7, batches);
        AssertSameFiles(folder["batch"], folder["one"], 14);
    }

    [TestCase("rasd-3d", "9x10x11", "npz")]
    [TestCase("rasd-2d", "33x20", "nifti")]
    [Category("Slow")]
    public void OnADevice_FilesAndManifest_AreThoseOfSingleSamples(string preset, string size, string format)
    {
        using var folder = new TestFolder();
        string all = $"--preset {preset} --size {size} --format {format} --seed 3 --start 5 --device {DeviceCatalogue.IlgpuCpu}";
        Generate(folder["one"], 5, $"{all} --batch 1");
        Generate(folder["two"], 5, $"{all} --batch 2 --threads 1");
        Generate(folder["default"], 5, $"{all} --threads 4");
        int files = format == "npz" ? 5 : 10;
        AssertSameFiles(folder["two"], folder["one"], files);
        AssertSameFiles(folder["default"], folder["one"], files);

        // Resumed with holes, in a batch that has the missing samples alone.
        File.Delete(Directory.GetFiles(folder["two"], "*000006*")[0]);
        File.Delete(Directory.GetFiles(folder["two"], "*000008*")[0]);
        ToolRun resumed = Generate(folder["two"], 5, $"{all} --batch 4");
        Assert.That(resumed.Messages, Does.Contain("resuming: 3 of 5 are there"));
        Assert.That(GenerateFolder.Voxels(folder["two"]), Is.EqualTo(GenerateFolder.Voxels(folder["one"])));
        Assert.That(
            GenerateFolder.Manifest(folder["two"]).Select(static line => line.GetProperty("index").GetInt64()),
            Is.EqualTo((long[])[5, 7, 9, 6, 8]));
    }

    // A sample that cannot be made ends the run where it ends it in batches of one: what precedes it is there.
    [Test]
    public void WhatPrecedesASampleThatCannotBeMade_IsWritten([Values(1, 2)] int threads)
    {
        using var folder = new TestFolder();
        GenerateFolder.WriteMap(folder, "maps/a.nii.gz");
        // A shear of 1 on every axis is a matrix of ones, which leaves no volume.
        var anatomy = new LabelMapAnatomy(0, 1, new ChanceLaw(0.1, 1, 0), 0, 0, null, null, null);
        var recipe = new Recipe("flattening", 3, [anatomy], [new Contrast(0.5)]);
        File.WriteAllText(folder["recipe.yaml"], RecipeYaml.Write(recipe));
        string[] All(string name, int batch) =>
        [
            "generate", "--recipe", folder["recipe.yaml"], "--labels", folder["maps"], "--size", "9", "--count", "200",
            "--format", "npz", "--out", folder[name], "--threads", $"{threads}", "--batch", $"{batch}",
        ];
        ToolRun one = ToolRun.Of(All("one", 1));
        Assert.That(one.ExitCode, Is.EqualTo(1), "no sample failed");
        int before = GenerateFolder.Manifest(folder["one"]).Length;
        foreach (int batch in (int[])[2, 5, 64])
        {
            ToolRun run = ToolRun.Of(All($"{batch}", batch));
            Assert.That((run.ExitCode, run.Messages), Is.EqualTo((one.ExitCode, one.Messages)));
            AssertSameFiles(folder[$"{batch}"], folder["one"], before);
        }

        Assert.That(before, Is.InRange(1, 199));
    }

    [TestCase(1, 1, 1, 2, 1)]
    [TestCase(2, 1000, 2, 2, 2)]
    [TestCase(8, 1000, 8, 2, 8)]
    [TestCase(8, 5, 1, 5, 5)]
    [TestCase(8, 12, 8, 2, 8)]
    [TestCase(40, 1000, 40, 2, 16)]
    public void OnTheHost_ABatchIsASamplePerThread_OrOneAtATime(int threads, int count, int batch, int slots, int writers)
    {
        GenerateBatches batches = GenerateBatches.Of(Options(threads), count, null);
        Assert.That(
            (batches.BatchSize, batches.SlotCount, batches.WriterCount),
            Is.EqualTo((batch, Math.Min(slots, count), writers)));
    }

    // A slot of 4 such samples would be larger than 512 MiB.
    [Test]
    public void LargeVolumes_AreMadeOneAtATime()
    {
        EngineOptions options = Options(4) with { Shape = VolumeShape.Cubic(3, 400) };
        GenerateBatches batches = GenerateBatches.Of(options, 1000, null);
        Assert.That(batches.BatchSize, Is.EqualTo(1));
        long quarter = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
        Assert.That(
            batches.SlotCount, Is.EqualTo(Math.Clamp(quarter / (5L * 400 * 400 * 400), 1, 5)), "within a quarter of the memory");
    }

    [Test]
    public void ABatchThatWasAskedFor_IsTaken_OrRefused()
    {
        GenerateBatches batches = GenerateBatches.Of(Options(2), 1000, 100);
        Assert.That((batches.BatchSize, batches.SlotCount, batches.WriterCount), Is.EqualTo((100, 2, 2)));
        EngineOptions large = Options(2) with { Shape = VolumeShape.Cubic(3, 1000) };
        Assert.That(
            () => GenerateBatches.Of(large, 100_000, 65536),
            Throws.TypeOf<PlanException>().With.Message.Contains("A batch of 65536 samples").And.Message.Contains("batch"));
    }

    // What the dry run says is what the engine and the slots take.
    [TestCase("--threads 3", 3)]
    [TestCase("--threads 3 --batch 1", 1)]
    [TestCase("--threads 2 --batch 9", 9)]
    [TestCase("--threads 2 --device ilgpu-cpu", 2)]
    public void TheDryRun_SaysWhatBatchesTake(string batches, int batch)
    {
        using var folder = new TestFolder();
        JsonElement said = Generate(folder["run"], 1000, $"{batches} --dry-run --json").Json;
        int inMemory = said.GetProperty("batchesInMemory").GetInt32();
        long voxels = 17 * 19 * 18;
        JsonElement[] memory = [.. said.GetProperty("memory").EnumerateArray()];
        JsonElement inHand = memory.Single(static buffer => buffer.GetProperty("name").GetString() == "samples in hand");
        long workspace = said.GetProperty("workspaceBytes").GetInt64();
        Assert.Multiple(() =>
        {
            Assert.That(said.GetProperty("batch").GetInt32(), Is.EqualTo(batch));
            Assert.That(inMemory, Is.GreaterThanOrEqualTo(2));
            Assert.That(said.GetProperty("writers").GetInt32(), Is.LessThanOrEqualTo(inMemory * batch));
            Assert.That(inHand.GetProperty("bytes").GetInt64(), Is.EqualTo(inMemory * batch * voxels * 5));
            Assert.That(
                memory.Sum(static buffer => buffer.GetProperty("bytes").GetInt64()),
                Is.EqualTo(workspace + (inMemory * batch * voxels * 5)));
            Assert.That(folder.Names, Is.Empty);
        });
        Assert.That(
            Generate(folder["run"], 1000, $"{batches} --dry-run").Data,
            Does.Contain($"of {batch} sample").And.Contain($"{inMemory} in memory at once"));
    }

    private static EngineOptions Options(int threads) =>
        Rendering.Options("rasd-3d", VolumeShape.Volume(17, 19, 18), threads: threads);

    private static ToolRun Generate(string folder, int count, string more)
    {
        string[] words = more.Split(' ');
        string[] preset = words.Contains("--preset") ? [] : ["--preset", "rasd-3d", "--size", "17x19x18"];
        ToolRun run = ToolRun.Of(["generate", .. preset, "--count", $"{count}", "--out", folder, .. words]);
        Assert.That(run.ExitCode, Is.Zero, run.Messages);
        return run;
    }

    private static void AssertSameFiles(string folder, string expected, int sampleFiles)
    {
        string[] names = GenerateFolder.SampleNames(expected);
        Assert.That(names, Has.Length.EqualTo(sampleFiles));
        Assert.That(GenerateFolder.SampleNames(folder), Is.EqualTo(names));
        foreach (string name in (string[])[.. names, "manifest.jsonl", "recipe.yaml", "run.json"])
        {
            Assert.That(
                File.ReadAllBytes(Path.Combine(folder, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(expected, name))),
                name);
        }
    }
}
