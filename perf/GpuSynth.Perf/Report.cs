using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GpuSynth.Benchmarking;
using GpuSynth.IO;
using GpuSynth.Perf.Measuring;

namespace GpuSynth.Perf;

/// <summary>A run as its JSON file holds it: what was measured, on what, and when.</summary>
/// <typeparam name="T">One measurement.</typeparam>
/// <param name="Benchmark">Name of the command.</param>
/// <param name="Commit">The source, "-dirty" where files differ from it.</param>
/// <param name="Date">When the run began.</param>
/// <param name="Machine">What it ran on.</param>
/// <param name="Caches">Sizes of its caches.</param>
/// <param name="LoadAverageBefore">How busy the machine was; null where it does not say.</param>
/// <param name="Warning">Why the figures should not be trusted; null where nothing is known against them.</param>
/// <param name="Ceilings">What the machine can do at most, in this run, per number of threads.</param>
/// <param name="Results">The measurements.</param>
internal sealed record Report<T>(
    string Benchmark,
    string Commit,
    DateTimeOffset Date,
    MachineFacts Machine,
    CacheSizes Caches,
    double? LoadAverageBefore,
    string? Warning,
    IReadOnlyList<ThreadCeilings> Ceilings,
    IReadOnlyList<T> Results)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new FiveDigits() },
    };

    /// <summary>Writes the JSON file, and its folder where it is missing.</summary>
    /// <exception cref="VolumeFileException">It cannot be written.</exception>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Options) + "\n");
    }

    // A timing has no more than that to say.
    private sealed class FiveDigits : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.ToString("G5", CultureInfo.InvariantCulture));
    }
}
