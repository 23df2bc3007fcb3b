using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>
/// The scale of what a network is given. Samples come in 0 to 1, real images in any unit; the network sees both with mean 0 and
/// standard deviation 1, so that pre-trained weights meet in fine-tuning what they were trained on.
/// </summary>
public static class InputScale
{
    // Below any image's contrast, above float32's rounding of a constant image.
    private const double SmallestStd = 1e-6;

    /// <summary>(x - mean) / std of every sample by itself; the slot's own memory is left as it is.</summary>
    /// <param name="image">[B, 1, (D,) H, W].</param>
    public static torch.Tensor ZScore(torch.Tensor image)
    {
        using IDisposable unrecorded = torch.no_grad();
        long[] own = AxesOf(image);
        torch.Tensor std = image.std(own, unbiased: false, keepdim: true).clamp_min(Scalars.Of(SmallestStd));
        return image.sub(image.mean(own, keepdim: true)).div_(std);
    }

    /// <summary>The axes of a batch that are a sample's own: all but the first.</summary>
    internal static long[] AxesOf(torch.Tensor batch) => [.. Enumerable.Range(1, batch.shape.Length - 1).Select(static axis => (long)axis)];
}
