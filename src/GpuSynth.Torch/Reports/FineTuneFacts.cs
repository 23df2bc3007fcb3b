namespace GpuSynth.Torch.Reports;

/// <summary>A mean and its confidence interval. An interval of no width, or NaN bounds, is shown as the mean alone.</summary>
/// <param name="Mean">The estimate.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
public readonly record struct Interval(double Mean, double Low, double High)
{
    /// <summary>A number of which no interval is known.</summary>
    public static Interval Of(double mean) => new(mean, double.NaN, double.NaN);
}

/// <summary>What a fine-tuning call was: all that its report says beside the results.</summary>
public sealed record FineTuneRunFacts
{
    /// <summary>The run's name: the name of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>"finished", "running" or the like.</summary>
    public required string Status { get; init; }

    /// <summary>The command that runs this again, as typed.</summary>
    public required string Command { get; init; }

    /// <summary>The task and the data in words, such as "segmentation of hippocampus (2 labels)".</summary>
    public required string Task { get; init; }

    /// <summary>Cases to train on that the data has, of which an arm takes its first N.</summary>
    public required int TrainCases { get; init; }

    /// <summary>Cases on which everything was chosen.</summary>
    public required int ValidationCases { get; init; }

    /// <summary>Cases that were read once, at the end.</summary>
    public required int TestCases { get; init; }

    /// <summary>The foreground labels' names, in the order of the results' labels.</summary>
    public required IReadOnlyList<string> LabelNames { get; init; }

    /// <summary>The network in words.</summary>
    public required string Network { get; init; }

    /// <summary>Trained parameters.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Steps of every arm: the budget is the same for all.</summary>
    public required long Steps { get; init; }

    /// <summary>Optimiser, rate, schedule and augmentation in words.</summary>
    public required string Training { get; init; }

    /// <summary>Spacing, intensity and crop in words.</summary>
    public required string Preprocessing { get; init; }

    /// <summary>How the intervals were made, such as "95%, bootstrap over test cases, 2,000 resamples".</summary>
    public required string IntervalMethod { get; init; }

    /// <summary>The network's device.</summary>
    public required string Device { get; init; }

    /// <summary>Processor cores that the run could use.</summary>
    public required int Cores { get; init; }

    /// <summary>Time of all arms together.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What the initial weights were, by an arm's name for them: ("pretrained", "run/, rasd-3d, 400 steps").</summary>
    public IReadOnlyList<(string Init, string Description)> Inits { get; init; } = [];

    /// <summary>Versions by name.</summary>
    public IReadOnlyList<(string Name, string Version)> Versions { get; init; } = [];

    /// <summary>What a reader has to know of the data, a sentence each.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}

/// <summary>The test result of one foreground label.</summary>
/// <param name="Label">The label's name.</param>
/// <param name="Dice">Dice, 0 to 1.</param>
/// <param name="Hd95">95% Hausdorff distance in millimetres.</param>
public sealed record FineTuneLabelResult(string Label, Interval Dice, Interval Hd95);

/// <summary>One training: an initialisation, a number of cases and a seed.</summary>
public sealed record FineTuneArmResult
{
    /// <summary>Where the weights came from: "pretrained", "none"; equal names are one colour in the charts.</summary>
    public required string Init { get; init; }

    /// <summary>Cases trained on.</summary>
    public required int TrainCases { get; init; }

    /// <summary>The arm's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Rows with <see cref="MetricsRow.Loss"/> and, at some steps, <see cref="MetricsRow.ValidationDice"/>.</summary>
    public required IReadOnlyList<MetricsRow> Metrics { get; init; }

    /// <summary>The best mean validation Dice, whose weights were kept.</summary>
    public required double BestValidationDice { get; init; }

    /// <summary>The step of the best validation Dice.</summary>
    public required long BestStep { get; init; }

    /// <summary>Mean test Dice over labels and cases; NaN where no test was made.</summary>
    public double TestDice { get; init; } = double.NaN;

    /// <summary>Mean test 95% Hausdorff distance in millimetres; NaN where no test was made.</summary>
    public double TestHd95 { get; init; } = double.NaN;

    /// <summary>Training time in seconds.</summary>
    public double Seconds { get; init; }
}

/// <summary>All seeds of one initialisation and one number of cases together: a row of the results' table.</summary>
public sealed record FineTuneGroupResult
{
    /// <summary>As <see cref="FineTuneArmResult.Init"/>.</summary>
    public required string Init { get; init; }

    /// <summary>Cases trained on.</summary>
    public required int TrainCases { get; init; }

    /// <summary>How many seeds.</summary>
    public required int Seeds { get; init; }

    /// <summary>Mean test Dice over labels, cases and seeds.</summary>
    public required Interval Dice { get; init; }

    /// <summary>Mean test 95% Hausdorff distance in millimetres.</summary>
    public required Interval Hd95 { get; init; }

    /// <summary>The same per foreground label.</summary>
    public required IReadOnlyList<FineTuneLabelResult> Labels { get; init; }
}

/// <summary>Two initialisations at one number of cases: the paired difference first minus second.</summary>
/// <param name="TrainCases">Cases trained on.</param>
/// <param name="First">An initialisation's name.</param>
/// <param name="Second">Another's.</param>
/// <param name="DiceDifference">Mean difference of test Dice, paired by case and seed.</param>
/// <param name="Wins">Seeds in which the first one's mean test Dice is higher.</param>
/// <param name="Seeds">Seeds compared.</param>
public sealed record FineTuneComparison(
    int TrainCases, string First, string Second, Interval DiceDifference, int Wins, int Seeds);
