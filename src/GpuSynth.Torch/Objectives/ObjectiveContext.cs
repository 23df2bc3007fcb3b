using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Objectives;

/// <summary>What an objective is made for.</summary>
public sealed record ObjectiveContext
{
    /// <summary>The name that it was asked for by.</summary>
    public required string Name { get; init; }

    /// <summary>The recipe of the samples.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>Shape of a sample.</summary>
    public required VolumeShape Shape { get; init; }

    /// <summary>The network; its output channels are those of a choice that is left open.</summary>
    public required NetworkOptions Network { get; init; }

    /// <summary>Whether labels are to be numbered by the rank of their mean intensity in each sample.</summary>
    public bool RankLabels { get; init; }
}
