using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth;

/// <summary>The label maps that a recipe draws from.</summary>
public static class RecipeLabelMaps
{
    /// <summary>Loads the label maps of a recipe: as it remaps them, and with the partners of the labels that it exchanges.</summary>
    /// <param name="recipe">
    /// The recipe; where its anatomies are of other kinds, the maps are loaded as they are. Where several draw from label maps, they remap
    /// and exchange alike.
    /// </param>
    /// <param name="path">The folder or the file.</param>
    /// <exception cref="GpuSynthException">As <see cref="LabelMapSet.Load"/>, or the recipe's lateralPairs do not fit its remap.</exception>
    public static LabelMapSet Load(Recipe recipe, string path)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        LabelMapAnatomy[] anatomies = [.. recipe.Anatomy.OfType<LabelMapAnatomy>()];
        if (anatomies.Length == 0)
        {
            return LabelMapSet.Load(path);
        }

        bool areMirrored = recipe.Anatomy.Any(static anatomy => anatomy is IAnatomyComponent { Mirrors: true });
        LateralPairs? pairs = Array.Find(anatomies, anatomy => anatomy.CanFlip || (areMirrored && anatomy.LateralPairs is not null))?.LateralPairs;
        LabelMapSet set = LabelMapSet.Load(path, anatomies[0].Remap, pairs);
        if (pairs is not null)
        {
            LateralExchange.Table(pairs, set.SourceValues);
        }

        if (Array.Exists(anatomies, static anatomy => !anatomy.CanFlip && anatomy.Flip.Maximum >= 0.5))
        {
            set.Notices.Add(
                "flip without pairs",
                $"Recipe '{recipe.Name}' has a flip and no lateralPairs, so nothing is flipped; name the pairs of left and right "
                + $"labels ({LateralPairs.FreeSurferName}, or a list), or give lateralPairs: [] where no label has a side");
        }

        return set;
    }
}
