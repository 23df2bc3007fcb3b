using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>
/// Everything that was drawn for one sample, as ground truth: it travels with the batch, prints itself, and can be given back to
/// <see cref="SynthesisEngine.Apply"/>, changed or not. It is the row of words that a device reads. Coarse grids are not in it: the key and
/// the seed name them.
/// </summary>
/// <remarks>
/// Made once by <see cref="SynthesisEngine.CreateDrawn"/> and filled again for each sample: no allocation per sample.
/// </remarks>
public sealed class DrawnSample
{
    private readonly uint[] words;

    internal DrawnSample(RowLayout layout)
    {
        Layout = layout;
        words = new uint[layout.Length];
    }

    /// <summary>Where the numbers stand.</summary>
    public RowLayout Layout { get; }

    /// <summary>The run's seed.</summary>
    public ulong Seed => Long(RowLayout.Seed);

    /// <summary>Anatomy and appearance index.</summary>
    public SampleKey Key => new(Long(RowLayout.Anatomy), Long(RowLayout.Appearance));

    /// <summary>Number of labels K of the sample's labels.</summary>
    public int LabelCount => Layout.Facts.Tables?.TargetCount ?? Layout.Facts.LabelCount;

    /// <summary>The row of words, <see cref="RowLayout.Length"/> of them.</summary>
    public Span<uint> Words => words;

    /// <summary>Measured: max|I| before the noise, where noise is drawn.</summary>
    public float MeasuredMaximum { get; internal set; }

    /// <summary>Measured: the intensity range that became 0 to 1.</summary>
    public (float Minimum, float Maximum) MeasuredRange { get; internal set; }

    /// <summary>What a component has drawn; what it holds may be changed and given back.</summary>
    /// <typeparam name="TDrawn">Its drawn struct: <c>Of&lt;Gamma.Drawn&gt;().Exponent</c>.</typeparam>
    /// <param name="occurrence">Which component of the kind, where the recipe has several.</param>
    /// <exception cref="ArgumentException">The recipe has no such component.</exception>
    public ref TDrawn Of<TDrawn>(int occurrence = 0)
        where TDrawn : unmanaged => ref Layout.Of<TDrawn>(Words, occurrence);

    /// <summary>Whether the recipe has a component of a kind.</summary>
    /// <typeparam name="TComponent">The kind.</typeparam>
    public bool Has<TComponent>()
        where TComponent : Component => Layout.Find<TComponent>() is not null;

    /// <summary>
    /// The components that the sample is without, in the recipe's order: "noise", and "blur#2" of a second one. Their chance left them out, or
    /// they are anatomies that a later one covers. What they hold is no ground truth.
    /// </summary>
    public IEnumerable<string> LeftOut => Layout.Entries.Where(entry => !entry.IsIn(Words)).Select(static entry => entry.Name);

    /// <summary>Whether the sample's labels come from a label map; label 0 is then what lies around the anatomy.</summary>
    public bool IsOfLabelMap
    {
        get
        {
            Span<uint> row = Words;
            foreach (RowEntry entry in Layout.Entries)
            {
                if (entry.Component is IAnatomyComponent { NeedsLabelMaps: true } && entry.IsIn(row))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The numbers of a list; they may be changed and given back.</summary>
    public Span<float> List(WordList list) => MemoryMarshal.Cast<uint, float>(Words).Slice(list.First, list.Count);

    /// <summary>What was drawn in a few words, one for each component that has some: "bias 0.05", "blur 0.83".</summary>
    public IEnumerable<string> Captions() => RecordedNumber.Of(Layout)
        .DistinctBy(static number => number.Entry)
        .Where(number => number.Entry.IsIn(Words))
        .Select(number => number.Caption(this))
        .OfType<string>();

    /// <summary>Writes the sample as one JSON object: what was drawn under its names, units in the names.</summary>
    /// <param name="writer">Writer, at a place where an object may begin.</param>
    /// <remarks>
    /// What a second component of one kind has drawn is called "gamma#2". Where samples may be without components, "leftOut" lists those that
    /// this one is without. Their numbers are missing; the label map of one is null. Where labels are drawn inside others, lists per label go over all
    /// that intensities are made of, and "targetOfSynthesisLabel" says what each is in the sample's labels.
    /// </remarks>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteNumber("seed", Seed);
        writer.WriteNumber("anatomy", Key.Anatomy);
        writer.WriteNumber("appearance", Key.Appearance);
        writer.WriteNumber("labelCount", LabelCount);
        if (Layout.Facts.Tables is { } tables && tables.Count > tables.TargetCount)
        {
            // Lists per label are of these.
            writer.WriteStartArray("targetOfSynthesisLabel");
            foreach (byte target in tables.Targets)
            {
                writer.WriteNumberValue(target);
            }

            writer.WriteEndArray();
        }

        if (Layout.Entries.Any(static entry => entry.MayBeMissing))
        {
            writer.WriteStartArray("leftOut");
            foreach (string name in LeftOut)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }

        foreach (RecordedNumber number in RecordedNumber.Of(Layout))
        {
            if (number.Entry.IsIn(Words))
            {
                number.WriteJson(writer, this);
            }
            else if (number.Kind == RecordedKind.LabelMap)
            {
                writer.WriteNull(number.Name);
            }
        }

        writer.WriteStartObject("measured");
        writer.WriteNumber("maximumBeforeNoise", MeasuredMaximum);
        writer.WriteNumber("rangeMinimum", MeasuredRange.Minimum);
        writer.WriteNumber("rangeMaximum", MeasuredRange.Maximum);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Draws the sample.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="key">Anatomy and appearance index.</param>
    internal void Draw(ulong seed, SampleKey key) => Layout.Draw(seed, key, Words);

    /// <summary>Works out what follows from what was drawn, or given back.</summary>
    /// <param name="rows">Layout of the engine that renders it.</param>
    /// <exception cref="GpuSynthException">Numbers do not fit each other.</exception>
    internal void Prepare(RowLayout rows)
    {
        try
        {
            rows.Prepare(Words);
        }
        catch (ArgumentException exception)
        {
            throw new GpuSynthException(exception.Message, exception);
        }
    }

    /// <summary>What is said of an image with a NaN or an infinity; what was measured is in the record.</summary>
    /// <param name="recipe">The recipe's name.</param>
    /// <param name="isGivenBack">Whether the parameters were given back, not drawn.</param>
    internal GpuSynthException NotFinite(string recipe, bool isGivenBack)
    {
        (float minimum, float maximum) = MeasuredRange;
        string range = string.Create(CultureInfo.InvariantCulture, $"range {minimum} to {maximum}");
        return new GpuSynthException(isGivenBack
            ? $"The parameters that were given back for sample {Key.Appearance} of recipe {recipe} make an image with a NaN or an infinity "
                + $"({range}); change them."
            : $"Sample {Key.Appearance} of recipe {recipe} holds a NaN or an infinity ({range}): "
                + "its components make intensities that a float cannot hold; narrow contrast.mean, bias or noise, or leave one out.");
    }

    private ulong Long(int word) => words[word] | ((ulong)words[word + 1] << 32);
}
