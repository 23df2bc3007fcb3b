using GpuSynth.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// An image of one channel from a network's features, in float32: a 1-wide convolution, by a product of matrices. On the host torch's convolutions
/// take five times as long where one channel leaves them.
/// </summary>
internal sealed class ImageHead : NamedModule
{
    private readonly Linear ofChannels;

    public ImageHead(NetworkOptions options)
        : base(nameof(ImageHead))
    {
        // What initialisers leave behind goes with the scope; the weights stay.
        using DisposeScope scope = NewDisposeScope();
        ofChannels = Register("linear", nn.Linear(options.OutChannels, 1));
    }

    /// <summary>Features [B, C, (D,) H, W] of any type to [B, 1, (D,) H, W] in float32.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = ofChannels.call(ChannelsLast.ToEnd(input.to_type(ScalarType.Float32)));
        return ChannelsLast.FromEnd(image).MoveToOuterDisposeScope();
    }
}
