using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Engine.Golden;

/// <summary>One batch whose bits are held.</summary>
/// <param name="Name">A name in the file, and of the tests.</param>
/// <param name="RecipeText">Name of a preset, or a recipe in YAML.</param>
/// <param name="Shape">Voxels of a sample.</param>
/// <param name="SmallShape">Voxels of a sample on ILGPU's CPU accelerator, which is slow.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Start">Number of the first sample.</param>
/// <param name="BatchSize">Samples: one batch, full.</param>
/// <param name="Threads">Threads of the host.</param>
internal sealed record GoldenCase(
    string Name, string RecipeText, VolumeShape Shape, VolumeShape SmallShape, ulong Seed, long Start, int BatchSize, int Threads)
{
    /// <summary>Whether images are slices of label maps that are volumes.</summary>
    public bool AreSlices { get; init; }

    /// <summary>How far a sample's appearance index lies beyond its anatomy index; the tool makes samples with 0 only.</summary>
    public ulong AppearanceShift { get; init; }

    public bool IsPreset => Presets.Names.Contains(RecipeText);

    public Recipe Recipe => IsPreset ? Presets.Get(RecipeText) : RecipeYaml.Parse(RecipeText, Name);

    public SampleKey[] Keys =>
        [.. Enumerable.Range(0, BatchSize).Select(n => new SampleKey((ulong)(Start + n), (ulong)(Start + n) + AppearanceShift))];

    /// <summary>What is drawn, for people: "rasd-3d at 31x33x29, seed 1, ...".</summary>
    public string What =>
        $"{Recipe.Name} at {Shape}, seed {Seed}, from sample {Start}, batch {BatchSize}, threads {Threads}"
        + (AppearanceShift == 0 ? string.Empty : $", appearances {AppearanceShift} further");

    public EngineOptions Options(GoldenMaps maps)
    {
        Recipe recipe = Recipe;
        return Rendering.Options(recipe, Shape, BatchSize, Threads, Seed) with
        {
            LabelMaps = recipe.Find<LabelMapAnatomy>() is not null
                ? RecipeLabelMaps.Load(recipe, maps.Folder(AreSlices ? 3 : recipe.Dimensions))
                : null,
        };
    }

    public override string ToString() => Name;
}
