using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuSynth.IO;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The test result of a case: per label from 1 on; NaN where the label is neither there nor predicted.</summary>
/// <param name="Case">The case's name.</param>
/// <param name="Dice">0 to 1.</param>
/// <param name="Hausdorff95">Millimetres.</param>
public sealed record CaseResult(string Case, double[] Dice, double[] Hausdorff95);

/// <summary>One training: an initialisation, a number of cases, a seed, and all that was measured.</summary>
public sealed record ArmResult
{
    /// <summary>Name of the file in an arm's folder. It is written last: an arm that has it is complete.</summary>
    public const string FileName = "result.json";

    internal static readonly JsonSerializerOptions JsonForm = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new NumberOrNull() },
    };

    /// <summary>"pretrained" or "none".</summary>
    public required string Init { get; init; }

    /// <summary>Cases trained on.</summary>
    public required int TrainCases { get; init; }

    /// <summary>The arm's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The fold that it is tested on, from 0; null without cross-validation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Fold { get; init; }

    /// <summary>The training cases' names.</summary>
    public required IReadOnlyList<string> Cases { get; init; }

    /// <summary>What was done with the head, in words.</summary>
    public string Head { get; init; } = string.Empty;

    /// <summary>The learning rate whose weights were kept.</summary>
    public double Rate { get; init; } = double.NaN;

    /// <summary>Mean Dice of the validation cases at its best.</summary>
    public required double BestValidationDice { get; init; }

    /// <summary>The step of it, whose weights were kept.</summary>
    public required int BestStep { get; init; }

    /// <summary>The validation Dice along the steps, at that rate.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    /// <summary>The area under it: see <see cref="LearningCurve"/>.</summary>
    public double CurveArea { get; init; } = double.NaN;

    /// <summary>The trainings at every rate, by ascending rate.</summary>
    public IReadOnlyList<TrialResult> Trials { get; init; } = [];

    /// <summary>Of training and validation, at all rates.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Of the test.</summary>
    public required double TestSeconds { get; init; }

    /// <summary>The test cases.</summary>
    public required IReadOnlyList<CaseResult> Test { get; init; }

    /// <summary>All that decides the result besides initialisation, cases and seed.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>What tells the arm from the others.</summary>
    [JsonIgnore]
    public FineTuneArm Arm => new(Init, TrainCases, Seed, Fold);

    internal void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, JsonForm) + "\n");

    /// <summary>Reads a result; null where there is none, or none that can be read: the arm is then trained again.</summary>
    internal static ArmResult? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ArmResult>(File.ReadAllBytes(path), JsonForm) : null;
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return null;
        }
    }

    // JSON has no NaN.
    private sealed class NumberOrNull : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
