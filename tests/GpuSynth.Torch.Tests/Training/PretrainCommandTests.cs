using System.Text.Json;
using System.Text.RegularExpressions;
using GpuSynth.Cli;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>"gpusynth pretrain" in this process: exit codes, what it says, what it refuses.</summary>
[CancelAfter(120_000)]
public sealed class PretrainCommandTests
{
    private static readonly string[] Tiny =
        ["--size", "32x8x8", "--channels", "4,8", "--steps", "4", "--threads", "1", "--schedule", "constant"];

    [Test]
    public void ARunIsMade_RefusedTwice_AndMadeLonger()
    {
        using var folder = new TinyRun();
        string[] first = ["pretrain", "--out", folder["run"], .. Tiny];
        (int code, string data, string messages) = Run(first);
        Assert.That(code, Is.Zero, messages);
        Assert.That(data, Does.Match(
            @"^4 steps, loss [\d.]+, \d+ s \([\d.]+ volumes/s, [\d.]+ ?% of the time waiting for data\): .*run\n$"));
        Assert.That(messages, Does.Contain("new samples of 32x8x8 (2 labels) a step").And.Contain("step 4/4"));

        (code, data, messages) = Run(first);
        Assert.That((code, data), Is.EqualTo((1, string.Empty)));
        Assert.That(messages, Does.Contain("holds a run already; give --resume"));

        (code, data, messages) = Run("pretrain", "--out", folder["run"], "--resume", "--steps", "6", "--json");
        Assert.That((code, messages), Is.EqualTo((0, string.Empty)));
        JsonElement json = JsonDocument.Parse(data).RootElement;
        Assert.That(json.GetProperty("steps").GetInt64(), Is.EqualTo(6));
        Assert.That(json.GetProperty("complete").GetBoolean());

        (code, data, messages) = Run("pretrain", "--out", folder["run"], "--resume");
        Assert.That(code, Is.Zero, messages);
        Assert.That(data, Is.EqualTo($"All 6 steps are done already: {folder["run"]}{Environment.NewLine}"));
    }

    [Test]
    public void AnImageRecipeTrainsA2DNetwork()
    {
        using var folder = new TinyRun();
        (int code, string _, string messages) = Run(
            "pretrain", "--out", folder["run"], "--preset", "rasd-2d", "--size", "64x32", "--channels", "4,8", "--steps", "2",
            "--objective", "rasd", "--threads", "1");
        Assert.That(code, Is.Zero, messages);
        Assert.That(messages, Does.Contain("new samples of 64x32 (2 labels)"));
    }

    [Test]
    public void AVisionTransformerHasTheSizeThatIsAskedFor()
    {
        using var folder = new TinyRun();
        (int code, string _, string messages) = Run(
            "pretrain", "--out", folder["run"], "--preset", "rasd-2d", "--size", "32x16", "--net", "vit", "--vit", "4,24,3,2", "--steps", "1",
            "--batch", "1", "--objective", "mae", "--threads", "1");
        Assert.That(code, Is.Zero, messages);
        string record = File.ReadAllText(folder["run/run.json"]);
        Assert.That(Regex.Replace(record, @"\s+", ""), Does.Contain("\"patchSize\":4,\"hiddenSize\":24,\"depth\":3,\"heads\":2"));
    }

    // What fine-tunes best where it was measured; what is said goes first.
    [TestCase("rasd-2d", null, "multitask")]
    [TestCase("rasd-3d", null, "rasd-cosine")]
    [TestCase("rasd-2d", "misfm", "misfm")]
    public void TheObjectiveIsTheBestOfTheDimensions_UnlessOneIsNamed(string preset, string? asked, string expected)
    {
        using var folder = new TinyRun();
        string size = preset.EndsWith("2d", StringComparison.Ordinal) ? "32x16" : "32x8x8";
        (int code, string _, string messages) = Run(
        [
            "pretrain", "--out", folder["run"], "--preset", preset, "--size", size, "--channels", "4,8", "--steps", "1", "--threads", "1",
            .. asked is null ? Array.Empty<string>() : ["--objective", asked],
        ]);
        Assert.That(code, Is.Zero, messages);
        using CheckpointReader run = CheckpointReader.Open(folder["run"]);
        Assert.That(run.Objective, Is.EqualTo(expected));
    }

    [TestCase(1, "32x7x8", "--size", "32x7x8")]
    [TestCase(1, "A sample of 16x32x32 has no window of 32x32x32; take a larger field (--field) or a smaller window (--size).", "--size", "32", "--field", "16x32x32")]
    [TestCase(2, "--field 64x64 has 2 axes, but recipe rasd-3d makes samples of 3", "--field", "64x64")]
    [TestCase(2, "--field: '6x' is not a size", "--field", "6x")]
    [TestCase(2, "'4,x' is not a number of channels", "--channels", "4,x")]
    [TestCase(2, "is one level", "--channels", "4")]
    [TestCase(2, "'0' in '0,2' is not a stride", "--strides", "0,2")]
    [TestCase(1, "strides cannot be [1, 2]: it must be positive, one fewer than the channels", "--strides", "1,2")]
    [TestCase(2, "did you mean rasd-cosine?", "--objective", "rasd-cosin")]
    [TestCase(2, "'0' is not a whole number of 1", "--batch", "0")]
    [TestCase(2, "'-1' is not a number of 1E-12 to 1", "--lr", "-1")]
    [TestCase(2, "keep one of them", "--preset", "rasd-3d", "--recipe", "x.yaml")]
    [TestCase(1, "There is no device 'tpu'", "--device", "tpu")]
    [TestCase(1, "There is no folder", "--resume")]
    [TestCase(2, "a Swin UNETR has none to choose", "--net", "swinunetr", "--channels", "4,8")]
    [TestCase(2, "a vision transformer has none to choose", "--net", "vit", "--strides", "1,2")]
    [TestCase(2, "--vit: the network is no vision transformer; give --net vit", "--vit", "8,96,6,6")]
    [TestCase(2, "--vit: '8,96,6' is not four numbers; give patch, width, blocks and heads", "--net", "vit", "--vit", "8,96,6")]
    [TestCase(2, "'a' in '8,a,6,6' is not a whole number above 0", "--net", "vit", "--vit", "8,a,6,6")]
    [TestCase(1, "heads cannot be 5: it must be a divisor of the hiddenSize, 96", "--net", "vit", "--vit", "8,96,6,5")]
    [TestCase(2, "did you mean vit?", "--net", "vti")]
    public void WrongUseIsOneSentence(int expected, string part, params string[] extra)
    {
        using var folder = new TinyRun();
        (int code, string data, string messages) = Run(["pretrain", "--out", folder["run"], .. extra]);
        Assert.That((code, data), Is.EqualTo((expected, string.Empty)), messages);
        Assert.That(messages, Does.Contain(part));
    }

    [Test]
    public void ResumingTakesTheFoldersOwnRecipeAndSize()
    {
        using var folder = new TinyRun();
        Run(["pretrain", "--out", folder["run"], .. Tiny]);
        (int code, string _, string messages) = Run("pretrain", "--out", folder["run"], "--resume", "--size", "64");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(messages, Does.Contain("--size: a run is resumed with the recipe, sizes and network of its folder"));
        (code, _, messages) = Run("pretrain", "--out", folder["run"], "--resume", "--field", "64");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(messages, Does.Contain("--field: a run is resumed with"));
        (code, _, messages) = Run("pretrain", "--out", folder["run"], "--resume", "--seed", "9");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(messages, Does.Contain("begun with seed 0, and its 4 steps cannot be done again with 9"));
    }

    private static (int Code, string Data, string Messages) Run(params string[] args)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        int code = Program.Run(args, new Output(data, messages), interruption);
        return (code, data.ToString(), messages.ToString());
    }
}
