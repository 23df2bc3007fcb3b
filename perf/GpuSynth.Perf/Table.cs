using System.Globalization;

namespace GpuSynth.Perf;

/// <summary>Lines of right-aligned columns, written as they come; the first column is left-aligned.</summary>
internal sealed class Table(params (string Heading, int Width)[] columns)
{
    public void WriteHeading() => WriteLine([.. columns.Select(static column => column.Heading)]);

    public void WriteLine(params string[] cells) => Console.WriteLine(string.Join(
        "  ", cells.Select((cell, i) => i == 0 ? cell.PadRight(columns[i].Width) : cell.PadLeft(columns[i].Width))).TrimEnd());

    /// <summary>Three or four digits, whatever the size.</summary>
    public static string Number(double value) => value.ToString(
        value >= 1000 ? "0" : value >= 100 ? "0.0" : value >= 10 ? "0.00" : "0.000", CultureInfo.InvariantCulture);
}
