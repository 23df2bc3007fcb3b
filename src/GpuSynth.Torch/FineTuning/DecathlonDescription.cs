using System.Globalization;
using System.Text.Json;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// What <c>dataset.json</c> of the Medical Segmentation Decathlon says: the labelled cases ("training") and the labels' names.
/// The unlabelled test cases are of no use here. Also read: nnU-Net's way round, names to numbers.
/// </summary>
internal sealed record DecathlonDescription(IReadOnlyList<CaseFiles> Cases, IReadOnlyList<string>? LabelNames)
{
    public const string FileName = "dataset.json";

    public static DecathlonDescription Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            var cases = new List<CaseFiles>();
            foreach (JsonElement entry in root.GetProperty("training").EnumerateArray())
            {
                string image = Path.GetFullPath(entry.GetProperty("image").GetString()!, folder);
                string label = Path.GetFullPath(entry.GetProperty("label").GetString()!, folder);
                string name = SegmentationDataset.CaseName(image) ?? throw new DatasetException(
                    $"'{path}' names '{image}', which is not called .nii or .nii.gz; convert it to NIfTI.");
                cases.Add(new CaseFiles(name, image, label));
            }

            return new DecathlonDescription(
                cases, root.TryGetProperty("labels", out JsonElement labels) ? Names(path, labels) : null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException or ArgumentException)
        {
            throw new DatasetException(
                $"'{path}' is no dataset.json of the Decathlon (it needs \"training\": a list of \"image\" and \"label\"); "
                + "correct it, or remove it and use the folders images and labels.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"Cannot read '{path}': {error.Message.TrimEnd('.')}; check its permissions.", error);
        }
    }

    private static string[] Names(string path, JsonElement labels)
    {
        var names = new SortedDictionary<int, string>();
        foreach (JsonProperty entry in labels.EnumerateObject())
        {
            bool isNumberFirst = int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            names[isNumberFirst ? number : entry.Value.GetInt32()] = isNumberFirst ? entry.Value.GetString()! : entry.Name;
        }

        if (names.Count < 2 || !names.Keys.SequenceEqual(Enumerable.Range(0, names.Count)))
        {
            throw new DatasetException(
                $"'{path}' has the labels {string.Join(", ", names.Keys)}, but labels are consecutive from 0 (the background); "
                + "renumber them.");
        }

        return [.. names.Values];
    }
}
