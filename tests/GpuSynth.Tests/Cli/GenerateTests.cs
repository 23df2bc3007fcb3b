using System.Text;
using System.Text.Json;
using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Tests.IO;

namespace GpuSynth.Tests.Cli;

// Samples as files: what is written, what resumes, what is refused. Sides are small and odd.
public sealed class GenerateTests
{
    private const string Size = "17x19x18";

    [Test]
    public void NiftiFilesManifestAndRecipeAreWritten()
    {
        using var folder = new TestFolder();
        ToolRun run = Generate(folder["run"], "3");
        string[] expected =
        [
            "image_000000.nii.gz", "image_000001.nii.gz", "image_000002.nii.gz",
            "label_000000.nii.gz", "label_000001.nii.gz", "label_000002.nii.gz",
        ];
        Assert.That(run.ExitCode, Is.Zero, run.Messages);
        Assert.That(GenerateFolder.SampleNames(folder["run"]), Is.EqualTo(expected));

        NiftiImage image = Nifti.ReadImage(folder["run/image_000001.nii.gz"]);
        NiftiLabels label = Nifti.ReadLabels(folder["run/label_000001.nii.gz"]);
        JsonElement line = GenerateFolder.Manifest(folder["run"])[1];
        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(image.Data.AsSpan()).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(image.Shape.ToString(), Is.EqualTo(Size));
            Assert.That(image.Geometry.Spacing, Is.EqualTo((1.0, 1.0, 1.0)));
            Assert.That(line.GetProperty("index").GetInt64(), Is.EqualTo(1));
            Assert.That(line.GetProperty("voxelsSha256").GetProperty("image").GetString(), Is.EqualTo(Checksum.Sha256(bytes)));
            Assert.That(
                line.GetProperty("voxelsSha256").GetProperty("label").GetString(),
                Is.EqualTo(Checksum.Sha256([.. label.Data.ToArray().Select(static value => (byte)value)])));
            Assert.That(
                line.GetProperty("files")[0].GetProperty("sha256").GetString(),
                Is.EqualTo(Checksum.Sha256(folder["run/image_000001.nii.gz"])));
            Assert.That(line.GetProperty("drawn").GetProperty("gamma").GetDouble(), Is.InRange(0.5, 1.5));
            Assert.That(ToolRun.Of("recipe", "check", folder["run/recipe.yaml"]).ExitCode, Is.Zero);
        });
    }

    [Test]
    public void TheFormatChangesFilesAndNoVoxel()
    {
        using var folder = new TestFolder();
        Generate(folder["nifti"], "2");
        Assert.That(Generate(folder["npz"], "2", "--format", "npz").ExitCode, Is.Zero);
        string[] expected = ["sample_000000.npz", "sample_000001.npz"];
        Assert.That(GenerateFolder.SampleNames(folder["npz"]), Is.EqualTo(expected));
        Assert.That(GenerateFolder.Voxels(folder["npz"]), Is.EqualTo(GenerateFolder.Voxels(folder["nifti"])));
        Assert.That(
            Npz.Read(folder["npz/sample_000001.npz"]).Image,
            Is.EqualTo(Nifti.ReadImage(folder["nifti/image_000001.nii.gz"]).Data.ToArray()));
    }

    [Test]
    public void ASampleIsTheSameWithAnyThreadsAndStart()
    {
        using var folder = new TestFolder();
        Generate(folder["one"], "6", "--threads", "1");
        Generate(folder["three"], "6", "--threads", "3");
        Generate(folder["late"], "2", "--start", "4");
        Generate(folder["late"], "4");
        Assert.That(GenerateFolder.Voxels(folder["three"]), Is.EqualTo(GenerateFolder.Voxels(folder["one"])));
        Assert.That(GenerateFolder.Voxels(folder["late"]), Is.EqualTo(GenerateFolder.Voxels(folder["one"])));
    }

    [Test]
    public void WhatIsThereIsNotMadeAgain()
    {
        using var folder = new TestFolder();
        Generate(folder["run"], "2");
        DateTime written = File.GetLastWriteTimeUtc(folder["run/image_000001.nii.gz"]);
        JsonElement report = Generate(folder["run"], "4", "--json").Json;
        Assert.Multiple(() =>
        {
            Assert.That(report.GetProperty("skipped").GetInt32(), Is.EqualTo(2));
            Assert.That(report.GetProperty("written").GetInt32(), Is.EqualTo(2));
            Assert.That(report.GetProperty("complete").GetBoolean(), Is.True);
            Assert.That(File.GetLastWriteTimeUtc(folder["run/image_000001.nii.gz"]), Is.EqualTo(written));
        });
        ToolRun again = Generate(folder["run"], "4");
        Assert.That((again.ExitCode, again.Messages.Trim()), Is.EqualTo((0, "resuming: 4 of 4 are there")));
    }

    [Test]
    public void AStoppedRunResumesToTheSameVoxels()
    {
        using var folder = new TestFolder();
        Generate(folder["whole"], "60");
        using var interruption = new Interruption();
        Task<ToolRun> run = Task.Run(() => ToolRun.Of(interruption, Arguments(folder["run"], "60")));
        while (!File.Exists(folder["run/label_000002.nii.gz"]) && !run.IsCompleted)
        {
            Thread.Sleep(1);
        }

        interruption.Stop(130);
        ToolRun stopped = run.GetAwaiter().GetResult();
        Assert.That(stopped.ExitCode, Is.EqualTo(130), "the run was over before it could be stopped");
        Assert.That(stopped.Messages, Does.Contain("of 60 samples are complete").And.Contain("the same command resumes"));
        Assert.That(GenerateFolder.SampleNames(folder["run"]), Has.None.EndsWith(".partial").And.None.EndsWith(".lock"));

        Assert.That(Generate(folder["run"], "60").ExitCode, Is.Zero);
        Assert.That(GenerateFolder.Voxels(folder["run"]), Is.EqualTo(GenerateFolder.Voxels(folder["whole"])));
        Assert.That(
            File.ReadAllBytes(folder["run/manifest.jsonl"]), Is.EqualTo(File.ReadAllBytes(folder["whole/manifest.jsonl"])));
    }

    [Test]
    public void ATornManifestAndLostFilesAreMadeGood()
    {
        using var folder = new TestFolder();
        Generate(folder["run"], "5");
        byte[] whole = File.ReadAllBytes(folder["run/manifest.jsonl"]);
        SortedDictionary<long, string> voxels = GenerateFolder.Voxels(folder["run"]);
        File.WriteAllBytes(folder["run/manifest.jsonl"], whole[..^40]);
        File.Delete(folder["run/label_000001.nii.gz"]);
        File.WriteAllText(folder["run/image_000002.nii.gz"], "torn");
        File.WriteAllText(folder["run/image_000004.nii.gz.partial"], "left behind");
        File.WriteAllText(folder["run/mine.partial"], "not the tool's");

        ToolRun run = Generate(folder["run"], "5");
        Assert.That(run.Messages, Does.Contain("resuming: 2 of 5 are there"));
        Assert.That(GenerateFolder.Voxels(folder["run"]), Is.EqualTo(voxels));
        Assert.That(GenerateFolder.Manifest(folder["run"]), Has.Length.EqualTo(5), "no sample twice");
        Assert.That(
            GenerateFolder.SampleNames(folder["run"]).Single(static name => name.EndsWith(".partial", StringComparison.Ordinal)),
            Is.EqualTo("mine.partial"));
    }

    [Test]
    public void AFolderOfARecipeInTheFlatFormIsTheSameRuns()
    {
        // As versions before lists left a folder: the recipe flat, and run.json with the checksum of that text.
        const string Flat = """
            name: mine
            dimensions: 3
            anatomy:
              kind: noise
              labels: 3
              field:
                scales: [side/4]
                std: 1
            contrast:
              mean: { uniform: [0, 1] }

            """;
        using var folder = new TestFolder();
        File.WriteAllText(folder["mine.yaml"], Flat);
        string[] arguments = ["generate", "--recipe", folder["mine.yaml"], "--size", "9", "--out", folder["run"], "--count"];
        Assert.That(ToolRun.Of([.. arguments, "1"]).ExitCode, Is.Zero);
        string facts = File.ReadAllText(folder["run/run.json"]);
        string now = JsonDocument.Parse(facts).RootElement.GetProperty("recipeSha256").GetString()!;
        string then = Checksum.Sha256(Encoding.UTF8.GetBytes(Flat));
        Assert.That(then, Is.Not.EqualTo(now));
        File.WriteAllText(folder["run/run.json"], facts.Replace(now, then, StringComparison.Ordinal));
        File.WriteAllText(folder["run/recipe.yaml"], "# The recipe of this folder's samples.\n# Two lines.\n" + Flat);
        ToolRun again = ToolRun.Of([.. arguments, "2"]);
        Assert.That(again.Messages, Does.Contain("resuming: 1 of 2 are there"));

        File.WriteAllText(folder["run/recipe.yaml"], Flat.Replace("labels: 3", "labels: 4", StringComparison.Ordinal));
        ToolRun changed = ToolRun.Of([.. arguments, "3"]);
        Assert.That(changed.Messages, Does.Contain("have another recipe mine: 'labels: 4', and this run has 'labels: 3'"));
    }

    [Test]
    public void AManifestThatIsNoneIsRefused()
    {
        using var folder = new TestFolder();
        Generate(folder["run"], "1");
        File.AppendAllText(folder["run/manifest.jsonl"], "my notes\n");
        ToolRun run = Generate(folder["run"], "2");
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Messages, Does.Contain("Line 2 of").And.Contain("delete the line"));
        Assert.That(File.ReadAllText(folder["run/manifest.jsonl"]), Does.EndWith("my notes\n"));
    }

    [TestCase("--seed 1", "have seed 0, and this run has 1")]
    [TestCase("--size 16", "have size 17x19x18, and this run has 16x16x16")]
    [TestCase("--format npz", "have format nifti, and this run has npz")]
    [TestCase("--preset labelmap-3d --labels MAPS", "have recipe rasd-3d, and this run has labelmap-3d")]
    [TestCase("--recipe RECIPE", "have another recipe rasd-3d: 'epsilon: 1e-6', and this run has 'epsilon: 0.001'")]
    public void RunsAreNotMixed(string other, string sentence)
    {
        using var folder = new TestFolder();
        Generate(folder["run"], "1");
        File.WriteAllText(
            folder["other.yaml"], ToolRun.Of("recipe", "show", "rasd-3d").Data.Replace("1e-6", "1e-3", StringComparison.Ordinal));
        GenerateFolder.WriteMap(folder, "maps/a.nii.gz");
        string[] words = other.Replace("MAPS", folder["maps"], StringComparison.Ordinal)
            .Replace("RECIPE", folder["other.yaml"], StringComparison.Ordinal).Split(' ');
        string before = File.ReadAllText(folder["run/run.json"]);
        string[] args = Arguments(folder["run"], "2");
        string replaced = words[0] == "--recipe" ? "--preset" : words[0];
        ToolRun run = ToolRun.Of([.. args.Where((_, n) => args[n] != replaced && (n == 0 || args[n - 1] != replaced)), .. words]);
        Assert.Multiple(() =>
        {
            Assert.That(run.Messages, Does.Contain(sentence));
            Assert.That(run.ExitCode, Is.EqualTo(1));
            Assert.That(GenerateFolder.Manifest(folder["run"]), Has.Length.EqualTo(1));
            Assert.That(File.ReadAllText(folder["run/run.json"]), Is.EqualTo(before));
        });
    }

    [Test]
    public void AFolderOfSomethingElseIsLeftAlone()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["mine"]);
        File.WriteAllText(folder["mine/image_000000.nii.gz"], "my own");
        ToolRun run = Generate(folder["mine"], "1");
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Messages, Does.Contain("holds image_000000.nii.gz but no run.json"));
        Assert.That(File.ReadAllText(folder["mine/image_000000.nii.gz"]), Is.EqualTo("my own"));
        Assert.That(GenerateFolder.SampleNames(folder["mine"]), Has.Length.EqualTo(1));
    }

    [Test]
    public void AFileIsNoFolder()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["file"], "text");
        foreach (string path in new[] { folder["file"], folder["file/below"] })
        {
            ToolRun run = Generate(path, "1");
            Assert.That(run.ExitCode, Is.EqualTo(1));
            Assert.That(run.Messages, Does.Contain("is a file, not a folder"));
        }

        Assert.That(File.ReadAllText(folder["file"]), Is.EqualTo("text"));
    }

    [Test]
    public void AnUnwritableFolderFails()
    {
        if (!Directory.Exists("/proc/self"))
        {
            Assert.Ignore("not run: a folder that nobody can write to is needed (/proc of Linux)");
        }

        ToolRun run = Generate("/proc/gpusynth", "1");
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Messages, Does.StartWith("gpusynth: Cannot write to '/proc/gpusynth'"));
    }

    [Test]
    public void AFolderIsHeldByOneRunAtATime()
    {
        using var folder = new TestFolder();
        Generate(folder["run"], "1");
        using (new FileStream(folder["run/.gpusynth.lock"], FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            ToolRun run = Generate(folder["run"], "2");
            Assert.That(run.ExitCode, Is.EqualTo(1));
            Assert.That(run.Messages, Does.Contain("Another gpusynth is writing"));
        }

        Assert.That(Generate(folder["run"], "2").ExitCode, Is.Zero, "a lock file that was left behind locks nobody out");
    }

    [Test]
    public void BadLabelMapsGetASentence()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["maps"]);
        void Expect(string sentence)
        {
            ToolRun run = Generate(folder["run"], "1", "--labels", folder["maps"]);
            Assert.That(run.ExitCode, Is.EqualTo(1), sentence);
            Assert.That(run.Messages, Does.Contain(sentence).And.Not.Contain("   at "));
            Assert.That(Directory.Exists(folder["run"]), Is.False, "nothing is written");
        }

        Expect("holds no label map");
        File.WriteAllText(folder["maps/a.nii.gz"], "this is no NIfTI file");
        Expect("a.nii.gz");
        GenerateFolder.WriteMap(folder, "maps/a.nii.gz");
        byte[] whole = File.ReadAllBytes(folder["maps/a.nii.gz"]);
        File.WriteAllBytes(folder["maps/a.nii.gz"], whole[..(whole.Length / 2)]);
        Expect("a.nii.gz");
        Nifti.WriteImage(
            folder["maps/a.nii.gz"],
            VolumeShape.Volume(8, 8, 8),
            [.. Enumerable.Range(0, 512).Select(static value => (float)value)]);
        Expect("more than 256 label values");
    }

    [TestCase("")]
    [TestCase("--json")]
    public void ADryRunWritesNothing(string json)
    {
        using var folder = new TestFolder();
        ToolRun run = Generate(folder["run"], "1000", [.. json.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--dry-run"]);
        Assert.That((run.ExitCode, folder.Names), Is.EqualTo((0, string.Empty)), run.Messages);
        if (json.Length > 0)
        {
            Assert.Multiple(() =>
            {
                Assert.That(run.Json.GetProperty("files").GetInt64(), Is.EqualTo(2003));
                Assert.That(run.Json.GetProperty("bytesAtMost").GetInt64(), Is.EqualTo(1000L * 5 * 17 * 19 * 18));
                Assert.That(run.Json.GetProperty("memory").GetArrayLength(), Is.GreaterThan(2));
            });
        }
        else
        {
            Assert.That(run.Data, Does.Contain("2,003").And.Contain("label-field nodes").And.Contain("nothing was written"));
        }
    }

    private static string[] Arguments(string folder, string count) =>
        ["generate", "--preset", "rasd-3d", "--size", Size, "--count", count, "--out", folder];

    private static ToolRun Generate(string folder, string count, params string[] more) =>
        ToolRun.Of([.. Arguments(folder, count), .. more]);
}
