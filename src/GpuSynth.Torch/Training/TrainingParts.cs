using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>What the settings of a run mean: the engine's plan, the network, the device.</summary>
internal static class TrainingParts
{
    /// <summary>What the engine is to do for the samples of a run.</summary>
    public static SynthesisPlan PlanOf(PretrainOptions options) => PlanOf(options, 1, options.Recipe, LabelMapsOf(options));

    /// <summary>What the engine is to do for some views of a run's items.</summary>
    /// <param name="options">The run's settings.</param>
    /// <param name="views">Samples of an item.</param>
    /// <param name="recipe">What they are made by.</param>
    /// <param name="maps">Its label maps; null: it needs none.</param>
    public static SynthesisPlan PlanOf(PretrainOptions options, int views, Recipe recipe, LabelMapSet? maps) => SynthesisPlan.Create(new EngineOptions
    {
        Recipe = recipe,
        Shape = options.Field ?? options.Shape,
        BatchSize = options.Batch * views,
        Seed = options.Seed,
        Threads = options.Threads,
        Device = options.SynthesisDevice,
        SlotsOnDevice = options.SynthesisDevice != DeviceCatalogue.Host && options.SynthesisDevice == options.Device,
        LabelMaps = maps,
    });

    /// <summary>The label maps of a run, loaded; null where it has none.</summary>
    public static LabelMapSet? LabelMapsOf(PretrainOptions options) =>
        options.Labels is null ? null : RecipeLabelMaps.Load(options.Recipe, options.Labels);

    /// <summary>The network with as many output channels as the objective needs.</summary>
    public static NetworkOptions NetworkOf(NetworkOptions network, Objective objective, int labelCount) => network with
    {
        OutChannels = objective.OutputChannels(labelCount) ?? network.OutChannels,
    };

    /// <summary>Where the network is.</summary>
    /// <exception cref="GpuSynthException">There is no such device.</exception>
    public static Device DeviceOf(string name)
    {
        if (name is "host" or "cpu")
        {
            return CPU;
        }

        bool isCuda = name == "cuda" || name.StartsWith("cuda:", StringComparison.Ordinal);
        if (!isCuda || !cuda.is_available())
        {
            throw new GpuSynthException(isCuda
                ? $"Torch finds no CUDA device for '{name}'; use --device host."
                : $"There is no device '{name}' to train on; use host or cuda:0.");
        }

        return new Device(name);
    }
}
