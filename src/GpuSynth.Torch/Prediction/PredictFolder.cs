using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Prediction;

/// <summary>
/// The output folder of a prediction: label maps, overlays, volumes.csv, and predict.json, which says by which networks each was
/// made. Held by one process at a time.
/// </summary>
internal sealed class PredictFolder : IDisposable
{
    public const string RecordName = "predict.json";
    public const string TableName = "volumes.csv";

    private const string CommandKey = "command";
    private const string Kind = "predict";

    private static readonly JsonSerializerOptions JsonForm = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    private readonly FolderLock held;
    private readonly JsonObject settings;
    private readonly SortedDictionary<string, PredictedCase> cases = new(StringComparer.Ordinal);

    private PredictFolder(string path, JsonObject settings, FolderLock held) =>
        (Path, this.settings, this.held) = (path, settings, held);

    public string Path { get; }

    /// <summary>The cases that are there, by name.</summary>
    public IReadOnlyCollection<PredictedCase> Cases => cases.Values;

    /// <summary>Creates the folder or goes on in it; refuses one of other networks or of something else, untouched.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="settings">What decides the predictions.</param>
    public static PredictFolder Open(string path, JsonObject settings)
    {
        bool isNew = !Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any();
        var folder = new PredictFolder(path, settings, FolderLock.Take(path));
        try
        {
            if (!isNew)
            {
                folder.Read();
            }

            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A path in the folder, whose own folder is made.</summary>
    public string Made(string relative)
    {
        string full = System.IO.Path.Combine(Path, relative);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
            return full;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GpuSynthException(
                $"Cannot write to '{Path}': {error.Message.TrimEnd('.')}; change its permissions or choose another folder (--out).", error);
        }
    }

    /// <summary>What is there of a case whose files are these; null where it is to be predicted.</summary>
    public PredictedCase? Find(string name, IReadOnlyList<string> files) =>
        cases.TryGetValue(name, out PredictedCase? one) && one.Files.SequenceEqual(files)
        && File.Exists(System.IO.Path.Combine(Path, one.Output)) ? one : null;

    /// <summary>Notes a case; its label map is written.</summary>
    public void Add(PredictedCase one)
    {
        cases[one.Case] = one;
        WriteRecord();
    }

    /// <summary>Leaves the cases that are not among the names, or are bad now, out of the table and the record.</summary>
    public void Keep(IReadOnlySet<string> names)
    {
        foreach (string name in cases.Keys.Where(name => !names.Contains(name)).ToArray())
        {
            cases.Remove(name);
        }

        WriteRecord();
    }

    /// <summary>Writes volumes.csv.</summary>
    /// <param name="names">Of the classes but the background.</param>
    /// <param name="unit">In which it is written: "ml", "mm2", "pixels" or "voxels".</param>
    public void WriteTable(IEnumerable<string> names, string unit)
    {
        var text = new StringBuilder("case");
        foreach (string name in names)
        {
            text.Append(',').Append(ReportText.CsvCell($"{name} ({unit})"));
        }

        text.Append('\n');
        foreach (PredictedCase one in cases.Values)
        {
            text.Append(ReportText.CsvCell(one.Case));
            double factor = unit switch { "ml" => one.VoxelSize / 1000, "mm2" => one.VoxelSize, _ => 1 };
            foreach (long voxels in one.Voxels)
            {
                text.Append(',').Append((voxels * factor).ToString("0.######", CultureInfo.InvariantCulture));
            }

            text.Append('\n');
        }

        AtomicFile.WriteText(System.IO.Path.Combine(Path, TableName), text.ToString());
    }

    public void Dispose() => held.Dispose();

    private void WriteRecord()
    {
        var record = new JsonObject
        {
            [CommandKey] = Kind,
            ["settings"] = settings.DeepClone(),
            ["cases"] = JsonSerializer.SerializeToNode(cases.Values, JsonForm),
        };
        AtomicFile.WriteText(System.IO.Path.Combine(Path, RecordName), record.ToJsonString(JsonForm) + "\n");
    }

    private void Read()
    {
        string path = System.IO.Path.Combine(Path, RecordName);
        JsonObject? record = null;
        PredictedCase[]? there = null;
        try
        {
            record = File.Exists(path) ? JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject : null;
            there = record?[CommandKey]?.ToString() == Kind ? record["cases"].Deserialize<PredictedCase[]>(JsonForm) : null;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            // Told below, with every other folder that is not ours.
        }

        if (record?["settings"] is not JsonObject other || there is null)
        {
            throw new GpuSynthException(
                $"'{Path}' holds other files than a prediction's; choose another folder (--out), so that nothing is lost.");
        }

        foreach ((string key, JsonNode? value) in settings)
        {
            string own = value?.ToJsonString() ?? "none";
            if (other[key]?.ToJsonString() is var kept && kept != own)
            {
                throw new GpuSynthException(key == "model"
                    ? $"The predictions in '{Path}' are by other networks (by checksum); choose another folder (--out)."
                    : $"The predictions in '{Path}' have {key} {kept ?? "none"}, and this one has {own}; choose another folder (--out).");
            }
        }

        foreach (PredictedCase one in there)
        {
            cases[one.Case] = one;
        }
    }
}
