using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>
/// What every ring has: slots of the caller's memory with their records, the samples that they are filled with in order, and whose
/// turn it is. Batches are acquired in the order in which they were made, and released in that order too. What makes a ring wait is
/// its own affair.
/// </summary>
/// <remarks>One thread may fill slots while another acquires and one more releases; none of the three from two threads at once.</remarks>
internal sealed class RingSlots : IDisposable
{
    private readonly SynthesisEngine engine;
    private readonly SlotMemory[] slots;
    private readonly DrawnSample[][] drawn;
    private readonly IEnumerator<long> samples;
    private readonly Func<long, SampleKey> keyOf;
    private readonly SampleKey[] keys;
    private readonly long[] firstSamples;
    private readonly int[] counts;
    private long acquired;
    private long released;

    /// <summary>Slots, none of them filled.</summary>
    /// <param name="engine">Engine; the ring is its only user until it is disposed.</param>
    /// <param name="slots">At least one slot; each holds a batch of the plan's size.</param>
    /// <param name="samples">Numbers of the samples, at least 0; they are asked for as slots are filled.</param>
    /// <param name="keyOf">The key of a sample's number; null: both of its indices are the number.</param>
    /// <exception cref="ArgumentException">There is no slot, or a slot without memory.</exception>
    public RingSlots(SynthesisEngine engine, SlotMemory[] slots, IEnumerable<long> samples, Func<long, SampleKey>? keyOf = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(samples);
        if (slots.Length == 0 || Array.Exists(slots, static slot => slot.Image == 0 || slot.Label == 0))
        {
            throw new ArgumentException(
                "A ring needs at least one slot, and memory for images and labels in each.", nameof(slots));
        }

        this.engine = engine;
        this.keyOf = keyOf ?? SampleKey.Of;
        this.slots = [.. slots];
        this.samples = samples.GetEnumerator();
        keys = new SampleKey[engine.Plan.Options.BatchSize];
        firstSamples = new long[slots.Length];
        counts = new int[slots.Length];
        drawn = new DrawnSample[slots.Length][];
        for (int slot = 0; slot < slots.Length; slot++)
        {
            drawn[slot] = new DrawnSample[keys.Length];
            for (int sample = 0; sample < keys.Length; sample++)
            {
                drawn[slot][sample] = engine.CreateDrawn();
            }
        }
    }

    /// <summary>Number of slots.</summary>
    public int Count => slots.Length;

    /// <summary>The slot of the next batch to acquire.</summary>
    public int Next => (int)(acquired % slots.Length);

    /// <summary>Batches acquired so far.</summary>
    public long Acquired => acquired;

    /// <summary>Whether every slot is held.</summary>
    public bool AreAllHeld => acquired - released == slots.Length;

    /// <summary>All numbers from one on.</summary>
    public static IEnumerable<long> From(long firstSample)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstSample);
        return Endless(firstSample);

        static IEnumerable<long> Endless(long sample)
        {
            while (true)
            {
                yield return sample++;
            }
        }
    }

    /// <summary>Takes the next samples for a slot: as many as a batch has, and fewer where they end. Nothing is made yet.</summary>
    /// <returns>How many; 0 where none are left.</returns>
    public int Take(int slot)
    {
        counts[slot] = 0;
        int count = 0;
        while (count < keys.Length && samples.MoveNext())
        {
            if (count == 0)
            {
                firstSamples[slot] = samples.Current;
            }

            keys[count++] = keyOf(samples.Current);
        }

        return count;
    }

    /// <summary>Makes samples of those taken, behind those that the slot holds.</summary>
    /// <returns>How many the slot holds now.</returns>
    public int Make(int slot, int count)
    {
        int first = counts[slot];
        SynthesisPlan plan = engine.Plan;
        var memory = new SlotMemory(
            slots[slot].Image + (nint)(first * plan.ImageBytesPerSample), slots[slot].Label + (nint)(first * plan.LabelBytesPerSample));
        engine.GenerateBatch(keys.AsSpan(first, count), memory, first == 0 ? drawn[slot] : drawn[slot][first..]);
        return counts[slot] = first + count;
    }

    /// <summary>Gives out the batch of <see cref="Next"/>, which is there.</summary>
    public RingBatch Acquire()
    {
        int slot = Next;
        acquired++;
        return new RingBatch(slot, slots[slot], firstSamples[slot], drawn[slot]) { Count = counts[slot], Turn = acquired };
    }

    /// <summary>Takes a batch back.</summary>
    /// <returns>Its slot.</returns>
    /// <exception cref="InvalidOperationException">The batch is not the oldest one held.</exception>
    public int Release(RingBatch batch)
    {
        int oldest = (int)(released % slots.Length);
        if (batch.Turn == 0 || batch.Slot >= slots.Length || batch.Memory != slots[batch.Slot])
        {
            throw new InvalidOperationException("The batch is none of this ring's: release what its Acquire returned, once each.");
        }

        if (batch.Turn <= released)
        {
            throw new InvalidOperationException(
                $"The batch of sample {batch.FirstSample} in slot {batch.Slot} was released before; "
                + "release batches in order, once each.");
        }

        if (batch.Turn != released + 1)
        {
            throw new InvalidOperationException(
                $"Slot {batch.Slot} was released, but the oldest batch held is that of slot {oldest}; "
                + "release batches in order, once each.");
        }

        released++;
        return oldest;
    }

    /// <inheritdoc/>
    public void Dispose() => samples.Dispose();
}
