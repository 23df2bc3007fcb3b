namespace GpuSynth.Devices.Gpu;

/// <summary>The image from the label map on a GPU.</summary>
internal interface IGpuAppearance : IGpuStage
{
    /// <summary>
    /// How many times the words of <see cref="GpuSynth.Kernels.MeasuredWords"/> stand in what a batch measures: [which][sample of the plan's batch
    /// size][word].
    /// </summary>
    int MeasuredCount { get; }

    /// <summary>Which of them hold the range that a sample's record names.</summary>
    int RecordedRange { get; }

    /// <summary>Which of them hold ranges of images that were written: a NaN or an infinity shows there.</summary>
    IReadOnlyList<int> ImageRanges { get; }

    /// <summary>Which of them hold the largest magnitude before the first noise, and in which word; null without noise.</summary>
    (int Which, bool IsRange)? RecordedPeak { get; }
}
