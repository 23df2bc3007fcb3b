namespace GpuSynth.Kernels;

/// <summary>What is known of every sample of a run before anything is drawn.</summary>
/// <param name="Shape">Shape of a sample.</param>
/// <param name="LabelCount">Number of labels; they run from 0.</param>
public readonly record struct SampleFacts(VolumeShape Shape, int LabelCount);

/// <summary>Where a component draws the numbers of one sample. A number is a function of its place: the same in any order.</summary>
public ref struct Drawing
{
    private readonly RandomPlace place;
    private readonly Span<uint> row;
    private int nextWord;

    /// <summary>Draws of one component for one sample.</summary>
    /// <param name="facts">What is known of every sample.</param>
    /// <param name="place">Seed, sample, the component's stream.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="lists">Where the component's lists begin in it.</param>
    public Drawing(in SampleFacts facts, in RandomPlace place, Span<uint> row, int lists)
    {
        Facts = facts;
        this.place = place;
        this.row = row;
        nextWord = lists;
    }

    /// <summary>What is known of every sample.</summary>
    public SampleFacts Facts { get; }

    /// <summary>One number.</summary>
    /// <param name="law">Its law.</param>
    /// <param name="element">Which draw of the component; part of what a seed means: append only.</param>
    public readonly float Number(Law law, uint element)
    {
        ArgumentNullException.ThrowIfNull(law);
        return law.Draw(in place, element);
    }

    /// <summary>A list of numbers of one law, an element each.</summary>
    /// <param name="law">Their law.</param>
    /// <param name="firstElement">Element of the first.</param>
    /// <param name="count">How many; the component's <see cref="Component.ListWords"/> has counted them.</param>
    public WordList Each(Law law, uint firstElement, int count)
    {
        var list = new WordList(nextWord, count);
        for (int i = 0; i < count; i++)
        {
            row[nextWord++] = BitConverter.SingleToUInt32Bits(Number(law, firstElement + (uint)i));
        }

        return list;
    }
}
