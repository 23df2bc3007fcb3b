using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuSynth.IO;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// The file <c>metrics.jsonl</c>: a JSON object per step, "step" first. Numbers are written so that reading gives the same double
/// to the last bit; those that JSON lacks are the strings "NaN", "Infinity" and "-Infinity".
/// </summary>
/// <remarks>
/// Every row reaches the system before <see cref="Append"/> returns, so that a killed process loses none; a row that was torn by
/// a power cut is the last line, has no line end, and is dropped by the next reader.
/// </remarks>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The file's usual name in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    internal const string StepName = "step";

    private readonly FileStream stream;
    private readonly string path;

    private MetricsLog(string path, FileStream stream)
    {
        this.path = path;
        this.stream = stream;
    }

    /// <summary>Opens the file to go on after a step; rows beyond it, and a torn last line, are dropped atomically.</summary>
    /// <param name="path">The file; it is created where there is none, but its folder must exist.</param>
    /// <param name="lastStep">The checkpoint's step: 0 begins anew.</param>
    /// <exception cref="GpuSynthException">The file cannot be read or written, or a line of it is not a row.</exception>
    public static MetricsLog Open(string path, long lastStep = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(lastStep);
        if (File.Exists(path))
        {
            StringBuilder kept = new();
            foreach (MetricsRow row in Read(path))
            {
                if (row.Step <= lastStep)
                {
                    kept.Append(Line(row));
                }
            }

            AtomicFile.WriteText(path, kept.ToString());
        }

        try
        {
            // No buffer: a row is one write of its own.
            return new MetricsLog(path, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error);
        }
    }

    /// <summary>All rows of a file; a torn last line is left out.</summary>
    /// <exception cref="GpuSynthException">The file cannot be read, or a line before the last is not a row.</exception>
    public static IReadOnlyList<MetricsRow> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string text;
        try
        {
            // The run that writes the file may be going on.
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using StreamReader reader = new(file, Encoding.UTF8);
            text = reader.ReadToEnd();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GpuSynthException(
                $"Cannot read '{path}': {error.Message.TrimEnd('.')}; check the path and its permissions.", error);
        }

        string[] lines = text.Split('\n');
        List<MetricsRow> rows = new(lines.Length);
        // What follows the last line end is nothing, or torn.
        for (int n = 0; n < lines.Length - 1; n++)
        {
            rows.Add(Parse(lines[n]) ?? throw new GpuSynthException(
                $"Cannot read '{path}': line {n + 1} is not a row of metrics; remove the line, or train into another folder."));
        }

        return rows;
    }

    /// <summary>Adds a row; it is with the system when this returns.</summary>
    /// <exception cref="GpuSynthException">The disk is full or the file is not writable any more.</exception>
    public void Append(MetricsRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        try
        {
            stream.Write(Encoding.UTF8.GetBytes(Line(row)));
        }
        catch (IOException error)
        {
            throw Unwritable(path, error);
        }
    }

    /// <summary>Takes the rows to the disk itself: before a checkpoint that must not be ahead of them.</summary>
    /// <exception cref="GpuSynthException">The disk is full or the file is not writable any more.</exception>
    public void Flush()
    {
        try
        {
            stream.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw Unwritable(path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    internal static string Line(MetricsRow row)
    {
        StringBuilder line = new("{\"step\":");
        line.Append(row.Step.ToString(CultureInfo.InvariantCulture));
        foreach ((string name, double value) in row.Values)
        {
            // "R" is the shortest text that reads back as the same double.
            string number = value.ToString("R", CultureInfo.InvariantCulture);
            line.Append(",\"").Append(JsonEncodedText.Encode(name)).Append("\":");
            line.Append(double.IsFinite(value) ? number : $"\"{number}\"");
        }

        return line.Append("}\n").ToString();
    }

    internal static MetricsRow? Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty(StepName, out JsonElement step)
                || !step.TryGetInt64(out long number)
                || number < 0)
            {
                return null;
            }

            MetricsRow row = new(number);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name != StepName)
                {
                    row[property.Name] = property.Value.ValueKind == JsonValueKind.String
                        ? double.Parse(property.Value.GetString()!, CultureInfo.InvariantCulture)
                        : property.Value.GetDouble();
                }
            }

            return row;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static GpuSynthException Unwritable(string path, Exception error) => new(
        $"Cannot write '{path}': {error.Message.TrimEnd('.')}; free some space, check permissions, or choose another folder.",
        error);
}
