using GpuSynth.Torch.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Heads of an objective on a network's features, by name: 1-wide convolutions with a bias, in float32, by products of matrices. On the host torch's
/// convolutions take five times as long where one channel leaves them.
/// </summary>
internal sealed class VoxelHeads : NamedParts
{
    private readonly Dictionary<string, Linear> heads = [];

    /// <summary>Heads with PyTorch's initial weights.</summary>
    /// <param name="network">Options of the network whose output they are given.</param>
    /// <param name="heads">Names, and the channels that each gives out.</param>
    public VoxelHeads(NetworkOptions network, params IEnumerable<(string Name, int Outputs)> heads)
        : base(nameof(VoxelHeads))
    {
        // What initialisers leave behind goes with the scope; the weights stay.
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, int outputs) in heads)
        {
            this.heads[name] = Register(name, nn.Linear(network.OutChannels, outputs));
        }
    }

    /// <summary>What a head gives for features [B, C, (D,) H, W] of any type: [B, outputs, (D,) H, W], float32.</summary>
    public Tensor Of(string name, Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = heads[name].call(ChannelsLast.ToEnd(features.to_type(ScalarType.Float32)));
        return ChannelsLast.FromEnd(values).MoveToOuterDisposeScope();
    }
}
