using GpuSynth.IO;
using GpuSynth.Recipes;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// What the samples of a view are made by in place of the run's recipe: what was drawn for the run's own samples becomes images or labels of their own,
/// for a component draws the same numbers in every recipe.
/// </summary>
/// <param name="recipe">The recipe, of the dimensions of the run's.</param>
/// <param name="maps">Its label maps, made of the run's; null: it needs none.</param>
public sealed class ViewRecipe(Recipe recipe, Func<LabelMapSet, LabelMapSet>? maps = null)
{
    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; } = recipe;

    /// <summary>Its label maps.</summary>
    /// <param name="ofRun">The run's; null where it has none.</param>
    public LabelMapSet? MapsOf(LabelMapSet? ofRun) => ofRun is null ? null : maps?.Invoke(ofRun);
}
