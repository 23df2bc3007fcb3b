using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Training;

/// <summary>Looks at a run's weights at steps 0, 10, 30, 100, 300 and so on, and at the last.</summary>
public interface ICheckpointProbe
{
    /// <summary>Whether a step is one of them.</summary>
    /// <param name="step">Steps that were done.</param>
    /// <param name="steps">Steps of the run.</param>
    static bool IsDue(long step, long steps)
    {
        long left = step;
        while (left >= 100 && left % 10 == 0)
        {
            left /= 10;
        }

        return step == 0 || step == steps || left is 10 or 30;
    }

    /// <summary>Measures frozen weights, and adds what it finds to the step's row. Draws nothing from torch's random numbers.</summary>
    /// <param name="network">The network, in eval mode; to be left as it is.</param>
    /// <param name="row">The row.</param>
    void Measure(SegmentationNetwork network, MetricsRow row);
}
