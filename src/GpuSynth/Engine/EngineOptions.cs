using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth;

/// <summary>
/// What a run is: a recipe, a shape, a seed, and where it runs. A <see cref="Planning.SynthesisPlan"/> checks it.
/// </summary>
public sealed record EngineOptions
{
    /// <summary>What to draw.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>Shape of every sample, in voxels.</summary>
    public required VolumeShape Shape { get; init; }

    /// <summary>The most samples that one call generates; changes memory and speed, never a sample.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>The run's seed: the key of every random number.</summary>
    public ulong Seed { get; init; }

    /// <summary>Name of the device, as <c>gpusynth devices</c> lists it.</summary>
    public string Device { get; init; } = "host";

    /// <summary>Worker threads of the host device; 0 for one per core. Changes speed, never a sample.</summary>
    public int Threads { get; init; }

    /// <summary>The label maps that a label-map recipe draws from; null for other recipes.</summary>
    public LabelMapSet? LabelMaps { get; init; }
}
