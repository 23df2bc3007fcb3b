using GpuSynth.Torch.Classification;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.ReadOuts;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Evaluating;

/// <summary>What an arm of a task came to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Scratch">The arm of new weights that it is compared with.</param>
internal sealed record EvaluatedArm(string Name, string Scratch)
{
    /// <summary>What is done with networks in tasks of classification: a linear read-out of frozen features, and training of everything.</summary>
    public static IReadOnlyList<string> Protocols { get; } = [Frozen, Trained];

    public const string Frozen = "linear";

    public const string Trained = "full";

    /// <summary>Of segmentation: the learning rates that were tried.</summary>
    public IReadOnlyList<TrialResult> Trials { get; init; } = [];

    /// <summary>Of segmentation: its trainings.</summary>
    public IReadOnlyList<ArmResult> Results { get; init; } = [];

    /// <summary>Of classification: its trainings and read-outs.</summary>
    public IReadOnlyList<ClassificationArm> Classified { get; init; } = [];

    /// <summary>Whether it is one of new weights.</summary>
    public bool IsScratch => Name == Scratch;
}

/// <summary>Test results of one arm and budget minus those of another, paired.</summary>
/// <param name="Mean">The difference.</param>
/// <param name="Draws">The same of every draw of the bootstrap.</param>
/// <param name="Count">Test cases, or patients.</param>
/// <param name="SeedsWon">Seeds in which it is above 0.</param>
/// <param name="Validation">The difference of the best validation results.</param>
internal sealed record PairedDifference(double Mean, double[] Draws, int Count, int SeedsWon, double Validation)
{
    /// <summary>The difference and its interval.</summary>
    public MeanInterval Interval => Bootstrap.Of(Mean, Draws, Count);
}

/// <summary>A task and what came out.</summary>
/// <param name="Number">Which task, from 0: it is drawn by itself.</param>
/// <param name="Task">The task.</param>
/// <param name="Probe">Of segmentation: the probe.</param>
/// <param name="Threshold">Of segmentation: a threshold on the test cases.</param>
/// <param name="Arms">The arms.</param>
internal sealed record EvaluatedTask(
    int Number, EvaluationTask Task, IReadOnlyList<ProbedRow> Probe, ProbedRow? Threshold, IReadOnlyList<EvaluatedArm> Arms)
{
    private readonly Dictionary<(string Arm, double Budget, string Protocol), PairedDifference?> differences = [];
    private PatientBootstrap? patients;

    /// <summary>The arm of new weights that an arm is compared with.</summary>
    public EvaluatedArm ScratchOf(EvaluatedArm arm) => Arms.Single(other => other.Name == arm.Scratch);

    /// <summary>An arm's trainings with a number of cases, by seed.</summary>
    public static ArmResult[] At(EvaluatedArm arm, double cases) => [.. arm.Results.Where(one => one.TrainCases == cases).OrderBy(static one => one.Seed)];

    /// <summary>The same of classification with a share of the images.</summary>
    public static ClassificationArm[] At(EvaluatedArm arm, double share, string protocol) =>
        [.. arm.Classified.Where(one => one.Fraction == share && one.Protocol == protocol).OrderBy(static one => one.Seed)];

    /// <summary>Mean Dice over labels of every test case.</summary>
    public static double[] Dices(ArmResult arm) => [.. arm.Test.Select(static one => SegmentationMetrics.Mean(one.Dice))];

    /// <summary>Mean AUC over seeds of some test images, repeats among them.</summary>
    public static double AucOf(ClassificationArm[] arms, int[] images)
    {
        int[] classes = [.. images.Select(n => arms[0].Test[n].Class)];
        return arms.Average(arm => ClassificationMetrics.Of([.. images.Select(n => arm.Test[n].Probabilities)], classes).Auc);
    }

    /// <summary>Draws of test images; the same for all arms.</summary>
    public PatientBootstrap Patients(ClassificationArm arm) => patients ??=
        new PatientBootstrap([.. arm.Test.Select(static one => one.Patient)], [.. arm.Test.Select(static one => one.Class)], (ulong)Number);

    /// <summary>An arm minus new weights of its network, at one of the task's budgets; null where there is no pair.</summary>
    public PairedDifference? DifferenceOf(EvaluatedArm arm, double budget, string protocol = EvaluatedArm.Trained)
    {
        (string, double, string) key = (arm.Name, budget, protocol);
        return differences.TryGetValue(key, out PairedDifference? known) ? known : differences[key] = Paired();

        PairedDifference? Paired() => arm.IsScratch ? null : Task.IsClassification ? OfImages(arm, budget, protocol) : OfCases(arm, budget);
    }

    private PairedDifference? OfCases(EvaluatedArm arm, double cases)
    {
        (ArmResult Own, ArmResult Other)[] pairs =
        [
            .. At(arm, cases).Join(At(ScratchOf(arm), cases), static one => one.Seed, static one => one.Seed, static (one, other) => (one, other)),
        ];
        if (pairs.Length == 0)
        {
            return null;
        }

        double[][] differences = [.. pairs.Select(static pair => Dices(pair.Own).Zip(Dices(pair.Other), static (one, other) => one - other).ToArray())];
        MeanInterval all = Bootstrap.Crossed(differences);
        return all.Count == 0
            ? null
            : new PairedDifference(
                all.Mean,
                Bootstrap.CrossedDraws(differences, (ulong)Number),
                all.Count,
                differences.Count(static one => SegmentationMetrics.Mean(one) > 0),
                pairs.Average(static pair => pair.Own.BestValidationDice - pair.Other.BestValidationDice));
    }

    private PairedDifference? OfImages(EvaluatedArm arm, double share, string protocol)
    {
        ClassificationArm[] own = At(arm, share, protocol), other = At(ScratchOf(arm), share, protocol);
        if (own.Length == 0 || own.Length != other.Length)
        {
            return null;
        }

        return new PairedDifference(
            own.Average(static one => one.TestMetrics.Auc) - other.Average(static one => one.TestMetrics.Auc),
            Patients(own[0]).Drawn(images => AucOf(own, images) - AucOf(other, images)),
            Patients(own[0]).PatientCount,
            own.Zip(other).Count(static pair => pair.First.TestMetrics.Auc > pair.Second.TestMetrics.Auc),
            own.Zip(other).Average(static pair => pair.First.Validation.Auc - pair.Second.Validation.Auc));
    }
}
