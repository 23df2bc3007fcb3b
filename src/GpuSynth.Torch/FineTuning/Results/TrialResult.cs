using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;

namespace GpuSynth.Torch.FineTuning;

/// <summary>One training of an arm at one learning rate.</summary>
public sealed record TrialResult
{
    /// <summary>Name of the file in a trial's folder. It is written last: a trial that has it is complete.</summary>
    internal const string FileName = "trial.json";

    /// <summary>The highest learning rate.</summary>
    public required double Rate { get; init; }

    /// <summary>Mean Dice of the validation cases at its best; NaN where there are none.</summary>
    public required double BestValidationDice { get; init; }

    /// <summary>The step of it, whose weights were kept.</summary>
    public required int BestStep { get; init; }

    /// <summary>Of training and validation.</summary>
    public required double Seconds { get; init; }

    /// <summary>The validation Dice along the steps.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>All that decides the result besides initialisation, cases, seed and rate; null in an arm's list of its trials.</summary>
    public JsonObject? Settings { get; init; }

    /// <summary>The trial's folder in that of its arm: "rate_0.003".</summary>
    internal static string FolderName(double rate) => "rate_" + rate.ToString("0.##########", CultureInfo.InvariantCulture);

    /// <summary>The one to keep: the highest validation Dice, of equal ones that of the smallest rate.</summary>
    internal static TrialResult Best(IEnumerable<TrialResult> trials) =>
        trials.OrderBy(static one => one.Rate).MaxBy(static one => double.IsNaN(one.BestValidationDice) ? 0 : one.BestValidationDice)!;

    internal void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, ArmResult.JsonForm) + "\n");

    /// <summary>Reads a trial; null where there is none, or none that can be read: it is then trained again.</summary>
    internal static TrialResult? Read(string path)
    {
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize<TrialResult>(File.ReadAllBytes(path), ArmResult.JsonForm)
                : null;
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return null;
        }
    }
}
