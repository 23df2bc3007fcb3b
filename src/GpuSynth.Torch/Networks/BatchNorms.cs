using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Lets batch norms of new weights measure images, as training would have: with the means and variances that they begin with (0 and
/// 1) frozen features of new weights would be no control for those of trained ones.
/// </summary>
internal static class BatchNorms
{
    /// <summary>How many inputs are measured.</summary>
    public const int Passes = 10;

    // Each pass has a tenth of a say, the first all of it.
    private const double Momentum = 0.1;

    /// <summary>Measures, and leaves the network in eval mode; a network without batch norm stays as it is.</summary>
    /// <param name="network">With new weights. What drops out is drawn, if anything does.</param>
    /// <param name="input">The input [B, C, (D,) H, W] of a pass, 0 to <see cref="Passes"/> - 1, on the network's device.</param>
    /// <param name="encoderOnly">Whether the decoder is left out.</param>
    public static void Measure(SegmentationNetwork network, Func<int, Tensor> input, bool encoderOnly = false)
    {
        if (network.Options.Norm == "batch" && network.Options.Kind == NetworkKind.UNet)
        {
            using IDisposable unrecorded = no_grad();
            network.train();
            Scale(network, 0);
            for (int n = 0; n < Passes; n++)
            {
                using DisposeScope scope = NewDisposeScope();
                network.FeatureMaps(input(n), encoderOnly);
                if (n == 0)
                {
                    Scale(network, 1 / Momentum);
                }
            }
        }

        network.eval();
    }

    // b = 0.9 b + 0.1 m with b = 0 before is m after a division; unbiased variances are above 0 as well.
    private static void Scale(SegmentationNetwork network, double factor)
    {
        foreach ((string _, Tensor buffer) in network.named_buffers())
        {
            if (buffer.is_floating_point())
            {
                buffer.mul_(Scalars.Of(factor));
            }
        }
    }
}
