namespace GpuSynth.Torch.Prediction;

/// <summary>What a prediction does.</summary>
public sealed record PredictOptions
{
    /// <summary>Runs of 'finetune', arms of them, or files of weights; the probabilities of several networks are averaged.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>An image, or a folder of images with the folders in it.</summary>
    public required string Input { get; init; }

    /// <summary>Where label maps, volumes.csv, predict.json and pictures go; a prediction by the same networks is gone on with.</summary>
    public required string OutFolder { get; init; }

    /// <summary>The arm of a run; null: the one with the best validation Dice.</summary>
    public string? Arm { get; init; }

    /// <summary>By how much windows overlap, 0 to below 1; null: as in the test of the fine-tuning.</summary>
    public double? Overlap { get; init; }

    /// <summary>Whether a picture of every case is made.</summary>
    public bool HasPictures { get; init; } = true;

    /// <summary>Where the networks run: "host" or "cuda:0".</summary>
    public string Device { get; init; } = "host";

    /// <summary>Cases at once on the host; 0: one per core. The results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes of memory to plan with; null: what the machine has.</summary>
    internal long? MemoryBytes { get; init; }
}
