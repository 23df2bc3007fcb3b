using System.Text.Json.Nodes;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>The table of results.</summary>
internal sealed class SummaryTests
{
    [Test]
    public void Differences_are_paired_by_seed_and_case()
    {
        ArmResult[] arms =
        [
            Arm("none", 5, 0, 0.5, 0.6), Arm("pretrained", 5, 0, 0.6, 0.65), Arm("none", 5, 1, 0.4, 0.5),
            Arm("pretrained", 5, 1, 0.7, 0.45), Arm("none", 90, 0, 0.8, 0.8),
        ];
        FineTuneSummary summary = FineTuneSummary.Of(["one"], arms);
        Assert.That(summary.Groups.Select(group => (group.TrainCases, group.Init, group.Seeds)),
            Is.EqualTo(((int, string, int)[])[(5, "none", 2), (5, "pretrained", 2), (90, "none", 1)]));
        Assert.That(summary.Groups[1].Dice.Mean, Is.EqualTo(0.6).Within(1e-12));
        ArmComparison comparison = summary.Comparisons.Single();
        Assert.That(comparison.Dice.Mean, Is.EqualTo(0.1).Within(1e-12));
        // Differences .1, .05 of seed 0 and .3, -.05 of seed 1: each corner of the table is drawn alone in one of 16 draws.
        Assert.That((comparison.Dice.Low, comparison.Dice.High), Is.EqualTo((-0.05, 0.3)).Within(1e-12));
        // Areas: one validation case that both arms name alike.
        Assert.That(comparison.CurveArea, Is.EqualTo(new MeanInterval(0, 0, 0, 1)));
        Assert.That((comparison.BetterSeeds, comparison.Seeds), Is.EqualTo((2, 2)));
        Assert.That((comparison.BetterPairs, comparison.Pairs), Is.EqualTo((3, 4)));
        Assert.That(FineTuneTable.Markdown(summary), Does.Contain("| 5     | mean  | +0.1000").And.Contain("3 of 4"));
    }

    [Test]
    public void A_result_with_an_undefined_number_survives_its_file()
    {
        string path = Path.GetTempFileName();
        ArmResult arm = Arm("none", 5, 0, double.NaN, 0.5);
        arm.Write(path);
        ArmResult read = ArmResult.Read(path)!;
        Assert.That(read.Test[0].Dice[0], Is.NaN);
        Assert.That(read.Test[1], Has.Property("Case").EqualTo("b"));
        File.WriteAllText(path, "{\"init\": ");
        Assert.That(ArmResult.Read(path), Is.Null);
        File.Delete(path);
    }

    private static ArmResult Arm(string init, int cases, ulong seed, double first, double second) => new()
    {
        Init = init,
        TrainCases = cases,
        Seed = seed,
        Cases = [],
        BestValidationDice = 0.5,
        BestStep = 1,
        Curve = [new CurvePoint(25, 0.5, [0.5])],
        TrainingSeconds = 1,
        TestSeconds = 1,
        Test = [new CaseResult("a", [first], [1]), new CaseResult("b", [second], [2])],
        Settings = new JsonObject(),
    };
}
