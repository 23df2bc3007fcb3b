using System.Text.Json;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Tests.IO;

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

    /// <summary>A map stored as scanners and programs store heads: not along the body's axes.</summary>
    public static void WriteMap(TestFolder folder, string name, int changedVoxel = -1)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        var shape = VolumeShape.Volume(10, 9, 8);
        byte[] labels =
            [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel => (byte)(voxel == changedVoxel ? 2 : voxel / 240))];
        Nifti.WriteLabels(folder[name], shape, labels, new NiftiGeometry([-2, 0, 0, 8, 0, 0, 2, -8, 0, -2, 0, 8]));
    }
}
