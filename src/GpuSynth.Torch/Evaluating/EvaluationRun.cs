using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.Classification;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Probing;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Evaluating;

/// <summary>
/// Weights on the tasks of a suite, beside new weights of the same networks. First a probe of all of them; then every arm's learning rate, on one seed
/// and validation cases, which choose who goes on; then every arm on every number of cases and seed. Nothing is chosen by a test case. The same call again goes on where it stopped.
/// </summary>
public sealed class EvaluationRun : IDisposable
{
    /// <summary>Name of the results in the folder.</summary>
    public const string JsonName = "evaluation.json";

    /// <summary>Name of the table in the folder.</summary>
    public const string TableName = "evaluation.md";

    private const string ReportName = "report.html";
    private const int MostProbeCases = 5;

    private readonly EvaluationOptions options;
    private readonly EvaluationPlan plan;
    private readonly FolderLock held;
    private readonly List<string> notices;
    private string command = string.Empty;

    private EvaluationRun(EvaluationOptions options, EvaluationPlan plan, FolderLock held)
    {
        (this.options, this.plan, this.held) = (options, plan, held);
        notices = [.. plan.Notices];
    }

    /// <summary>Opens weights, data and the folder of the results.</summary>
    /// <exception cref="GpuSynthException">Something does not fit; nothing was trained.</exception>
    public static EvaluationRun Open(EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var plan = EvaluationPlan.Of(options);
        return new EvaluationRun(options, plan, FolderLock.Take(options.OutFolder));
    }

    /// <summary>Does what is not done yet, and writes the results after every task.</summary>
    /// <param name="say">Told what is done.</param>
    /// <param name="command">The command line, for the report.</param>
    /// <param name="stop">Ends the work; trainings under way are lost.</param>
    public EvaluationResult Run(Action<string> say, string command, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(say);
        this.command = command;
        ProbedTask[] probes = [.. plan.Tasks.Select(task => Probe(task, say, stop))];
        IReadOnlyList<string> finalists = Finalists(say, stop);
        List<EvaluatedTask> done = [];
        EvaluationResult result = Result(done);
        foreach ((PlannedTask task, ProbedTask probe) in plan.Tasks.Zip(probes))
        {
            EvaluatedArm[] arms =
            [
                .. task.Arms.Where(arm => arm.Weights is null || finalists.Contains(arm.Name))
                    .Select(arm => task.Task.IsClassification ? Classify(task, arm, say, stop) : Segment(task, arm, say, stop)),
            ];
            done.Add(new EvaluatedTask(done.Count, task.Task, probe.Rows, task.Task.IsClassification ? null : Threshold(task, stop), arms));
            result = Result(done);
            Write(result, done, done.Count == plan.Tasks.Count ? "finished" : "running");
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => held.Dispose();

    /// <summary>The folder of an arm: in it one of every task, and one of the learning rates that were tried for it.</summary>
    internal static string ArmFolder(string outFolder, string arm) => Path.Combine(outFolder, "arms", arm);

    private string ProbeFolder(PlannedTask task) => Path.Combine(options.OutFolder, "probes", task.Task.Name);

    // On validation cases, whatever the suite trains on.
    private ProbedTask Probe(PlannedTask task, Action<string> say, CancellationToken stop)
    {
        if (task.Task.IsClassification)
        {
            return new ProbedTask(task, []);
        }

        SegmentationDataset dataset = SegmentationDataset.Open(task.DataFolder);
        DataSplit split = DataSplit.Of(dataset.Cases, task.Task.ValidationCases, task.Task.TestCases);
        int fitted = Math.Min(MostProbeCases, split.Training.Count);
        if (fitted < 2)
        {
            notices.Add($"Task {task.Task.Name} has {split.Training.Count} case to train on, and a probe takes two: it is not probed");
            return new ProbedTask(task, []);
        }

        PlannedArm[] arms = [.. task.OfWeights];
        var settings = new JsonObject
        {
            ["data"] = task.DataFolder,
            ["fitted"] = fitted,
            ["measured"] = split.Validation.Count,
            ["intensity"] = task.Task.Intensity.ToString(),
            ["ignoreLabel"] = task.Task.IgnoreLabel,
            ["weights"] = new JsonObject(arms.Select(arm => KeyValuePair.Create(arm.Name, (JsonNode?)plan.Checksums[arm.Name]))),
        };
        string kept = Path.Combine(ProbeFolder(task), "rows.json");
        if (ProbedRows.Read(kept, settings) is { } known)
        {
            return new ProbedTask(task, known);
        }

        say($"{task.Task.Name}: probe");
        ProbeResult result = ProbeRun.Run(
            new ProbeOptions
            {
                DataFolder = task.DataFolder,
                OutFolder = ProbeFolder(task),
                Weights = [.. arms.Select(static arm => arm.Weights!)],
                TrainCases = fitted,
                EvalCases = split.Validation.Count,
                ValidationCases = task.Task.ValidationCases,
                TestCases = task.Task.TestCases,
                Intensity = task.Task.Intensity,
                IgnoreLabel = task.Task.IgnoreLabel,
            },
            say, command, stop);
        ProbedRow[] rows =
        [
            .. result.Arms.Select((arm, n) => new ProbedRow(n < arms.Length ? arms[n].Name : arm.Name, arm.Kind, arm.Best.Name, [.. arm.Best.CaseDice])),
        ];
        ProbedRows.Write(kept, settings, rows);
        return new ProbedTask(task, rows);
    }

    private ProbedRow Threshold(PlannedTask task, CancellationToken stop)
    {
        var settings = new JsonObject
        {
            ["data"] = task.DataFolder,
            ["validation"] = task.Task.ValidationCases,
            ["test"] = task.Task.TestCases,
            ["intensity"] = task.Task.Intensity.ToString(),
            ["ignoreLabel"] = task.Task.IgnoreLabel,
        };
        string kept = Path.Combine(ProbeFolder(task), "threshold.json");
        if (ProbedRows.Read(kept, settings) is { } known)
        {
            return known[0];
        }

        ProbedRow row = ThresholdControl.Of(task, stop);
        ProbedRows.Write(kept, settings, [row]);
        return row;
    }

    // Those that end best on validation cases where learning rates are chosen, in the mean over the tasks of how far each is from all weights there. Not those
    // that probe best: what a read-out makes of frozen features does not foretell what training makes of the weights (docs/evidence.md).
    private string[] Finalists(Action<string> say, CancellationToken stop)
    {
        string[] all = [.. options.Weights.Select(static one => one.Name)];
        PlannedTask[] tasks = [.. plan.Tasks.Where(static task => !task.Task.IsClassification)];
        if (options.Suite.Finalists is not { } most || all.Length <= most || tasks.Length == 0)
        {
            return all;
        }

        List<(string Name, double Standing)> standings = [];
        foreach (PlannedTask task in tasks)
        {
            (string Name, double Dice)[] dices = [.. task.OfWeights.Select(arm => (arm.Name, TryRates(task, arm, say, stop).BestValidationDice))];
            standings.AddRange(dices.Select(one => (one.Name, one.Dice - dices.Average(static other => other.Dice))));
        }

        double Score(string name) => SegmentationMetrics.Mean(standings.Where(one => one.Name == name).Select(static one => one.Standing));
        string[] ordered = [.. all.OrderByDescending(Score).ThenBy(static name => name, StringComparer.Ordinal)];
        string[] kept = [.. ordered.Take(most).Union(options.Suite.Always)];
        foreach (string name in ordered.Except(kept))
        {
            notices.Add(FormattableString.Invariant(
                $"{name} goes no further than its learning rates: its validation Dice there is {Score(name):+0.000;-0.000} from the mean of all weights, and the {most} best of {all.Length} go on"));
        }

        return kept;
    }

    private EvaluatedArm Segment(PlannedTask task, PlannedArm arm, Action<string> say, CancellationToken stop)
    {
        if (arm.Maps is not null)
        {
            return SegmentByMaps(task, arm, say, stop);
        }

        (double rate, IReadOnlyList<TrialResult> trials) = RateOf(task, arm, say, stop);

        // New weights name no class: without a real image there is nothing to say of them.
        int[] cases = [.. task.Task.Cases.Where(count => count > 0 || !arm.IsScratch)];
        say(FormattableString.Invariant($"{task.Task.Name}, {arm.Name}: {string.Join(", ", cases)} cases, {options.Suite.Seeds} seeds, rate {rate}"));
        return new EvaluatedArm(arm.Name, arm.Scratch)
        {
            Trials = trials, Results = FineTune(task, arm, task.Task.Name, cases, options.Suite.Seeds, [rate], isTested: true, say, stop),
        };
    }

    // Every number of cases and seed begins with weights of its own. What is said of no real image is of the most cases' label maps.
    private EvaluatedArm SegmentByMaps(PlannedTask task, PlannedArm arm, Action<string> say, CancellationToken stop)
    {
        IReadOnlyDictionary<(int Cases, ulong Seed), string> runs = MapPretraining.Run(options, task, arm, say, command, stop);
        (double rate, IReadOnlyList<TrialResult> trials) = RateOf(task, arm with { Weights = runs[(task.Task.RatesAt, 0)] }, say, stop);
        say(FormattableString.Invariant($"{task.Task.Name}, {arm.Name}: {runs.Count} pre-trainings, rate {rate}"));
        bool asksForNone = task.Task.Cases[0] == 0;
        int most = task.Task.Cases[^1];
        if (asksForNone)
        {
            notices.Add($"{task.Task.Name}, {arm.Name}: at 0 cases it has seen the label maps of {most} cases, and no image");
        }

        return new EvaluatedArm(arm.Name, arm.Scratch)
        {
            Trials = trials,
            Results =
            [
                .. runs.OrderBy(static run => run.Key).SelectMany(run => FineTune(
                    task, arm with { Weights = run.Value }, MapPretraining.TrainingFolder(task.Task.Name, run.Key.Cases, run.Key.Seed),
                    asksForNone && run.Key.Cases == most ? [0, most] : [run.Key.Cases], 1, [rate], isTested: true, say, stop, run.Key.Seed)),
            ],
        };
    }

    private (double Rate, IReadOnlyList<TrialResult> Trials) RateOf(PlannedTask task, PlannedArm arm, Action<string> say, CancellationToken stop)
    {
        IReadOnlyList<double> rates = options.Suite.Rates;
        if (rates.Count == 1)
        {
            return (rates[0], []);
        }

        ArmResult result = TryRates(task, arm, say, stop);
        if (result.Rate == rates[0] || result.Rate == rates[^1])
        {
            string edge = result.Rate == rates[0] ? "lowest" : "highest";
            notices.Add(FormattableString.Invariant(
                $"{task.Task.Name}, {arm.Name}: the best learning rate is the {edge} that was tried, {result.Rate}: a better one may lie beyond"));
        }

        return (result.Rate, result.Trials);
    }

    // Every rate at one number of cases and seed, on validation cases alone. What was trained before is not trained again.
    private ArmResult TryRates(PlannedTask task, PlannedArm arm, Action<string> say, CancellationToken stop)
    {
        say($"{task.Task.Name}, {arm.Name}: learning rate");
        return FineTune(task, arm, $"{task.Task.Name}-rates", [task.Task.RatesAt], 1, options.Suite.Rates, isTested: false, say, stop).Single();
    }

    private IReadOnlyList<ArmResult> FineTune(
        PlannedTask task, PlannedArm arm, string folder, IReadOnlyList<int> cases, int seeds, IReadOnlyList<double> rates, bool isTested, Action<string> say,
        CancellationToken stop, ulong firstSeed = 0)
    {
        using var run = FineTuneRun.Open(
            new FineTuneOptions
            {
                DataFolder = task.DataFolder,
                OutFolder = Path.Combine(ArmFolder(options.OutFolder, arm.Name), folder),
                Init = arm.Weights,
                OwnNetwork = arm.Network,
                TrainCases = cases,
                Seeds = seeds,
                FirstSeed = firstSeed,
                Steps = options.Suite.Steps,
                Batch = options.Suite.Batch,
                LearningRates = rates,
                Patch = task.Task.Patch,
                Augmentation = task.Task.Augmentation,
                Appearance = arm.Appearance,
                Intensity = task.Task.Intensity,
                IgnoreLabel = task.Task.IgnoreLabel,
                ValidationCases = task.Task.ValidationCases,
                TestCases = task.Task.TestCases,
                IsTested = isTested,
                MayLeaveOutZero = true,
                Jobs = options.Jobs,
                Device = options.Device,
            },
            static _ => { },
            stop);
        Add(run.Notices);
        run.Run(line => say("  " + line), static () => { }, command, stop);
        return run.Results;
    }

    // Frozen and trained; validation images choose the rate of every training.
    private EvaluatedArm Classify(PlannedTask task, PlannedArm arm, Action<string> say, CancellationToken stop)
    {
        say(FormattableString.Invariant($"{task.Task.Name}, {arm.Name}: {string.Join(", ", task.Task.Shares)} % of the images, {options.Suite.Seeds} seeds"));
        using var run = ClassificationRun.Open(new ClassificationOptions
        {
            DataFolder = task.DataFolder,
            OutFolder = Path.Combine(ArmFolder(options.OutFolder, arm.Name), task.Task.Name),
            Init = arm.Weights,
            OwnNetwork = arm.Network,
            Protocols = EvaluatedArm.Protocols,
            Fractions = task.Task.Shares,
            Seeds = options.Suite.Seeds,
            Steps = options.Suite.Steps,
            Size = task.Task.Patch,
            Flips = task.Task.Augmentation.FlipProbability,
            Intensity = task.Task.Intensity,
            Device = options.Device,
        });
        Add(run.Notices);
        run.Run(line => say("  " + line), static () => { }, command, stop);
        return new EvaluatedArm(arm.Name, arm.Scratch) { Classified = run.Results };
    }

    // Trainings of one task say the same.
    private void Add(Notices said) => notices.AddRange(said.All.Select(static one => one.TrimEnd('.')).Except(notices));

    private EvaluationResult Result(IReadOnlyList<EvaluatedTask> done) => EvaluationResult.Of(options.Suite, options.Weights, plan.Checksums, done, notices);

    private void Write(EvaluationResult result, IReadOnlyList<EvaluatedTask> done, string status)
    {
        AtomicFile.WriteText(Path.Combine(options.OutFolder, JsonName), JsonSerializer.Serialize(result, ReportJson.Form) + "\n");
        AtomicFile.WriteText(Path.Combine(options.OutFolder, TableName), EvaluationTable.Markdown(result));
        AtomicFile.WriteText(
            Path.Combine(options.OutFolder, ReportName),
            EvaluationPage.ToHtml(ReportText.FolderName(options.OutFolder), result, done, command, status, options.OutFolder));
    }
}
