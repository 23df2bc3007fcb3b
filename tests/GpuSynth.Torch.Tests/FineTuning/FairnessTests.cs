using System.Text.Json.Nodes;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Heads, rates and jobs of whole runs on small cases.</summary>
[Category("Slow")]
internal sealed class FairnessTests
{
    private static readonly NetworkOptions Small =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };

    [Test]
    public void Results_do_not_depend_on_the_number_of_jobs_with_dropout_and_several_rates()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(5);
        NetworkOptions dropping = Small with { Dropout = 0.2, Norm = "batch", Activation = "relu" };
        FineTuneOptions options = Options(folder, "one", dropping) with
        {
            Compare = true, TrainCases = [1, 2], LearningRates = [1e-3, 1e-2], Jobs = 1,
        };
        string[] said = Run(options);
        FineTuneOptions two = options with { OutFolder = Path.Combine(folder.Root, "two"), Jobs = 3 };
        Assert.That(Run(two).Select(WithoutSeconds), Is.EqualTo(said.Select(WithoutSeconds)));
        Assert.That(Measured(two), Is.EqualTo(Measured(options)));
        Assert.That(said, Has.Length.EqualTo(4));

        // A trial that is complete is not trained again, and gives the same.
        string arm = Path.Combine(options.OutFolder, "arms", "none_n2_s0");
        string[] before = Measured(options);
        File.Delete(Path.Combine(arm, "result.json"));
        string kept = Path.Combine(arm, "trials", "rate_0.001");
        FineTuneOptions lower = options with { OutFolder = Path.Combine(folder.Root, "three"), LearningRates = [1e-3] };
        Run(lower);
        File.Copy(Path.Combine(lower.OutFolder, "arms", "none_n2_s0", "weights.safetensors"), Path.Combine(kept, "weights.safetensors"));
        DateTime trained = File.GetLastWriteTimeUtc(Path.Combine(kept, "trial.json"));
        Run(options);
        Assert.That(File.GetLastWriteTimeUtc(Path.Combine(kept, "trial.json")), Is.EqualTo(trained));
        Assert.That(Measured(options), Is.EqualTo(before));
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(arm, "result.json")))!;
        double[] dices = [.. result["trials"]!.AsArray().Select(static trial => (double)trial!["bestValidationDice"]!)];
        Assert.That((double)result["bestValidationDice"]!, Is.EqualTo(dices.Max()));
        Assert.That((double)result["rate"]!, Is.EqualTo(dices[0] >= dices[1] ? 1e-3 : 1e-2));
        string results = File.ReadAllText(Path.Combine(options.OutFolder, "results.json"));
        Assert.That(results, Does.Contain("a better one may lie beyond"));
        Assert.That(File.ReadAllText(Path.Combine(options.OutFolder, "report.html")), Does.Contain("a better one may lie beyond"));
    }

    [Test]
    public void Heads_of_weights_are_kept_where_they_fit_and_new_where_they_do_not()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(4);
        FineTuneOptions options = Options(folder, "features", Small);
        Run(options);
        Assert.That(HeadOf(options), Does.StartWith("new, trained alone for the first 1 steps, as the weights carry features and no classes"));
        Assert.That(
            Assert.Throws<GpuSynthException>(() => Run(options with { Head = HeadTreatment.Keep, OutFolder = folder.Root + "/no" }))!.Message,
            Does.Contain("the weights carry features and no classes; use --head first"));
        Assert.That(Directory.Exists(folder.Root + "/no"), Is.False);

        // The head of another arm: its own weights go on.
        string arm = Path.Combine(options.OutFolder, "arms", "pretrained_n2_s0");
        FineTuneOptions second = options with { Init = arm, OutFolder = Path.Combine(folder.Root, "second"), Steps = 1, Validations = 1 };
        Run(second);
        Assert.That(HeadOf(second), Does.StartWith("kept from the weights, 3 classes whose names are not known"));
        FineTuneOptions together = second with { OutFolder = Path.Combine(folder.Root, "third"), Head = HeadTreatment.Together };
        Run(together);
        Assert.That(HeadOf(together), Is.EqualTo("new, trained with everything else from the first step"));

        // The network's own outputs are the classes; from scratch it has the same form.
        string own = Path.Combine(folder.Root, "own.safetensors");
        using (SegmentationNetwork network = NetworkFactory.Create(Small with { OutChannels = 3 }))
        {
            SafeTensors.Write(own, Weights.State(network), new Dictionary<string, string>
            {
                ["format"] = "pt", [Weights.NetworkKey] = network.Options.ToJson(), ["objective"] = "segment",
            });
        }

        FineTuneOptions third = options with { Init = own, Compare = true, OutFolder = Path.Combine(folder.Root, "fourth") };
        Run(third);
        Assert.That(HeadOf(third), Does.EndWith("the network's own outputs are the classes"));
        Assert.That(HeadOf(third, "none"), Does.StartWith("no stage for the head alone"));
        foreach (string init in new[] { "pretrained", "none" })
        {
            using CheckpointReader written = CheckpointReader.Open(Path.Combine(third.OutFolder, "arms", init + "_n2_s0"));
            Assert.That(written.Classes, Is.EqualTo(3));
            Assert.That(FineTuneModel.HasHeadOnTop(written.NetworkTensors.Keys), Is.False);
            using SegmentationNetwork again =
                FineTuneModel.CreateFor(written.Network, written.Classes!.Value, written.NetworkTensors.Keys);
            Weights.LoadStrict(again, written.NetworkTensors, "arm");
        }
    }

    // A head on top of five classes would read nothing but these: the layers that end in them are new too, in both arms, and trained alone first.
    [Test]
    public void Weights_that_end_in_other_classes_get_new_features_and_keep_the_rest()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(4);
        string own = Path.Combine(folder.Root, "own.safetensors");
        using (SegmentationNetwork network = NetworkFactory.Create(Small with { OutChannels = 5 }))
        {
            SafeTensors.Write(own, Weights.State(network), new Dictionary<string, string>
            {
                ["format"] = "pt", [Weights.NetworkKey] = network.Options.ToJson(), ["objective"] = "segment",
            });
        }

        FineTuneOptions options = Options(folder, "others", Small) with { Init = own, Compare = true };
        using (FineTuneRun run = FineTuneRun.Open(options, static _ => { }))
        {
            int usual = NetworkOptions.Default(NetworkKind.UNet, 3).OutChannels;
            Assert.That(run.Network.OutChannels, Is.EqualTo(usual));
            string[] fresh = [.. run.InitialWeights!.Missing, .. run.InitialWeights.Mismatched];
            using SegmentationNetwork model = FineTuneModel.Create(run.Network, 3);
            string[] ofOutputs =
            [
                .. Weights.State(model).Where(one => one.Tensor.shape.Contains(usual)).Select(static one => one.Name).Except(model.HeadNames),
            ];
            Assert.That(ofOutputs, Is.Not.Empty);
            Assert.That(fresh, Is.EquivalentTo(model.HeadNames.Concat(ofOutputs)));
            Assert.That(run.InitialWeights.Copied, Has.Count.GreaterThan(fresh.Length));
        }

        Run(options);
        Assert.That(
            HeadOf(options),
            Does.StartWith("new, with the layers below it that ended in the weights' own classes, trained alone for the first 1 steps, as the weights have 5 classes and the task 3"));
        using CheckpointReader scratch = CheckpointReader.Open(Path.Combine(options.OutFolder, "arms", "none_n2_s0"));
        using CheckpointReader tuned = CheckpointReader.Open(Path.Combine(options.OutFolder, "arms", "pretrained_n2_s0"));
        Assert.That(tuned.Network, Is.EqualTo(scratch.Network));
    }

    [Test]
    public void Folds_test_every_case_once_by_a_network_that_was_not_trained_on_it()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(5);
        FineTuneOptions options = Options(folder, "folds", Small) with { TrainCases = [], Folds = 2, TestCases = 0, Seeds = 2 };
        Assert.That(Run(options), Has.Length.EqualTo(4));
        JsonNode results = JsonNode.Parse(File.ReadAllText(Path.Combine(options.OutFolder, "results.json")))!;
        foreach (string seed in new[] { "0", "1" })
        {
            JsonNode[] arms = [.. results["arms"]!.AsArray().Where(arm => arm!["seed"]!.ToString() == seed)!];
            string[] tested = [.. arms.SelectMany(static arm => arm["test"]!.AsArray()).Select(static one => one!["case"]!.ToString())];
            Assert.That(tested, Is.EquivalentTo(Enumerable.Range(0, 5).Select(static n => $"case_{n:000}")));
            foreach (JsonNode arm in arms)
            {
                Assert.That(arm["bestStep"]!.ToString(), Is.EqualTo("4"), "the last weights");
                string[] seen = [.. arm["cases"]!.AsArray().Select(static one => one!.ToString())];
                string[] own = [.. arm["test"]!.AsArray().Select(static one => one!["case"]!.ToString())];
                Assert.That(seen.Concat(own), Is.EquivalentTo(tested));
            }
        }

        JsonNode group = results["summary"]!["groups"]!.AsArray().Single()!;
        Assert.That((group["seeds"]!.ToString(), group["dice"]!["count"]!.ToString()), Is.EqualTo(("2", "5")));
        Assert.That(File.Exists(Path.Combine(options.OutFolder, "arms", "pretrained_n2_s0_f0", "weights.safetensors")), Is.True);
        Assert.That(
            Assert.Throws<DatasetException>(() => Run(options with { Folds = 6, OutFolder = folder.Root + "/no" }))!.Message,
            Does.Contain("5 cases cannot be split into 6 folds"));
        Assert.That(DataSplit.FoldsOf(7, 3, 0).GroupBy(static fold => fold).Select(static fold => fold.Count()).Order(), Is.EqualTo(new[] { 2, 2, 3 }));
    }

    [Test]
    public void Only_the_head_changes_while_it_is_trained_alone()
    {
        using SegmentationNetwork network = FineTuneModel.Create(Small, 3);
        var parts = ArmParts.Of(network, [.. network.HeadNames], new RateFactors { Body = 0.5 }, headSteps: 1);
        using var stages = new TrainingStages(network, parts, new FineTuneSchedule(0.1, 2, 1), weightDecay: 0.1);
        string[] first = Changed(network, stages, 0);
        Assert.That(first, Is.EquivalentTo(network.HeadNames));
        Assert.That(Changed(network, stages, 1), Has.Length.GreaterThan(2));
        Assert.That(
            network.named_parameters().Zip(parts.RateFactors).Where(static one => one.Second == 1).Select(static one => one.First.name),
            Is.EquivalentTo(network.HeadNames));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void The_encoder_alone_leaves_the_decoder_new(bool isSwin)
    {
        NetworkOptions options = isSwin ? NetworkOptions.SwinUnetr(12) : Small;
        manual_seed(1);
        using SegmentationNetwork pretrained = NetworkFactory.Create(options);
        using SegmentationNetwork model = FineTuneModel.Create(options, 3);
        Dictionary<string, Tensor> state = Weights.State(pretrained).ToDictionary(static e => e.Name, static e => e.Tensor);
        WeightTransfer transfer = FineTuneModel.LoadPretrained(model, state, encoderOnly: true);
        string prefix = isSwin ? string.Empty : "body.";
        Assert.That(transfer.Copied, Is.Not.Empty);
        Assert.That(transfer.Copied.All(model.IsEncoder), Is.True);
        Assert.That(transfer.Missing.Concat(transfer.Mismatched).Any(model.IsEncoder), Is.False);
        Assert.That(model.IsEncoder(prefix + (isSwin ? "swinViT.patch_embed.proj.weight" : "model.0.conv.unit0.conv.weight")), Is.True);
        Assert.That(model.IsEncoder(prefix + (isSwin ? "decoder5.conv_block.conv1.conv.weight" : "model.2.0.conv.weight")), Is.False);
        if (!isSwin)
        {
            Assert.That(model.IsEncoder("body.model.1.submodule.conv.unit0.conv.weight"), Is.True, "the deepest level");
            Assert.That(model.IsEncoder("body.model.1.submodule.2.0.conv.weight"), Is.False, "a lower level's way up");
        }
    }

    private static string[] Changed(SegmentationNetwork network, TrainingStages stages, int step)
    {
        float[][] before = [.. network.parameters().Select(static one => one.detach().data<float>().ToArray())];
        ClippedAdamW optimizer = stages.OptimizerOf(step);
        optimizer.ZeroGradients();
        using (Tensor input = rand([2, 1, 8, 8, 8]))
        using (Tensor loss = network.call(input).square().mean())
        {
            loss.backward();
        }

        optimizer.Clip(1);
        optimizer.Step(0.1);
        return
        [
            .. network.named_parameters().Zip(before)
                .Where(static pair => !pair.First.parameter.detach().data<float>().ToArray().AsSpan().SequenceEqual(pair.Second))
                .Select(static pair => pair.First.name),
        ];
    }

    private static FineTuneOptions Options(FineTuneFolder folder, string name, NetworkOptions network) => new()
    {
        DataFolder = folder.Root,
        OutFolder = Path.Combine(folder.Root, name),
        Init = folder.WeightsOf(network),
        TrainCases = [2],
        Steps = 4,
        Validations = 2,
        Patch = [12],
    };

    private static string[] Run(FineTuneOptions options)
    {
        var lines = new List<string>();
        using FineTuneRun run = FineTuneRun.Open(options, _ => { });
        run.Run(lines.Add, () => { }, "gpusynth finetune");
        return [.. lines];
    }

    private static string WithoutSeconds(string line) => line[..line.LastIndexOf(',')];

    private static string HeadOf(FineTuneOptions options, string init = "pretrained") =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(options.OutFolder, "results.json")))!["heads"]![init]!.ToString();

    private static string[] Measured(FineTuneOptions options) =>
    [
        .. Directory.EnumerateFiles(options.OutFolder, "metrics.jsonl", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .SelectMany(path => MetricsLog.Read(path))
            .Select(row => $"{row.Step} {row[MetricsRow.Loss]:R} {row[MetricsRow.ValidationDice]:R}"),
        File.ReadAllText(Path.Combine(options.OutFolder, "results.md")),
    ];
}
