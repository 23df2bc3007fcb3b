namespace GpuSynth.Torch.Reports;

/// <summary>A pre-training run: all that its report and its model card say beside the measured rows.</summary>
public sealed record PretrainDescription : RunDescription
{
    /// <summary>The preset's or recipe's name.</summary>
    public required string RecipeName { get; init; }

    /// <summary>The recipe, as YAML.</summary>
    public required string RecipeText { get; init; }

    /// <summary>SHA-256 of the recipe's text.</summary>
    public required string RecipeSha256 { get; init; }

    /// <summary>The run's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Shape of what the network is given, such as "48 x 48 x 48".</summary>
    public required string Shape { get; init; }

    /// <summary>Shape of the samples that the network was given windows of; null: it was given whole ones.</summary>
    public string? Field { get; init; }

    /// <summary>What the network was given, in words.</summary>
    internal string SampleText => Field is null ? Shape : $"windows of {Shape}, at random places of samples of {Field}";

    /// <summary>2 or 3.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Labels in a sample.</summary>
    public required int LabelCount { get; init; }

    /// <summary>The label maps that the anatomies were made of, in words; null where the anatomies are random.</summary>
    public string? LabelMaps { get; init; }

    /// <summary>The loss of a network that knows nothing; null where that is not known.</summary>
    public double? LossAtChance { get; init; }

    /// <summary>The least that the loss can be; null where that is not known.</summary>
    public double? LossFloor { get; init; }

    /// <summary>"rasd", "rasd-cosine", "rasd+mae:0.5".</summary>
    public required string Objective { get; init; }

    /// <summary>Feature channels that the network gives out.</summary>
    public required int FeatureChannels { get; init; }

    /// <summary>Samples in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Batches whose gradients are summed for one step.</summary>
    public int AccumulatedBatches { get; init; } = 1;

    /// <summary>Steps that were asked for.</summary>
    public required long StepsPlanned { get; init; }

    /// <summary>Steps that were done.</summary>
    public required long StepsDone { get; init; }

    /// <summary>Different samples that were trained on.</summary>
    public required long UniqueSamples { get; init; }

    /// <summary>How often one was seen, in all; as many as there are where each was seen once.</summary>
    public long? SamplesSeen { get; init; }

    /// <summary>Optimiser, rate, schedule, decay and clipping in words.</summary>
    public required string Optimiser { get; init; }

    /// <summary>"float32" or "bfloat16".</summary>
    public required string Precision { get; init; }

    /// <summary>The synthesis' device: "host", "cuda:0".</summary>
    public required string SynthesisDevice { get; init; }

    /// <summary>When the run was first started.</summary>
    public required DateTimeOffset Started { get; init; }
}
