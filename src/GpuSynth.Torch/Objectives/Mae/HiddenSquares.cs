using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>The loss of images that are filled in where they were hidden.</summary>
internal static class HiddenSquares
{
    /// <summary>What a prediction of 0 has on an image with mean 0 and standard deviation 1.</summary>
    public const double Chance = 1;

    /// <summary>sum (p - x)^2 m / sum m, over all voxels of the batch.</summary>
    /// <param name="prediction">p: [B, 1, (D,) H, W], float32, in its graph.</param>
    /// <param name="target">x: as p.</param>
    /// <param name="hidden">m: bool, as p.</param>
    public static Tensor Mean(Tensor prediction, Tensor target, Tensor hidden)
    {
        Tensor weights = hidden.to_type(prediction.dtype);
        return prediction.sub(target).Squared().mul(weights).sum().div(weights.sum());
    }

    /// <summary>Adds a loss' gradients to those of the parameters.</summary>
    /// <param name="loss">A number, in its graph.</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    public static ObjectiveValue Backward(Tensor loss, double scale)
    {
        loss.mul(Scalars.Of(scale)).backward();
        return new ObjectiveValue(loss.detach().item<float>(), []);
    }
}
