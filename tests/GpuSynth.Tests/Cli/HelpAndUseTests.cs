using GpuSynth.Cli;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Cli;

// What a person meets first, and what the tool answers to a wrong command line.
public sealed class HelpAndUseTests
{
    private static readonly string[] Good = ["generate", "--preset", "rasd-3d", "--size", "16", "--count", "1", "--out"];

    [Test]
    public void WithoutArgumentsThereIsHelp()
    {
        ToolRun run = ToolRun.Of();
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero);
            Assert.That(run.Data, Does.Contain("gpusynth [command]").And.Contain("generate").And.Contain("preview"));
            Assert.That(run.Messages, Is.Empty);
        });
    }

    [TestCase("generate")]
    [TestCase("preview")]
    [TestCase("bench")]
    [TestCase("devices")]
    [TestCase("recipe")]
    [TestCase("kernels")]
    public void EveryCommandHasHelp(string command)
    {
        ToolRun run = ToolRun.Of(command, "--help");
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero);
            Assert.That(run.Data, Does.Contain($"gpusynth {command}"));
        });
    }

    [TestCase("--sise 3", "--sise; did you mean --size?")]
    [TestCase("--size abc", "'abc' is not a size")]
    [TestCase("--size 1x2x3x4", "'1x2x3x4' is not a size")]
    [TestCase("--size 0", "every axis needs at least 1")]
    [TestCase("--size -5", "every axis needs at least 1")]
    [TestCase("--size 16x0x16", "every axis needs at least 1")]
    [TestCase("--size 1.5", "'1.5' is not a size")]
    [TestCase("--size 16x16", "has 2 axes")]
    [TestCase("--size 2000", "takes 40 GB of memory")]
    [TestCase("--size 99999999999999999999", "of memory")]
    [TestCase("--size 40000x1x1", "at most 32767 voxels")]
    [TestCase("--count 0", "--count: '0' is not a whole number of 1 to")]
    [TestCase("--count many", "--count: 'many' is not a whole number")]
    [TestCase("--start -1", "--start: '-1' is not a whole number of 0 to")]
    [TestCase("--seed -1", "--seed: '-1' is not a whole number of 0 to 18446744073709551615")]
    [TestCase("--threads 5000", "--threads: '5000' is not a whole number of 0 to 1024")]
    [TestCase("--format tiff", "'tiff' is not one of nifti, npz")]
    [TestCase("--preset rasd-4d", "the presets are rasd-3d")]
    [TestCase("--preset labelmap-3d", "name their folder with --labels DIR")]
    [TestCase("--recipe mine.yaml", "Both --preset and --recipe")]
    [TestCase("--device cuda:7", "There is no device cuda:7 on this machine")]
    [TestCase("--device opencl:7", "There is no device opencl:7 on this machine")]
    public void AWrongValueIsWrongUse(string wrong, string sentence)
    {
        using var folder = new IO.TestFolder();
        string[] words = wrong.Split(' ');
        string[] args = [.. Without(Good, words[0]), folder["out"], .. words];
        ToolRun run = ToolRun.Of(args);
        Assert.Multiple(() =>
        {
            Assert.That(run.Messages, Does.StartWith("gpusynth: ").And.Contain(sentence));
            Assert.That(run.Messages, Does.Not.Contain("   at "));
            Assert.That(run.ExitCode, Is.EqualTo(2));
            Assert.That(run.Data, Is.Empty);
            Assert.That(folder.Names, Is.Empty, "nothing is written");
        });
    }

    [Test]
    public void ARecipeHasToBeChosen()
    {
        ToolRun run = ToolRun.Of("preview", "--size", "16", "--out", "x.png");
        Assert.That((run.ExitCode, run.Messages.Trim()), Is.EqualTo(
            (2, $"gpusynth: No recipe was chosen; give --preset NAME ({string.Join(", ", Presets.Names)}) or --recipe FILE.")));
    }

    [TestCase("bogus", "There is no command bogus")]
    [TestCase("generat", "did you mean generate?")]
    [TestCase("recipe show", "NAME")]
    [TestCase("recipe show rasd-9d", "there is no preset 'rasd-9d'")]
    [TestCase("bench --preset nothing", "there is no preset 'nothing'")]
    [TestCase("preview --preset rasd-3d --size 16 --out picture.jpg", "ends in .png")]
    [TestCase("preview --preset rasd-3d --size 16 --count 1000 --out x.png", "1 to 64")]
    [TestCase("generate --preset rasd-3d", "--size")]
    public void AWrongCommandLineIsWrongUse(string line, string sentence)
    {
        ToolRun run = ToolRun.Of(line.Split(' '));
        Assert.Multiple(() =>
        {
            Assert.That(run.Messages, Does.Contain(sentence));
            Assert.That(run.ExitCode, Is.EqualTo(2));
        });
    }

    [Test]
    public void ABenchmarkTimesARecipeOfOnesOwn()
    {
        using var folder = new IO.TestFolder();
        File.WriteAllText(folder["own.yaml"], Presets.Text("rasd-2d").Replace("name: rasd-2d", "name: my-own", StringComparison.Ordinal));
        ToolRun run = ToolRun.Of("bench", "--recipe", folder["own.yaml"], "--size", "16", "--json");
        Assert.That((run.ExitCode, run.Messages), Is.EqualTo((0, "")));
        Assert.That(run.Json.GetProperty("recipe").GetString(), Is.EqualTo("my-own"));
        Assert.That(ToolRun.Of("bench", "--recipe", folder["own.yaml"], "--preset", "rasd-2d").Messages, Does.Contain("Both --preset and --recipe were given"));
    }

    private static IEnumerable<string> Without(string[] args, string option)
    {
        int at = Array.IndexOf(args, option);
        bool isOther = option == "--recipe";
        return at < 0 || isOther ? args : args.Where((_, index) => index != at && index != at + 1);
    }
}
