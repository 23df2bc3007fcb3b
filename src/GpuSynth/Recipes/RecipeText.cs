using System.Globalization;

namespace GpuSynth.Recipes;

/// <summary>How recipes write numbers, whatever the machine's culture.</summary>
internal static class RecipeText
{
    /// <summary>The shortest text that reads back as the same number: "0.05", "1e-6", "83".</summary>
    public static string Number(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        int exponent = text.IndexOf('E', StringComparison.Ordinal);
        if (exponent < 0)
        {
            return text;
        }

        // .NET writes 1E-06 and 1E+20; people write 1e-6 and 1e20. int.Parse drops the sign of + and the zeros.
        int power = int.Parse(text.AsSpan(exponent + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, exponent)}e{power}");
    }

    /// <summary>A text fit for a complaint: on one line, and cut where it is long.</summary>
    public static string Shortened(string text)
    {
        const int Longest = 60;
        string line = text.AsSpan().IndexOfAny('\r', '\n') < 0 ? text : text.ReplaceLineEndings(" ");
        return line.Length <= Longest ? line : line[..Longest] + "...";
    }

    /// <summary>The number with its decimal digits.</summary>
    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
