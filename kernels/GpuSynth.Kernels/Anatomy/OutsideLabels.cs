namespace GpuSynth.Kernels;

/// <summary>What lies outside labels that are read at other places.</summary>
public enum OutsideLabels
{
    /// <summary>The label at the edge goes on.</summary>
    Edge,

    /// <summary>Label 0.</summary>
    Background,

    /// <summary>What leaves at one end comes in at the other.</summary>
    Wrap,
}
