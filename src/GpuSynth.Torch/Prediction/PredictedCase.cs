using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Prediction;

/// <summary>A case that was predicted, as predict.json keeps it.</summary>
public sealed record PredictedCase
{
    /// <summary>Its path in the input folder, without the extension.</summary>
    public required string Case { get; init; }

    /// <summary>Path, bytes and time of writing of every file of the image: another file is predicted anew.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The label map's path in the output folder.</summary>
    public required string Output { get; init; }

    /// <summary>Voxels of every class but the background.</summary>
    public required IReadOnlyList<long> Voxels { get; init; }

    /// <summary>Of a voxel: cubic millimetres, of an image square millimetres.</summary>
    public required double VoxelSize { get; init; }

    /// <summary>Whether it is a picture, which does not say how large its pixels are.</summary>
    public required bool IsPicture { get; init; }

    /// <summary>What tells files from others of the same name.</summary>
    internal static string[] FilesOf(CaseFiles files) => [.. files.ImagePaths.Select(static path =>
    {
        var file = new FileInfo(path);
        return FormattableString.Invariant($"{file.FullName} {(file.Exists ? file.Length : 0)} {file.LastWriteTimeUtc:O}");
    })];
}

/// <summary>A case that could not be predicted.</summary>
/// <param name="Case">Its name.</param>
/// <param name="Problem">A sentence that names the file and the way out.</param>
public sealed record BadCase(string Case, string Problem);
