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
    private const double LeastLength = 1e-12;

    private readonly OrderedDictionary<string, Linear> heads = [];

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

    /// <summary>The heads, in their order.</summary>
    public IEnumerable<Linear> All => heads.Select(static head => head.Value);

    /// <summary>
    /// What every head gives, in their order, for features [B, C, (D,) H, W] that are divided by their length at every voxel: [B, outputs, (D,) H, W] in
    /// float32. One product for all heads, whose few channels are divided in place of the features' many.
    /// </summary>
    public Tensor[] OfUnit(Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor given = ChannelsLast.ToEnd(features.to_type(ScalarType.Float32));
        Tensor lengths = given.Squared().sum(-1, keepdim: true).clamp_min(Scalars.Of(LeastLength * LeastLength)).sqrt();
        Linear[] all = [.. All];
        Tensor values = nn.functional.linear(given, cat([.. all.Select(static head => head.weight!)])).div(lengths);
        var outputs = new Tensor[all.Length];
        long first = 0;
        for (int n = 0; n < all.Length; n++)
        {
            long count = all[n].weight!.shape[0];
            outputs[n] = ChannelsLast.FromEnd(values.narrow(-1, first, count).Plus(all[n].bias!)).MoveToOuterDisposeScope();
            first += count;
        }

        return outputs;
    }

    /// <summary>What a head gives for features [B, C, (D,) H, W] of any type: [B, outputs, (D,) H, W], float32.</summary>
    public Tensor Of(string name, Tensor features)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = heads[name].call(ChannelsLast.ToEnd(features.to_type(ScalarType.Float32)));
        return ChannelsLast.FromEnd(values).MoveToOuterDisposeScope();
    }
}
