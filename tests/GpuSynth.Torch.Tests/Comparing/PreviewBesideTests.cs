using System.Text.Json;
using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Comparing;

namespace GpuSynth.Torch.Tests.Comparing;

/// <summary>"preview --beside" as a user runs it.</summary>
internal sealed class PreviewBesideTests
{
    private string root = string.Empty;

    [SetUp]
    public void MakeFolder() => root = Directory.CreateTempSubdirectory("gpusynth-beside-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(root, recursive: true);

    [Test]
    public void ASetAgainstItself_HasNoDistance()
    {
        // The samples of a recipe as the real images of the same recipe.
        (int code, string _, string messages) = Run("generate", "--preset", "rasd-3d", "--size", "24", "--count", "3", "--seed", "4", "--out", Path.Combine(root, "real"));
        Assert.That(code, Is.Zero, messages);
        string page = Path.Combine(root, "page.html");
        (code, string data, messages) = Run(
            "preview", "--preset", "rasd-3d", "--size", "24", "--count", "3", "--seed", "4", "--beside", Path.Combine(root, "real"), "--out", page, "--json");
        Assert.That(code, Is.Zero, messages);
        using var json = JsonDocument.Parse(data);
        JsonElement distance = json.RootElement.GetProperty("distance");
        Assert.That(json.RootElement.GetProperty("realImages").GetArrayLength(), Is.EqualTo(3));
        Assert.That(distance.GetProperty("histogram").GetDouble(), Is.Zero.Within(1e-3));
        Assert.That(distance.GetProperty("spectrumDecibel").GetDouble(), Is.Zero.Within(0.05));
        Assert.That(json.RootElement.GetProperty("measures")[0].GetProperty("place").GetDouble(), Is.EqualTo(0.5));
        Assert.That(File.ReadAllText(page), Does.Contain("Side by side").And.Contain("spectral slope").And.Contain("preview --preset rasd-3d"));
    }

    [Test]
    public void VolumesBesideImages_GiveTheirMiddleAxialSlices()
    {
        var shape = VolumeShape.Volume(5, 12, 10);
        float[] values = [.. Enumerable.Range(0, 600).Select(static n => (float)n)];
        string path = Path.Combine(root, "a.nii.gz");
        Nifti.WriteImage(path, shape, values);
        var slice = RealImage.Read("a", path, 2);
        Assert.That(slice.Shape, Is.EqualTo(VolumeShape.Image(12, 10)));
        // The front is at the top.
        Assert.That(slice.Values, Is.EqualTo(Enumerable.Range(0, 120).Select(pixel => values[240 + (10 * (11 - (pixel / 10))) + (pixel % 10)])));
        // Cut to the middle, and filled up with 0.
        Assert.That(slice.Middle(VolumeShape.Image(2, 2)), Is.EqualTo((float[])[values[240 + 64], values[240 + 65], values[240 + 54], values[240 + 55]]));
        float[] wide = slice.Middle(VolumeShape.Image(12, 14));
        Assert.That((wide[1], wide[2], wide[11], wide[12]), Is.EqualTo((0f, values[350], values[359], 0f)));
    }

    [TestCase("is an HTML file", "--out", "x.png", "--beside", ".")]
    [TestCase("has no numbers; give --beside", "--out", "x.png", "--json")]
    [TestCase("holds no image", "--out", "x.html", "--beside", "empty")]
    [TestCase("There is no folder 'nowhere'", "--out", "x.html", "--beside", "nowhere")]
    [TestCase("is an image, and the recipe makes volumes", "--out", "x.html", "--beside", "flat")]
    public void WrongUseIsOneSentence(string part, params string[] arguments)
    {
        Directory.CreateDirectory(Path.Combine(root, "empty"));
        Directory.CreateDirectory(Path.Combine(root, "flat"));
        Png.WriteRgb(Path.Combine(root, "flat", "a.png"), 16, 16, new byte[3 * 256]);
        string[] all = ["preview", "--preset", "rasd-3d", "--size", "24", "--count", "1", .. arguments];
        for (int n = 0; n < all.Length; n++)
        {
            all[n] = all[n] is "x.png" or "x.html" or "empty" or "flat" ? Path.Combine(root, all[n]) : all[n];
        }

        (int code, string _, string messages) = Run(all);
        Assert.That(code, Is.Not.Zero);
        Assert.That(messages, Does.Contain(part));
        Assert.That(messages.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(Directory.GetFiles(root), Is.Empty);
    }

    private static (int Code, string Data, string Messages) Run(params string[] arguments)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        int code = Program.Run(arguments, new Output(data, messages), interruption);
        return (code, data.ToString(), messages.ToString());
    }
}
