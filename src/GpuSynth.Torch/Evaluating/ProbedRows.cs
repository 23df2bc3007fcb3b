using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Probing;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Evaluating;

/// <summary>What a probe says of frozen features: at their best level, which training cases chose.</summary>
/// <param name="Name">Of the weights, or of a control.</param>
/// <param name="Kind">"weights", "random" or "hand-made".</param>
/// <param name="Level">That level.</param>
/// <param name="CaseDice">Dice of every validation case; NaN of one without labels.</param>
public sealed record ProbedRow(string Name, string Kind, string Level, IReadOnlyList<double> CaseDice)
{
    /// <summary>Mean and interval over the cases.</summary>
    public MeanInterval Dice => Bootstrap.Mean(CaseDice);
}

/// <summary>The probe of a task.</summary>
internal sealed record ProbedTask(PlannedTask Task, IReadOnlyList<ProbedRow> Rows);

/// <summary>Rows of a probe, kept with what they depend on.</summary>
internal static class ProbedRows
{
    private const string SettingsKey = "settings";
    private const string RowsKey = "rows";

    /// <summary>Writes them.</summary>
    public static void Write(string path, JsonObject settings, IReadOnlyList<ProbedRow> rows) => AtomicFile.WriteText(
        path,
        new JsonObject { [SettingsKey] = settings.DeepClone(), [RowsKey] = JsonSerializer.SerializeToNode(rows, ReportJson.Form) }
            .ToJsonString(ReportJson.Form) + "\n");

    /// <summary>Reads them; null where there are none of these settings.</summary>
    public static IReadOnlyList<ProbedRow>? Read(string path, JsonObject settings)
    {
        try
        {
            return File.Exists(path) && JsonNode.Parse(File.ReadAllText(path)) is JsonObject there && there[SettingsKey]?.ToJsonString() == settings.ToJsonString()
                ? there[RowsKey].Deserialize<ProbedRow[]>(ReportJson.Form)
                : null;
        }
        catch (Exception error) when (error is JsonException or IOException or InvalidOperationException)
        {
            return null;
        }
    }
}
