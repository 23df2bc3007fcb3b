using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.IO;

namespace GpuSynth.Tests.Cli;

// Samples of label maps as files: on the body's axes, left on the left.
public sealed class GenerateLabelMapTests
{
    private const string Size = "17x19x18";

    [Test]
    public void AnotherLabelMapIsAnotherRun()
    {
        using var folder = new TestFolder();
        GenerateFolder.WriteMap(folder, "maps/a.nii.gz");
        string[] labels = ["--labels", folder["maps"]];
        ToolRun first = Generate(folder["run"], "1", labels);
        Assert.That(first.ExitCode, Is.Zero, first.Messages);
        NiftiImage image = Nifti.ReadImage(folder["run/image_000000.nii.gz"]);
        Assert.That(image.Geometry.Orientation, Is.EqualTo("RAS"), "the body's axes, not the file's");

        GenerateFolder.WriteMap(folder, "maps/a.nii.gz", changedVoxel: 3);
        Assert.That(
            Generate(folder["run"], "2", labels).Messages, Does.Contain("another label map a.nii.gz: its checksum differs"));
        GenerateFolder.WriteMap(folder, "maps/b.nii.gz");
        Assert.That(Generate(folder["run"], "2", labels).Messages, Does.Contain("1 label maps, and this run has 2"));
    }

    // An earlier version left label maps on their files' axes: its samples and new ones are not put into one folder.
    [Test]
    public void ARunOfAnEarlierVersionOnLabelMaps_IsNotContinued()
    {
        using var folder = new TestFolder();
        GenerateFolder.WriteMap(folder, "maps/a.nii.gz");
        string[] labels = ["--labels", folder["maps"]];
        Assert.That(Generate(folder["run"], "1", labels).ExitCode, Is.Zero);
        string facts = File.ReadAllText(folder["run/run.json"]);
        File.WriteAllText(
            folder["run/run.json"], facts.Replace("\"labelMapAxes\": \"RAS+\",", string.Empty, StringComparison.Ordinal));
        Assert.That(File.ReadAllText(folder["run/run.json"]), Is.Not.EqualTo(facts));
        Assert.That(
            Generate(folder["run"], "2", labels).Messages,
            Does.Contain("label maps on their files' axes, as an earlier version left"));
        File.WriteAllText(folder["run/run.json"], facts);
        Assert.That(Generate(folder["run"], "2", labels).ExitCode, Is.Zero);
    }

    // FreeSurfer's 2 lies left of 41 in every sample, in millimetres: by default, and with flips that exchange the pair.
    [Test]
    public void LeftStaysLeft([Values] bool isFlipped)
    {
        using var folder = new TestFolder();
        VolumeShape shape = VolumeShape.Volume(32, 32, 32);
        byte[] labels = [.. Enumerable.Range(0, 32 * 32 * 32).Select(n =>
        {
            (double z, double y, double x) = ((n >> 10) - 15.5, ((n >> 5) & 31) - 15.5, (n & 31) - 15.5);
            return (x * x) + (y * y) + (z * z) >= 144 ? (byte)0 : x < 0 ? (byte)2 : (byte)41;
        })];
        Directory.CreateDirectory(folder["maps"]);
        Nifti.WriteLabels(folder["maps/aseg.nii"], shape, labels);
        string[] recipe = ["--preset", "labelmap-3d"];
        if (isFlipped)
        {
            Recipe preset = Presets.Get("labelmap-3d");
            var anatomy = preset.Find<LabelMapAnatomy>()!;
            anatomy = anatomy with { Flip = new ChanceLaw(0.5, 1, 0), LateralPairs = LateralPairs.FreeSurfer };
            File.WriteAllText(folder["flip.yaml"], RecipeYaml.Write(preset.With(anatomy)));
            recipe = ["--recipe", folder["flip.yaml"]];
        }

        ToolRun run = ToolRun.Of(
            ["generate", .. recipe, "--labels", folder["maps"], "--size", "32", "--count", "12", "--out", folder["run"]]);
        Assert.That(run.ExitCode, Is.Zero, run.Messages);
        Assert.That(run.Messages, Does.Not.Contain("note: "));
        for (int n = 0; n < 12; n++)
        {
            NiftiLabels sample = Nifti.ReadLabels(folder[$"run/label_{n:000000}.nii.gz"]);
            Assert.That(Right(sample, 1), Is.LessThan(Right(sample, 2)), $"sample {n}");
        }

        int flips = GenerateFolder.Manifest(folder["run"])
            .Count(line => $"{line}".Contains("\"flipped\":true", StringComparison.Ordinal));
        Assert.That(flips, isFlipped ? Is.InRange(1, 11) : Is.Zero);

        static double Right(NiftiLabels sample, int label) => Enumerable.Range(0, sample.Data.Length)
            .Where(n => sample.Data[n] == label)
            .Average(n => sample.Geometry.ToMillimetres(n & 31, (n >> 5) & 31, n >> 10).X);
    }

    [Test]
    public void WhatTheLabelMapsLack_IsNoted()
    {
        using var folder = new TestFolder();
        GenerateFolder.WriteMap(folder, "maps/a.nii.gz");
        Nifti.WriteLabels(folder["maps/b.nii"], VolumeShape.Volume(2, 2, 2), new byte[8]);
        Recipe preset = Presets.Get("labelmap-3d");
        var anatomy = preset.Find<LabelMapAnatomy>()! with { Flip = 1 };
        File.WriteAllText(folder["flip.yaml"], RecipeYaml.Write(preset.With(anatomy)));
        ToolRun run = ToolRun.Of(
            "generate", "--recipe", folder["flip.yaml"], "--labels", folder["maps"], "--size", Size, "--count", "1",
            "--out", folder["run"], "--json");
        Assert.That(run.ExitCode, Is.Zero, run.Messages);
        Assert.That(run.Messages, Does.Contain(
            $"note: 1 of 2 label maps in '{folder["maps"]}' hold no label but the background, such as 'b.nii'."));
        Assert.That(run.Messages, Does.Contain(
            "note: Recipe 'labelmap-3d' has a flip and no lateralPairs, so nothing is flipped; name the pairs of left and right"));
    }

    private static ToolRun Generate(string folder, string count, params string[] more) => ToolRun.Of(
        ["generate", "--preset", "rasd-3d", "--size", Size, "--count", count, "--out", folder, .. more]);
}
