using System.Globalization;

namespace GpuSynth.Planning;

/// <summary>Numbers of bytes.</summary>
public static class ByteCount
{
    /// <summary>A number of bytes for people: "8.4 MB".</summary>
    public static string Text(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        int unit = 0;
        while (bytes >= 1000 && unit < units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#} {units[unit]}");
    }
}
