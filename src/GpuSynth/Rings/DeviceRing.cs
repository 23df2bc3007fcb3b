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
/// Records say what was drawn; what was measured stands on the device alone.
/// </remarks>
public sealed class DeviceRing : IDisposable
{
    private readonly RingSlots slots;
    private readonly IStreamEvents events;
    private readonly nint[] free;
    private readonly nint[] ready;
    private readonly nint trainerStream;
    private bool disposed;

    /// <summary>Starts filling the slots.</summary>
    /// <param name="engine">Engine of a plan with its slots on the device; the ring is its only user until it is disposed.</param>
    /// <param name="slots">At least one slot, two or three for overlap; each holds a batch of the plan's size.</param>
    /// <param name="firstSample">Number of the first sample, at least 0.</param>
    /// <param name="trainerStream">Handle of the trainer's stream; 0 for the context's default stream, which is torch's.</param>
    /// <param name="keyOf">
    /// The key of a sample's number, so that one anatomy comes in several appearances; null: both of its indices are the number.
    /// </param>
    /// <exception cref="ArgumentException">There is no slot, a slot without memory, or an engine without events.</exception>
    public DeviceRing(SynthesisEngine engine, SlotMemory[] slots, long firstSample = 0, nint trainerStream = 0, Func<long, SampleKey>? keyOf = null)
    {
        this.slots = new RingSlots(engine, slots, RingSlots.From(firstSample), keyOf);
        if (!engine.Plan.Options.SlotsOnDevice || engine.Events is null)
        {
            throw new ArgumentException(
                $"Device {engine.Plan.Options.Device} does not write to slots of its own here; use a {nameof(BatchRing)}.",
                nameof(engine));
        }

        events = engine.Events;
        this.trainerStream = trainerStream;
        free = new nint[slots.Length];
        ready = new nint[slots.Length];
        for (int slot = 0; slot < slots.Length; slot++)
        {
            free[slot] = events.Create();
            ready[slot] = events.Create();
            // Whatever the trainer's stream still does with this memory, clearing it perhaps, comes first.
            events.RecordOn(free[slot], trainerStream);
            Fill(slot);
        }
    }

    /// <summary>Number of slots.</summary>
    public int SlotCount => slots.Count;

    /// <summary>The next batch. The trainer's stream waits for it; the host does not.</summary>
    /// <exception cref="InvalidOperationException">Every slot is held; release one first.</exception>
    public RingBatch Acquire()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (slots.AreAllHeld)
        {
            throw new InvalidOperationException($"All {slots.Count} slots are held; release the oldest batch first.");
        }

        events.AwaitOn(ready[slots.Next], trainerStream);
        return slots.Acquire();
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
        int slot = slots.Release(batch);
        events.RecordOn(free[slot], trainerStream);
        Fill(slot);
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
        slots.Dispose();
    }

    private void Fill(int slot)
    {
        int count = slots.Take(slot);
        events.Await(free[slot]);
        slots.Make(slot, count);
        events.Record(ready[slot]);
    }
}
