using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>linear2(gelu(linear1(x))), four times as wide inside. MONAI's <c>MLPBlock</c>.</summary>
internal sealed class Perceptron : NamedModule
{
    private readonly Linear widen;
    private readonly Linear narrow;

    public Perceptron(int channels)
        : base(nameof(Perceptron))
    {
        widen = Register("linear1", nn.Linear(channels, 4 * channels));
        narrow = Register("linear2", nn.Linear(4 * channels, channels));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using Tensor wide = widen.call(input);
        using Tensor curved = nn.functional.gelu(wide);
        return narrow.call(curved);
    }
}
