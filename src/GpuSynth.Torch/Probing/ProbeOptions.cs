using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Probing;

/// <summary>What a probe does.</summary>
public sealed record ProbeOptions
{
    /// <summary>The labelled data: see <see cref="SegmentationDataset"/>.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the results go.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Pre-training runs, checkpoints or files of weights; none: hand-made features alone.</summary>
    public IReadOnlyList<string> Weights { get; init; } = [];

    /// <summary>Cases that the read-outs are fitted on; two or more, because the penalty is chosen by leaving one out.</summary>
    public int TrainCases { get; init; } = 5;

    /// <summary>Cases that they are measured on.</summary>
    public int EvalCases { get; init; } = 10;

    /// <summary>Whether those are test cases; otherwise the validation cases, and after them further training cases.</summary>
    public bool OnTest { get; init; }

    /// <summary>Voxels of a case that a linear read-out is fitted on, balanced over the classes.</summary>
    public int Voxels { get; init; } = 2000;

    /// <summary>Voxels of a case that nearest neighbours are asked for, and that answer.</summary>
    public int NeighbourVoxels { get; init; } = 1000;

    /// <summary>Draws of random weights per network; 0: three of a network below five million parameters, else one.</summary>
    public int RandomSeeds { get; init; }

    /// <summary>Decides which voxels and random weights are drawn.</summary>
    public ulong Seed { get; init; }

    /// <summary>Common spacing; null: the cases' median.</summary>
    public VoxelSpacing? Spacing { get; init; }

    /// <summary>Common range of values.</summary>
    public IntensityScale Intensity { get; init; } = IntensityScale.ZScore;

    /// <summary>A label number that is left out.</summary>
    public int? IgnoreLabel { get; init; }

    /// <summary>Cases for validation; null: one of thirteen.</summary>
    public int? ValidationCases { get; init; }

    /// <summary>Cases for the test; null: three of thirteen.</summary>
    public int? TestCases { get; init; }

    /// <summary>Threads; no result depends on their number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
