using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>One component of a recipe, and where its numbers stand in a sample's row.</summary>
/// <param name="Component">The component.</param>
/// <param name="Occurrence">0, or how often its stream stands before it in the recipe.</param>
/// <param name="First">
/// The first word of its drawn struct; the word before it is 1, or 0 where a sample is without the component.
/// </param>
/// <param name="Lists">The first word of its lists.</param>
public sealed record RowEntry(Component Component, int Occurrence, int First, int Lists)
{
    /// <summary>What it is called in ground truth: "gamma", and of a second component of the kind "gamma#2".</summary>
    public string Name => Component.Name + Suffix;

    /// <summary>What follows the names of its numbers: nothing, and of a second component of the kind "#2".</summary>
    public string Suffix => Occurrence == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"#{Occurrence + 1}");

    /// <summary>
    /// The share of samples that have it: its chance, and that of no later anatomy covering it, where it is one.
    /// </summary>
    public double Share { get; init; } = 1;

    /// <summary>The first of an anatomy's labels.</summary>
    public int FirstLabel { get; init; }

    /// <summary>Whether some samples do not have it: they leave it out, or a later anatomy covers it.</summary>
    public bool MayBeMissing { get; init; }

    /// <summary>Of an anatomy that is drawn inside labels of those before it: its labels there.</summary>
    public InnerLabels? Inner { get; init; }

    /// <summary>Of an anatomy: whether intensities are made of labels of its own that samples are not given with.</summary>
    public bool HasTargets => Inner is not null || Component is IAnatomyComponent { MakesAir: true };

    /// <summary>Of an anatomy that mirrors: what each of 256 labels becomes in a mirror where it stands; null where none has a side.</summary>
    public byte[]? Mirror { get; init; }

    /// <summary>Of an anatomy: the tissue of every label in the samples that it decides; null where each is its own.</summary>
    public byte[]? Tissues { get; init; }

    /// <summary>Whether a sample has the component.</summary>
    /// <param name="row">The sample's row.</param>
    public bool IsIn(ReadOnlySpan<uint> row) => !MayBeMissing || row[First - 1] != 0;

    /// <summary>Whether a sample has the component, on the host.</summary>
    /// <param name="row">The sample's row.</param>
    public unsafe bool IsIn(in Row row) => !MayBeMissing || ((uint*)row.WordsAddress)[First - 1] != 0;

    /// <summary>What it has drawn.</summary>
    /// <typeparam name="TDrawn">Its drawn struct.</typeparam>
    /// <param name="row">The sample's row.</param>
    public TDrawn Drawn<TDrawn>(ReadOnlySpan<uint> row)
        where TDrawn : unmanaged => MemoryMarshal.Read<TDrawn>(MemoryMarshal.AsBytes(row[First..]));
}

/// <summary>
/// Where everything that is drawn for a sample stands in its row of words: [keys][structs, one component after another][lists]. The row is the
/// sample's ground truth, and what a device reads.
/// </summary>
public sealed class RowLayout
{
    /// <summary>Word of the anatomy index, low; high is the next.</summary>
    public const int Anatomy = 0;

    /// <summary>Word of the appearance index, low; high is the next.</summary>
    public const int Appearance = 2;

    /// <summary>Word of the run's seed, low; high is the next.</summary>
    public const int Seed = 4;

    /// <summary>Words that are 0: what a kernel reads of a component that the recipe has not.</summary>
    public const int Zeros = 6;

    /// <summary>Words that are the float 1.</summary>
    public const int Ones = Zeros + 16;

    private const int Structs = Ones + 3;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <summary>Lays out the rows of a run.</summary>
    /// <param name="components">Components of the recipe, anatomy first.</param>
    /// <param name="facts">What is known of every sample.</param>
    public RowLayout(IEnumerable<Component> components, SampleFacts facts)
    {
        ArgumentNullException.ThrowIfNull(components);
        Component[] all = [.. components];
        int lists = Structs + all.Sum(static component => 1 + component.DrawnWords);
        int first = Structs;
        int anatomies = 0;
        var entries = new List<RowEntry>();
        foreach (Component component in all)
        {
            int occurrence = entries.Count(entry => entry.Component.Stream == component.Stream);
            int anatomy = component.IsAnatomy && facts.Tables is not null ? anatomies++ : -1;
            entries.Add(new RowEntry(component, occurrence, first + 1, lists)
            {
                Share = component.Chance,
                MayBeMissing = component.Chance < 1,
                FirstLabel = anatomy < 0 ? 0 : facts.Tables!.First(anatomy),
                Inner = anatomy < 0 ? null : facts.Tables!.Inner(anatomy),
                Mirror = anatomy < 0 ? null : facts.Tables!.Mirror(anatomy),
                Tissues = anatomy < 0 ? null : facts.Tables!.Tissues(anatomy),
            });
            first += 1 + component.DrawnWords;
            lists += component.ListWords(in facts);
        }

        Cover(entries);
        Entries = entries;
        Facts = facts with { Anatomies = [.. entries.Where(static entry => entry.Component.IsAnatomy)] };
        Length = (lists + 3) / 4 * 4;
    }

    /// <summary>What is known of every sample.</summary>
    public SampleFacts Facts { get; }

    /// <summary>The components, in the recipe's order, anatomy first.</summary>
    public IReadOnlyList<RowEntry> Entries { get; }

    /// <summary>The anatomies that labels are made by, in their order: none where images are given.</summary>
    public IEnumerable<RowEntry> LabelMakers => Facts.AreImagesGiven ? [] : Entries.Where(static entry => entry.Component.IsAnatomy);

    /// <summary>Words of a row, a multiple of 4.</summary>
    public int Length { get; }

    /// <summary>
    /// Whether rows of this layout can be read by another: the same numbers in the same places, and nothing may be missing that the other
    /// always has.
    /// </summary>
    public bool Fits(RowLayout other)
    {
        ArgumentNullException.ThrowIfNull(other);
        bool fits = Length == other.Length && Entries.Count == other.Entries.Count;
        for (int i = 0; fits && i < Entries.Count; i++)
        {
            (RowEntry own, RowEntry given) = (Entries[i], other.Entries[i]);
            fits = own.Component.DrawnType == given.Component.DrawnType && own.First == given.First && own.Lists == given.Lists
                && (!own.MayBeMissing || given.MayBeMissing);
        }

        return fits;
    }

    /// <summary>The first entry of a kind of component, or null.</summary>
    public RowEntry? Find<TComponent>()
        where TComponent : Component
    {
        foreach (RowEntry entry in Entries)
        {
            if (entry.Component is TComponent)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Draws a sample.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="key">Anatomy and appearance index.</param>
    /// <param name="row">Written, <see cref="Length"/> words.</param>
    public void Draw(ulong seed, SampleKey key, Span<uint> row)
    {
        row[..Structs].Clear();
        row.Slice(Ones, 3).Fill(BitConverter.SingleToUInt32Bits(1f));
        row[Anatomy] = (uint)key.Anatomy;
        row[Anatomy + 1] = (uint)(key.Anatomy >> 32);
        row[Appearance] = (uint)key.Appearance;
        row[Appearance + 1] = (uint)(key.Appearance >> 32);
        row[Seed] = (uint)seed;
        row[Seed + 1] = (uint)(seed >> 32);
        SampleFacts facts = Facts;
        byte[]? tissues = null;
        bool areAnatomiesDrawn = false;
        for (int i = 0; i < Entries.Count; i++)
        {
            RowEntry entry = Entries[i];
            if (!entry.Component.IsAnatomy && !areAnatomiesDrawn)
            {
                tissues = CoverIn(row);
                areAnatomiesDrawn = true;
            }

            uint stream = entry.Component.Stream | ((uint)entry.Occurrence << 16);
            var place = new RandomPlace(seed, entry.Component.IsAnatomy ? key.Anatomy : key.Appearance, stream);
            var drawing = new Drawing(in facts, in place, row, entry.Lists, tissues) { FirstLabel = entry.FirstLabel };
            double chance = entry.Component.Chance;
            row[entry.First - 1] = chance >= 1 || Unit.Draw(in place, Drawing.ChanceElement) < chance ? 1u : 0u;
            entry.Component.DrawInto(ref drawing, row, entry.First);
        }

        if (!areAnatomiesDrawn)
        {
            CoverIn(row);
        }
    }

    /// <summary>Works out what follows from the numbers in a row.</summary>
    /// <param name="row">A row, drawn or given back.</param>
    /// <exception cref="ArgumentException">Numbers do not fit each other.</exception>
    public void Prepare(Span<uint> row)
    {
        SampleFacts facts = Facts;
        for (int i = 0; i < Entries.Count; i++)
        {
            RowEntry entry = Entries[i];
            if (!entry.IsIn(row))
            {
                // Nothing reads an anatomy that is not there, so that numbers which fit no label map are no complaint either.
                if (entry.Component.IsAnatomy)
                {
                    continue;
                }

                entry.Component.LeaveOutIn(row, entry.First);
            }

            entry.Component.PrepareIn(in facts, row, entry.First);
        }
    }

    /// <summary>Where numbers of a sample's anatomy are drawn.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="stream">The stream, its occurrence in the recipe in bits 16 to 23.</param>
    public static RandomPlace AnatomyPlace(ReadOnlySpan<uint> row, uint stream) =>
        new(row[Seed], row[Seed + 1], stream, row[Anatomy], row[Anatomy + 1]);

    /// <summary>Where numbers of a sample's appearance are drawn.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="stream">The stream, its occurrence in the recipe in bits 16 to 23.</param>
    public static RandomPlace AppearancePlace(ReadOnlySpan<uint> row, uint stream) =>
        new(row[Seed], row[Seed + 1], stream, row[Appearance], row[Appearance + 1]);

    /// <summary>The numbers of a list.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="list">The list.</param>
    public static ReadOnlySpan<float> Numbers(ReadOnlySpan<uint> row, WordList list) =>
        MemoryMarshal.Cast<uint, float>(row.Slice(list.First, list.Count));

    /// <summary>What a component has drawn, in a row.</summary>
    /// <typeparam name="TDrawn">Its drawn struct.</typeparam>
    /// <param name="row">The row.</param>
    /// <param name="occurrence">Which component of the kind, where there are several.</param>
    /// <exception cref="ArgumentException">The recipe has no such component.</exception>
    public ref TDrawn Of<TDrawn>(Span<uint> row, int occurrence = 0)
        where TDrawn : unmanaged
    {
        int found = 0;
        for (int i = 0; i < Entries.Count; i++)
        {
            if (Entries[i].Component is Component<TDrawn> && found++ == occurrence)
            {
                return ref Unsafe.As<uint, TDrawn>(ref row[Entries[i].First]);
            }
        }

        throw new ArgumentException(
            $"The recipe has {found} components that draw {typeof(TDrawn).DeclaringType?.Name ?? typeof(TDrawn).Name}, "
            + $"and number {occurrence} was asked for; they count from 0.");
    }

    // A sample is without the anatomies that a later one hides: nothing of them is seen, and nobody makes them. The last that is left and has
    // tissues says what they are.
    private byte[]? CoverIn(Span<uint> row)
    {
        byte[]? tissues = null;
        bool isHidden = false;
        for (int i = Entries.Count - 1; i >= 0; i--)
        {
            RowEntry entry = Entries[i];
            if (entry.Component is IAnatomyComponent anatomy)
            {
                ref uint isIn = ref row[entry.First - 1];
                isIn = isHidden ? 0u : isIn;
                isHidden |= isIn != 0 && anatomy.Hides;
                tissues ??= isIn != 0 ? entry.Tissues : null;
            }
        }

        return tissues;
    }

    // An anatomy that hides those before it and may be in makes them rarer.
    private static void Cover(List<RowEntry> entries)
    {
        (double seen, bool isCoverable) = (1, false);
        for (int i = entries.Count - 1; i >= 0; i--)
        {
            RowEntry entry = entries[i];
            if (entry.Component is IAnatomyComponent anatomy)
            {
                entries[i] = entry with { Share = entry.Share * seen, MayBeMissing = entry.MayBeMissing || isCoverable };
                seen *= anatomy.Hides ? 1 - Math.Clamp(entry.Component.Chance, 0, 1) : 1;
                isCoverable |= anatomy.Hides && entry.Component.Chance > 0;
            }
        }
    }
}
