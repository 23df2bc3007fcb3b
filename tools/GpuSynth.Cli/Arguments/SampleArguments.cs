using System.CommandLine;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Cli;

/// <summary>Which samples: what the command line has chosen.</summary>
/// <param name="Recipe">What to draw; with label maps already its anatomy where they were given.</param>
/// <param name="LabelPath">Folder or file of the label maps, or null.</param>
/// <param name="Shape">Voxels of every sample.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Start">Number of the first sample.</param>
/// <param name="Count">How many.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="Threads">Threads, or 0.</param>
/// <param name="Components">What recipes may name.</param>
internal sealed record ChosenSamples(
    Recipe Recipe, string? LabelPath, VolumeShape Shape, ulong Seed, long Start, long Count, string Device, int Threads,
    ComponentCatalogue Components)
{
    /// <summary>Loads the label maps, where there are any, and makes the options of an engine of one sample per call.</summary>
    public EngineOptions ToEngineOptions() => new()
    {
        Recipe = Recipe,
        Components = Components,
        Shape = Shape,
        Seed = Seed,
        Device = Device,
        Threads = Threads,
        LabelMaps = RecipeArguments.LoadLabelMaps(Recipe, LabelPath),
    };
}

/// <summary>The options that choose samples, the same for every command that makes some.</summary>
internal sealed class SampleArguments
{
    // Far beyond any disk, and well inside what six digits and more can name.
    private const long MostSamples = 1_000_000_000_000;

    private readonly Option<string?> preset = ToolOption.Preset();
    private readonly Option<string?> recipe = ToolOption.Recipe();
    private readonly Option<string[]> plugin = ToolOption.Plugin();
    private readonly Option<string?> labels = ToolOption.Labels();

    private readonly Option<SizeText> size = ToolOption.Size();
    private readonly Option<long> count;
    private readonly Option<long> start = ToolOption.Whole("--start", "I", "Number of the first sample.", 0, MostSamples, 0);
    private readonly Option<ulong> seed = ToolOption.Seed();
    private readonly Option<string> device = ToolOption.Device();
    private readonly Option<int> threads = ToolOption.Threads();

    /// <summary>The options.</summary>
    /// <param name="mostCount">The most samples that the command makes.</param>
    /// <param name="presetCount">How many where it is not said; null: it must be.</param>
    public SampleArguments(long mostCount = MostSamples, long? presetCount = null) =>
        count = ToolOption.Whole("--count", "N", "How many samples.", 1, mostCount, presetCount);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { preset, recipe, plugin, labels, size, count, start, seed, device, threads })
        {
            command.Add(option);
        }
    }

    /// <summary>Whether the command line says how many samples.</summary>
    public bool IsCountGiven(ParseResult parsed) => parsed.GetResult(count) is { Implicit: false };

    /// <summary>Reads what was chosen.</summary>
    /// <exception cref="WrongUseException">Both or neither of --preset and --recipe, or a size or label maps that do not
    /// fit.</exception>
    /// <exception cref="RecipeException">The recipe file is wrong.</exception>
    public ChosenSamples Read(ParseResult parsed)
    {
        string? labelPath = parsed.GetValue(labels);
        ComponentCatalogue components = ToolOption.Components(parsed, plugin);
        Recipe chosen = RecipeArguments.Read(parsed.GetValue(preset), parsed.GetValue(recipe), components);
        if (labelPath is not null)
        {
            chosen = chosen.WithLabelMaps();
        }

        return new ChosenSamples(
            chosen,
            labelPath,
            parsed.GetRequiredValue(size).ToShape(chosen),
            parsed.GetValue(seed),
            parsed.GetValue(start),
            parsed.GetValue(count),
            parsed.GetRequiredValue(device),
            parsed.GetValue(threads),
            components);
    }
}
