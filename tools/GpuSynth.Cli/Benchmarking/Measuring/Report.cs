using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GpuSynth.Benchmarking.Kernels;
using GpuSynth.IO;

namespace GpuSynth.Benchmarking.Measuring;

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
    /// <summary>What the kernels were timed on; null for other benchmarks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BenchmarkSetting? Setting { get; init; }

    /// <summary>Beside an earlier run; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KernelComparison>? Comparison { get; init; }

    private static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new FiveDigits(), new FiveDigitsEach(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>
    /// A report without results: the machine's load first, before anything of this run counts, then what it can do at most.
    /// </summary>
    /// <param name="benchmark">Name of the command.</param>
    /// <param name="threadCounts">Numbers of threads to measure ceilings with.</param>
    public static Report<T> Begin(string benchmark, params IEnumerable<int> threadCounts)
    {
        MachineLoad load = MachineLoad.Current();
        CacheSizes caches = CacheSizes.Current();
        return new(
            benchmark,
            SourceCommit.Find(),
            DateTimeOffset.UtcNow,
            MachineFacts.Current(),
            caches,
            load.Average,
            load.Warning,
            [.. threadCounts.Select(threads => ThreadCeilings.Measure(caches, threads))],
            []);
    }

    /// <summary>Reads a report.</summary>
    /// <exception cref="JsonException">It is none of this kind, or a broken one.</exception>
    public static Report<T> Parse(string json) =>
        JsonSerializer.Deserialize<Report<T>>(json, Options) ?? throw new JsonException("there is no report in it");

    /// <summary>Machine, commit, load and ceilings, in sentences.</summary>
    public IEnumerable<string> Heading()
    {
        string load = LoadAverageBefore?.ToString("0.00", CultureInfo.InvariantCulture) ?? "unknown";
        yield return $"{Machine.Cpu}, {Machine.Cores} cores, {Machine.VectorBits}-bit vectors ({Machine.Isa}), .NET {Machine.DotNet}, "
            + $"{Machine.Os}";
        yield return $"commit {Commit}, load average {load}";
        foreach (ThreadCeilings ceiling in Ceilings)
        {
            string count = ceiling.Threads == 1 ? "1 thread" : $"{ceiling.Threads} threads";
            yield return string.Create(CultureInfo.InvariantCulture, $"at most, on {count}: {ceiling.Gigaflops:0.0} GFLOP/s; gathers: {ceiling.Gigagathers:0.00} * 10^9 a second; ")
                + "GB/s in memory,";
            yield return $"    last-level cache, level 2: copy {ceiling.Copy.Text}, update {ceiling.Update.Text}, read {ceiling.Read.Text}";
        }

        if (Warning is not null)
        {
            yield return Warning;
        }
    }

    /// <summary>The report as JSON, a line end behind it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options) + "\n";

    /// <summary>Writes the JSON file, and its folder where it is missing.</summary>
    /// <exception cref="VolumeFileException">It cannot be written.</exception>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.WriteText(path, ToJson());
    }

    private static string Text(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    // A timing has no more than that to say.
    private sealed class FiveDigits : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteRawValue(Text(value));
    }

    // Hundreds of repetitions, on one line.
    private sealed class FiveDigitsEach : JsonConverter<double[]>
    {
        public override double[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var values = new List<double>();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException();
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.Number)
            {
                values.Add(reader.GetDouble());
            }

            return reader.TokenType == JsonTokenType.EndArray ? [.. values] : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, double[] value, JsonSerializerOptions options) =>
            writer.WriteRawValue($"[{string.Join(", ", value.Select(Text))}]");
    }
}
