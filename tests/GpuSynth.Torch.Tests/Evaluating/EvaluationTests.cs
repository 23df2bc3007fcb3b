using System.Text.Json.Nodes;
using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Evaluating;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;
using FineTuneFolder = GpuSynth.Torch.Tests.FineTuning.FineTuneFolder;

namespace GpuSynth.Torch.Tests.Evaluating;

/// <summary>"gpusynth evaluate": the arms that it trains, what it chooses by, and that it goes on where it stopped.</summary>
[NonParallelizable]
public sealed class EvaluationTests
{
    private static readonly NetworkOptions Small =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };

    private const string Suite =
        """
        name: tiny
        steps: 4
        seeds: 2
        rates: [1.0e-3, 1.0e-2]
        tasks:
          - { name: boxes, data: ., cases: [1, 2], validationCases: 2, testCases: 2, patch: [12] }
        """;

    // Each arm's trainings are those of 'finetune --compare' at the rate that was chosen.
    [Category("Slow")]
    [Test]
    public void ArmsAreThoseOfFineTuning_AndTheSameCallAgainTrainsNothing()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        string weights = folder.WeightsOf(Small), suite = folder.Made("suite.yaml"), results = Path.Combine(folder.Root, "results");
        File.WriteAllText(suite, Suite);
        string[] call = ["evaluate", suite, "--data", folder.Root, "--weights", $"mine={weights}", "--out", results];
        Assert.That(Run([.. call, "--dry-run"]), Does.Contain("mine").And.Contain("scratch").And.Contain("12"));
        Assert.That(Directory.Exists(results), Is.False, "a dry run writes nothing");
        Assert.That(Run(call), Does.Contain("| mine | least | 1 |").And.Contain("Chosen by validation cases: mine."));
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(results, EvaluationRun.JsonName)))!;
        JsonNode[] cells = [.. json["tasks"]![0]!["cells"]!.AsArray().Select(static cell => cell!)];
        Assert.That(cells.Select(static cell => $"{cell["name"]} {cell["budget"]}"), Is.EqualTo(["scratch 1", "scratch 2", "mine 1", "mine 2"]));
        Assert.That(json["tasks"]![0]!["probe"]!.AsArray().Select(static row => (string)row!["name"]!), Is.EqualTo(["mine", "random weights", "hand-made"]));

        foreach ((string arm, string init) in new[] { ("scratch", FineTuneOptions.ScratchName), ("mine", FineTuneOptions.PretrainedName) })
        {
            double rate = double.Parse(((string)cells.First(cell => (string)cell["name"]! == arm)["chosen"]!)["rate ".Length..], System.Globalization.CultureInfo.InvariantCulture);
            string compared = Path.Combine(folder.Root, "compared", arm);
            FineTuneOptions options = new()
            {
                DataFolder = folder.Root, OutFolder = compared, Init = weights, Compare = true, TrainCases = [1, 2], Seeds = 2, Steps = 4, LearningRates = [rate],
                ValidationCases = 2, TestCases = 2, Patch = [12],
            };
            using FineTuneRun run = FineTuneRun.Open(options, static _ => { });
            run.Run(static _ => { }, static () => { }, "finetune");
            foreach (int cases in new[] { 1, 2 })
            {
                double[] expected = [.. run.Results.Where(one => one.Init == init && one.TrainCases == cases)
                    .SelectMany(static one => one.Test.Select(static test => SegmentationMetrics.Mean(test.Dice)))];
                JsonNode cell = cells.Single(one => (string)one["name"]! == arm && (int)one["budget"]! == cases);
                Assert.That(cell["caseScores"]!.AsArray().SelectMany(static seed => seed!.AsArray().Select(static value => (double)value!)), Is.EqualTo(expected));
            }
        }

        DateTime[] before = Times(results);
        Run(call);
        Assert.That(Times(results), Is.EqualTo(before), "nothing was trained or probed again");
        Assert.That(File.ReadAllText(Path.Combine(results, "report.html")), Does.Contain("Dice above new weights").And.Contain("data:image/png"));

        // The rates were chosen without a look at the test.
        string rates = Path.Combine(results, "arms", "mine", "boxes-rates");
        JsonNode chosen = JsonNode.Parse(File.ReadAllText(Path.Combine(rates, "arms", "pretrained_n2_s0", ArmResult.FileName)))!;
        Assert.That(chosen["test"]!.AsArray(), Is.Empty);
        Assert.That(Directory.Exists(Path.Combine(rates, "arms", "pretrained_n2_s0", "predictions")), Is.False);
    }

    // Two networks have new weights of their own each; of three weights those that are worst on validation cases at their best rate go no further, and that is said.
    [Category("Slow")]
    [Test]
    public void OfTwoNetworksThereAreTwoScratches_AndFinalistsAreTheBestOnValidationCases()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        string first = folder.WeightsOf(Small), second = folder.Made("wider/wider.safetensors"), suite = folder.Made("suite.yaml");
        string results = Path.Combine(folder.Root, "results");
        using (SegmentationNetwork wider = NetworkFactory.Create(Small with { Channels = [4, 12] }))
        {
            Weights.Save(wider, second);
        }

        File.WriteAllText(suite, Suite.Replace("seeds: 2", "seeds: 1\nfinalists: 1\nalways: [b]", StringComparison.Ordinal).Replace("[1, 2]", "[1]", StringComparison.Ordinal));
        string[] call = ["evaluate", suite, "--data", folder.Root, "--weights", $"a={first},b={second},c={first}", "--out", results];
        Run(call);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(results, EvaluationRun.JsonName)))!;
        string[] arms = [.. json["tasks"]![0]!["cells"]!.AsArray().Select(static cell => (string)cell!["name"]!)];
        string[] notices = [.. json["notices"]!.AsArray().Select(static one => (string)one!)];
        Assert.That(arms.Take(2), Is.EqualTo(["scratch", "scratch-2"]));
        Assert.That(arms, Does.Contain("b"), "in any case");
        string[] left = [.. new[] { "a", "b", "c" }.Except(arms)];
        Assert.That(notices.Count(static one => one.Contains("goes no further than its learning rates", StringComparison.Ordinal)), Is.EqualTo(left.Length));
        Assert.That(left, Is.Not.Empty);
        double best = arms.Distinct().Where(static name => name is "a" or "b" or "c").Max(name => OnValidation(results, name));
        Assert.That(left.Select(name => OnValidation(results, name)), Is.All.LessThanOrEqualTo(best), "none of them was the best");
        Assert.That(left.All(name => !Directory.Exists(Path.Combine(results, "arms", name, "boxes"))), "they were not tested");
        JsonNode ofB = json["tasks"]![0]!["cells"]!.AsArray().Single(static cell => (string)cell!["name"]! == "b")!;
        double own = (double)ofB["score"]!["mean"]!, other = (double)json["tasks"]![0]!["cells"]![1]!["score"]!["mean"]!;
        Assert.That((double)ofB["difference"]!["mean"]!, Is.EqualTo(own - other).Within(1e-12), "against new weights of its own network");
    }

    private static double OnValidation(string results, string arm) => (double)JsonNode.Parse(File.ReadAllText(
        Path.Combine(results, "arms", arm, "boxes-rates", "arms", "pretrained_n1_s0", ArmResult.FileName)))!["bestValidationDice"]!;

    // Weights of an arm name the task's classes: with no case to train on they are what that arm was. Features name nothing, and new weights are not asked.
    [Category("Slow")]
    [Test]
    public void WithoutARealImage_ThereAreWeightsThatNameTheClasses()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        string features = folder.WeightsOf(Small), suite = folder.Made("suite.yaml"), results = Path.Combine(folder.Root, "results");
        FineTuneOptions options = new()
        {
            DataFolder = folder.Root, OutFolder = Path.Combine(folder.Root, "tuned"), Init = features, TrainCases = [2], Steps = 6, ValidationCases = 2, TestCases = 2,
            Patch = [12], LearningRates = [1e-2],
        };
        using FineTuneRun run = FineTuneRun.Open(options, static _ => { });
        run.Run(static _ => { }, static () => { }, "finetune");
        string tuned = Path.Combine(options.OutFolder, "arms", "pretrained_n2_s0");
        Assert.That(
            () => FineTuneRun.Open(options with { OutFolder = results, TrainCases = [0] }, static _ => { }),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("its head does not name the task's classes"));

        File.WriteAllText(suite, Suite.Replace("[1, 2]", "[0, 1]", StringComparison.Ordinal).Replace("seeds: 2", "seeds: 1", StringComparison.Ordinal));
        Run(["evaluate", suite, "--data", folder.Root, "--weights", $"tuned={tuned},features={features}", "--out", results]);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(results, EvaluationRun.JsonName)))!;
        JsonNode[] cells = [.. json["tasks"]![0]!["cells"]!.AsArray().Select(static cell => cell!)];
        Assert.That(cells.Select(static cell => $"{cell["name"]} {cell["budget"]}"), Is.EqualTo(["scratch 1", "tuned 0", "tuned 1", "features 1"]));
        Assert.That(
            cells[1]["caseScores"]![0]!.AsArray().Select(static value => (double)value!),
            Is.EqualTo(run.Results.Single().Test.Select(static test => SegmentationMetrics.Mean(test.Dice))));
        Assert.That((string)cells[1]["difference"]!["mean"]!, Is.EqualTo("NaN"));
        Assert.That(json["notices"]!.AsArray().Select(static one => (string)one!), Has.Some.Contains("nothing is said of them"));
        Assert.That(json["means"]!.AsArray().Select(static row => $"{row!["name"]} {row["budget"]}"), Is.EqualTo(["tuned 1", "features 1"]));
    }

    // Pre-trained on windows of just the label maps that it is then trained with; once. At 0 cases stand the most cases' maps, without an image.
    [Category("Slow")]
    [Test]
    public void AnArmOfOwnLabelMaps_SeesTheLabelMapsOfItsCasesAndNoOthers()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        string suite = folder.Made("suite.yaml"), results = Path.Combine(folder.Root, "results"), maps = Path.Combine(results, "arms", "own", "boxes-maps");
        string text = Suite.Replace("[1, 2]", "[0, 1, 2]", StringComparison.Ordinal).Replace("tasks:", "labelMaps: [{ name: own, recipe: labelmap-3d, steps: 3, batch: 2 }]\ntasks:", StringComparison.Ordinal);
        File.WriteAllText(suite, text);
        string[] call = ["evaluate", suite, "--data", folder.Root, "--weights", $"features={folder.WeightsOf(Small)}", "--out", results];
        Assert.That(Run([.. call, "--dry-run"]), Does.Contain("own"));
        Assert.That(Run(call), Does.Contain("| own | least | 1 |"));
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(results, EvaluationRun.JsonName)))!;
        JsonNode[] cells = [.. json["tasks"]![0]!["cells"]!.AsArray().Select(static cell => cell!).Where(static cell => (string)cell["name"]! == "own")];
        Assert.That(cells.Select(static cell => (double)cell["budget"]!), Is.EqualTo([0.0, 1, 2]));
        Assert.That(cells.Select(static cell => (string)cell["head"]!), Is.All.Contains("kept from the weights, 3 classes"));
        Assert.That(cells[0]["caseScores"]!.AsArray(), Has.Count.EqualTo(2), "both seeds");
        Assert.That(json["notices"]!.AsArray().Select(static one => (string)one!), Has.Some.EqualTo("boxes, own: at 0 cases it has seen the label maps of 2 cases, and no image"));
        Assert.That((string)json["suite"]!["labelMaps"]![0]!["recipe"]!, Is.EqualTo("labelmap-3d"));

        foreach ((string run, string training) in new[] { ("n1_s0", "pretrained_n1_s0"), ("n2_s1", "pretrained_n2_s1") })
        {
            string trained = Path.Combine(results, "arms", "own", "boxes", run, "arms", training, ArmResult.FileName);
            string[] cases = [.. ArmResult.Read(trained)!.Cases];
            JsonNode settings = JsonNode.Parse(File.ReadAllText(Path.Combine(maps, run, "settings.json")))!;
            Assert.That(settings["cases"]!.AsArray().Select(static one => (string)one!), Is.EqualTo(cases));
            LabelMapSet windows = LabelMapSet.Load(Path.Combine(maps, run, "maps"));
            Assert.That(windows.Maps, Has.Count.EqualTo(16 * cases.Length));
            byte[][] whole = [.. cases.Select(name => FineTuneFolder.Sample(VolumeShape.Volume(12, 12 + (NumberOf(name) % 3), 13), NumberOf(name)).Labels)];
            Assert.That(windows.Maps.All(map => whole.Any(labels => Holds(labels, labels.Length / (12 * 13), map.Labels))), "each is a window of one of the cases");
        }

        DateTime[] before = Times(results);
        Run(call);
        Assert.That(Times(results), Is.EqualTo(before), "nothing was trained again");
        File.WriteAllText(suite, text.Replace("steps: 3", "steps: 4", StringComparison.Ordinal));
        Assert.That(Run(call, ExitCode.Failed), Does.Contain("holds a pre-training of another recipe, network, length or other cases"));

        static int NumberOf(string name) => int.Parse(name[^3..], System.Globalization.CultureInfo.InvariantCulture);
    }

    // New weights whose crops a recipe changes: those of 'finetune --appearance', beside new weights.
    [Category("Slow")]
    [Test]
    public void AnArmOfChangedCrops_IsNewWeightsThatSeeThem()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        string suite = folder.Made("suite.yaml"), results = Path.Combine(folder.Root, "results");
        File.WriteAllText(suite, Suite.Replace("rates: [1.0e-3, 1.0e-2]", "rates: [1.0e-3]", StringComparison.Ordinal).Replace(
            "tasks:", "appearances: [{ name: scanners, recipe: rasd-3d, probability: 1 }, { name: flat, recipe: rasd-2d }]\ntasks:", StringComparison.Ordinal));
        Assert.That(Run(["evaluate", suite, "--data", folder.Root, "--weights", $"features={folder.WeightsOf(Small)}", "--out", results]), Does.Contain("| scanners | least | 1 |"));
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(results, EvaluationRun.JsonName)))!;
        Assert.That(json["notices"]!.AsArray().Select(static one => (string)one!), Has.Some.EqualTo("flat draws in 2D, and is left out of task boxes, which is 3D"));
        ArmResult changed = ArmResult.Read(Path.Combine(results, "arms", "scanners", "boxes", "arms", "none_n1_s0", ArmResult.FileName))!;
        ArmResult plain = ArmResult.Read(Path.Combine(results, "arms", "scratch", "boxes", "arms", "none_n1_s0", ArmResult.FileName))!;
        Assert.That(changed.Cases, Is.EqualTo(plain.Cases));
        Assert.That((string)changed.Settings!["appearance"]!, Does.StartWith("rasd-3d, SHA-256 ").And.EndsWith(", probability 1"));
        Assert.That(changed.Settings!.Where(static pair => pair.Key != "appearance").Select(static pair => $"{pair.Key} {pair.Value}"),
            Is.EqualTo(plain.Settings!.Select(static pair => $"{pair.Key} {pair.Value}")), "nothing else differs");
    }

    // Whether a window of 12^3 lies somewhere in labels of 12 x height x 13.
    private static bool Holds(byte[] labels, int height, byte[] window)
    {
        bool Is(int top, int left) => Enumerable.Range(0, window.Length).All(n =>
            window[n] == labels[((((n / 144) * height) + top + ((n / 12) % 12)) * 13) + left + (n % 12)]);
        return Enumerable.Range(0, height - 11).Any(top => Enumerable.Range(0, 2).Any(left => Is(top, left)));
    }

    // A task of classification beside one of segmentation: frozen and trained, the trained one in the mean over tasks with those of segmentation.
    [Category("Slow")]
    [Test]
    public void ImagesAreClassified_BesideTasksOfSegmentation()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        NetworkOptions flat = Small with { Dimensions = 2 };
        string weights = folder.WeightsOf(flat), suite = folder.Made("suite.yaml"), results = Path.Combine(folder.Root, "results");
        for (int n = 0; n < 40; n++)
        {
            var random = new Random(n);
            float[] image = [.. Enumerable.Range(0, 90).Select(pixel => (float)((n % 2 == 0 ? pixel % 9 < 4 : pixel % 2 == 0) ? 100 : 0) + random.Next(10))];
            Nifti.WriteImage(folder.Made($"sides/{(n % 2 == 0 ? "left" : "right")}/patient{n}.nii.gz"), VolumeShape.Image(10, 9), image);
        }

        File.WriteAllText(suite, Suite.Replace("[12]", "[16]", StringComparison.Ordinal) + "\n  - { name: sides, shares: [50, 100] }");
        Run(["evaluate", suite, "--data", folder.Root, "--weights", $"mine={weights}", "--out", results]);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(results, EvaluationRun.JsonName)))!;
        JsonNode sides = json["tasks"]![1]!;
        Assert.That((string)sides["measure"]!, Is.EqualTo("AUC"));
        JsonNode[] cells = [.. sides["cells"]!.AsArray().Select(static cell => cell!)];
        Assert.That(
            cells.Select(static cell => $"{cell["name"]} {cell["budget"]}"),
            Is.EqualTo(["scratch, frozen 50", "scratch, frozen 100", "scratch 50", "scratch 100", "mine, frozen 50", "mine, frozen 100", "mine 50", "mine 100"]));
        Assert.That(json["tasks"]![0]!["cells"]!.AsArray().Select(static cell => (string)cell!["name"]!).Distinct(), Is.EqualTo(["scratch"]), "3D cases, 2D weights");
        double own = (double)cells[6]["score"]!["mean"]!, other = (double)cells[2]["score"]!["mean"]!;
        Assert.That((double)cells[6]["difference"]!["mean"]!, Is.EqualTo(own - other).Within(1e-12));
        JsonNode[] means = [.. json["means"]!.AsArray().Select(static row => row!)];
        Assert.That(means.Select(static row => $"{row["name"]} {row["budget"]} {row["tasks"]}"), Is.EqualTo(["mine 1 1", "mine 2 1"]));
        Assert.That((double)means[0]["difference"]!["mean"]!, Is.EqualTo(own - other).Within(1e-12));
        Assert.That(File.ReadAllText(Path.Combine(results, EvaluationRun.TableName)), Does.Contain("| arm | % of the images | chosen | AUC |"));
    }

    // A box in noise of a sixth of its contrast, brighter or darker than the rest: the threshold draws it, but for the corners that the Gaussian rounds.
    [Test]
    public void AThreshold_DrawsWhatIsBrightOrDark([Values] bool isBright)
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Volume(20, 22, 24);
        for (int n = 0; n < 7; n++)
        {
            var random = new Random(n);
            byte[] labels = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel =>
                (byte)(voxel / (22 * 24) is >= 4 and < 14 && voxel / 24 % 22 is >= 5 and < 15 && voxel % 24 is >= 6 and < 16 ? 1 : 0))];
            folder.Put($"case_{n}", shape, [.. labels.Select(label => (float)(100 + (label * (isBright ? 60 : -60)) + random.Next(10)))], labels);
        }

        var task = new EvaluationTask { Name = "boxes", Data = ".", Cases = [1], RatesAt = 1, ValidationCases = 2, TestCases = 2 };
        ProbedRow row = ThresholdControl.Of(new PlannedTask(task, folder.Root, 3, []), default);
        Assert.That(row.Level, Is.EqualTo($"label 1, {(isBright ? "bright" : "dark")}"));
        Assert.That(row.CaseDice, Has.Count.EqualTo(2).And.All.InRange(0.9, 1));
    }

    [Test]
    public void OtsusThreshold_PartsTwoHeapsBetweenThem()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 3000).Select(n => (float)((n % 3 == 0 ? 7 : 2) + random.NextDouble() - 0.5))];
        Assert.That(ThresholdControl.Otsu(values), Is.InRange(2.5f, 6.5f));
        Assert.That(ThresholdControl.Otsu([4, 4, 4]), Is.EqualTo(4f), "nothing is above it");
        Assert.That(ThresholdControl.Otsu([0, 1]), Is.GreaterThan(0f).And.LessThanOrEqualTo(1f));

        // Of all thresholds the one with the largest variance between the two parts, looked for one by one.
        float[] skewed = [.. Enumerable.Range(0, 2000).Select(_ => (float)Math.Pow(random.NextDouble(), 3))];
        (float least, float most) = (skewed.Min(), skewed.Max());
        double Between(float threshold)
        {
            float[] low = [.. skewed.Where(value => value < threshold)], high = [.. skewed.Where(value => value >= threshold)];
            return low.Length == 0 || high.Length == 0 ? 0 : (double)low.Length * high.Length * Math.Pow(low.Average() - high.Average(), 2);
        }

        double best = Enumerable.Range(1, 255).Max(bin => Between(least + (bin * (most - least) / 256)));
        Assert.That(Between(ThresholdControl.Otsu(skewed)), Is.GreaterThan(0.999 * best));
    }

    [TestCase(1, "trains on 5 cases, and", "cases: [1, 2]", "cases: [1, 5]", "")]
    [TestCase(1, "The data folder '", "data: .", "data: nowhere", "")]
    [TestCase(1, "Two weights are called x", "", "", "x=W,x=W")]
    [TestCase(1, "'scratch' names new weights here", "", "", "scratch=W")]
    [TestCase(1, "The suite always fine-tunes y, and --weights has x", "seeds: 2", "seeds: 2\nalways: [y]", "x=W")]
    [TestCase(1, "there is no such file", "", "", "x=/no/such/run")]
    [TestCase(2, "gives no name of letters", "", "", "a b=W")]
    [TestCase(2, "gives no name of letters", "", "", "x=W,")]
    public void WrongUse_IsOneSentence_AndNothingIsWritten(int code, string part, string from, string to, string weights)
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        string suite = folder.Made("suite.yaml"), results = Path.Combine(folder.Root, "results");
        File.WriteAllText(suite, from.Length > 0 ? Suite.Replace(from, to, StringComparison.Ordinal) : Suite);
        string[] call = ["evaluate", suite, "--data", folder.Root, "--out", results];
        Assert.That(
            Run(weights.Length > 0 ? [.. call, "--weights", weights.Replace("W", folder.WeightsOf(Small), StringComparison.Ordinal)] : call, code),
            Does.Contain(part));
        Assert.That(Directory.Exists(results), Is.False);
    }

    // By hand: two tasks of one seed and equal cases have no spread; a task of many cases weighs as one of few.
    [Test]
    public void TheMeanOverTasks_IsThatOfTheTasksMeans()
    {
        (double, double[]) Task(double[][] values) => (Bootstrap.Crossed(values).Mean, Bootstrap.CrossedDraws(values));
        MeanInterval even = Bootstrap.OverTasks([Task([[0.1, 0.1]]), Task([[0.4, 0.4, 0.4, 0.4]])]);
        Assert.That((even.Mean, even.Low, even.High, even.Count), Is.EqualTo((0.25, 0.25, 0.25, 2)));
        Assert.That(Bootstrap.OverTasks([]).Mean, Is.NaN);
        Assert.That(Bootstrap.CrossedDraws([[double.NaN]]), Is.Empty);
        double[][] one = [[0.0, 0.1, 0.2, 0.5], [0.1, 0.1, 0.3, 0.4]];
        Assert.That(Bootstrap.OverTasks([Task(one)]) with { Count = 4 }, Is.EqualTo(Bootstrap.Crossed(one)));

        // Of two tasks that are drawn by themselves the deviation of the mean is that of one over the root of two; drawn alike it would be that of one.
        double[][] wide = [[.. Enumerable.Range(0, 50).Select(static n => n / 50.0)]];
        MeanInterval alone = Bootstrap.OverTasks([Task(wide)]);
        MeanInterval both = Bootstrap.OverTasks([Task(wide), (Bootstrap.Crossed(wide).Mean, Bootstrap.CrossedDraws(wide, seed: 1))]);
        Assert.That((both.High - both.Low) / (alone.High - alone.Low), Is.EqualTo(Math.Sqrt(0.5)).Within(0.06));
    }

    private static DateTime[] Times(string results) =>
    [
        .. Directory.EnumerateFiles(results, "*.json", SearchOption.AllDirectories)
            .Where(static path => Path.GetFileName(path) is ArmResult.FileName or "trial.json" or "rows.json")
            .Order(StringComparer.Ordinal).Select(File.GetLastWriteTimeUtc),
    ];

    private static string Run(string[] args, int expected = 0)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        int code = Program.Run(args, new Output(data, messages), interruption);
        Assert.That(code, Is.EqualTo(expected), messages.ToString());
        return data.ToString() + messages;
    }
}
