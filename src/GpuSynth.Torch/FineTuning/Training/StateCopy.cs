using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.FineTuning;

/// <summary>A second set of a network's weights and buffers: allocated once, overwritten by better ones.</summary>
internal sealed class StateCopy : IDisposable
{
    private readonly (Tensor Own, Tensor Copy)[] pairs;

    public StateCopy(nn.Module network)
    {
        using IDisposable unrecorded = no_grad();
        pairs = [.. Weights.State(network).Select(static entry => (entry.Tensor, entry.Tensor.detach().clone()))];
    }

    /// <summary>Copies the network's present weights.</summary>
    public void Take()
    {
        using IDisposable unrecorded = no_grad();
        foreach ((Tensor own, Tensor copy) in pairs)
        {
            copy.copy_(own);
        }
    }

    /// <summary>Gives the network the copied weights back.</summary>
    public void Restore()
    {
        using IDisposable unrecorded = no_grad();
        foreach ((Tensor own, Tensor copy) in pairs)
        {
            own.copy_(copy);
        }
    }

    public void Dispose()
    {
        foreach ((Tensor _, Tensor copy) in pairs)
        {
            copy.Dispose();
        }
    }
}
