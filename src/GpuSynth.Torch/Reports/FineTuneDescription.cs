namespace GpuSynth.Torch.Reports;

/// <summary>A fine-tuning call: all that its report says beside the results.</summary>
public sealed record FineTuneDescription : RunDescription
{
    /// <summary>The task and the data in words, such as "segmentation of hippocampus (2 labels)".</summary>
    public required string Task { get; init; }

    /// <summary>Cases to train on that the data has, of which an arm takes its first N.</summary>
    public required int TrainCases { get; init; }

    /// <summary>Cases on which everything was chosen.</summary>
    public required int ValidationCases { get; init; }

    /// <summary>Cases that were read once, at the end.</summary>
    public required int TestCases { get; init; }

    /// <summary>Folds, of which each is tested by networks trained on the others; null without.</summary>
    public int? Folds { get; init; }

    /// <summary>The foreground labels' names, in the order of the results' labels.</summary>
    public required IReadOnlyList<string> LabelNames { get; init; }

    /// <summary>Steps of every arm: the budget is the same for all.</summary>
    public required long Steps { get; init; }

    /// <summary>Optimiser, rate, schedule and augmentation in words.</summary>
    public required string Training { get; init; }

    /// <summary>Spacing, intensity and crop in words.</summary>
    public required string Preprocessing { get; init; }

    /// <summary>How the intervals were made, such as "95%, bootstrap over test cases, 2,000 resamples".</summary>
    public required string IntervalMethod { get; init; }

    /// <summary>The two initialisations that a comparison subtracts, the second from the first.</summary>
    public required (string First, string Second) Compared { get; init; }

    /// <summary>What the initial weights were, by an arm's name for them: ("pretrained", "run/, rasd-3d, 400 steps").</summary>
    public IReadOnlyList<(string Init, string Description)> Inits { get; init; } = [];

    /// <summary>What a reader has to know of the data, a sentence each.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];
}
