namespace GpuSynth.Recipes;

/// <summary>How complaints about a recipe quote it.</summary>
internal static class RecipeText
{
    /// <summary>A text fit for a complaint: on one line, and cut where it is long.</summary>
    public static string Shortened(string text)
    {
        const int Longest = 60;
        string line = text.AsSpan().IndexOfAny('\r', '\n') < 0 ? text : text.ReplaceLineEndings(" ");
        return line.Length <= Longest ? line : line[..Longest] + "...";
    }
}
