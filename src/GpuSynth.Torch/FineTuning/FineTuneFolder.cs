using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// The folder of a fine-tuning run: run.json, results.json, results.md, report.html, and a folder in "arms" for each arm. Held by
/// one process at a time, and by arms of the same settings.
/// </summary>
internal sealed class FineTuneFolder : IDisposable
{
    public const string RunName = "run.json";

    // What tells the folder from that of another command.
    private const string Kind = "finetune";
    private const string KindKey = "command";
    private const string SettingsKey = "settings";

    private readonly FolderLock held;

    private FineTuneFolder(string path, FolderLock held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>Creates the folder or goes on in it; refuses one of other settings or of something else, untouched.</summary>
    public static FineTuneFolder Open(string path, JsonObject settings)
    {
        FolderLock held = FolderLock.Take(path);
        try
        {
            Check(path, settings);
            Directory.CreateDirectory(System.IO.Path.Combine(path, "arms"));
            return new FineTuneFolder(path, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The folder of an arm; made if it is not there.</summary>
    public string ArmFolder(string name)
    {
        string folder = System.IO.Path.Combine(Path, "arms", name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>A file of the run.</summary>
    public string FilePath(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes run.json.</summary>
    public void WriteRun(JsonObject settings, JsonObject details)
    {
        var root = new JsonObject { [KindKey] = Kind };
        foreach ((string key, JsonNode? value) in details)
        {
            root[key] = value?.DeepClone();
        }

        root[SettingsKey] = settings.DeepClone();
        AtomicFile.WriteText(FilePath(RunName), root.ToJsonString(ArmResult.JsonForm) + "\n");
    }

    public void Dispose() => held.Dispose();

    private static void Check(string path, JsonObject settings)
    {
        string run = System.IO.Path.Combine(path, RunName);
        if (!File.Exists(run))
        {
            return;
        }

        JsonNode? root = null;
        try
        {
            root = JsonNode.Parse(File.ReadAllBytes(run));
        }
        catch (JsonException)
        {
            // Told below, with every other file that is not ours.
        }

        if (root is not JsonObject record || record[KindKey]?.ToString() != Kind || record[SettingsKey] is not JsonObject there)
        {
            throw new GpuSynthException(
                $"'{path}' holds another command's run; choose another folder (--out), so that nothing is lost.");
        }

        if (FineTuneSettings.Difference(settings, there) is { } difference)
        {
            throw new GpuSynthException($"The arms in '{path}' have {difference}; choose another folder (--out).");
        }
    }
}
