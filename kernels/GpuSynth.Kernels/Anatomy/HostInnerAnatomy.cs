namespace GpuSynth.Kernels;

/// <summary>
/// An anatomy inside labels of those before it, on the host: a slab is drawn into scratch and put where it belongs; one in which there is no such
/// label is not drawn.
/// </summary>
internal sealed unsafe class HostInnerAnatomy(HostAnatomy own, InnerLabels inner, VolumeShape shape) : HostInner(own, shape)
{
    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        (long first, int count) = VoxelsOf(slab);
        var outer = new Span<byte>(labelsDHW + first, count);
        if (inner.AreIn(outer))
        {
            // The anatomy writes to the slab's place in a label map of which nothing else is there.
            byte* drawn = Beside(scratch);
            Own.Slab(memory, row, slab, drawn - first, scratch);
            inner.Put(new ReadOnlySpan<byte>(drawn, count), outer);
        }
    }
}
