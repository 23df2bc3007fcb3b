using System.Text.Json;

namespace GpuSynth.Tests.Cli;

/// <summary>What a run left in its folder.</summary>
internal static class GenerateFolder
{
    /// <summary>The manifest's lines.</summary>
    public static JsonElement[] Manifest(string folder) =>
    [
        .. File.ReadAllLines(Path.Combine(folder, "manifest.jsonl")).Select(static line => JsonDocument.Parse(line).RootElement),
    ];

    /// <summary>Checksums of the voxels by sample.</summary>
    public static SortedDictionary<long, string> Voxels(string folder) => new(Manifest(folder).ToDictionary(
        static line => line.GetProperty("index").GetInt64(), static line => line.GetProperty("voxelsSha256").GetRawText()));

    /// <summary>All names in the folder but the three of the run.</summary>
    public static string[] SampleNames(string folder) =>
    [
        .. Directory.EnumerateFiles(folder).Select(static file => Path.GetFileName(file)!)
            .Except(["manifest.jsonl", "recipe.yaml", "run.json"]).Order(StringComparer.Ordinal),
    ];
}
