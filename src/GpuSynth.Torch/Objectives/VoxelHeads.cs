using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>Heads of an objective on a network's features, by name: 1-wide convolutions with a bias, in float32.</summary>
internal sealed class VoxelHeads : nn.Module
{
    private readonly Dictionary<string, nn.Module<Tensor, Tensor>> heads = [];

    /// <summary>Heads with PyTorch's initial weights.</summary>
    /// <param name="network">The network whose output they are given.</param>
    /// <param name="heads">Names, and the channels that each gives out.</param>
    public VoxelHeads(SegmentationNetwork network, params IEnumerable<(string Name, int Outputs)> heads)
        : base(nameof(VoxelHeads))
    {
        foreach ((string name, int outputs) in heads)
        {
            this.heads[name] = Layers.Convolution(network.Options.Dimensions, network.Options.OutChannels, outputs, kernel: 1);
            register_module(name, this.heads[name]);
        }
    }

    /// <summary>What a head gives for features [B, C, (D,) H, W] in float32: [B, outputs, (D,) H, W].</summary>
    public Tensor Of(string name, Tensor features) => heads[name].call(features);

    /// <summary>Nothing: children are named one by one.</summary>
    protected override void RegisterComponents()
    {
    }
}
