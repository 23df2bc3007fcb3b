using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.ReadOuts;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Classification;

/// <summary>Writes a run's results.json, results.md, report.html and MODEL_CARD.md.</summary>
internal sealed class ClassificationPage(
    ClassificationOptions options,
    ClassificationData data,
    ClassificationRun run,
    FineTuneFolder folder,
    NetworkOptions network,
    CheckpointReader? initial)
{
    private string DataName => ReportText.FolderName(options.DataFolder);

    public void Write(ClassificationSummary summary, IReadOnlyList<ClassificationArm> arms, string command)
    {
        var json = new
        {
            notices = run.Notices.All,
            patients = data.PatientRule,
            classes = data.ClassNames,
            intervals = run.IntervalMethod,
            measures = ClassificationMetrics.Names,
            summary,
            arms,
        };
        AtomicFile.WriteText(folder.FilePath("results.json"), JsonSerializer.Serialize(json, ArmResult.JsonForm) + "\n");
        AtomicFile.WriteText(folder.FilePath("results.md"), summary.Markdown());
        AtomicFile.WriteText(folder.FilePath("MODEL_CARD.md"), Card(summary, command));
        AtomicFile.WriteText(folder.FilePath("report.html"), Html(summary, arms, command));
    }

    private string Html(ClassificationSummary summary, IReadOnlyList<ClassificationArm> arms, string command)
    {
        ClassificationGroup best = summary.Groups.MaxBy(static group => group.Measures[0].Mean)!;
        string name = ReportText.FolderName(options.OutFolder);
        var page = new HtmlReport(name, $"classification of {DataName}, {data.ClassNames.Length} classes", "finished");
        page.Tiles(
        [
            ("highest AUC", ReportText.Fixed(best.Measures[0].Mean, 4), $"{best.Init}, {best.Protocol}, {best.TrainImages:N0} images"),
            ("test images", ReportText.Count(data.Test.Count), $"training {data.Training.Count:N0}, validation {data.Validation.Count:N0}"),
            ("arms", ReportText.Count(arms.Count), $"{options.Seeds} seed{(options.Seeds == 1 ? "" : "s")}"),
            ("time", ReportText.Duration(TimeSpan.FromSeconds(arms.Sum(static arm => arm.Seconds))), "all arms"),
        ]);
        page.Section("Results on the test images");
        foreach (string protocol in options.Protocols.Distinct().Where(_ => options.Fractions.Distinct().Count() > 1))
        {
            page.Chart(Chart(summary, protocol));
        }

        page.Table("Means over seeds and 95% intervals", Headers, [.. summary.Groups.Select(Row)]);
        if (summary.Comparisons.Count > 0)
        {
            page.Table("Pre-trained minus new weights, on the same draws", Headers, [.. summary.Comparisons.Select(Row)]);
        }

        page.Paragraph($"Intervals: {run.IntervalMethod}.");
        foreach (string notice in run.Notices.All)
        {
            page.Paragraph($"Note: {notice}");
        }

        page.Section("Arms");
        page.Table(
            "What validation chose, and the test",
            ["arm", "images", "chosen", "validation AUC", "test AUC", "accuracy", "seconds"],
            [
                .. arms.Select(static arm => (string[])
                [
                    ClassificationArm.FolderName(arm.Init, arm.Protocol, arm.Fraction, arm.Seed), ReportText.Count(arm.TrainImages),
                    arm.Chosen, ReportText.Fixed(arm.Validation.Auc, 4), ReportText.Fixed(arm.TestMetrics.Auc, 4),
                    ReportText.Fixed(arm.TestMetrics.Accuracy, 4), ReportText.Fixed(arm.Seconds, 1),
                ]),
            ]);
        page.Section("How").Pairs(Facts()).Code(command);
        return page.ToHtml();
    }

    private static readonly string[] Headers = ["share", "images", "protocol", "init", .. ClassificationMetrics.Names];

    private static string[] Row(ClassificationGroup group) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{group.Fraction}%"), ReportText.Count(group.TrainImages), group.Protocol, group.Init,
        .. group.Measures.Select(static one => ReportText.Interval(one, 4)),
    ];

    private static LineChart Chart(ClassificationSummary summary, string protocol) => new(
        $"Test AUC, {protocol}", "training images", "AUC",
        [
            .. summary.Groups.Where(group => group.Protocol == protocol).GroupBy(static group => group.Init).Select(static group =>
                new ChartSeries(group.Key, [.. group.Select(static one => (double)one.TrainImages)], [.. group.Select(static one => one.Measures[0].Mean)])
                {
                    Style = ChartStyle.Points,
                    Low = [.. group.Select(static one => one.Measures[0].Low)],
                    High = [.. group.Select(static one => one.Measures[0].High)],
                }),
        ])
    {
        IsLogX = true,
    };

    private (string, string)[] Facts() =>
    [
        ("Classes", string.Join(", ", data.ClassNames)),
        ("Images", $"{data.Preparation.Shape}, {data.Preparation.Channels} channel(s), {data.Preparation.Intensity}, "
            + "resized linearly, antialiased where they shrink"),
        ("Patients", data.PatientRule),
        ("Network", $"{network.Kind} {network.Dimensions}D, {run.ParameterCount:N0} parameters; "
            + (options.PoolAll ? "means of all encoder levels" : "mean of the deepest map") + ", batch norm, linear"),
        ("Initial weights", initial is null ? "new" : $"{options.Init}, recipe {initial.RecipeName ?? "unknown"}"),
        ("linear", "frozen; logistic regression of z-scored features, L2 1e-6 to 1e2 chosen on validation"),
        ("knn", "frozen; cosine, k of 10, 20, 100, 200 chosen on validation, votes exp(cosine / 0.07)"),
        ("full", FormattableString.Invariant($"AdamW, {options.Steps} steps of {options.Batch}, warm-up a tenth, cosine; rates ")
            + string.Join(", ", options.Rates.Select(static rate => FormattableString.Invariant($"{rate}")))
            + " chosen on validation; classes drawn alike; best validation kept"),
        ("Best of validation", "the highest AUC, of equal ones the lowest log loss"),
    ];

    private string Card(ClassificationSummary summary, string command)
    {
        var text = new StringBuilder($"# Classifiers of {DataName}\n\n");
        text.Append("Weights of every arm but knn: `arms/NAME/weights.safetensors`; their metadata say how images are prepared.\n\n");
        foreach ((string name, string value) in Facts())
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n## Test\n\n{summary.Markdown()}\nIntervals: {run.IntervalMethod}.\n\n");
        text.Append("No medical device: nothing here says how the classifiers do on images of another source.\n\n");
        return text.Append(CultureInfo.InvariantCulture, $"## Command\n\n```\n{command}\n```\n").ToString();
    }
}
