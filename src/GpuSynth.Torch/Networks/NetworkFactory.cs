using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>Builds networks from their options.</summary>
public static class NetworkFactory
{
    /// <summary>A network with the initial weights that PyTorch gives its layers, from torch's current random state.</summary>
    /// <exception cref="CheckpointException">No network can be built from the options.</exception>
    public static SegmentationNetwork Create(NetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        // The layers' initialisers leave handles of the new weights to the garbage collector, which would keep the memory of a
        // network that is long disposed of; they go with the scope, and the weights stay.
        using DisposeScope scope = NewDisposeScope();
        return options.Kind switch
        {
            NetworkKind.SwinUnetr => new SwinUnetr(options),
            NetworkKind.Vit => new VisionTransformer(options),
            _ => new ResidualUNet(options),
        };
    }
}
