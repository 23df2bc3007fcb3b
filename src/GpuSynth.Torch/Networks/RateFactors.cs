namespace GpuSynth.Torch.Networks;

/// <summary>
/// What the learning rate of a pre-trained network's parts is multiplied by: the head has the whole rate, the body less, and of a
/// transformer every layer further from the head the less (layer decay: BEiT, Bao et al., 2022; MAE, He et al., 2022).
/// </summary>
public sealed record RateFactors
{
    /// <summary>Everything at the whole rate.</summary>
    public static RateFactors Whole { get; } = new();

    /// <summary>Of everything but the head; 0 trains the head alone.</summary>
    public double Body { get; init; } = 1;

    /// <summary>From each layer of a transformer to the one before it; 1: none.</summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>The factor of every parameter, in the order of the network's parameters.</summary>
    /// <exception cref="GpuSynthException">A layer decay was asked of a network that has no such layers.</exception>
    public double[] Of(SegmentationNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (LayerDecay != 1 && network.LayerCount == 0)
        {
            throw new GpuSynthException(FormattableString.Invariant(
                $"A layer decay of {LayerDecay} is for transformers, and this network is a U-Net: use --body-rate, or --net vit or swinunetr."));
        }

        HashSet<string> head = [.. network.HeadNames];
        return
        [
            .. network.named_parameters().Select(parameter => head.Contains(parameter.name)
                ? 1
                : Body * Math.Pow(LayerDecay, network.LayerCount - network.LayerOf(parameter.name))),
        ];
    }
}
