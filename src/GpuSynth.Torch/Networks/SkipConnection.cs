using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>The input's channels, then those of the levels below ("submodule"). MONAI's <c>SkipConnection</c>.</summary>
internal sealed class SkipConnection : NamedModule
{
    private readonly nn.Module<Tensor, Tensor> below;

    public SkipConnection(nn.Module<Tensor, Tensor> below)
        : base(nameof(SkipConnection)) => this.below = Register("submodule", below);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using Tensor deeper = below.call(input);
        return cat([input, deeper], 1);
    }
}
