using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>One thing that is wrong with a recipe: where, what, and what would be right.</summary>
/// <param name="Line">Line of the YAML text from 1; 0 for a recipe that was built in code.</param>
/// <param name="Key">Dotted path of the key, "noise.stdOfMaximum"; empty where the whole text is wrong.</param>
/// <param name="Value">What stands there, as text; empty where nothing does.</param>
/// <param name="Allowed">What may stand there.</param>
/// <param name="Sentence">The whole complaint: "line 12: noise.stdOfMaximum: 9 &gt; 4 maximum (allowed: 0 to 4)".</param>
public sealed record RecipeMistake(int Line, string Key, string Value, string Allowed, string Sentence)
{
    internal static RecipeMistake At(int line, string key, string value, string allowed, string complaint)
    {
        string place = line > 0 ? $"line {NumberText.Of(line)}: " : "";
        string subject = key.Length > 0 ? $"{key}: " : "";
        return new RecipeMistake(line, key, value, allowed, place + subject + complaint);
    }
}

/// <summary>
/// A recipe that cannot be: every mistake in it, found together. The message lists them under the name of the file.
/// </summary>
public sealed class RecipeException : GpuSynthException
{
    // What a person reads at once; a text that is no recipe at all can have thousands. Mistakes holds them all.
    private const int MostListed = 40;

    /// <summary>An error with no message; use the constructor that takes the mistakes.</summary>
    public RecipeException()
    {
    }

    /// <summary>An error with its sentence and no list of mistakes.</summary>
    public RecipeException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence, its cause and no list of mistakes.</summary>
    public RecipeException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The mistakes of one recipe.</summary>
    /// <param name="source">Name of the file, or of the recipe.</param>
    /// <param name="mistakes">At least one.</param>
    public RecipeException(string source, IReadOnlyList<RecipeMistake> mistakes)
        : base(Text(source, mistakes)) => Mistakes = mistakes;

    /// <summary>The mistakes in the order of their lines.</summary>
    public IReadOnlyList<RecipeMistake> Mistakes { get; } = [];

    private static string Text(string source, IReadOnlyList<RecipeMistake> mistakes)
    {
        ArgumentNullException.ThrowIfNull(mistakes);
        if (mistakes is [{ Line: 0, Key: "" } only])
        {
            return $"{source}: {only.Sentence}";
        }

        string heading = mistakes.Count == 1 ? $"{source}: 1 mistake" : $"{source}: {NumberText.Of(mistakes.Count)} mistakes";
        IEnumerable<string> lines = mistakes.Take(MostListed).Select(mistake => "  " + mistake.Sentence).Prepend(heading);
        int left = mistakes.Count - MostListed;
        return string.Join('\n', left > 0 ? lines.Append($"  and {NumberText.Of(left)} more") : lines);
    }
}
