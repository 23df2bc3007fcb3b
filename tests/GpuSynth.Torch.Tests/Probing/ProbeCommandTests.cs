using System.Text.Json.Nodes;
using GpuSynth.Cli;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Probing;
using GpuSynth.Torch.Tests.FineTuning;

namespace GpuSynth.Torch.Tests.Probing;

/// <summary>"gpusynth probe" in this process: arms, independence of threads, complaints.</summary>
internal sealed class ProbeCommandTests
{
    private static readonly NetworkOptions Small =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };

    [Category("Slow")]
    [Test]
    public void Weights_StandBesideTheirRandomTwinAndHandMadeFeatures_TheSameOnAnyThreads()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(8);
        string[] args =
        [
            "probe", "--data", folder.Root, "--init", folder.WeightsOf(Small), "--train-cases", "3", "--eval-cases", "3", "--voxels", "200",
            "--random-seeds", "2", "--json",
        ];
        string card = Path.Combine(Path.GetDirectoryName(folder.WeightsOf(Small))!, ModelCard.FileName);
        File.WriteAllText(
            card, new ModelCard { Run = Reports.PageTests.Pretrained(), MonaiExpression = "UNet(spatial_dims=3)" }.ToMarkdown());
        (int code, string data, string messages) = Run([.. args, "--out", folder.Made("one/x")[..^2], "--threads", "1"]);
        Assert.That(code, Is.Zero, messages);
        string other = Run([.. args, "--out", folder.Made("two/x")[..^2], "--threads", "3"]).Data;
        JsonNode one = JsonNode.Parse(data)!, two = JsonNode.Parse(other)!;
        Assert.That(one["arms"]!.ToJsonString(), Is.EqualTo(two["arms"]!.ToJsonString()));
        Assert.That(one["arms"]!.AsArray().Select(static arm => (string)arm!["kind"]!), Is.EqualTo(new[] { "weights", "random", "hand-made" }));
        Assert.That(one["comparisons"]!.AsArray(), Has.Count.EqualTo(2));
        Assert.That(one["evalCases"]!.AsArray(), Has.Count.EqualTo(3));
        // Bright, dark and between: grey alone tells the boxes apart.
        Assert.That((double)one["arms"]![2]!["best"]!["dice"]!["mean"]!, Is.GreaterThan(0.7));
        Assert.That(File.ReadAllText(Path.Combine(folder.Root, "one", "report.html")), Does.Contain("random weights").And.Contain("data:image/png"));
        MeasuredBlock block = MeasuredBlock.OfFile(card).Single();
        Assert.That(block.Markdown, Does.Contain("3 cases to fit, 3 to measure on").And.Contain("| random weights |").And.Contain("| hand-made |"));
        Assert.That(File.ReadAllText(Path.Combine(folder.Root, "one", "probe.json")).Trim(), Is.EqualTo(data.Trim()));
    }

    [TestCase(1, "fitted on 2 or more training cases, and 1 of", "--train-cases", "1")]
    [TestCase(1, "fitted on 2 or more training cases, and 9 of", "--train-cases", "9")]
    [TestCase(1, "each needs one at least", "--validation-cases", "6")]
    [TestCase(1, "there is no such file", "--init", "/no/such/run")]
    [TestCase(2, "names nothing in one place", "--init", "a,,b")]
    [TestCase(2, "--on: 'all' is not one of", "--on", "all")]
    public void Wrong_use_is_one_sentence(int expected, string part, params string[] extra)
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(6);
        AssertRefused(folder, expected, part, extra);
    }

    [Test]
    public void Weights_of_another_dimension_are_refused()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(4);
        AssertRefused(
            folder, 1, "are of a 2D network", "--train-cases", "2", "--init", folder.WeightsOf(Small with { Dimensions = 2 }));
    }

    // A network of one channel on two that are the same gives what it gives of one: each has half of the first weights.
    [Test]
    public void Weights_of_one_channel_see_all_of_several()
    {
        using var one = new FineTuneFolder();
        using var two = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Cubic(3, 12);
        for (int n = 0; n < 7; n++)
        {
            (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, n);
            one.Put($"c{n}", shape, image, labels);
            two.PutSeries($"images/c{n}.nii", shape, [image, image]);
            two.PutSeries($"labels/c{n}.nii", shape, [[.. labels.Select(static label => (float)label)]]);
        }

        JsonNode[] probes =
        [
            .. new[] { one, two }.Select(folder =>
            {
                (int code, string data, string messages) = Run(
                [
                    "probe", "--data", folder.Root, "--init", folder.WeightsOf(Small), "--train-cases", "2", "--eval-cases", "2",
                    "--voxels", "100", "--random-seeds", "1", "--json", "--out", folder.Made("probe/x")[..^2],
                ]);
                Assert.That(code, Is.Zero, messages);
                return JsonNode.Parse(data)!;
            }),
        ];
        double[] dices = [.. probes.Select(static probe => (double)probe["arms"]![0]!["best"]!["dice"]!["mean"]!)];
        Assert.That(dices[1], Is.EqualTo(dices[0]).Within(1e-3));
        Assert.That(probes[1]["notices"]!.ToJsonString(), Does.Contain("its first convolution sees all 2"));
    }

    [Test]
    public void Cases_of_one_class_are_refused()
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Volume(8, 8, 8);
        for (int n = 0; n < 4; n++)
        {
            folder.Put($"case_{n}", shape, [.. Enumerable.Range(0, 512).Select(static v => (float)v)], [.. Enumerable.Repeat((byte)1, 512)]);
        }

        AssertRefused(folder, 1, "hold one class only", "--train-cases", "2");
    }

    private static void AssertRefused(FineTuneFolder folder, int expected, string part, params string[] extra)
    {
        string path = Path.Combine(folder.Root, "out");
        (int code, string _, string messages) = Run(["probe", "--data", folder.Root, "--out", path, .. extra]);
        Assert.That(code, Is.EqualTo(expected), messages);
        Assert.That(messages, Does.Contain(part));
        Assert.That(Directory.Exists(path), Is.False);
    }

    private static (int Code, string Data, string Messages) Run(string[] args)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        int code = Program.Run(args, new Output(data, messages), interruption);
        return (code, data.ToString(), messages.ToString());
    }
}
