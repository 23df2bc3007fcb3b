using GpuSynth.Torch.Images;
using System.Text.RegularExpressions;
using GpuSynth.IO;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The files of one case.</summary>
/// <param name="Name">Tells it from all others: the image's file name without its extension, as a rule.</param>
/// <param name="ImagePaths">The image: one file of one or several channels, or a file for each channel.</param>
/// <param name="LabelPath">Its labels; empty where it has none, as a case to predict.</param>
public sealed partial record CaseFiles(string Name, IReadOnlyList<string> ImagePaths, string LabelPath)
{
    /// <summary>A case whose image is one file.</summary>
    public CaseFiles(string name, string imagePath, string labelPath)
        : this(name, [imagePath], labelPath)
    {
    }

    /// <summary>The image's first file, for messages.</summary>
    public string ImagePath => ImagePaths[0];

    /// <summary>Every file, the labels last.</summary>
    internal IEnumerable<string> All => LabelPath.Length > 0 ? ImagePaths.Append(LabelPath) : ImagePaths;

    /// <summary>The name of a file of images without its extension; null of another file.</summary>
    internal static string? NameOf(string path)
    {
        string name = Path.GetFileName(path);
        // Other systems leave files such as "._case.nii.gz" behind.
        return name.StartsWith('.') || VolumeFile.StemOf(name) is not { } stem ? null : stem;
    }

    /// <summary>nnU-Net's "case_0001": the case, and the number of the channel; null of another name.</summary>
    internal static (string Case, int Channel)? ChannelOf(string name) => ChannelName().Match(name) is { Success: true } match
        ? (match.Groups[1].Value, int.Parse(match.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))
        : null;

    /// <summary>Refuses a file that is not there, and says so of a link to nowhere.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">Begins the sentence where it is not there: "'dataset.json' names".</param>
    internal static void CheckIsThere(string path, string what)
    {
        if (MissingFile.LinkReason(path) is { } reason)
        {
            throw new DatasetException($"Cannot read '{path}': {reason}.");
        }

        if (!File.Exists(path))
        {
            throw new DatasetException($"{what} '{path}', which is not there; correct the one or the other.");
        }
    }

    [GeneratedRegex(@"^(.+)_(\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex ChannelName();
}
