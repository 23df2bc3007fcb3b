using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// What <c>dataset.json</c> says, as the Medical Segmentation Decathlon, nnU-Net (1 and 2) and MONAI write it: the labelled cases,
/// the labels' numbers and names, the channels' names. Unlabelled test cases are of no use here.
/// </summary>
/// <remarks>
/// Sources: the Decathlon's files; nnU-Net, documentation/dataset_format.md; MONAI, load_decathlon_datalist. What is harmless is
/// read; what cannot be read is named with its entry.
/// </remarks>
internal sealed record DatasetDescription(
    IReadOnlyList<CaseFiles> Cases, LabelClasses? Labels, IReadOnlyList<string> ChannelNames)
{
    public const string FileName = "dataset.json";

    private static readonly JsonDocumentOptions Lenient =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a dataset.json and finds its cases' files.</summary>
    /// <exception cref="DatasetException">Names the entry that cannot be read, the reason and the way out.</exception>
    public static DatasetDescription Read(string path, Notices notices)
    {
        using JsonDocument document = Parse(path);
        JsonElement root = document.RootElement;
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var entries = new DatasetEntries(path, folder, notices);
        if (root.ValueKind == JsonValueKind.Array)
        {
            return new DatasetDescription(entries.OfList(root, "the list"), null, []);
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new DatasetException(
                $"'{path}' holds {Kind(root)} where a dataset.json has an object with \"training\"; "
                + "correct it, or remove it and use the folders images and labels.");
        }

        LabelClasses? labels = Member(root, "labels") is { } table ? DatasetLabels.Read(path, table) : null;
        IReadOnlyList<CaseFiles> cases = CasesOf(path, folder, root, entries, notices);
        CheckCount(path, root, cases.Count, notices);
        return new DatasetDescription(cases, labels, Channels(root));
    }

    /// <summary>A member by its name, whatever the letters' case; null where it is missing or null.</summary>
    internal static JsonElement? Member(JsonElement element, string name)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind != JsonValueKind.Null)
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>A JSON value in words and, where it is short, as it stands.</summary>
    internal static string Kind(JsonElement element)
    {
        string raw = element.ValueKind == JsonValueKind.Undefined ? string.Empty : element.GetRawText();
        string shown = raw.Length <= 60 ? raw : $"{raw[..57]}...";
        return element.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => $"the list {shown}",
            JsonValueKind.String => $"the text {shown}",
            JsonValueKind.Number => $"the number {shown}",
            _ => shown,
        };
    }

    private static IReadOnlyList<CaseFiles> CasesOf(
        string path, string folder, JsonElement root, DatasetEntries entries, Notices notices)
    {
        if (Member(root, "training") is { } training)
        {
            foreach (string other in new[] { "validation", "val" })
            {
                if (Member(root, other) is { ValueKind: JsonValueKind.Array } left && left.GetArrayLength() > 0)
                {
                    notices.Add(
                        "other lists",
                        $"'{path}' lists {left.GetArrayLength()} cases in \"{other}\", which are left out: "
                        + "the cases of \"training\" are split into training, validation and test");
                }
            }

            return entries.OfList(training, "\"training\"");
        }

        if (Member(root, "dataset") is { ValueKind: JsonValueKind.Object } dataset)
        {
            return entries.OfTable(dataset, "\"dataset\"");
        }

        if (Member(root, "file_ending") is { ValueKind: JsonValueKind.String } ending
            && ending.GetString()!.TrimStart('.').ToLowerInvariant() is not ("nii" or "nii.gz"))
        {
            throw new DatasetException(
                $"'{path}' says \"file_ending\": {ending.GetRawText()}, and NIfTI is what is read; "
                + "convert the files to .nii.gz.");
        }

        return DatasetFolders.Find(folder, notices) ?? throw new DatasetException(
            $"'{path}' has no \"training\" (a list of \"image\" and \"label\"), and there are no folders imagesTr and labelsTr "
            + "beside it; add the one or the other.");
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(Text(File.ReadAllBytes(path)), Lenient);
        }
        catch (JsonException error)
        {
            string place = string.Create(
                CultureInfo.InvariantCulture, $"line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}");
            string reason = error.Message.Split(" LineNumber:")[0].TrimEnd('.');
            throw new DatasetException(
                $"'{path}' is not JSON ({place}: {reason}); correct it, or remove it and use the folders images and labels.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            CaseFiles.CheckIsThere(path, "There should be");
            throw new DatasetException($"Cannot read '{path}': {error.Message.TrimEnd('.')}; check its permissions.", error);
        }
    }

    // UTF-8, UTF-16 or UTF-32, with or without a byte order mark; bytes that are none of them are Latin-1, in which every text
    // can be read.
    private static string Text(byte[] bytes)
    {
        Encoding encoding = new UTF8Encoding(false, throwOnInvalidBytes: true);
        if (bytes is [not 0, 0, ..])
        {
            encoding = Encoding.Unicode;
        }
        else if (bytes is [0, not 0, ..])
        {
            encoding = Encoding.BigEndianUnicode;
        }

        try
        {
            using var reader = new StreamReader(new MemoryStream(bytes), encoding, detectEncodingFromByteOrderMarks: true);
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private static void CheckCount(string path, JsonElement root, int found, Notices notices)
    {
        if (Member(root, "numTraining") is { } stated
            && int.TryParse(stated.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count != found)
        {
            notices.Add("count of cases", $"'{path}' says \"numTraining\": {count}, and {found} cases were found");
        }
    }

    // {"0": "T1"} or ["T1"]; what is neither names nothing.
    private static string[] Channels(JsonElement root)
    {
        JsonElement? names = Member(root, "channel_names") ?? Member(root, "modality") ?? Member(root, "modalities");
        return names?.ValueKind switch
        {
            JsonValueKind.Array => [.. names.Value.EnumerateArray().Select(static name => name.ToString())],
            JsonValueKind.Object =>
            [
                .. names.Value.EnumerateObject()
                    .OrderBy(static one => int.TryParse(one.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int at)
                        ? at
                        : int.MaxValue)
                    .Select(static one => one.Value.ToString()),
            ],
            JsonValueKind.String => [names.Value.GetString()!],
            _ => [],
        };
    }
}
