using System.Globalization;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// What the numbers in a data set's label maps are: classes 0, 1, 2 ... by ascending number, of which 0 is the background, and
/// ignored numbers (voxels that were not labelled), which count in no loss and no measure.
/// </summary>
public sealed class LabelClasses
{
    /// <summary>In memory, the class of a voxel that is left out.</summary>
    public const byte Ignored = byte.MaxValue;

    /// <summary>The most classes: a class is a byte, and one is taken.</summary>
    public const int MostClasses = byte.MaxValue;

    /// <summary>Classes by their numbers; the background is added where it is not among them.</summary>
    /// <param name="labels">Numbers from 0 and names.</param>
    /// <param name="ignored">Numbers that are ignored, whether or not they are among the labels.</param>
    public LabelClasses(IEnumerable<KeyValuePair<int, string>> labels, IEnumerable<int>? ignored = null)
    {
        IgnoredNumbers = [.. (ignored ?? []).Distinct().Order()];
        var sorted = new SortedDictionary<int, string> { [0] = "background" };
        foreach ((int number, string name) in labels)
        {
            sorted[number] = name;
        }

        Numbers = [.. sorted.Keys.Except(IgnoredNumbers)];
        Names = [.. Numbers.Select(number => sorted[number])];
        ArgumentOutOfRangeException.ThrowIfLessThan(Numbers[0], 0, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Numbers.Count, MostClasses, nameof(labels));
    }

    /// <summary>The files' number of every class, ascending.</summary>
    public IReadOnlyList<int> Numbers { get; }

    /// <summary>The name of every class.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The files' numbers that are left out, ascending.</summary>
    public IReadOnlyList<int> IgnoredNumbers { get; }

    /// <summary>Classes, the background included.</summary>
    public int Count => Numbers.Count;

    /// <summary>Whether every class has its own number in the files.</summary>
    public bool IsConsecutive => Numbers[^1] == Count - 1;

    /// <summary>What a number is called that has no name.</summary>
    public static string NameOf(int number) =>
        number == 0 ? "background" : string.Create(CultureInfo.InvariantCulture, $"label {number}");

    /// <summary>Predicted classes as the files' numbers.</summary>
    public int[] ToNumbers(ReadOnlySpan<byte> classes)
    {
        int[] numbers = new int[classes.Length];
        for (int n = 0; n < numbers.Length; n++)
        {
            numbers[n] = Numbers[classes[n]];
        }

        return numbers;
    }

    /// <summary>"0, 4, 17", at most eight of them.</summary>
    internal static string Listed(IEnumerable<int> numbers)
    {
        int[] all = [.. numbers];
        return all.Length > 8 ? $"{string.Join(", ", all.Take(8))} ..." : string.Join(", ", all);
    }
}
