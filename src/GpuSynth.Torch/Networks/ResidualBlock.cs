using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Swin UNETR's convolutions: y = lrelu(norm(conv2(lrelu(norm(conv1(x))))) + shortcut(x)); the shortcut is a 1-wide convolution
/// with a norm ("conv3") when the number of channels changes. 3D, no bias, slope 0.01, norms without weights. MONAI's
/// <c>UnetResBlock</c>.
/// </summary>
internal sealed class ResidualBlock : NamedModule
{
    private readonly nn.Module<Tensor, Tensor> first;
    private readonly nn.Module<Tensor, Tensor> second;
    private readonly nn.Module<Tensor, Tensor>? shortcut;
    private readonly nn.Module<Tensor, Tensor> norm;

    public ResidualBlock(int inputs, int outputs)
        : base(nameof(ResidualBlock))
    {
        first = Register("conv1", Convolution(inputs, outputs, kernel: 3));
        second = Register("conv2", Convolution(outputs, outputs, kernel: 3));
        shortcut = inputs == outputs ? null : Register("conv3", Convolution(inputs, outputs, kernel: 1));
        norm = Register("norm", Layers.Norm("instance", 3, outputs));
    }

    /// <summary>A block under the name "layer", as MONAI's <c>UnetrBasicBlock</c> has it.</summary>
    public static nn.Module<Tensor, Tensor> CreateLayer(int inputs, int outputs) =>
        nn.Sequential(("layer", new ResidualBlock(inputs, outputs)));

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor inner = Rectify(norm.call(first.call(input)));
        Tensor sum = norm.call(second.call(inner));
        sum.PlusInPlace(shortcut is null ? input : norm.call(shortcut.call(input)));
        return Rectify(sum).MoveToOuterDisposeScope();
    }

    private static nn.Module<Tensor, Tensor> Convolution(int inputs, int outputs, int kernel) =>
        nn.Sequential(("conv", Layers.Convolution(3, inputs, outputs, kernel, bias: false)));

    // In place: a norm's backward does not need its output.
    private static Tensor Rectify(Tensor values) => values.leaky_relu_(Scalars.Of(0.01));
}
