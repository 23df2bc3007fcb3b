using GpuSynth.Torch.Classification;
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
        $"Differences are of the same seed and test case, against new weights of the same network. Intervals: 95%, percentile bootstrap over seeds and cases, of classification over patients, {Bootstrap.Resamples:N0} draws; a mean over tasks draws each by itself. Learning rates and the weights that are chosen: by validation cases alone.");

    /// <summary>Sums up.</summary>
    internal static EvaluationResult Of(
        EvaluationSuite suite,
        IReadOnlyList<EvaluatedWeights> weights,
        IReadOnlyDictionary<string, string> checksums,
        IReadOnlyList<EvaluatedTask> tasks,
        IReadOnlyList<string> notices)
    {
        string[] names = [.. weights.Select(static one => one.Name), .. suite.OwnArms.Select(static one => one.Name)];
        MeanRow[] means =
        [
            .. names.SelectMany(name => Enumerable.Range(0, tasks.Count == 0 ? 0 : tasks.Max(static task => task.Task.Budgets.Count))
                .Select(budget => MeanOf(tasks, name, budget)).OfType<MeanRow>()),
        ];
        return new EvaluationResult(
            suite,
            [.. weights.Select(one => new WeightsRow(one.Name, one.Path, checksums[one.Name]))],
            [.. tasks.Select(static task => new TaskRow(task.Task.Name, task.Task.Measure, task.Probe, task.Threshold, CellsOf(task)))],
            means,
            names.Where(name => means.Any(row => row.Name == name)).MaxBy(name => means.Where(row => row.Name == name).Average(static row => row.ValidationDifference)),
            [.. notices]);
    }

    private static ArmCell[] CellsOf(EvaluatedTask task) => task.Task.IsClassification
        ? [.. task.Arms.SelectMany(arm => EvaluatedArm.Protocols.SelectMany(protocol => task.Task.Shares.Select(share => ClassifiedCell(task, arm, share, protocol))))]
        : [.. task.Arms.SelectMany(arm => task.Task.Cases.Where(cases => EvaluatedTask.At(arm, cases).Length > 0).Select(cases => SegmentedCell(task, arm, cases)))];

    private static ArmCell SegmentedCell(EvaluatedTask task, EvaluatedArm arm, int cases)
    {
        ArmResult[] own = EvaluatedTask.At(arm, cases);
        double[][] dices = [.. own.Select(EvaluatedTask.Dices)];
        PairedDifference? difference = task.DifferenceOf(arm, cases);
        return new ArmCell
        {
            Name = arm.Name,
            Budget = cases,
            Chosen = FormattableString.Invariant($"rate {own[0].Rate}"),
            Head = own[0].Head,
            Score = Bootstrap.Crossed(dices),
            CaseScores = dices,
            Hausdorff95 = Bootstrap.Crossed([.. own.Select(static one => one.Test.Select(static test => SegmentationMetrics.Mean(test.Hausdorff95)).ToArray())]),
            Validation = own.Average(static one => one.BestValidationDice),
            CurveArea = own.Average(static one => one.CurveArea),
            Seconds = own.Sum(static one => one.TrainingSeconds),
            Difference = difference?.Interval ?? MeanInterval.None,
            SeedsWon = difference?.SeedsWon ?? 0,
            ValidationDifference = difference?.Validation ?? double.NaN,
        };
    }

    private static ArmCell ClassifiedCell(EvaluatedTask task, EvaluatedArm arm, double share, string protocol)
    {
        ClassificationArm[] own = EvaluatedTask.At(arm, share, protocol);
        PairedDifference? difference = task.DifferenceOf(arm, share, protocol);
        return new ArmCell
        {
            Name = protocol == EvaluatedArm.Frozen ? $"{arm.Name}, frozen" : arm.Name,
            Budget = share,
            Chosen = own[0].Chosen,
            Head = protocol == EvaluatedArm.Frozen ? "a linear read-out of frozen features" : "new, trained with everything",
            Score = task.Patients(own[0]).Intervals(images => [EvaluatedTask.AucOf(own, images)])[0],
            CaseScores = [.. own.Select(static one => new[] { one.TestMetrics.Auc })],
            Hausdorff95 = MeanInterval.None,
            Validation = own.Average(static one => one.Validation.Auc),
            CurveArea = double.NaN,
            Seconds = own.Sum(static one => one.Seconds),
            Difference = difference?.Interval ?? MeanInterval.None,
            SeedsWon = difference?.SeedsWon ?? 0,
            ValidationDifference = difference?.Validation ?? double.NaN,
        };
    }

    private static MeanRow? MeanOf(IReadOnlyList<EvaluatedTask> tasks, string name, int budget)
    {
        PairedDifference[] all =
        [
            .. tasks.Where(task => task.Task.Budgets.Count > budget)
                .SelectMany(task => task.Arms.Where(arm => arm.Name == name).Select(arm => task.DifferenceOf(arm, task.Task.Budgets[budget])))
                .OfType<PairedDifference>(),
        ];
        return all.Length == 0
            ? null
            : new MeanRow(
                name, budget + 1, all.Length, Bootstrap.OverTasks([.. all.Select(static one => (one.Mean, one.Draws))]), all.Average(static one => one.Validation));
    }
}

/// <summary>Weights that were evaluated.</summary>
/// <param name="Name">What tables call them.</param>
/// <param name="Path">Where they were.</param>
/// <param name="Sha256">Of their file.</param>
public sealed record WeightsRow(string Name, string Path, string Sha256);

/// <summary>A task's results.</summary>
/// <param name="Name">The task.</param>
/// <param name="Measure">What a result is measured by: "Dice", mean over labels, or "AUC".</param>
/// <param name="Probe">Of segmentation: frozen features on validation cases, beside random weights and hand-made ones.</param>
/// <param name="Threshold">Of segmentation: a threshold on the test cases, which needs no training.</param>
/// <param name="Cells">Of every arm and budget.</param>
public sealed record TaskRow(string Name, string Measure, IReadOnlyList<ProbedRow> Probe, ProbedRow? Threshold, IReadOnlyList<ArmCell> Cells);

/// <summary>An arm at one budget.</summary>
public sealed record ArmCell
{
    /// <summary>The arm; of classification also what was done.</summary>
    public required string Name { get; init; }

    /// <summary>Training cases, or of classification per cent of the training images.</summary>
    public required double Budget { get; init; }

    /// <summary>What validation chose: its learning rate on this task, or of classification what the first seed has.</summary>
    public required string Chosen { get; init; }

    /// <summary>What was done with the head.</summary>
    public required string Head { get; init; }

    /// <summary>Test result.</summary>
    public required MeanInterval Score { get; init; }

    /// <summary>The same of every seed and test case; of classification of every seed.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> CaseScores { get; init; }

    /// <summary>95% Hausdorff distance in millimetres.</summary>
    public required MeanInterval Hausdorff95 { get; init; }

    /// <summary>Best validation result, mean over seeds.</summary>
    public required double Validation { get; init; }

    /// <summary>Area under the learning curve, mean over seeds.</summary>
    public required double CurveArea { get; init; }

    /// <summary>Seconds that its trainings took together.</summary>
    public required double Seconds { get; init; }

    /// <summary>Test result minus that of new weights; nothing of new weights themselves.</summary>
    public required MeanInterval Difference { get; init; }

    /// <summary>Seeds in which it is ahead of new weights.</summary>
    public required int SeedsWon { get; init; }

    /// <summary>Validation result minus that of new weights.</summary>
    public required double ValidationDifference { get; init; }
}

/// <summary>Weights over all tasks that they fit, at the tasks' first, second ... budget.</summary>
/// <param name="Name">The weights.</param>
/// <param name="Budget">Which budget, from 1, the smallest.</param>
/// <param name="Tasks">Tasks.</param>
/// <param name="Difference">Test result minus that of new weights, mean over the tasks.</param>
/// <param name="ValidationDifference">The same on validation cases.</param>
public sealed record MeanRow(string Name, int Budget, int Tasks, MeanInterval Difference, double ValidationDifference);
