using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth;

/// <summary>
/// What a run is: a recipe, a shape, a seed, and where it runs. A <see cref="SynthesisPlan"/> checks it.
/// </summary>
public sealed record EngineOptions
{
    /// <summary>What to draw.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The components that recipes may name; those of other assemblies are loaded by <see cref="ComponentFile"/>.</summary>
    public ComponentCatalogue Components { get; init; } = ComponentCatalogue.Own;

    /// <summary>Shape of every sample, in voxels.</summary>
    public required VolumeShape Shape { get; init; }

    /// <summary>The most samples that one call generates; changes memory and speed, never a sample.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>The run's seed: the key of every random number.</summary>
    public ulong Seed { get; init; }

    /// <summary>Name of the device, as <c>gpusynth devices</c> lists it.</summary>
    public string Device { get; init; } = "host";

    /// <summary>
    /// Whether the slots that batches are written to lie in the device's own memory, as those of a tensor on the same GPU do: then
    /// nothing is copied, and a call returns before its batch is there. False: they lie in the host's.
    /// </summary>
    public bool SlotsOnDevice { get; init; }

    /// <summary>How image values are stored: 16-bit formats on GPUs only.</summary>
    public ImageFormat ImageFormat { get; init; }

    /// <summary>Worker threads of the host device; 0 for one per core. Changes speed, never a sample.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether images are given, real ones for example, and changed in place by the recipe's appearance (<see cref="SynthesisEngine.Augment"/>): no labels
    /// are made, and the first component of the appearance, which makes intensities of them, is left out. Of recipes for it see <see cref="Recipe.OnImages"/>.
    /// </summary>
    public bool AreImagesGiven { get; init; }

    /// <summary>The label maps that a label-map recipe draws from; null for other recipes.</summary>
    public LabelMapSet? LabelMaps { get; init; }
}
