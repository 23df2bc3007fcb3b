using GpuSynth.Torch.Images;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Classification;

/// <summary>Whose an image is: by names.csv, or by its name's part before the last "_" where that groups, or nobody tells.</summary>
internal static class PatientNames
{
    private const string TableName = "names.csv";
    private const int LeastGroups = 3;

    private static readonly string[] Columns = ["patient", "subject", "case"];

    /// <summary>The patient of every image, and how they were told.</summary>
    /// <param name="dataPath">The folder or the file of the data.</param>
    /// <param name="images">The images.</param>
    /// <exception cref="DatasetException">The table lacks an image.</exception>
    public static (string[] Patients, string Rule) Of(string dataPath, IReadOnlyList<FoundImage> images)
    {
        string table = Path.Combine(
            Directory.Exists(dataPath) ? dataPath : Path.GetDirectoryName(Path.GetFullPath(dataPath))!, TableName);
        if (File.Exists(table) && Read(table) is { } rows)
        {
            return ([.. images.Select(image => rows.TryGetValue(image.Name, out string? patient)
                ? patient
                : throw new DatasetException($"'{table}' has no row for '{image.Name}'; add its name and patient."))],
                $"by patient, as {TableName} has them");
        }

        string?[] prefixes = [.. images.Select(static image => Prefix(image.Name))];
        return IsGrouping(images, prefixes)
            ? ([.. prefixes.Select(static prefix => prefix!)], "by patient, which is the name's part before its last \"_\"")
            : ([.. images.Select(static image => $"{image.Part}/{image.ClassName}/{image.Name}")],
                $"by image: nothing tells whose an image is (a {TableName} with the columns name and patient would)");
    }

    private static string? Prefix(string name) => name.LastIndexOf('_') is > 0 and int end ? name[..end] : null;

    // "img_1", "img_2" of all images is no patient: every class needs several groups, and some group several images.
    private static bool IsGrouping(IReadOnlyList<FoundImage> images, string?[] prefixes) =>
        !prefixes.Contains(null)
        && prefixes.Distinct().Count() < prefixes.Length
        && images.Zip(prefixes).GroupBy(static pair => pair.First.ClassName)
            .All(static group => group.Select(static pair => pair.Second).Distinct().Count() >= LeastGroups);

    // Null: a table without these columns, which is about something else.
    private static Dictionary<string, string>? Read(string path)
    {
        string[][] rows = [.. File.ReadLines(path).Where(static line => line.Trim().Length > 0)
            .Select(static line => line.Split(',').Select(static cell => cell.Trim().Trim('"')).ToArray())];
        string[] header = rows.Length == 0 ? [] : [.. rows[0].Select(static cell => cell.ToLowerInvariant())];
        int name = Array.IndexOf(header, "name");
        int patient = Columns.Select(column => Array.IndexOf(header, column)).FirstOrDefault(static at => at >= 0, -1);
        if (name < 0 || patient < 0)
        {
            return null;
        }

        var patients = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string[] row in rows.Skip(1).Where(row => row.Length > Math.Max(name, patient)))
        {
            patients[Images.VolumeFile.StemOf(row[name]) ?? row[name]] = row[patient];
        }

        return patients;
    }
}
