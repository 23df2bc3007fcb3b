using System.Text;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>Writes a recipe as YAML in the order of the table of keys.</summary>
internal static class RecipeYamlWriter
{
    public static string Write(Recipe recipe)
    {
        RecipeValues values = RecipeValues.Of(recipe);
        StringBuilder text = new();
        foreach (RecipeKey key in RecipeKeys.All)
        {
            if (!values.Has(key.Path) || (key.AnatomyKind is not null && key.AnatomyKind != values.AnatomyKind))
            {
                continue;
            }

            int depth = key.Path.Count(letter => letter == '.');
            text.Append(' ', 2 * depth).Append(key.Name).Append(':');
            if (key.Kind != RecipeValueKind.Section)
            {
                text.Append(' ').Append(Text(values[key.Path]!));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Text(object value) => value switch
    {
        string text => Quoted(text),
        int number => NumberText.Of(number),
        double number => NumberText.Of(number),
        Law law => LawForms.Write(law),
        SideMeasure measure => measure.ToString(),
        ValueList<SideMeasure> measures => measures.ToString(),
        ValueList<LabelGroup> groups => $"[{string.Join(", ", groups.Select(Text))}]",
        LateralPairs pairs => pairs.ToString(),
        _ => throw new InvalidOperationException($"No text for a {value.GetType().Name}."),
    };

    private static string Text(LabelGroup group) => $"{{ label: {NumberText.Of(group.Label)}, values: {group.Values} }}";

    private static string Quoted(string text)
    {
        bool isPlain = char.IsAsciiLetter(text[0])
            && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            && !(text.ToUpperInvariant() is "NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N");

        // A checked text holds no control characters: in double quotes only these two need an escape.
        return isPlain
            ? text
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }
}
