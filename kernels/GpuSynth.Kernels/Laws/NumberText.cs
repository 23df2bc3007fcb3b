using System.Globalization;

namespace GpuSynth.Kernels;

/// <summary>How laws, recipes and complaints write numbers, whatever the machine's culture.</summary>
public static class NumberText
{
    /// <summary>The shortest text that reads back as the same number: "0.05", "1e-6", "83".</summary>
    public static string Of(double value)
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

    /// <summary>The number with its decimal digits.</summary>
    public static string Of(int value) => value.ToString(CultureInfo.InvariantCulture);
}
