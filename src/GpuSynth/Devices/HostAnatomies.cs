using GpuSynth.Kernels;

namespace GpuSynth.Devices;

/// <summary>
/// A recipe's anatomies on the host. Of one sample only those are made that it has: one that its chance left out, or that a later one covers,
/// takes no time. Where labels move, those before stand in a second image, the two taking turns, so that the last are in the sample's own.
/// </summary>
internal sealed unsafe class HostAnatomies
{
    private readonly RowEntry[] entries;
    private readonly HostAnatomy[] forms;
    private readonly HostAnatomy[] own;
    private readonly HostLabelChange[] changes;
    private readonly int[] changesEnd;
    private readonly int[] movesBehind;
    private readonly LabelTables tables;
    private readonly int width;
    private readonly long voxels;
    private int beside = -1;
    private readonly byte[] targets = new byte[LabelTables.Most];

    public HostAnatomies(RowLayout rows)
    {
        entries = [.. rows.LabelMakers];
        forms = [.. entries.Select(entry => AnatomyForms.Host(entry, rows.Facts))];
        own = new HostAnatomy[forms.Length];
        changes = new HostLabelChange[forms.Length];
        changesEnd = new int[forms.Length];
        movesBehind = new int[forms.Length];
        tables = rows.Facts.Tables!;
        width = rows.Facts.Shape.Width;
        voxels = rows.Facts.Shape.VoxelCount;
    }

    /// <summary>Floats of scratch that a thread needs.</summary>
    public long ScratchLength => forms.Select(static form => form.ScratchLength).DefaultIfEmpty().Max();

    /// <summary>Slabs of the label map, at most.</summary>
    public int MostSlabs => forms.Select(static form => form.SlabCount).DefaultIfEmpty().Max();

    /// <summary>Anatomies of the sample in hand.</summary>
    public int Count { get; private set; }

    /// <summary>Pieces of preparation of the sample in hand.</summary>
    public int PreparationCount { get; private set; }

    /// <summary>Whether labels of the sample in hand are not those that it is given with.</summary>
    public bool HasTargets { get; private set; }

    /// <summary>An anatomy of the sample in hand, in the order of the recipe.</summary>
    public HostAnatomy this[int number] => own[number];

    public void Declare(WorkArena arena)
    {
        Array.ForEach(forms, form => form.Declare(arena));
        if (Array.Exists(forms, static form => form is HostLabelMove))
        {
            beside = arena.Floats("labels beside", (voxels + sizeof(float) - 1) / sizeof(float), "labels before they are moved");
        }
    }

    /// <summary>Takes a sample in hand.</summary>
    /// <param name="row">What was drawn for it.</param>
    public void Take(ReadOnlySpan<uint> row)
    {
        (Count, PreparationCount, HasTargets) = (0, 0, false);
        tables.Targets.CopyTo(targets);
        int changeCount = 0;
        for (int number = 0; number < forms.Length; number++)
        {
            if (!entries[number].IsIn(row))
            {
                continue;
            }

            if (forms[number] is HostLabelChange change)
            {
                // What it changes is before it: the first anatomy of a sample is none of these.
                changes[changeCount++] = change;
                change.Rename(row, targets);
                HasTargets |= ((IAnatomyComponent)entries[number].Component).Renames;
            }
            else
            {
                own[Count++] = forms[number];
                PreparationCount += forms[number].PreparationCount;
                HasTargets |= entries[number].HasTargets;
            }

            changesEnd[Count - 1] = changeCount;
        }

        for (int number = Count - 1, moves = 0; number >= 0; number--)
        {
            movesBehind[number] = moves;
            moves += own[number] is HostLabelMove ? 1 : 0;
        }
    }

    /// <summary>Writes the labels of one slab of an anatomy of the sample in hand, and changes them by what follows it.</summary>
    public void Slab(WorkArena arena, ReadOnlySpan<uint> row, int number, int slab, byte* labelsDHW, float* scratch)
    {
        bool isBeside = movesBehind[number] % 2 == 1;
        byte* to = isBeside ? (byte*)arena[beside] : labelsDHW;
        if (own[number] is HostLabelMove move)
        {
            move.Move(arena, row, slab, isBeside ? labelsDHW : (byte*)arena[beside], to, scratch);
        }
        else
        {
            own[number].Slab(arena, row, slab, to, scratch);
        }

        int first = number == 0 ? 0 : changesEnd[number - 1];
        if (first < changesEnd[number])
        {
            (int firstRow, int rowCount) = own[number].RowsOf(slab);
            var written = new Span<byte>(to + ((long)firstRow * width), rowCount * width);
            foreach (HostLabelChange change in changes.AsSpan(first, changesEnd[number] - first))
            {
                change.Change(row, written);
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
    public void GiveTargets(Span<byte> labels) => ByteTable.Apply(targets, tables.Count, labels);

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
