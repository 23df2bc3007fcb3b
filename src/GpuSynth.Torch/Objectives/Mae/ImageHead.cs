using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>An image of one channel from a network's features, by a 1-wide convolution in float32.</summary>
internal sealed class ImageHead : NamedModule
{
    private readonly nn.Module<Tensor, Tensor> convolution;

    public ImageHead(NetworkOptions options)
        : base(nameof(ImageHead))
    {
        // What initialisers leave behind goes with the scope; the weights stay.
        using DisposeScope scope = NewDisposeScope();
        convolution = Register("conv", Layers.Convolution(options.Dimensions, options.OutChannels, 1, kernel: 1));
    }

    /// <summary>Features [B, C, (D,) H, W] of any type to [B, 1, (D,) H, W] in float32.</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor wide = input.to_type(ScalarType.Float32);
        return convolution.call(wide);
    }
}
