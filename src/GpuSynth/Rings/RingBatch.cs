namespace GpuSynth;

/// <summary>A batch in a slot of a ring: valid until it is released.</summary>
/// <param name="Slot">Index of the slot.</param>
/// <param name="Memory">Its memory.</param>
/// <param name="FirstSample">Number of the batch's first sample; the others follow.</param>
/// <param name="Drawn">What was drawn, one per sample; owned by the slot.</param>
public readonly record struct RingBatch(int Slot, SlotMemory Memory, long FirstSample, DrawnSample[] Drawn)
{
    /// <summary>Samples in it: the plan's batch size, and fewer only at the end of a list of samples.</summary>
    public int Count { get; internal init; }

    /// <summary>How many batches the ring had given out with this one; 0 for a batch of no ring.</summary>
    internal long Turn { get; init; }
}
