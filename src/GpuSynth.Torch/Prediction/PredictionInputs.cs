using GpuSynth.Torch.Images;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Prediction;

/// <summary>The images of a folder: what is one case, and what it is called.</summary>
internal static class PredictionInputs
{
    /// <summary>
    /// The cases of a file, or of a folder and all folders in it; a case is called by its path in the folder, without the extension.
    /// Where networks take several channels, case_0000 and case_0001 are one case.
    /// </summary>
    /// <param name="input">File or folder.</param>
    /// <param name="channels">Of the networks.</param>
    /// <exception cref="GpuSynthException">There is nothing to predict, or two cases have one name.</exception>
    public static IReadOnlyList<CaseFiles> Find(string input, int channels)
    {
        if (File.Exists(input))
        {
            return VolumeFile.StemOf(Path.GetFileName(input)) is { } stem
                ? [new CaseFiles(stem, input, string.Empty)]
                : throw new GpuSynthException(
                    $"'{input}' is called by no form that is read ({string.Join(", ", VolumeFile.Extensions)}); convert it to NIfTI (--in).");
        }

        if (!Directory.Exists(input))
        {
            throw new GpuSynthException($"There is no file or folder '{input}'; name the images to predict (--in).");
        }

        (string Name, string Path)[] files =
        [
            .. VolumeFolder.Files(input).Select(static one => (VolumeFile.StemOf(one.Relative)!, one.Path)),
        ];
        if (files.Length == 0)
        {
            throw new GpuSynthException(
                $"'{input}' holds no image ({string.Join(", ", VolumeFile.Extensions)}); name a folder that does (--in).");
        }

        if (files.GroupBy(static one => one.Name, StringComparer.Ordinal).FirstOrDefault(static one => one.Count() > 1) is { } same)
        {
            string[] paths = [.. same.Take(2).Select(static one => one.Path)];
            throw new GpuSynthException(
                $"'{paths[0]}' and '{paths[1]}' have the same name, and so would their predictions; rename or remove one of them.");
        }

        return
        [
            .. files.GroupBy(one => CaseOf(one.Name, channels), StringComparer.Ordinal).SelectMany(static one => one.Count() == 1
                ? one.Select(static file => new CaseFiles(file.Name, file.Path, string.Empty))
                : [new CaseFiles(one.Key, [.. one.Select(static file => file.Path)], string.Empty)]),
        ];
    }

    private static string CaseOf(string name, int channels) =>
        channels > 1 && CaseFiles.ChannelOf(name) is var (one, channel) && channel < channels ? one : name;
}
