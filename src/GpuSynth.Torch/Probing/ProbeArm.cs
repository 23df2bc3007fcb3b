using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Probing;

/// <summary>What the features of one level are worth.</summary>
public sealed record ProbeLevel
{
    /// <summary>"encoder/4", "all levels".</summary>
    public required string Name { get; init; }

    /// <summary>Channels that the read-out saw.</summary>
    public required int Channels { get; init; }

    /// <summary>Mean Dice of training cases that were left out: what the best level is chosen by.</summary>
    public required double FitDice { get; init; }

    /// <summary>The penalty of the linear read-out.</summary>
    public required double Lambda { get; init; }

    /// <summary>Dice of every evaluation case, mean over the labels.</summary>
    public required IReadOnlyList<double> CaseDice { get; init; }

    /// <summary>Dice of every label, mean over the cases.</summary>
    public required IReadOnlyList<double> LabelDice { get; init; }

    /// <summary>Area under the ROC curve of every evaluation case, mean of each class against the rest.</summary>
    public required IReadOnlyList<double> CaseAuc { get; init; }

    /// <summary>Dice of every evaluation case when the nearest voxels of one training case label it.</summary>
    public required IReadOnlyList<double> CaseNeighbourDice { get; init; }

    /// <summary>Mean and interval over the cases.</summary>
    public MeanInterval Dice => Bootstrap.Mean(CaseDice);

    /// <summary>Mean and interval over the cases.</summary>
    public MeanInterval Auc => Bootstrap.Mean(CaseAuc);

    /// <summary>Mean and interval over the cases.</summary>
    public MeanInterval NeighbourDice => Bootstrap.Mean(CaseNeighbourDice);

    /// <summary>Directions that the features of real images use; NaN where it was not measured.</summary>
    public double EffectiveRank { get; init; } = double.NaN;

    /// <summary>What synthetic pairs say; null where it was not measured.</summary>
    public PairMeasures? Pairs { get; init; }
}

/// <summary>Features under test: of given weights, of random ones, or hand-made.</summary>
/// <param name="Name">What tables call them.</param>
/// <param name="Kind">"weights", "random" or "hand-made".</param>
/// <param name="Twin">The arm of random weights of the same network; null of others.</param>
/// <param name="Levels">Every level, the encoder's first one first; all together last.</param>
public sealed record ProbeArm(string Name, string Kind, string? Twin, IReadOnlyList<ProbeLevel> Levels)
{
    /// <summary>The level that did best on training cases that were left out; no evaluation case had a say.</summary>
    public ProbeLevel Best => Levels.MaxBy(static level => level.FitDice)!;

    /// <summary>A mean of arms with the same levels, case by case: of several draws of random weights.</summary>
    public static ProbeArm Mean(string name, string kind, IReadOnlyList<ProbeArm> arms)
    {
        ArgumentNullException.ThrowIfNull(arms);
        return new ProbeArm(name, kind, null, [.. arms[0].Levels.Select((level, n) => level with
        {
            FitDice = arms.Average(arm => arm.Levels[n].FitDice),
            CaseDice = Across(arm => arm.Levels[n].CaseDice),
            LabelDice = Across(arm => arm.Levels[n].LabelDice),
            CaseAuc = Across(arm => arm.Levels[n].CaseAuc),
            CaseNeighbourDice = Across(arm => arm.Levels[n].CaseNeighbourDice),
            EffectiveRank = arms.Average(arm => arm.Levels[n].EffectiveRank),
            Pairs = level.Pairs is null ? null : PairMeasures.Mean([.. arms.Select(arm => arm.Levels[n].Pairs!)]),
        })]);

        double[] Across(Func<ProbeArm, IReadOnlyList<double>> of) =>
            [.. of(arms[0]).Select((_, at) => ProbeScores.Mean(arms.Select(arm => of(arm)[at])))];
    }
}

/// <summary>The best level of one arm minus that of another, paired by case.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Against">The other.</param>
/// <param name="Dice">Of the linear read-out; above 0: the arm is better.</param>
public sealed record ProbeComparison(string Arm, string Against, MeanInterval Dice);
