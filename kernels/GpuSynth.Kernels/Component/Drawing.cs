using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>What is known of every sample of a run before anything is drawn.</summary>
/// <param name="Shape">Shape of a sample.</param>
/// <param name="LabelCount">Number of labels; they run from 0.</param>
/// <param name="LabelMaps">The label maps, where the anatomy needs some.</param>
/// <param name="Tables">What its labels are; null of components without anatomies, each label of which is its own.</param>
public readonly record struct SampleFacts(VolumeShape Shape, int LabelCount, ILabelMaps? LabelMaps = null, LabelTables? Tables = null)
{
    /// <summary>Where what the anatomies draw stands in a row, in their order: for what makes intensities of more than labels. Null before rows are laid out.</summary>
    public IReadOnlyList<RowEntry>? Anatomies { get; init; }

    /// <summary>Whether images are given: the appearance changes them, and what makes labels, or intensities of labels, is left out.</summary>
    public bool AreImagesGiven { get; init; }
}

/// <summary>A number along each axis.</summary>
/// <param name="z">Along z.</param>
/// <param name="y">Along y.</param>
/// <param name="x">Along x.</param>
[StructLayout(LayoutKind.Sequential)]
public struct AxisNumbers(float z, float y, float x)
{
    /// <summary>Along z.</summary>
    public float Z = z;

    /// <summary>Along y.</summary>
    public float Y = y;

    /// <summary>Along x.</summary>
    public float X = x;

    /// <summary>The number along an axis.</summary>
    /// <param name="axis">0 is z, 1 is y, 2 is x.</param>
    public readonly float Along(int axis) => axis == 0 ? Z : axis == 1 ? Y : X;

    /// <summary>The three of them.</summary>
    public readonly float[] ToArray() => [Z, Y, X];
}

/// <summary>Where a component draws the numbers of one sample. A number is a function of its place: the same in any order.</summary>
public ref struct Drawing
{
    /// <summary>
    /// The element of a component's stream that decides whether a sample has it (<see cref="Component.Chance"/>). Elements from here on are the
    /// engine's, append only; a component's own are below.
    /// </summary>
    public const uint ChanceElement = 1u << 31;

    private readonly RandomPlace place;
    private readonly Span<uint> row;
    private readonly byte[]? tissues;
    private int nextWord;

    /// <summary>Draws of one component for one sample.</summary>
    /// <param name="facts">What is known of every sample.</param>
    /// <param name="place">Seed, sample, the component's stream.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="lists">Where the component's lists begin in it.</param>
    /// <param name="tissues">The tissue of every label of the sample, <see cref="LabelTables.Tissues"/>; null: each is its own.</param>
    public Drawing(in SampleFacts facts, in RandomPlace place, Span<uint> row, int lists, byte[]? tissues = null)
    {
        Facts = facts;
        this.place = place;
        this.row = row;
        this.tissues = tissues;
        nextWord = lists;
    }

    /// <summary>What is known of every sample.</summary>
    public SampleFacts Facts { get; }

    /// <summary>The first of an anatomy's labels, <see cref="RowEntry.FirstLabel"/>.</summary>
    public int FirstLabel { get; init; }

    /// <summary>A further stream of the component where it stands: a second one of its kind draws others.</summary>
    /// <param name="stream">One of its streams.</param>
    public readonly uint Stream(uint stream) => stream | (place.Counter1 & (0xffu << 16));

    /// <summary>One number.</summary>
    /// <param name="law">Its law.</param>
    /// <param name="element">Which draw of the component, below <see cref="ChanceElement"/>; part of what a seed means: append only.</param>
    public readonly float Number(Law law, uint element)
    {
        ArgumentNullException.ThrowIfNull(law);
        return law.Draw(in place, element);
    }

    /// <summary>A number along each axis, z first, an element each.</summary>
    /// <param name="law">Their law.</param>
    /// <param name="element">Element of the first.</param>
    public readonly AxisNumbers Axes(Law law, uint element) =>
        new(Number(law, element), Number(law, element + 1), Number(law, element + 2));

    /// <summary>A list of numbers of one law, an element each.</summary>
    /// <param name="law">Their law.</param>
    /// <param name="firstElement">Element of the first.</param>
    /// <param name="count">How many; the component's <see cref="Component.ListWords"/> has counted them.</param>
    /// <param name="factor">What each is multiplied by.</param>
    public WordList Each(Law law, uint firstElement, int count, float factor = 1)
    {
        WordList list = List(count);
        for (int i = 0; i < count; i++)
        {
            row[list.First + i] = BitConverter.SingleToUInt32Bits(Number(law, firstElement + (uint)i) * factor);
        }

        return list;
    }

    /// <summary>The label whose numbers a label has: the lowest of its tissue.</summary>
    /// <param name="label">The label.</param>
    public readonly int TissueOf(int label) => tissues is null ? label : tissues[label];

    /// <summary>
    /// A number for every label, an element each: the same for labels of one tissue, which take that of the lowest of them.
    /// </summary>
    /// <param name="law">Their law, or a list of laws per label.</param>
    /// <param name="firstElement">Element of label 0.</param>
    public WordList EachLabel(Law law, uint firstElement)
    {
        WordList list = List(Facts.LabelCount);
        for (int label = 0; label < list.Count; label++)
        {
            int own = TissueOf(label);
            Law ownLaw = law is PerLabelLaw laws ? laws.Of(own) : law;
            row[list.First + label] = BitConverter.SingleToUInt32Bits(Number(ownLaw, firstElement + (uint)own));
        }

        return list;
    }

    /// <summary>The numbers of a list, to be written by a draw of its own.</summary>
    public readonly Span<float> Numbers(WordList list) => MemoryMarshal.Cast<uint, float>(row).Slice(list.First, list.Count);

    /// <summary>A list that is worked out later.</summary>
    /// <param name="count">How many numbers; <see cref="Component.ListWords"/> has counted them.</param>
    public WordList List(int count)
    {
        var list = new WordList(nextWord, count);
        nextWord += count;
        return list;
    }
}
