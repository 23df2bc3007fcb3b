using System.Text.Json;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The entries of a <c>dataset.json</c>, each of which becomes a case.</summary>
internal sealed class DatasetEntries(string path, string folder, Notices notices)
{
    private const string Wanted = "{\"image\": \"imagesTr/case.nii.gz\", \"label\": \"labelsTr/case.nii.gz\"}";

    private readonly DatasetPaths paths = new(path, folder, notices);

    /// <summary>A list of objects with "image" and "label", or of images' paths.</summary>
    public IReadOnlyList<CaseFiles> OfList(JsonElement list, string name)
    {
        if (list.ValueKind == JsonValueKind.Object)
        {
            return OfTable(list, name);
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Bad(name, $"is {DatasetDescription.Kind(list)}", $"a list of {Wanted}");
        }

        if (list.GetArrayLength() == 0)
        {
            throw Bad(name, "is empty, so that there are no pairs of an image and its labels", Wanted);
        }

        var cases = new List<CaseFiles>();
        int number = 0;
        foreach (JsonElement entry in list.EnumerateArray())
        {
            number++;
            Add(cases, entry, $"entry {number} of {name}", name: null);
        }

        return cases;
    }

    /// <summary>nnU-Net's other form: cases by their names, each with "images" and "label".</summary>
    public IReadOnlyList<CaseFiles> OfTable(JsonElement table, string name)
    {
        var cases = new List<CaseFiles>();
        foreach (JsonProperty entry in table.EnumerateObject())
        {
            Add(cases, entry.Value, $"entry \"{entry.Name}\" of {name}", entry.Name);
        }

        return cases;
    }

    private void Add(List<CaseFiles> cases, JsonElement entry, string where, string? name)
    {
        (string[] images, string label) = entry.ValueKind switch
        {
            JsonValueKind.Object => (Images(entry, where), Label(entry, where)),
            JsonValueKind.String when DatasetPaths.LabelFor(entry.GetString()!) is { } text => ([entry.GetString()!], text),
            JsonValueKind.String => throw Bad(
                where, $"is {DatasetDescription.Kind(entry)}, from which its labels' name does not follow", Wanted),
            _ => throw Bad(where, $"is {DatasetDescription.Kind(entry)}", Wanted),
        };
        // Written by a script that listed a folder in which another system had left its own files.
        if (Array.Find([.. images, label], static text => Path.GetFileName(text.Replace('\\', '/')).StartsWith('.')) is { } hidden)
        {
            notices.Add("hidden files", $"'{path}', {where}, names the hidden file '{hidden}' and is left out");
            return;
        }

        string[] imagePaths = [.. images.SelectMany(image => paths.Find(image, isImage: true, where))];
        string labelPath = paths.Find(label, isImage: false, where)[0];
        if (imagePaths.Contains(labelPath))
        {
            throw Bad(where, $"has '{labelPath}' both as an image and as its labels", "the one or the other");
        }

        string own = CaseFiles.NameOf(imagePaths[0])!;
        string stem = imagePaths.Length > 1 ? CaseFiles.ChannelOf(own)?.Case ?? own : own;
        cases.Add(new CaseFiles(name is null ? stem : Plain(name), imagePaths, labelPath));
    }

    // A case's name is a file's name too.
    private static string Plain(string name) => name.Replace('/', '_').Replace('\\', '_');

    private string[] Images(JsonElement entry, string where)
    {
        JsonElement image = DatasetDescription.Member(entry, "image") ?? DatasetDescription.Member(entry, "images")
            ?? throw Lacking(entry, where, "image");
        string[] texts = image.ValueKind switch
        {
            JsonValueKind.String => [image.GetString()!],
            JsonValueKind.Array when image.EnumerateArray().All(static one => one.ValueKind == JsonValueKind.String) =>
                [.. image.EnumerateArray().Select(static one => one.GetString()!)],
            _ => [],
        };
        return texts.Length > 0 && Array.TrueForAll(texts, static text => text.Trim().Length > 0)
            ? texts
            : throw Bad(
                where, $"has {DatasetDescription.Kind(image)} for an \"image\"", "a path, or a list with one for each channel");
    }

    private string Label(JsonElement entry, string where)
    {
        JsonElement label = DatasetDescription.Member(entry, "label") ?? throw Lacking(entry, where, "label");
        if (label.ValueKind == JsonValueKind.Array && label.GetArrayLength() == 1)
        {
            label = label[0];
        }

        return label.ValueKind == JsonValueKind.String && label.GetString()!.Trim().Length > 0
            ? label.GetString()!
            : throw Bad(where, $"has {DatasetDescription.Kind(label)} for a \"label\"", "the path of one label map");
    }

    private DatasetException Lacking(JsonElement entry, string where, string key)
    {
        string there = string.Join(", ", entry.EnumerateObject().Select(static one => $"\"{one.Name}\""));
        return Bad(where, $"has no \"{key}\" ({(there.Length == 0 ? "it is empty" : $"it has {there}")})", Wanted);
    }

    private DatasetException Bad(string where, string what, string wanted) =>
        new($"'{path}': {where} {what}; write {wanted}.");
}
