using System.Globalization;
using System.Text;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.ReadOuts;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Classification;

/// <summary>All seeds of an initialisation, a protocol and a share; of a comparison, pre-trained minus new weights.</summary>
/// <param name="Fraction">Per cent of the training images.</param>
/// <param name="TrainImages">Images trained on.</param>
/// <param name="Protocol">What was done.</param>
/// <param name="Init">"pretrained", "none" or "pretrained - none".</param>
/// <param name="Seeds">Seeds whose mean this is.</param>
/// <param name="Measures">In the order of <see cref="ClassificationMetrics.Names"/>.</param>
public sealed record ClassificationGroup(
    double Fraction, int TrainImages, string Protocol, string Init, int Seeds, IReadOnlyList<MeanInterval> Measures);

/// <summary>The results' table.</summary>
/// <param name="Groups">By share, protocol, initialisation.</param>
/// <param name="Comparisons">By share and protocol; empty without both initialisations.</param>
public sealed record ClassificationSummary(
    IReadOnlyList<ClassificationGroup> Groups, IReadOnlyList<ClassificationGroup> Comparisons)
{
    /// <summary>How the intervals are made.</summary>
    public static string IntervalMethod(string patientRule) => string.Create(
        CultureInfo.InvariantCulture,
        $"95%, percentile bootstrap over test cases, stratified by class, {PatientBootstrap.Draws:N0} draws, mean over seeds in "
        + $"every draw, the same draws for all arms; drawn {patientRule}");

    /// <summary>Sums arms up.</summary>
    /// <param name="arms">Complete arms of the same test images.</param>
    public static ClassificationSummary Of(IReadOnlyList<ClassificationArm> arms)
    {
        ArgumentNullException.ThrowIfNull(arms);
        if (arms.Count == 0)
        {
            return new ClassificationSummary([], []);
        }

        int[] classOf = [.. arms[0].Test.Select(static one => one.Class)];
        var bootstrap = new PatientBootstrap([.. arms[0].Test.Select(static one => one.Patient)], classOf);
        List<ClassificationGroup> groups = [], comparisons = [];
        foreach (var group in arms.GroupBy(static arm => (arm.Fraction, arm.Protocol)).OrderBy(static group => group.Key.Fraction)
            .ThenBy(static group => ClassificationOptions.ProtocolNames.ToList().IndexOf(group.Key.Protocol)))
        {
            ClassificationArm[] own = [.. group.Where(static arm => arm.Init == FineTuneOptions.PretrainedName).OrderBy(static arm => arm.Seed)];
            ClassificationArm[] scratch = [.. group.Where(static arm => arm.Init == FineTuneOptions.ScratchName).OrderBy(static arm => arm.Seed)];
            groups.AddRange(from side in (ClassificationArm[][])[own, scratch]
                            where side.Length > 0
                            select Row(side, side[0].Init, images => Means(side, images, classOf)));
            ClassificationArm[] paired = [.. own.Where(arm => scratch.Any(other => other.Seed == arm.Seed))];
            ClassificationArm[] others = [.. scratch.Where(arm => paired.Any(other => other.Seed == arm.Seed))];
            if (paired.Length > 0)
            {
                comparisons.Add(Row(paired, $"{FineTuneOptions.PretrainedName} - {FineTuneOptions.ScratchName}", images =>
                    [.. Means(paired, images, classOf).Zip(Means(others, images, classOf), static (one, other) => one - other)]));
            }
        }

        return new ClassificationSummary(groups, comparisons);

        ClassificationGroup Row(ClassificationArm[] side, string name, Func<int[], double[]> measure) => new(
            side[0].Fraction, side[0].TrainImages, side[0].Protocol, name, side.Length, bootstrap.Intervals(measure));
    }

    /// <summary>The table in Markdown.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| share | images | protocol | init | seeds |");
        text.AppendJoin('|', ClassificationMetrics.Names.Select(static name => $" {name} ")).Append("|\n|---:|---:|---|---|---:|---|---|---|---|\n");
        foreach (ClassificationGroup group in Groups.Concat(Comparisons))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {group.Fraction}% | {group.TrainImages} | {group.Protocol} | {group.Init} | {group.Seeds} | ");
            text.AppendJoin(" | ", group.Measures.Select(static one => ReportText.Interval(one, 4))).Append(" |\n");
        }

        return text.ToString();
    }

    private static double[] Means(ClassificationArm[] arms, int[] images, int[] classOf)
    {
        int[] drawn = [.. images.Select(n => classOf[n])];
        double[][] values =
            [.. arms.Select(arm => ClassificationMetrics.Of([.. images.Select(n => arm.Test[n].Probabilities)], drawn).Values())];
        return [.. values[0].Select((_, m) => values.Average(row => row[m]))];
    }
}
