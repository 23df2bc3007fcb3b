using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>
/// Slots in the device's own memory, filled on the generator's stream while the trainer's stream works on the ones before. Nothing
/// is copied and the host never waits: per slot one event says that it is ready and one that it is free.
/// </summary>
/// <remarks>
/// Used from the trainer's thread. The generator's kernels are enqueued when a slot is released, behind the trainer's work on it:
/// <code>
/// generator: await free[k];  kernels into slot k;        record ready[k]
/// trainer:   await ready[k]; forward, backward, update;  record free[k]
/// </code>
/// Records say what was drawn at the first attempt; that it was drawn again, once in thousands of small volumes, stands on the device alone.
/// </remarks>
public sealed class DeviceRing : IDisposable
{
    private readonly SynthesisEngine engine;
    private readonly IStreamEvents events;
    private readonly SlotMemory[] slots;
    private readonly DrawnSample[][] drawn;
    private readonly SampleKey[] keys;
    private readonly long[] firstSamples;
    private readonly bool[] isHeld;
    private readonly nint[] free;
    private readonly nint[] ready;
    private readonly nint trainerStream;
    private long nextSample;
    private int nextToAcquire;
    private int nextToRelease;
    private bool disposed;

    /// <summary>Starts filling the slots.</summary>
    /// <param name="engine">Engine of a plan with its slots on the device; the ring is its only user until it is disposed.</param>
    /// <param name="slots">At least one slot, two or three for overlap; each holds a batch of the plan's size.</param>
    /// <param name="firstSample">Number of the first sample, at least 0.</param>
    /// <param name="trainerStream">Handle of the trainer's stream; 0 for the context's default stream, which is torch's.</param>
    /// <exception cref="ArgumentException">There is no slot, a slot without memory, or an engine without events.</exception>
    public DeviceRing(SynthesisEngine engine, SlotMemory[] slots, long firstSample = 0, nint trainerStream = 0)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSample);
        if (slots.Length == 0 || Array.Exists(slots, static slot => slot.Image == 0 || slot.Label == 0))
        {
            throw new ArgumentException(
                "A ring needs at least one slot, and memory for images and labels in each.", nameof(slots));
        }

        if (!engine.Plan.Options.SlotsOnDevice || engine.Events is null)
        {
            throw new ArgumentException(
                $"Device {engine.Plan.Options.Device} does not write to slots of its own here; use a {nameof(BatchRing)}.",
                nameof(engine));
        }

        this.engine = engine;
        events = engine.Events;
        this.slots = [.. slots];
        this.trainerStream = trainerStream;
        int batch = engine.Plan.Options.BatchSize;
        keys = new SampleKey[batch];
        firstSamples = new long[slots.Length];
        isHeld = new bool[slots.Length];
        free = new nint[slots.Length];
        ready = new nint[slots.Length];
        drawn = new DrawnSample[slots.Length][];
        nextSample = firstSample;
        for (int slot = 0; slot < slots.Length; slot++)
        {
            drawn[slot] = new DrawnSample[batch];
            for (int sample = 0; sample < batch; sample++)
            {
                drawn[slot][sample] = engine.CreateDrawn();
            }

            free[slot] = events.Create();
            ready[slot] = events.Create();
            // Whatever the trainer's stream still does with this memory, clearing it perhaps, comes first.
            events.RecordOn(free[slot], trainerStream);
            Fill(slot);
        }
    }

    /// <summary>Number of slots.</summary>
    public int SlotCount => slots.Length;

    /// <summary>The next batch. The trainer's stream waits for it; the host does not.</summary>
    /// <exception cref="InvalidOperationException">Every slot is held; release one first.</exception>
    public RingBatch Acquire()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        int slot = nextToAcquire;
        if (isHeld[slot])
        {
            throw new InvalidOperationException($"All {slots.Length} slots are held; release the oldest batch first.");
        }

        events.AwaitOn(ready[slot], trainerStream);
        isHeld[slot] = true;
        nextToAcquire = (slot + 1) % slots.Length;
        return new RingBatch(slot, slots[slot], firstSamples[slot], drawn[slot]);
    }

    /// <summary>
    /// Gives a batch's slot back once all work on it is enqueued on the trainer's stream, the backward pass included, and enqueues
    /// the slot's next batch behind it. Batches are released in the order in which they were acquired.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch is not the oldest one held.</exception>
    /// <exception cref="GpuSynthException">The device was lost.</exception>
    public void Release(RingBatch batch)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (batch.Slot != nextToRelease || !isHeld[batch.Slot] || batch.FirstSample != firstSamples[batch.Slot])
        {
            throw new InvalidOperationException(
                $"The batch of sample {batch.FirstSample} in slot {batch.Slot} is not the oldest one held; "
                + "release batches in order, once each.");
        }

        isHeld[batch.Slot] = false;
        nextToRelease = (nextToRelease + 1) % slots.Length;
        events.RecordOn(free[batch.Slot], trainerStream);
        Fill(batch.Slot);
    }

    /// <summary>Waits until nothing works on the slots any more: they may be freed.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        try
        {
            events.Drain(trainerStream);
            Array.ForEach(ready, events.Wait);
        }
        catch (DeviceException)
        {
            // The device was lost: nothing works on the slots any more, and who used it has been told.
        }

        Array.ForEach(free, events.Destroy);
        Array.ForEach(ready, events.Destroy);
    }

    private void Fill(int slot)
    {
        for (int sample = 0; sample < keys.Length; sample++)
        {
            keys[sample] = SampleKey.Of(nextSample + sample);
        }

        firstSamples[slot] = nextSample;
        nextSample += keys.Length;
        events.Await(free[slot]);
        engine.GenerateBatch(keys, slots[slot], drawn[slot]);
        events.Record(ready[slot]);
    }
}
