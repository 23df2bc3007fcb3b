using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Whole runs on small cases with a small network.</summary>
[Category("Slow")]
internal sealed class FineTuneRunTests
{
    private static readonly NetworkOptions Small =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };

    [Test]
    public void A_compared_run_is_complete_resumes_and_repeats_to_the_bit()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(6);
        FineTuneOptions options = Options(folder, "one");
        string[] first = Train(options);
        Assert.That(first, Has.Length.EqualTo(4), "two initialisations, two numbers of cases");
        foreach (string name in new[] { "run.json", "results.json", "results.md", "report.html" })
        {
            Assert.That(new FileInfo(Path.Combine(options.OutFolder, name)).Length, Is.Positive, name);
        }

        string arm = Path.Combine(options.OutFolder, "arms", "pretrained_n2_s0");
        NiftiLabels prediction = Nifti.ReadLabels(Path.Combine(arm, "predictions", "case_005.nii.gz"));
        NiftiLabels truth = Nifti.ReadLabels(folder.LabelPath("case_005"));
        Assert.That((prediction.Shape, prediction.Geometry), Is.EqualTo((truth.Shape, truth.Geometry)));
        Assert.That(MetricsLog.Read(Path.Combine(arm, "metrics.jsonl")), Has.Count.EqualTo(4));

        // An arm without its result is trained again, the others are not.
        string other = Path.Combine(options.OutFolder, "arms", "none_n2_s0", "result.json");
        DateTime written = File.GetLastWriteTimeUtc(other);
        string[] kept = Losses(options);
        File.Delete(Path.Combine(arm, "result.json"));
        Assert.That(Train(options), Has.Length.EqualTo(1));
        Assert.That(File.GetLastWriteTimeUtc(other), Is.EqualTo(written));
        Assert.That(Losses(options), Is.EqualTo(kept));

        FineTuneOptions again = Options(folder, "two");
        Train(again);
        Assert.That(Losses(again), Is.EqualTo(kept));
    }

    [Test]
    public void What_a_user_has_to_know_of_the_data_is_in_the_results_and_the_report()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        VolumeShape shape = VolumeShape.Volume(12, 12, 13);
        (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, 0);
        folder.Put("case_000", shape, image, labels);
        Nifti.WriteLabels(
            folder.LabelPath("case_000"), shape, labels, new NiftiGeometry([1, 0, 0, -5, 0, 1, 0, -5.5, 0, 0, 1, -5.5]));
        FineTuneOptions options = Options(folder, "run") with { Compare = false, TrainCases = [], Steps = 1, Validations = 1 };
        Train(options);
        string expected = "case_000.nii.gz' has another grid than its image (its middle 1 mm away)";
        JsonNode results = JsonNode.Parse(File.ReadAllText(Path.Combine(options.OutFolder, "results.json")))!;
        Assert.That(results["notices"]!.AsArray().Single()!.ToString(), Does.Contain(expected));
        string report = File.ReadAllText(Path.Combine(options.OutFolder, "report.html"));
        Assert.That(report, Does.Contain("Note: ").And.Contains("has another grid than its image (its middle 1 mm away)"));
    }

    [Test]
    public void Cards_tell_what_was_measured()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(4);
        string init = folder.Made(Path.Combine("pretrained", "weights.safetensors"));
        File.Copy(folder.WeightsOf(Small), init);
        string card = Path.Combine(Path.GetDirectoryName(init)!, ModelCard.FileName);
        File.WriteAllText(
            card, new ModelCard { Run = Reports.PageTests.Pretrained(), MonaiExpression = "UNet(spatial_dims=3)" }.ToMarkdown());
        FineTuneOptions options = Options(folder, "run") with
        {
            Init = Path.GetDirectoryName(init), Compare = false, TrainCases = [], Steps = 1, Validations = 1,
        };
        Train(options);
        MeasuredBlock block = MeasuredBlock.OfFile(card).Single();
        Assert.That(block.Key, Is.EqualTo("finetune run"));
        Assert.That(block.Markdown, Does.Contain("| pretrained ").And.Contain("SHA-256"));
        string arm = File.ReadAllText(Path.Combine(options.OutFolder, "arms", "pretrained_n2_s0", ModelCard.FileName));
        Assert.That(arm, Does.Contain("gpusynth predict --model pretrained_n2_s0").And.Contain("### Test: 1 cases"));
        Assert.That(arm, Does.Contain("| 1 | label 1 |").And.Contain("case_00"));
    }

    [Test]
    public void Training_lowers_the_loss_and_keeps_the_best_validation()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(5);
        FineTuneOptions options = Options(folder, "run") with
        {
            Compare = false, TrainCases = [], Steps = 40, Validations = 4, LearningRates = [0.02], Augmentation = Augmentation.None,
        };
        Train(options);
        IReadOnlyList<MetricsRow> rows =
            MetricsLog.Read(Path.Combine(options.OutFolder, "arms", "pretrained_n3_s0", "metrics.jsonl"));
        Assert.That(rows[^1][MetricsRow.Loss], Is.LessThan(0.7 * rows[0][MetricsRow.Loss]));
        ArmResult result = ArmResult.Read(Path.Combine(options.OutFolder, "arms", "pretrained_n3_s0", "result.json"))!;
        double[] validations = [.. rows.Select(row => row[MetricsRow.ValidationDice]).Where(value => !double.IsNaN(value))];
        Assert.That(validations, Has.Length.EqualTo(5), "four, and the place 25 of the learning curve");
        Assert.That(result.BestValidationDice, Is.EqualTo(validations.Max()).And.GreaterThan(0.3));
    }

    [Test]
    public void A_folder_of_other_settings_is_refused_untouched()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        FineTuneOptions options = Options(folder, "run") with { Compare = false, TrainCases = [] };
        Train(options);
        string before = File.ReadAllText(Path.Combine(options.OutFolder, "run.json"));
        Assert.That(
            Assert.Throws<GpuSynthException>(() => Train(options with { Steps = 5 }))!.Message,
            Does.Contain("have steps 4, and this run has 5"));
        File.WriteAllText(Path.Combine(options.OutFolder, "run.json"), "{}");
        Assert.That(Assert.Throws<GpuSynthException>(() => Train(options))!.Message, Does.Contain("another command's run"));
        Assert.That(before, Does.Contain("finished"));
    }

    [Test]
    public void More_cases_than_there_are_and_a_patch_that_does_not_fit_are_one_sentence()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        FineTuneOptions options = Options(folder, "run");
        string Complaint(FineTuneOptions asked) => Assert.Throws<GpuSynthException>(() => Train(asked))!.Message;
        Assert.That(Complaint(options with { TrainCases = [5] }), Does.Contain("there are 1"));
        Assert.That(Complaint(options with { TrainCases = [1], Patch = [7] }), Does.Contain("8x8x8"));
        Assert.That(Complaint(options with { TrainCases = [1], Patch = [8, 8] }), Does.Contain("--patch"));
        Assert.That(Complaint(options with { TrainCases = [1], Device = "cuda" }), Does.Contain("CUDA"));
    }

    private static FineTuneOptions Options(FineTuneFolder folder, string name)
    {
        return new FineTuneOptions
        {
            DataFolder = folder.Root,
            OutFolder = Path.Combine(folder.Root, name),
            Init = folder.WeightsOf(Small),
            Compare = true,
            TrainCases = [1, 2],
            Steps = 4,
            Validations = 2,
            Patch = [12],
        };
    }

    private static string[] Train(FineTuneOptions options)
    {
        var lines = new List<string>();
        using FineTuneRun run = FineTuneRun.Open(options, _ => { });
        run.Run(lines.Add, () => { }, "gpusynth finetune");
        return [.. lines];
    }

    // Times differ from run to run, losses may not.
    private static string[] Losses(FineTuneOptions options) =>
    [
        .. Directory.EnumerateFiles(options.OutFolder, "metrics.jsonl", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .SelectMany(path => MetricsLog.Read(path))
            .Select(row => $"{row.Step} {row[MetricsRow.Loss]:R} {row[MetricsRow.ValidationDice]:R}"),
    ];
}
