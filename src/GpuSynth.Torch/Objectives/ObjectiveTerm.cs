using System.Globalization;

namespace GpuSynth.Torch.Objectives;

/// <summary>An objective of a sum, and its weight.</summary>
/// <param name="Name">Name of the objective.</param>
/// <param name="Weight">Above 0.</param>
public readonly record struct ObjectiveTerm(string Name, double Weight)
{
    /// <summary>Reads "rasd+mae:0.5": names with weights (1 where none is given), joined by plus signs.</summary>
    /// <exception cref="GpuSynthException">A name stands twice or is empty, or a weight is no number above 0.</exception>
    public static IReadOnlyList<ObjectiveTerm> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ObjectiveTerm[] terms = [.. text.Split('+').Select(part => Of(part.Trim(), text))];
        return terms.GroupBy(static term => term.Name).FirstOrDefault(static group => group.Count() > 1) is { } twice
            ? throw new GpuSynthException($"Objective '{text}' has {twice.Key} twice; give it once, with the sum of the weights.")
            : terms;
    }

    private static ObjectiveTerm Of(string part, string text)
    {
        string[] words = part.Split(':', 2);
        if (words[0].Length == 0)
        {
            throw new GpuSynthException($"Objective '{text}' has an empty name; write it as rasd or rasd+mae:0.5.");
        }

        if (words.Length == 1)
        {
            return new ObjectiveTerm(words[0], 1);
        }

        return double.TryParse(words[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) && weight is > 0 and <= 1e6
            ? new ObjectiveTerm(words[0], weight)
            : throw new GpuSynthException(
                $"Objective '{text}' gives {words[0]} the weight '{words[1]}'; a weight is a number above 0, as in rasd+mae:0.5.");
    }
}
