using GpuSynth.Recipes;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Objectives by their names, for tests.</summary>
internal static class TestObjectives
{
    /// <summary>What the tiny run would make its objective for.</summary>
    public static ObjectiveContext Context { get; } = new()
    {
        Name = "test",
        Recipe = Presets.Get("rasd-3d"),
        Shape = TinyRun.Options.Shape,
        Network = TinyRun.Options.Network,
        RankLabels = true,
    };

    /// <summary>An objective of the network's output.</summary>
    public static OutputObjective Create(string name) => (OutputObjective)ObjectiveCatalogue.Own.Create(name, Context);
}
