using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Evaluating;

/// <summary>What came out of an evaluation.</summary>
/// <param name="Suite">Tasks and budget.</param>
/// <param name="Weights">The weights, with the SHA-256 of their files.</param>
/// <param name="Tasks">Every task.</param>
/// <param name="Means">Means over the tasks.</param>
/// <param name="Chosen">The weights that validation cases choose; null without any.</param>
/// <param name="Notices">What a reader has to know.</param>
public sealed record EvaluationResult(
    EvaluationSuite Suite,
    IReadOnlyList<WeightsRow> Weights,
    IReadOnlyList<TaskRow> Tasks,
    IReadOnlyList<MeanRow> Means,
    string? Chosen,
    IReadOnlyList<string> Notices)
{
    /// <summary>How the numbers were made.</summary>
    public static string Method { get; } = FormattableString.Invariant(
        $"Differences are of the same seed and test case, against new weights of the same network. Intervals: 95%, percentile bootstrap over seeds and cases, {Bootstrap.Resamples:N0} draws. Learning rates and the weights that are chosen: by validation cases alone.");

    /// <summary>Sums up.</summary>
    internal static EvaluationResult Of(
        EvaluationSuite suite,
        IReadOnlyList<EvaluatedWeights> weights,
        IReadOnlyDictionary<string, string> checksums,
        IReadOnlyList<EvaluatedTask> tasks,
        IReadOnlyList<string> notices)
    {
        TaskRow[] rows = [.. tasks.Select(static task => new TaskRow(task.Task.Name, [.. task.Probe], task.Threshold, [.. task.Arms.SelectMany(arm => CellsOf(task, arm))]))];
        string[] names = [.. weights.Select(static one => one.Name)];
        MeanRow[] means =
        [
            .. names.SelectMany(name => Enumerable.Range(0, tasks.Count == 0 ? 0 : tasks.Max(static task => task.Budgets.Count))
                .Select(budget => MeanOf(tasks, name, budget)).OfType<MeanRow>()),
        ];
        return new EvaluationResult(
            suite,
            [.. weights.Select(one => new WeightsRow(one.Name, one.Path, checksums[one.Name]))],
            rows,
            means,
            names.Where(name => means.Any(row => row.Name == name)).MaxBy(name => means.Where(row => row.Name == name).Average(static row => row.ValidationDifference)),
            [.. notices]);
    }

    private static IEnumerable<ArmCell> CellsOf(EvaluatedTask task, EvaluatedArm arm) => task.Task.Cases.Where(cases => At(arm, cases).Length > 0).Select(cases =>
    {
        ArmResult[] own = At(arm, cases);
        (double[][] differences, double validation) = arm.Name == arm.Scratch || cases == 0 ? ([], double.NaN) : DifferencesOf(task, arm, cases);
        return new ArmCell
        {
            Name = arm.Name,
            Cases = cases,
            Rate = arm.Rate,
            Head = own[0].Head,
            Dice = Bootstrap.Crossed([.. own.Select(Dices)]),
            CaseDice = [.. own.Select(Dices)],
            Hausdorff95 = Bootstrap.Crossed([.. own.Select(static one => one.Test.Select(static test => SegmentationMetrics.Mean(test.Hausdorff95)).ToArray())]),
            ValidationDice = own.Average(static one => one.BestValidationDice),
            CurveArea = own.Average(static one => one.CurveArea),
            Seconds = own.Sum(static one => one.TrainingSeconds),
            Difference = Bootstrap.Crossed(differences),
            SeedsWon = differences.Count(static one => SegmentationMetrics.Mean(one) > 0),
            ValidationDifference = validation,
        };
    });

    private static MeanRow? MeanOf(IReadOnlyList<EvaluatedTask> tasks, string name, int budget)
    {
        (double[][] Test, double Validation)[] all =
        [
            .. tasks.Where(task => task.Budgets.Count > budget)
                .SelectMany(task => task.Arms.Where(arm => arm.Name == name).Select(arm => DifferencesOf(task, arm, task.Budgets[budget]))),
        ];
        return all.Length == 0
            ? null
            : new MeanRow(name, budget + 1, all.Length, Bootstrap.OverTasks([.. all.Select(static one => one.Test)]), all.Average(static one => one.Validation));
    }

    // [seed][case], and what the best validation Dice differs by in the mean.
    private static (double[][] Test, double Validation) DifferencesOf(EvaluatedTask task, EvaluatedArm arm, int cases)
    {
        EvaluatedArm scratch = task.Arms.Single(other => other.Name == arm.Scratch);
        (ArmResult Own, ArmResult Other)[] pairs = [.. At(arm, cases).Join(At(scratch, cases), static one => one.Seed, static one => one.Seed, static (one, other) => (one, other))];
        return (
            [.. pairs.Select(static pair => Dices(pair.Own).Zip(Dices(pair.Other), static (one, other) => one - other).ToArray())],
            pairs.Average(static pair => pair.Own.BestValidationDice - pair.Other.BestValidationDice));
    }

    private static ArmResult[] At(EvaluatedArm arm, int cases) => [.. arm.Results.Where(one => one.TrainCases == cases)];

    private static double[] Dices(ArmResult arm) => [.. arm.Test.Select(static one => SegmentationMetrics.Mean(one.Dice))];
}

/// <summary>Weights that were evaluated.</summary>
/// <param name="Name">What tables call them.</param>
/// <param name="Path">Where they were.</param>
/// <param name="Sha256">Of their file.</param>
public sealed record WeightsRow(string Name, string Path, string Sha256);

/// <summary>A task's results.</summary>
/// <param name="Name">The task.</param>
/// <param name="Probe">Frozen features on validation cases, beside random weights and hand-made ones.</param>
/// <param name="Threshold">A threshold on the test cases: what needs no training.</param>
/// <param name="Cells">Of every arm and number of cases.</param>
public sealed record TaskRow(string Name, IReadOnlyList<ProbedRow> Probe, ProbedRow Threshold, IReadOnlyList<ArmCell> Cells);

/// <summary>An arm at one number of training cases.</summary>
public sealed record ArmCell
{
    /// <summary>The arm.</summary>
    public required string Name { get; init; }

    /// <summary>Training cases.</summary>
    public required int Cases { get; init; }

    /// <summary>Its learning rate on this task.</summary>
    public required double Rate { get; init; }

    /// <summary>What was done with the head.</summary>
    public required string Head { get; init; }

    /// <summary>Test Dice, mean over labels.</summary>
    public required MeanInterval Dice { get; init; }

    /// <summary>The same of every seed and test case.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> CaseDice { get; init; }

    /// <summary>95% Hausdorff distance in millimetres.</summary>
    public required MeanInterval Hausdorff95 { get; init; }

    /// <summary>Best validation Dice, mean over seeds.</summary>
    public required double ValidationDice { get; init; }

    /// <summary>Area under the learning curve, mean over seeds.</summary>
    public required double CurveArea { get; init; }

    /// <summary>Seconds that its trainings took together.</summary>
    public required double Seconds { get; init; }

    /// <summary>Test Dice minus that of new weights; nothing of new weights themselves.</summary>
    public required MeanInterval Difference { get; init; }

    /// <summary>Seeds in which it is ahead of new weights.</summary>
    public required int SeedsWon { get; init; }

    /// <summary>Validation Dice minus that of new weights.</summary>
    public required double ValidationDifference { get; init; }
}

/// <summary>Weights over all tasks that they fit, at the tasks' first, second ... number of cases.</summary>
/// <param name="Name">The weights.</param>
/// <param name="Budget">Which number of cases, from 1.</param>
/// <param name="Tasks">Tasks.</param>
/// <param name="Difference">Test Dice minus that of new weights, mean over the tasks.</param>
/// <param name="ValidationDifference">The same on validation cases.</param>
public sealed record MeanRow(string Name, int Budget, int Tasks, MeanInterval Difference, double ValidationDifference);
