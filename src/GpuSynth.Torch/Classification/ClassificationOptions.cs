using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Classification;

/// <summary>What a classification run does. Every arm (initialisation, protocol, share, seed) of a protocol has the same budget.</summary>
public sealed record ClassificationOptions
{
    /// <summary>Names of the protocols.</summary>
    public static IReadOnlyList<string> ProtocolNames { get; } = ["linear", "knn", "full", "lp-ft"];

    /// <summary>A folder per class, or an .npz file of MedMNIST's form.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the results go; arms that are complete there are not done again.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Weights; null: none.</summary>
    public string? Init { get; init; }

    /// <summary>New weights as well: frozen for linear and knn, trained for full and lp-ft.</summary>
    public bool Compare { get; init; }

    /// <summary>The network where there are no weights that tell.</summary>
    public NetworkKind Network { get; init; } = NetworkKind.UNet;

    /// <summary>Its levels, of a U-Net; null: the usual.</summary>
    public UNetLevels? Levels { get; init; }

    /// <summary>What new weights are of; null: the network of that kind. Without <see cref="Init"/>.</summary>
    public NetworkOptions? OwnNetwork { get; init; }

    /// <summary>What is done with the network: some of <see cref="ProtocolNames"/>.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = ["linear", "knn", "full"];

    /// <summary>Shares of the training images, per cent.</summary>
    public IReadOnlyList<double> Fractions { get; init; } = [100];

    /// <summary>How many seeds.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>The first seed: it decides subsets, new weights and the order of images.</summary>
    public ulong FirstSeed { get; init; }

    /// <summary>Steps of a training.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>Images of a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>How often the validation images are looked at.</summary>
    public int Validations { get; init; } = 6;

    /// <summary>Learning rates that are tried; validation chooses.</summary>
    public IReadOnlyList<double> Rates { get; init; } = [3e-5, 1e-4, 3e-4, 1e-3];

    /// <summary>AdamW's.</summary>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>The gradient's norm is cut to this.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>The rate of a U-Net's pre-trained body, as a share of the head's.</summary>
    public double BodyRate { get; init; } = 0.3;

    /// <summary>The rate of a pre-trained transformer's layer, as a share of that of the next.</summary>
    public double LayerDecay { get; init; } = 0.75;

    /// <summary>Chance that training leaves a branch of a transformer's last block out, of earlier ones less.</summary>
    public double DropPath { get; init; } = 0.1;

    /// <summary>Probability that a training image is mirrored, per axis.</summary>
    public double Flips { get; init; }

    /// <summary>Means of all encoder levels, not of the deepest alone.</summary>
    public bool PoolAll { get; init; }

    /// <summary>The common size, one side or all; null: what the network can take near the median.</summary>
    public IReadOnlyList<int>? Size { get; init; }

    /// <summary>Common range of values.</summary>
    public IntensityScale Intensity { get; init; } = IntensityScale.ZScore;

    /// <summary>The network's device.</summary>
    public string Device { get; init; } = "host";

    /// <summary>Initialisations, as fine-tuning to segmentation names them.</summary>
    public IReadOnlyList<string> Inits => Init is null
        ? [FineTuneOptions.ScratchName]
        : Compare ? [FineTuneOptions.PretrainedName, FineTuneOptions.ScratchName] : [FineTuneOptions.PretrainedName];
}
