using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>What a feature map of a network will be like: parts are made for it.</summary>
/// <param name="Part">Where it arises.</param>
/// <param name="Stride">Voxels of the image per voxel of the map, along every axis.</param>
/// <param name="Channels">Channels.</param>
internal readonly record struct NetworkLevel(FeaturePart Part, int Stride, int Channels)
{
    /// <summary>All maps of a network in their order, found by a pass in eval mode: weights, means and random state stay.</summary>
    /// <param name="network">Its mode is as before afterwards.</param>
    /// <param name="encoderOnly">Whether the deepest level is the last.</param>
    public static NetworkLevel[] Of(SegmentationNetwork network, bool encoderOnly = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        bool wasTraining = network.training;
        network.eval();
        try
        {
            // Two voxels at the lowest level: a norm needs something to take a mean of.
            long side = network.SideMultiple;
            long[] sides = [.. Enumerable.Repeat(side, network.Options.Dimensions - 1), 2 * side];
            Tensor input = zeros([1, network.Options.InChannels, .. sides], ScalarType.Float32, network.parameters().First().device);
            return
            [
                .. network.FeatureMaps(input, encoderOnly)
                    .Select(static map => new NetworkLevel(map.Part, map.Stride, (int)map.Values.shape[1])),
            ];
        }
        finally
        {
            network.train(wasTraining);
        }
    }
}
