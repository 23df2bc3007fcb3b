using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.FineTuning;

/// <summary>What a fine-tuning run does. Every arm (initialisation, number of cases, seed) has the same budget.</summary>
public sealed record FineTuneOptions
{
    /// <summary>The name of an arm that begins with the given weights.</summary>
    public const string PretrainedName = "pretrained";

    /// <summary>The name of an arm that begins with new weights.</summary>
    public const string ScratchName = "none";

    /// <summary>The labelled data: see <see cref="SegmentationDataset"/>.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the results go; arms that are complete there are not trained again.</summary>
    public required string OutFolder { get; init; }

    /// <summary>A pre-training run, a checkpoint or a file of weights; null: none, from scratch.</summary>
    public string? Init { get; init; }

    /// <summary>With <see cref="Init"/>: from scratch as well, with the same network, cases and crops.</summary>
    public bool Compare { get; init; }

    /// <summary>The network where there are no weights that tell.</summary>
    public NetworkKind Network { get; init; } = NetworkKind.UNet;

    /// <summary>Its levels, of a U-Net; null: the usual.</summary>
    public UNetLevels? Levels { get; init; }

    /// <summary>What new weights are of; null: the network of that kind. Without <see cref="Init"/>.</summary>
    public NetworkOptions? OwnNetwork { get; init; }

    /// <summary>Whether arms are tested; otherwise they end with their validation.</summary>
    public bool IsTested { get; init; } = true;

    /// <summary>Whether 0 cases are left out, with a notice, where weights do not name the task's classes; otherwise they are refused.</summary>
    internal bool MayLeaveOutZero { get; init; }

    /// <summary>Numbers of cases to train on; empty: all. 0: the weights as they are, which have to name the task's classes.</summary>
    public IReadOnlyList<int> TrainCases { get; init; } = [];

    /// <summary>How many seeds.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>The first seed: it decides which cases, new weights, crops and augmentation.</summary>
    public ulong FirstSeed { get; init; }

    /// <summary>Steps of every arm.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>Crops per step.</summary>
    public int Batch { get; init; } = 2;

    /// <summary>Voxels of a crop: one side for all axes or every side in array order; null: near the median shape.</summary>
    public IReadOnlyList<int>? Patch { get; init; }

    /// <summary>
    /// Rates after the warm-up. With several every arm is trained at each of them, and keeps the one with the highest validation
    /// Dice: another initialisation has another best rate.
    /// </summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [1e-3];

    /// <summary>What is done with the head of pre-trained arms.</summary>
    public HeadTreatment Head { get; init; } = HeadTreatment.Auto;

    /// <summary>Which of the pre-trained weights are taken.</summary>
    public TransferredPart Transfer { get; init; } = TransferredPart.All;

    /// <summary>Factor of the rate for all pre-trained weights but the head.</summary>
    public double BodyRate { get; init; } = 1;

    /// <summary>Factor of the rate from each layer of a pre-trained transformer to the one before it.</summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Chance that training leaves a branch of a transformer's last block out, of earlier ones less; 0: never. Of all arms.</summary>
    public double DropPath { get; init; }

    /// <summary>Trainings at the same time; null: as many as processors, memory and trainings allow. No result depends on it.</summary>
    public int? Jobs { get; init; }

    /// <summary>Threads of one training. Sums depend on it, so it is a setting.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>AdamW's.</summary>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>The gradient's norm is cut to this.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>How often the validation cases are looked at, evenly over the steps, besides the learning curve's places.</summary>
    public int Validations { get; init; } = 6;

    /// <summary>Common spacing; null: the training cases' median.</summary>
    public VoxelSpacing? Spacing { get; init; }

    /// <summary>Common range of values.</summary>
    public IntensityScale Intensity { get; init; } = IntensityScale.ZScore;

    /// <summary>A label number that counts in no loss and no measure, besides those that the data set calls so.</summary>
    public int? IgnoreLabel { get; init; }

    /// <summary>Cases for validation; null: one of thirteen.</summary>
    public int? ValidationCases { get; init; }

    /// <summary>Cases for the test; null: three of thirteen.</summary>
    public int? TestCases { get; init; }

    /// <summary>
    /// Cross-validation: all cases but the test's in so many folds, each tested by a network trained on the others; null: none.
    /// </summary>
    public int? Folds { get; init; }

    /// <summary>By how much windows of the test overlap, 0 to below 1.</summary>
    public double Overlap { get; init; } = 0.75;

    /// <summary>What crops are changed by.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Full;

    /// <summary>Besides, by a recipe's appearance; null: by none.</summary>
    public AppearanceChange? Appearance { get; init; }

    /// <summary>The network's device: "host" or "cuda:0".</summary>
    public string Device { get; init; } = "host";

    /// <summary>Bytes of memory to plan with; null: what the machine has.</summary>
    internal long? MemoryBytes { get; init; }

    /// <summary>The initialisations to train with.</summary>
    public IReadOnlyList<string> Inits =>
        Init is null ? [ScratchName] : Compare ? [PretrainedName, ScratchName] : [PretrainedName];
}
