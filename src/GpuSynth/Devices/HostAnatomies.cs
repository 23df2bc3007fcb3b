using GpuSynth.Kernels;

namespace GpuSynth.Devices;

/// <summary>
/// A recipe's anatomies on the host. Of one sample only those are made that it has: one that its chance left out, or that a later one covers,
/// takes no time.
/// </summary>
internal sealed unsafe class HostAnatomies
{
    private readonly RowEntry[] entries;
    private readonly HostAnatomy[] forms;
    private readonly HostAnatomy[] own;
    private readonly InnerLabels[] inner;

    public HostAnatomies(RowLayout rows)
    {
        entries = [.. rows.Entries.Where(static entry => entry.Component.IsAnatomy)];
        forms = [.. entries.Select(entry => AnatomyForms.Host(entry, rows.Facts))];
        own = new HostAnatomy[forms.Length];
        inner = [.. entries.Select(static entry => entry.Inner).OfType<InnerLabels>()];
    }

    /// <summary>Floats of scratch that a thread needs.</summary>
    public long ScratchLength => forms.Max(static form => form.ScratchLength);

    /// <summary>Slabs of the label map, at most.</summary>
    public int MostSlabs => forms.Max(static form => form.SlabCount);

    /// <summary>Anatomies of the sample in hand.</summary>
    public int Count { get; private set; }

    /// <summary>Pieces of preparation of the sample in hand.</summary>
    public int PreparationCount { get; private set; }

    /// <summary>Whether the sample in hand has labels that it is not given with.</summary>
    public bool HasInner { get; private set; }

    /// <summary>An anatomy of the sample in hand, in the order of the recipe.</summary>
    public HostAnatomy this[int number] => own[number];

    public void Declare(WorkArena arena) => Array.ForEach(forms, form => form.Declare(arena));

    /// <summary>Takes a sample in hand.</summary>
    /// <param name="row">What was drawn for it.</param>
    public void Take(ReadOnlySpan<uint> row)
    {
        (Count, PreparationCount, HasInner) = (0, 0, false);
        for (int number = 0; number < forms.Length; number++)
        {
            if (entries[number].IsIn(row))
            {
                own[Count++] = forms[number];
                PreparationCount += forms[number].PreparationCount;
                HasInner |= entries[number].Inner is not null;
            }
        }
    }

    /// <summary>Puts what the sample in hand has found into its row, when all its labels are there.</summary>
    /// <param name="row">What was drawn for it; written.</param>
    public void Record(Span<uint> row)
    {
        for (int number = 0; number < Count; number++)
        {
            own[number].Record(row);
        }
    }

    /// <summary>Gives labels their targets.</summary>
    /// <param name="labels">Labels of the sample in hand; changed.</param>
    public void TakeOutInner(Span<byte> labels)
    {
        foreach (InnerLabels one in inner)
        {
            one.TakeOut(labels);
        }
    }

    /// <summary>Does one piece of preparation of the sample in hand.</summary>
    public void Prepare(WorkArena arena, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        int number = 0;
        while (piece >= own[number].PreparationCount)
        {
            piece -= own[number++].PreparationCount;
        }

        own[number].Prepare(arena, row, piece, scratch);
    }
}
