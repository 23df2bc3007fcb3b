using System.Text;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>Writes a recipe as YAML: lists of components, keys in the order of their declarations.</summary>
internal static class RecipeYamlWriter
{
    public static string Write(Recipe recipe)
    {
        StringBuilder text = new();
        text.Append("name: ").Append(Recipe.NameKey.Write(recipe.Name)).Append('\n');
        text.Append("dimensions: ").Append(Recipe.DimensionsKey.Write(recipe.Dimensions)).Append('\n');
        Write(text, recipe.Anatomy, isAnatomy: true);
        Write(text, recipe.Appearance, isAnatomy: false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, ValueList<Component> list, bool isAnatomy)
    {
        text.Append(RecipeRules.KeyOf(isAnatomy)).Append(":\n");
        foreach (Component component in list)
        {
            int end = text.Append("  - ").Append(component.Name).Append('\n').Length - 1;
            if (RecipeSection.Of(component.GetType()).Write(text, component, indentation: 6))
            {
                text.Insert(end, ':');
            }
        }
    }
}
