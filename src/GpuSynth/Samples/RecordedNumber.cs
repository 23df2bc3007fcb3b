using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>One number, or a few, of a sample's row that are ground truth, under their name.</summary>
/// <param name="Entry">Whose they are.</param>
/// <param name="Name">"blurSigmaVoxelsZyx"; of a second component of the kind "blurSigmaVoxelsZyx#2".</param>
/// <param name="Kind">What they say.</param>
/// <param name="Type">Type of the field.</param>
/// <param name="Word">Its word in the row.</param>
internal sealed record RecordedNumber(RowEntry Entry, string Name, RecordedKind Kind, Type Type, int Word)
{
    private static readonly ConditionalWeakTable<RowLayout, RecordedNumber[]> Known = [];

    /// <summary>Everything that is recorded of the samples of a layout, in the recipe's order.</summary>
    public static IReadOnlyList<RecordedNumber> Of(RowLayout layout) => Known.GetValue(layout, Create);

    /// <summary>Whether the field is a number by itself, and no list.</summary>
    public bool IsSingle => Type == typeof(float) || Type == typeof(int) || Type == typeof(uint);

    /// <summary>The numbers of a sample.</summary>
    public float[] Values(DrawnSample drawn)
    {
        Span<uint> words = drawn.Words;
        if (Type == typeof(WordList))
        {
            return drawn.List(Unsafe.As<uint, WordList>(ref words[Word])).ToArray();
        }

        return Type == typeof(int) || Type == typeof(uint)
            ? [(int)words[Word]]
            : MemoryMarshal.Cast<uint, float>(words.Slice(Word, Marshal.SizeOf(Type) / sizeof(uint))).ToArray();
    }

    /// <summary>The numbers of a sample in two words: "blur 0.83", or a label map's name; null of a list.</summary>
    public string? Caption(DrawnSample drawn)
    {
        float[] values = Values(drawn);
        return Kind == RecordedKind.LabelMap ? drawn.Layout.Facts.LabelMaps!.Name((int)values[0])
            : Type == typeof(WordList) ? null
            : string.Create(CultureInfo.InvariantCulture, $"{Entry.Component.Name} {values.Max():0.00}");
    }

    /// <summary>Writes the numbers of a sample under their name.</summary>
    public void WriteJson(Utf8JsonWriter writer, DrawnSample drawn)
    {
        float[] values = Values(drawn);
        switch (Kind)
        {
            case RecordedKind.Flag:
                writer.WriteBoolean(Name, values[0] != 0);
                break;
            case RecordedKind.LabelMap:
                writer.WriteString(Name, drawn.Layout.Facts.LabelMaps!.Name((int)values[0]));
                break;
            case RecordedKind.Number when IsSingle:
                writer.WriteNumber(Name, values[0]);
                break;
            default:
                writer.WriteStartArray(Name);
                foreach (float value in values)
                {
                    writer.WriteNumberValue(value);
                }

                writer.WriteEndArray();
                break;
        }
    }

    private static RecordedNumber[] Create(RowLayout layout)
    {
        var numbers = new List<RecordedNumber>();
        bool areSlices = layout.Facts.LabelMaps is { } maps && maps.Shape(0).Dimensions > layout.Facts.Shape.Dimensions;
        foreach (RowEntry entry in layout.Entries)
        {
            foreach (FieldInfo field in entry.Component.DrawnType.GetFields())
            {
                if (field.GetCustomAttribute<RecordedAttribute>() is { } recorded && (areSlices || !recorded.OfSlices)
                    && (recorded.OfKey is not { } key || entry.Component.GetType().GetProperty(key)!.GetValue(entry.Component) is not null))
                {
                    int word = entry.First + ((int)Marshal.OffsetOf(entry.Component.DrawnType, field.Name) / sizeof(uint));
                    numbers.Add(new RecordedNumber(entry, recorded.Name + entry.Suffix, recorded.Kind, field.FieldType, word));
                }
            }
        }

        return [.. numbers];
    }
}
