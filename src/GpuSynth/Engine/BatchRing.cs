using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>A batch in a slot of the ring: valid until it is released.</summary>
/// <param name="Slot">Index of the slot.</param>
/// <param name="Memory">Its memory.</param>
/// <param name="FirstSample">Number of the batch's first sample; the others follow.</param>
/// <param name="Drawn">What was drawn, one per sample; owned by the slot.</param>
public readonly record struct RingBatch(int Slot, SlotMemory Memory, long FirstSample, DrawnSample[] Drawn);

/// <summary>
/// Slots of the caller's memory that a producer thread fills, in order, while the consumer works on the ones before: batch b
/// holds samples first + b B to first + (b + 1) B - 1. Nothing is copied, and nothing is allocated per batch.
/// </summary>
public sealed class BatchRing : IDisposable
{
    private readonly SynthesisEngine engine;
    private readonly SlotMemory[] slots;
    private readonly DrawnSample[][] drawn;
    private readonly SampleKey[] keys;
    private readonly long[] firstSamples;
    private readonly SemaphoreSlim free;
    private readonly SemaphoreSlim ready = new(0);
    private readonly CancellationTokenSource stop = new();
    private readonly Thread producer;
    private readonly bool[] isHeld;
    private Exception? failure;
    private long produced;
    private long acquired;
    private int nextToRelease;

    /// <summary>Starts filling the slots.</summary>
    /// <param name="engine">Engine; the ring is its only user until it is disposed.</param>
    /// <param name="slots">At least one slot, two or three for overlap; each holds a batch of the plan's size.</param>
    /// <param name="firstSample">Number of the first sample, at least 0.</param>
    /// <exception cref="ArgumentException">There is no slot, or a slot without memory.</exception>
    public BatchRing(SynthesisEngine engine, SlotMemory[] slots, long firstSample = 0)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentOutOfRangeException.ThrowIfNegative(firstSample);
        if (slots.Length == 0 || Array.Exists(slots, static slot => slot.Image == 0 || slot.Label == 0))
        {
            throw new ArgumentException(
                "A ring needs at least one slot, and memory for images and labels in each.", nameof(slots));
        }

        this.engine = engine;
        this.slots = [.. slots];
        int batch = engine.Plan.Options.BatchSize;
        keys = new SampleKey[batch];
        firstSamples = new long[slots.Length];
        isHeld = new bool[slots.Length];
        drawn = new DrawnSample[slots.Length][];
        for (int slot = 0; slot < slots.Length; slot++)
        {
            drawn[slot] = new DrawnSample[batch];
            for (int sample = 0; sample < batch; sample++)
            {
                drawn[slot][sample] = engine.CreateDrawn();
            }
        }

        free = new SemaphoreSlim(slots.Length);
        producer = new Thread(() => Produce(firstSample)) { IsBackground = true, Name = "GpuSynth producer" };
        producer.Start();
    }

    /// <summary>Number of slots.</summary>
    public int SlotCount => slots.Length;

    /// <summary>Waits for the next batch.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="GpuSynthException">The producer failed; the message says why.</exception>
    public RingBatch Acquire(CancellationToken cancellation = default)
    {
        ready.Wait(cancellation);
        if (acquired == Volatile.Read(ref produced))
        {
            // Nothing was made for this turn: the producer failed. The turn stays, for whoever asks again.
            Exception exception = failure!;
            ready.Release();
            throw new GpuSynthException($"The producer of batches stopped: {exception.Message}", exception);
        }

        int slot = (int)(acquired++ % slots.Length);
        isHeld[slot] = true;
        return new RingBatch(slot, slots[slot], firstSamples[slot], drawn[slot]);
    }

    /// <summary>
    /// Gives a batch's slot back to the producer; batches are released in the order in which they were acquired.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch is not the oldest one held.</exception>
    public void Release(RingBatch batch)
    {
        if (batch.Slot != nextToRelease || !isHeld[batch.Slot])
        {
            throw new InvalidOperationException(
                $"Slot {batch.Slot} was released, but the oldest batch held is that of slot {nextToRelease}; "
                + "release batches in order, once each.");
        }

        if (batch.FirstSample != firstSamples[batch.Slot])
        {
            throw new InvalidOperationException(
                $"The batch of sample {batch.FirstSample} was released before: "
                + $"slot {batch.Slot} holds that of sample {firstSamples[batch.Slot]} now.");
        }

        isHeld[batch.Slot] = false;
        nextToRelease = (nextToRelease + 1) % slots.Length;
        free.Release();
    }

    /// <summary>Stops the producer after the batch in hand, and waits for it.</summary>
    public void Dispose()
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }

        stop.Cancel();
        producer.Join();
        free.Dispose();
        ready.Dispose();
        stop.Dispose();
    }

    private void Produce(long first)
    {
        try
        {
            for (int slot = 0; ; slot = (slot + 1) % slots.Length, first += keys.Length)
            {
                free.Wait(stop.Token);
                for (int sample = 0; sample < keys.Length; sample++)
                {
                    keys[sample] = SampleKey.Of(first + sample);
                }

                engine.GenerateBatch(keys, slots[slot], drawn[slot]);
                firstSamples[slot] = first;
                Volatile.Write(ref produced, produced + 1);
                ready.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: the ordinary end.
        }
#pragma warning disable CA1031 // Whatever goes wrong on this thread is thrown again by Acquire, on the consumer's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
            ready.Release();
        }
    }
}
