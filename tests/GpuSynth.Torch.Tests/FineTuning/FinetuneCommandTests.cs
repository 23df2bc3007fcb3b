using GpuSynth.Cli;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>"gpusynth finetune" in this process: exit code, table, complaints.</summary>
internal sealed class FinetuneCommandTests
{
    private static readonly string[] Budget = ["--steps", "2", "--validations", "1", "--patch", "12"];

    [Category("Slow")]
    [Test]
    public void A_comparison_prints_a_table_and_the_same_command_repeats_it_from_the_folder()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(4);
        string weights = Path.Combine(folder.Root, "weights.safetensors");
        NetworkOptions small =
            NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };
        using (SegmentationNetwork network = NetworkFactory.Create(small))
        {
            Weights.Save(network, weights);
        }

        string[] args =
        [
            "finetune", "--data", folder.Root, "--task", "segmentation", "--init", weights, "--compare", "--train-cases", "1,2",
            "--out", Path.Combine(folder.Root, "run"), .. Budget,
        ];
        (int code, string data, string messages) = Run(args);
        Assert.That(code, Is.Zero, messages);
        Assert.That(messages, Does.Contain("tensors copied; new: head.weight, head.bias"));
        Assert.That(data, Does.Contain("| pretrained ").And.Contain("pretrained - none, Dice"));
        Assert.That(Run(args).Data, Is.EqualTo(data));
        Assert.That(Run(args).Messages, Does.Contain("resuming: 4 of 4"));
    }

    [TestCase(2, "--compare needs pre-trained weights", "--compare")]
    [TestCase(2, "'5,x' is not a list", "--train-cases", "5,x")]
    [TestCase(2, "'5,-1' is not a list", "--train-cases", "5,-1")]
    [TestCase(2, "'0' is not 32", "--patch", "0")]
    [TestCase(2, "'mri-4d'", "--appearance", "mri-4d")]
    [TestCase(2, "--appearance-share is the share of the crops that --appearance changes", "--appearance-share", "0.5")]
    [TestCase(2, "'x' is not 0 to 1", "--lr", "x")]
    [TestCase(2, "'1e-3,x' is not a list of different rates", "--rates", "1e-3,x")]
    [TestCase(2, "'1e-3,1e-3' is not a list of different rates", "--rates", "1e-3,1e-3")]
    [TestCase(2, "--lr is one rate and --rates a list", "--rates", "1e-3,3e-3", "--lr", "1e-3")]
    [TestCase(2, "is not one of auto, keep, first, together", "--head", "new")]
    [TestCase(1, "--head keep needs weights", "--head", "keep")]
    [TestCase(1, "is for transformers, and this network is a U-Net", "--layer-decay", "0.75")]
    [TestCase(1, "A drop path of 0.1 is for transformers, and this network is a U-Net", "--drop-path", "0.1")]
    [TestCase(2, "--rates with several rates needs cases of its own", "--folds", "2", "--rates", "1e-3,3e-3")]
    [TestCase(1, "cannot be split into 9 folds", "--folds", "9")]
    [TestCase(2, "is not one of segmentation", "--task", "dance")]
    [TestCase(1, "there is no such file", "--init", "/no/such/run")]
    public void Wrong_use_is_one_sentence(int expected, string part, params string[] extra)
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        (int code, string _, string messages) =
            Run(["finetune", "--data", folder.Root, "--out", Path.Combine(folder.Root, "run"), .. extra]);
        Assert.That(code, Is.EqualTo(expected), messages);
        Assert.That(messages, Does.Contain(part));
        Assert.That(Directory.Exists(Path.Combine(folder.Root, "run")), Is.False);
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
