namespace GpuSynth.Torch.Reports;

/// <summary>One training: an initialisation, a number of cases and a seed.</summary>
public sealed record FineTuneArmResult
{
    /// <summary>Where the weights came from: "pretrained", "none"; equal names are one colour in the charts.</summary>
    public required string Init { get; init; }

    /// <summary>Cases trained on.</summary>
    public required int TrainCases { get; init; }

    /// <summary>The arm's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The fold that it was tested on, from 0; null without folds.</summary>
    public int? Fold { get; init; }

    /// <summary>Rows with <see cref="MetricsRow.Loss"/> and, at some steps, <see cref="MetricsRow.ValidationDice"/>.</summary>
    public required IReadOnlyList<MetricsRow> Metrics { get; init; }

    /// <summary>The best mean validation Dice, whose weights were kept.</summary>
    public required double BestValidationDice { get; init; }

    /// <summary>The step of the best validation Dice.</summary>
    public required long BestStep { get; init; }

    /// <summary>The learning rate whose weights were kept.</summary>
    public double Rate { get; init; } = double.NaN;

    /// <summary>The learning curve: validation Dice after so many steps.</summary>
    public IReadOnlyList<(int Step, double Dice)> Curve { get; init; } = [];

    /// <summary>The area under it, divided by its width.</summary>
    public double CurveArea { get; init; } = double.NaN;

    /// <summary>The best validation Dice at every rate that was tried.</summary>
    public IReadOnlyList<(double Rate, double Dice)> Trials { get; init; } = [];

    /// <summary>Mean test Dice over labels and cases; NaN where no test was made.</summary>
    public double TestDice { get; init; } = double.NaN;

    /// <summary>Mean test 95% Hausdorff distance in millimetres; NaN where no test was made.</summary>
    public double TestHd95 { get; init; } = double.NaN;

    /// <summary>Training time in seconds.</summary>
    public double Seconds { get; init; }
}
