using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Classification;

/// <summary>A test image and what an arm says of it.</summary>
/// <param name="Name">The image.</param>
/// <param name="Patient">Whose it is.</param>
/// <param name="Class">The true class, from 0.</param>
/// <param name="Probabilities">Of every class.</param>
public sealed record ClassifiedCase(string Name, string Patient, int Class, double[] Probabilities);

/// <summary>One arm: an initialisation, a protocol, a share of the training images, a seed, and all that was measured.</summary>
public sealed record ClassificationArm
{
    /// <summary>"pretrained" or "none".</summary>
    public required string Init { get; init; }

    /// <summary>One of <see cref="ClassificationOptions.ProtocolNames"/>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Share of the training images, per cent.</summary>
    public required double Fraction { get; init; }

    /// <summary>The arm's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Images trained on.</summary>
    public required int TrainImages { get; init; }

    /// <summary>What validation chose: "L2 0.01", "k 20", "rate 0.0001, step 300".</summary>
    public required string Chosen { get; init; }

    /// <summary>Measures of the validation images.</summary>
    public required ClassificationMetrics Validation { get; init; }

    /// <summary>Measures of the test images.</summary>
    public required ClassificationMetrics TestMetrics { get; init; }

    /// <summary>Of all that the arm did, choosing included.</summary>
    public required double Seconds { get; init; }

    /// <summary>The test images.</summary>
    public required IReadOnlyList<ClassifiedCase> Test { get; init; }

    /// <summary>All that decides the result besides what names the arm.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>The arm's folder in "arms": "pretrained_linear_10pc_s0".</summary>
    public static string FolderName(string init, string protocol, double fraction, ulong seed) =>
        string.Create(CultureInfo.InvariantCulture, $"{init}_{protocol}_{fraction}pc_s{seed}");

    internal void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, ArmResult.JsonForm) + "\n");

    /// <summary>Reads a result; null where there is none, or none that can be read: the arm is then done again.</summary>
    internal static ClassificationArm? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ClassificationArm>(File.ReadAllBytes(path), ArmResult.JsonForm) : null;
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return null;
        }
    }
}
