namespace GpuSynth.Kernels;

/// <summary>Operations on labels on the host: one look-up, in the slabs of the anatomy before them.</summary>
/// <param name="component">The component.</param>
/// <param name="place">Where it stands.</param>
internal sealed class HostLabelOps(LabelOps component, in StepPlace place) : HostLabelChange(place.Facts.Shape)
{
    private readonly RowEntry entry = place.Entry;

    /// <inheritdoc/>
    public override void Change(ReadOnlySpan<uint> row, Span<byte> labels)
    {
        if (component.Changes)
        {
            Span<byte> table = stackalloc byte[LabelTables.Most];
            ReadOnlySpan<float> numbers = RowLayout.Numbers(row, entry.Drawn<LabelOps.Drawn>(row).Table);
            Bytes(numbers, table);
            ByteTable.Apply(table, numbers.Length, labels);
        }
    }

    /// <inheritdoc/>
    public override void Rename(ReadOnlySpan<uint> row, Span<byte> targets)
    {
        if (component.Renames)
        {
            Span<byte> names = stackalloc byte[LabelTables.Most];
            Bytes(RowLayout.Numbers(row, entry.Drawn<LabelOps.Drawn>(row).Names), names);
            foreach (ref byte target in targets)
            {
                target = names[target];
            }
        }
    }

    private static void Bytes(ReadOnlySpan<float> numbers, Span<byte> table)
    {
        LabelChanges.Identity(table);
        for (int label = 0; label < numbers.Length; label++)
        {
            table[label] = (byte)numbers[label];
        }
    }
}
