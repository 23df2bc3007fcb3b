using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Prediction;

// One network: as in the test of its fine-tuning, the largest of the windows' blended logits. Several: of every network the
// softmax of its blended logits, and of these the mean; p(c) = 1/N sum_n exp(l_nc - max) / sum_k exp(l_nk - max). Either is
// resampled to the file's grid before the largest is taken.

/// <summary>The networks of one worker: what they predict for a case.</summary>
internal sealed class CasePrediction : IDisposable
{
    private readonly SegmentationNetwork[] networks;
    private readonly SlidingWindow[] windows;
    private readonly int classes;

    /// <summary>Loads the networks.</summary>
    /// <param name="models">The weights.</param>
    /// <param name="overlap">Of the windows.</param>
    /// <param name="device">Where they run.</param>
    public CasePrediction(PredictionModels models, double overlap, Device device)
    {
        classes = models.Task.Numbers.Count;
        networks = models.Load(device);
        windows = [.. networks.Select(one => new SlidingWindow(one, classes, models.Task.PatchShape, overlap, device))];
    }

    /// <summary>The class of every voxel, in the file's own grid.</summary>
    public byte[] Predict(SegmentationCase one)
    {
        if (windows.Length == 1)
        {
            return windows[0].PredictFile(one);
        }

        using NativeFloats mean = windows[0].Logits(one);
        int voxels = (int)one.Shape.VoxelCount;
        Softmax(mean.Span, voxels);
        foreach (SlidingWindow window in windows.Skip(1))
        {
            using NativeFloats other = window.Logits(one);
            Softmax(other.Span, voxels);
            Span<float> sums = mean.Span;
            ReadOnlySpan<float> added = other.Span;
            for (int n = 0; n < sums.Length; n++)
            {
                sums[n] += added[n];
            }
        }

        // The sum is N times the mean: the largest is the same.
        return SlidingWindow.LargestInFile(one, mean.Span, classes);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(networks, static one => one.Dispose());

    // Probabilities of logits [class, voxel], in place.
    private static void Softmax(Span<float> scores, int voxels)
    {
        for (int n = 0; n < voxels; n++)
        {
            float most = float.NegativeInfinity;
            for (int at = n; at < scores.Length; at += voxels)
            {
                most = Math.Max(most, scores[at]);
            }

            float sum = 0;
            for (int at = n; at < scores.Length; at += voxels)
            {
                scores[at] = MathF.Exp(scores[at] - most);
                sum += scores[at];
            }

            for (int at = n; at < scores.Length; at += voxels)
            {
                scores[at] /= sum;
            }
        }
    }
}
