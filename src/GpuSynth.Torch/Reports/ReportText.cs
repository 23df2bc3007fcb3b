using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>Numbers and times as reports and model cards write them.</summary>
internal static class ReportText
{
    /// <summary>A cell of a table with commas (RFC 4180).</summary>
    public static string CsvCell(string text) =>
        text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    /// <summary>What a folder is called, however its path is written.</summary>
    public static string FolderName(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    /// <summary>Four figures, without a row of zeros: 0.1235, 12.35, 12,346, 2.5e-05.</summary>
    public static string Number(double value)
    {
        double size = Math.Abs(value);
        string format = size switch
        {
            _ when !double.IsFinite(value) => "R",
            0 => "0",
            >= 1e7 => "0.###e0",
            >= 1000 => "#,0",
            >= 100 => "0.#",
            >= 10 => "0.##",
            >= 1 => "0.###",
            >= 1e-3 => "0.####",
            _ => "0.##e0",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A fixed number of decimals; a dash where there is no number.</summary>
    public static string Fixed(double value, int decimals) =>
        double.IsFinite(value) ? value.ToString("F" + decimals, CultureInfo.InvariantCulture) : "–";

    /// <summary>The same with its sign: "+0.021".</summary>
    public static string Signed(double value, int decimals) => (value > 0 ? "+" : string.Empty) + Fixed(value, decimals);

    /// <summary>1,234,567.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share in per cent: 1.3%, 0.02%.</summary>
    public static string Percent(double share) =>
        (100 * share).ToString(Math.Abs(share) is > 0 and < 0.001 ? "0.###" : "0.#", CultureInfo.InvariantCulture) + "%";

    /// <summary>"3 h 12 min", "4 min 10 s" or "12 s".</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes} min"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
    };

    /// <summary>"0.812 (0.798 to 0.825)"; the mean alone where there is no interval; a dash where there is no mean.</summary>
    /// <param name="interval">The numbers.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Interval(MeanInterval interval, int decimals)
    {
        string Text(double value) => value.ToString("F" + decimals, CultureInfo.InvariantCulture);
        return (double.IsFinite(interval.Mean), interval.High > interval.Low) switch
        {
            (false, _) => "–",
            (_, true) => $"{Text(interval.Mean)} ({Text(interval.Low)} to {Text(interval.High)})",
            _ => Text(interval.Mean),
        };
    }
}
