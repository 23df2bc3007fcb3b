using System.Globalization;
using System.Text.Json;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// The labels of a <c>dataset.json</c>: the Decathlon's numbers with names, nnU-Net's names with numbers, or a list of names.
/// A label called "ignore" is left out of everything.
/// </summary>
internal static class DatasetLabels
{
    private const string IgnoreName = "ignore";

    public static LabelClasses Read(string path, JsonElement labels)
    {
        (int Number, string Name)[] entries = labels.ValueKind switch
        {
            JsonValueKind.Array => [.. labels.EnumerateArray().Select((name, number) => (number, NameOf(path, name, number)))],
            JsonValueKind.Object => OfObject(path, [.. labels.EnumerateObject()]),
            _ => throw Bad(path, $"\"labels\" is {DatasetDescription.Kind(labels)}", "{\"background\": 0, \"organ\": 1}"),
        };
        foreach (IGrouping<int, string> number in entries.GroupBy(static one => one.Number, static one => one.Name))
        {
            if (number.Distinct().Skip(1).FirstOrDefault() is { } other)
            {
                throw new DatasetException(
                    $"'{path}' gives the labels \"{number.First()}\" and \"{other}\" the same number {number.Key}; "
                    + "correct one of the two.");
            }
        }

        int[] ignored = [.. entries.Where(static one => IsIgnore(one.Name)).Select(static one => one.Number)];
        if (ignored.Contains(0))
        {
            throw new DatasetException(
                $"'{path}' calls label 0 \"{IgnoreName}\", and 0 is the background; give voxels that are left out another number.");
        }

        if (entries.Where(one => !ignored.Contains(one.Number)).FirstOrDefault(static one => one.Number < 0) is { Name: { } } low)
        {
            throw new DatasetException($"'{path}' gives the label \"{low.Name}\" the number {low.Number}; labels count from 0.");
        }

        int named = entries.Count(one => one.Number != 0 && !ignored.Contains(one.Number));
        return named is > 0 and < LabelClasses.MostClasses
            ? new LabelClasses(entries.Select(static one => KeyValuePair.Create(one.Number, one.Name)), ignored)
            : throw new DatasetException(
                $"'{path}' names {named} labels besides the background; a network is trained on 1 to "
                + $"{LabelClasses.MostClasses - 1}.");
    }

    private static bool IsIgnore(string name) => name.Trim().Equals(IgnoreName, StringComparison.OrdinalIgnoreCase);

    private static (int Number, string Name)[] OfObject(string path, JsonProperty[] entries)
    {
        bool areNumbersFirst = Array.TrueForAll(entries, static one => Whole(one.Name) is not null);
        if (areNumbersFirst)
        {
            // {"1": 2} may be either way round; {"1": 1} is the same in both.
            JsonProperty[] numbers = [.. entries.Where(static one => Whole(one.Value) is not null)];
            if (numbers.Length == entries.Length
                && Array.FindIndex(numbers, static one => Whole(one.Value) != Whole(one.Name)) is >= 0 and int at)
            {
                string entry = $"\"{numbers[at].Name}\": {numbers[at].Value.GetRawText()}";
                throw Bad(path, $"the label {entry} has two numbers", "a name and a number");
            }
        }

        return [.. entries.Select(one => Whole(one.Name) is { } number && (areNumbersFirst || Whole(one.Value) is null)
            ? (number, NameOf(path, one.Value, number))
            : (NumberOf(path, one, entries), one.Name))];
    }

    private static string NameOf(string path, JsonElement name, int number) => name.ValueKind switch
    {
        JsonValueKind.String when name.GetString() is { } text && text.Trim().Length > 0 => text.Trim(),
        JsonValueKind.String or JsonValueKind.Null => LabelClasses.NameOf(number),
        JsonValueKind.Number => Whole(name) == number ? LabelClasses.NameOf(number) : name.GetRawText(),
        _ => throw Bad(path, $"label {number} is called {DatasetDescription.Kind(name)}", "a text"),
    };

    private static int NumberOf(string path, JsonProperty entry, JsonProperty[] all)
    {
        JsonElement value = entry.Value;
        if (value is { ValueKind: JsonValueKind.Array } && value.GetArrayLength() > 1)
        {
            int[] parts = [.. all.SelectMany(static one => one.Value.ValueKind == JsonValueKind.Array
                    ? one.Value.EnumerateArray().ToArray()
                    : [one.Value])
                .Select(static one => Whole(one)).OfType<int>().Where(static number => number > 0).Distinct().Order()];
            string plain = string.Join(", ", parts.Select(static number => $"\"label {number}\": {number}"));
            throw new DatasetException(
                $"'{path}': the label \"{entry.Name}\": {value.GetRawText()} is a region of {value.GetArrayLength()} labels, and "
                + "networks are trained here on labels that do not overlap; name every number once: "
                + $"\"labels\": {{\"background\": 0, {plain}}}.");
        }

        return (value is { ValueKind: JsonValueKind.Array } && value.GetArrayLength() == 1 ? Whole(value[0]) : Whole(value))
            ?? throw Bad(path, $"the label \"{entry.Name}\" has {DatasetDescription.Kind(value)} for a number", "a whole number");
    }

    // 1, 1.0, "1" and " 1 ".
    private static int? Whole(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.GetDouble() is var number && (int)number == number => (int)number,
        JsonValueKind.String => Whole(value.GetString()!),
        _ => null,
    };

    private static int? Whole(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out int number)
            ? number
            : null;

    private static DatasetException Bad(string path, string what, string wanted) => new($"'{path}': {what}; write {wanted}.");
}
