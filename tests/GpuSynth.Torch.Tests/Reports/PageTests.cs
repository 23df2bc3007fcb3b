using System.Text.RegularExpressions;
using GpuSynth.IO;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Reports;

public sealed class PageTests
{
    [Test]
    public void TheTrainingPage_NeedsNoOtherFile_AndHoldsItsParts()
    {
        MetricsRow[] rows = [.. Enumerable.Range(1, 50).Select(step => new MetricsRow(step)
        {
            [MetricsRow.Loss] = 2.0 / step,
            ["pull"] = 1.5 / step,
            ["push"] = 0.5 / step,
            [MetricsRow.LearningRate] = 1e-4,
            [MetricsRow.GradientNorm] = 1.0 / step,
            [MetricsRow.VolumesPerSecond] = 8,
            [MetricsRow.WaitShare] = step == 50 ? 0.5 : 0,
            [MetricsRow.Seconds] = step == 50 ? 0.98 : 1,
        })];
        byte[] png = Picture();
        string html = PretrainReport.ToHtml(Pretrained() with { Name = "a <b> & c" }, rows, [new ReportPicture("A \"sample\"", png)]);

        CheckSelfContained(html);
        Assert.That(html, Does.Contain("<h1>a &lt;b&gt; &amp; c"));
        Assert.That(html, Does.Contain("data:image/png;base64," + Convert.ToBase64String(png)));
        Assert.That(Regex.Count(html, "<figure class=\"chart"), Is.EqualTo(5));
        Assert.That(html, Does.Contain(">pull</span>").And.Contain(">push</span>"), "the loss' parts are in the legend");
        Assert.That(html, Does.Contain(">1%</div>"), "0.49 s of 49.98 s were spent waiting");
        Assert.That(html, Does.Contain(">1,200</div>").And.Contain("./gpusynth pretrain --out run"));
    }

    [Test]
    public void ARunOfNoSteps_HasAPageToo()
    {
        string html = PretrainReport.ToHtml(Pretrained() with { Status = "running", StepsDone = 0 }, [], []);
        CheckSelfContained(html);
        Assert.That(html, Does.Contain("no values yet"));
    }

    [Test]
    public void TheComparisonPage_MarksTheBetterRow_AndCountsWins()
    {
        ArmGroup[] groups =
        [
            Group("pretrained", 5, 0.8), Group("none", 5, 0.7), Group("pretrained", 10, 0.85), Group("none", 10, 0.8),
        ];
        ArmComparison[] comparisons =
        [
            Comparison(5, new MeanInterval(0.1, 0.05, 0.15, 3), 3),
            Comparison(10, new MeanInterval(0.05, -0.01, 0.11, 3), 2),
        ];
        FineTuneArmResult[] arms = [.. groups.SelectMany(group => Enumerable.Range(0, 3).Select(seed => new FineTuneArmResult
        {
            Init = group.Init,
            TrainCases = group.TrainCases,
            Seed = (ulong)seed,
            Metrics = [new MetricsRow(10) { [MetricsRow.Loss] = 1, [MetricsRow.ValidationDice] = 0.5 }],
            BestValidationDice = 0.5,
            BestStep = 10,
        }))];
        string html = FineTuneReport.ToHtml(FineTuned(), groups, comparisons, arms, []);

        CheckSelfContained(html);
        const string strong = "<tr class=\"strong\"><th scope=\"row\">(5|10)</th><td class=\"text\">pretrained";
        Assert.That(Regex.Count(html, strong), Is.EqualTo(2));
        Assert.That(html, Does.Contain("0.050 (-0.010 to 0.110)").And.Contain(">5 of 6</div>").And.Contain(">+0.100</div>"));
        Assert.That(html, Does.Contain("<title>pretrained, 5 cases trained on: 0.8 (0.78 to 0.82)</title>"));
        Assert.That(() => FineTuneReport.ToHtml(FineTuned(), [], [], [], []), Throws.Nothing);
    }

    [Test]
    public void TheCard_SaysWhatTheHubAsksFor()
    {
        ModelCard pretrained = new()
        {
            Run = Pretrained(),
            MonaiExpression = "UNet(spatial_dims=3)",
            LastRow = new MetricsRow(600) { [MetricsRow.Loss] = 0.125 },
        };
        string card = pretrained.ToMarkdown();
        string[] lines = card.Split('\n');
        Assert.That(lines[0], Is.EqualTo("---"));
        int end = Array.IndexOf(lines, "---", 1);
        Assert.That(lines[1..end], Does.Contain("license: mit").And.Contains("library_name: monai"));
        Assert.That(card, Does.Contain("```yaml\nname: rasd-3d\n```"));
        Assert.That(card, Does.Contain("random shapes").And.Contain("no real scan was used"));
        string withMaps = (pretrained with { Run = Pretrained() with { LabelMaps = "12 label maps of maps/" } }).ToMarkdown();
        Assert.That(withMaps, Does.Contain("12 label maps of maps/").And.Not.Contain("random shapes"));
        Assert.That(card, Does.Contain("Unique samples seen: **1,200**").And.Contain("presentations").And.Contain("Seed: 7."));
        Assert.That(card, Does.Contain("strict=True").And.Contain("from monai.networks.nets import UNet"));
        Assert.That(card, Does.Contain("None was made").And.Contain("0.125 at step 600").And.Contain("## Limits"));

        string own = (pretrained with { MonaiExpression = null }).ToMarkdown();
        Assert.That(own, Does.Contain("library_name: gpusynth").And.Contain("MONAI has none of its names").And.Not.Contain("monai.networks"));

        card = (pretrained with { Measured = [new MeasuredBlock("finetune tuned", "Twenty cases.")] }).ToMarkdown();
        Assert.That(card, Does.Contain("Twenty cases.").And.Not.Contain("None was made"));
    }

    internal static PretrainDescription Pretrained() => new()
    {
        Name = "run",
        Status = "finished",
        Command = "./gpusynth pretrain --out run",
        RecipeName = "rasd-3d",
        RecipeText = "name: rasd-3d",
        RecipeSha256 = new string('a', 64),
        Seed = 7,
        Shape = "48 x 48 x 48",
        Dimensions = 3,
        LabelCount = 4,
        Objective = "rasd",
        Network = "residual U-Net",
        FeatureChannels = 32,
        ParameterCount = 1_000_000,
        BatchSize = 2,
        StepsPlanned = 600,
        StepsDone = 600,
        UniqueSamples = 1200,
        Optimiser = "AdamW",
        Precision = "float32",
        Device = "cpu",
        SynthesisDevice = "host",
        Cores = 2,
        Started = DateTimeOffset.UnixEpoch,
        Duration = TimeSpan.FromSeconds(150),
    };

    private static FineTuneDescription FineTuned() => new()
    {
        Name = "tuned",
        Status = "finished",
        Command = "./gpusynth finetune",
        Task = "segmentation",
        TrainCases = 90,
        ValidationCases = 10,
        TestCases = 20,
        LabelNames = ["front", "back"],
        Network = "residual U-Net",
        ParameterCount = 1_000_000,
        Steps = 10,
        Training = "AdamW",
        Preprocessing = "none",
        Compared = ("pretrained", "none"),
        IntervalMethod = "bootstrap",
        Device = "cpu",
        Cores = 2,
        Duration = TimeSpan.FromMinutes(61),
    };

    private static ArmGroup Group(string init, int cases, double dice) => new(
        init,
        cases,
        3,
        new MeanInterval(dice, dice - 0.02, dice + 0.02, 20),
        Alone(1.5),
        [Alone(dice), Alone(dice)],
        [Alone(1), Alone(2)]);

    private static ArmComparison Comparison(int cases, MeanInterval dice, int better) =>
        new(cases, dice, Alone(0), [], Seeds: 3, better, Pairs: 3, better);

    // A mean of which no interval is known.
    private static MeanInterval Alone(double mean) => new(mean, double.NaN, double.NaN, 1);

    private static byte[] Picture()
    {
        using MemoryStream png = new();
        Png.WriteRgb(png, 4, 3, new byte[36]);
        return png.ToArray();
    }

    private static void CheckSelfContained(string html)
    {
        Assert.That(html, Does.Contain("default-src 'none'"), "the browser may load nothing");
        Assert.That(html, Does.Not.Contain("http://").And.Not.Contain("https://"));
        Assert.That(html, Does.Not.Contain("@import").And.Not.Contain("url("));
        Assert.That(Regex.Matches(html, "src=\"([^\"]{5})").Select(match => match.Groups[1].Value), Has.All.EqualTo("data:"));
        foreach (string tag in (string[])["section", "figure", "div", "svg", "table", "details", "script", "dl", "g"])
        {
            int open = Regex.Count(html, $"<{tag}[ >]");
            Assert.That(Regex.Count(html, $"</{tag}>"), Is.EqualTo(open), tag);
        }
    }
}
