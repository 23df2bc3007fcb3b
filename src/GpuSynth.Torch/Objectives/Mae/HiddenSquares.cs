using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>The loss of images that are filled in where they were hidden.</summary>
internal static class HiddenSquares
{
    /// <summary>What a prediction of 0 has on an image with mean 0 and standard deviation 1.</summary>
    public const double Chance = 1;

    /// <summary>Name of the head that gives the image.</summary>
    public const string HeadName = "linear";

    /// <summary>sum (p - x)^2 m / sum m, over all voxels of the batch.</summary>
    /// <param name="prediction">p: [B, 1, (D,) H, W], float32, in its graph.</param>
    /// <param name="target">x: as p.</param>
    /// <param name="hidden">m: bool, as p.</param>
    public static Tensor Mean(Tensor prediction, Tensor target, Tensor hidden)
    {
        Tensor weights = hidden.to_type(prediction.dtype);
        return prediction.sub(target).Squared().mul(weights).sum().div(weights.sum());
    }
}
