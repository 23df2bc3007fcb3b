namespace GpuSynth.Kernels;

/// <summary>
/// A part inside labels of those before it, on the host: it paints over a slab as it would by itself, with the labels of the first that it is drawn in; then these
/// are put where they belong, and where that is nowhere the slab's own label is back.
/// </summary>
internal sealed unsafe class HostInnerPart(HostAnatomy own, InnerLabels inner, VolumeShape shape) : HostInner(own, shape)
{
    private readonly byte[] table = inner.FirstInsideRegions();

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        (long first, int count) = VoxelsOf(slab);
        var labels = new Span<byte>(labelsDHW + first, count);
        var before = new Span<byte>(Beside(scratch), count);
        labels.CopyTo(before);
        Own.Slab(memory, row, slab, labelsDHW, scratch);

        // Only what is other than before is the part's.
        int at = 0;
        while ((at += labels[at..].CommonPrefixLength(before[at..])) < count)
        {
            int inside = table[before[at]];
            labels[at] = inside != 0 ? (byte)(inside + labels[at] - inner.First) : before[at];
            at++;
        }
    }
}
