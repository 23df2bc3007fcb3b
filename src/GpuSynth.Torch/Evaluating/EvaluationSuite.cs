using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Evaluating;

/// <summary>Tasks, and the budget that every arm has on each of them: the fixed rules by which weights are compared.</summary>
public sealed record EvaluationSuite
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>The tasks.</summary>
    public required IReadOnlyList<EvaluationTask> Tasks { get; init; }

    /// <summary>Steps of every training.</summary>
    public int Steps { get; init; } = 400;

    /// <summary>Crops per step of segmentation; classification has 32 images.</summary>
    public int Batch { get; init; } = 2;

    /// <summary>Seeds of every arm and number of cases.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Learning rates of which each arm of a task takes the one that is best on validation cases. Of segmentation; classification has its own.</summary>
    public IReadOnlyList<double> Rates { get; init; } = [1e-3, 3e-3, 1e-2, 3e-2];

    /// <summary>How many weights go on from the choice of learning rates, those that are best on validation cases there; null: all.</summary>
    public int? Finalists { get; init; }

    /// <summary>Names of weights that go on in any case.</summary>
    public IReadOnlyList<string> Always { get; init; } = [];

    /// <summary>Arms that are pre-trained on the label maps of the cases that they are then trained with, on every task of segmentation of their dimensions.</summary>
    public IReadOnlyList<MapArm> LabelMaps { get; init; } = [];

    /// <summary>Arms of new weights whose crops are changed by a recipe's appearance, on every task of segmentation of its dimensions.</summary>
    public IReadOnlyList<AppearanceArm> Appearances { get; init; } = [];

    /// <summary>The arms that the suite itself has.</summary>
    internal IReadOnlyList<SuiteArm> OwnArms => [.. LabelMaps, .. Appearances];
}

/// <summary>A task of segmentation, or of classification.</summary>
public sealed record EvaluationTask
{
    /// <summary>What it is called, and its folder in the results.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The labelled data, in the folder of all data: of segmentation a folder as <see cref="SegmentationDataset"/> has it, of classification a folder per class,
    /// or an .npz file of MedMNIST's form.
    /// </summary>
    public required string Data { get; init; }

    /// <summary>Numbers of training cases, ascending. 0: weights as they are, of those that name the task's classes. Empty: a task of classification.</summary>
    public IReadOnlyList<int> Cases { get; init; } = [];

    /// <summary>Of classification: shares of the training images in per cent, ascending; at each of them validation images choose the learning rate.</summary>
    public IReadOnlyList<double> Shares { get; init; } = [];

    /// <summary>Cases at which the learning rate is chosen, one of <see cref="Cases"/> above 0.</summary>
    public int RatesAt { get; init; }

    /// <summary>Whether images are classified.</summary>
    public bool IsClassification => Shares.Count > 0;

    /// <summary>What a result is measured by.</summary>
    public string Measure => IsClassification ? "AUC" : "Dice";

    /// <summary>What all arms are trained with: numbers of cases above 0, or shares.</summary>
    internal IReadOnlyList<double> Budgets => IsClassification ? Shares : [.. Cases.Where(static cases => cases > 0).Select(static cases => (double)cases)];

    /// <summary>Cases for validation; null: one of thirteen.</summary>
    public int? ValidationCases { get; init; }

    /// <summary>Cases for the test; null: three of thirteen.</summary>
    public int? TestCases { get; init; }

    /// <summary>Voxels of a crop, or of classification of an image: one side or all; null: near the median shape.</summary>
    public IReadOnlyList<int>? Patch { get; init; }

    /// <summary>What crops are changed by.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Full;

    /// <summary>Common range of values.</summary>
    public IntensityScale Intensity { get; init; } = IntensityScale.ZScore;

    /// <summary>A label number that counts nowhere.</summary>
    public int? IgnoreLabel { get; init; }
}

/// <summary>Weights under test.</summary>
/// <param name="Name">What tables call them.</param>
/// <param name="Path">A pre-training run, a checkpoint or a file of weights.</param>
public sealed record EvaluatedWeights(string Name, string Path)
{
    /// <summary>Whether a text can name weights or a task: it is a folder's name too, of letters, digits, '-', '_' and '.', and not hidden.</summary>
    internal static bool IsName(string text) =>
        text.Length > 0 && text[0] != '.' && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
}

/// <summary>What an evaluation does.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Tasks and budget.</summary>
    public required EvaluationSuite Suite { get; init; }

    /// <summary>The folder that the tasks' data lie in.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the results go; trainings that are complete there are not made again.</summary>
    public required string OutFolder { get; init; }

    /// <summary>The weights.</summary>
    public required IReadOnlyList<EvaluatedWeights> Weights { get; init; }

    /// <summary>Trainings at the same time; null: as many as processors and memory allow. No result depends on it.</summary>
    public int? Jobs { get; init; }

    /// <summary>The networks' device.</summary>
    public string Device { get; init; } = "host";
}
