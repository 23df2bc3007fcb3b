namespace GpuSynth.Torch.Reports;

/// <summary>What a model card says beside the run itself.</summary>
public sealed record ModelCardFacts
{
    /// <summary>The run that made the weights.</summary>
    public required PretrainRunFacts Run { get; init; }

    /// <summary>The weights' file in the run's folder.</summary>
    public string WeightsFile { get; init; } = "weights.safetensors";

    /// <summary>Python that builds the same network in MONAI: an expression, such as <c>UNet(spatial_dims=3, ...)</c>.</summary>
    public required string MonaiExpression { get; init; }

    /// <summary>The licence of the weights, as the hub abbreviates it.</summary>
    public string License { get; init; } = "mit";

    /// <summary>The last row of the metrics: what the loss came to. Null where the run did no step.</summary>
    public MetricsRow? LastRow { get; init; }

    /// <summary>
    /// Results of fine-tuning from these weights and from scratch, when there are some; when empty, the card says that none were
    /// made.
    /// </summary>
    public IReadOnlyList<FineTuneGroupResult> Evaluation { get; init; } = [];

    /// <summary>What the evaluation was made on: data, split, budget. Empty without one.</summary>
    public string EvaluationNote { get; init; } = "";
}
