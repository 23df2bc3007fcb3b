using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>
/// Slots of the caller's memory that a producer thread fills, in order, while the consumer works on the ones before: batch b
/// holds samples first + b B to first + (b + 1) B - 1. Nothing is copied, and nothing is allocated per batch.
/// </summary>
public sealed class BatchRing : IDisposable
{
    private readonly RingSlots slots;
    private readonly bool isOfList;
    private readonly SemaphoreSlim free;
    private readonly SemaphoreSlim ready = new(0);
    private readonly CancellationTokenSource stop = new();
    private readonly Thread producer;
    private Exception? failure;
    private long produced;

    /// <summary>Starts filling the slots.</summary>
    /// <param name="engine">Engine; the ring is its only user until it is disposed.</param>
    /// <param name="slots">At least one slot, two or three for overlap; each holds a batch of the plan's size.</param>
    /// <param name="firstSample">Number of the first sample, at least 0.</param>
    /// <param name="keyOf">
    /// The key of a sample's number, so that one anatomy comes in several appearances; null: both of its indices are the number.
    /// </param>
    /// <exception cref="ArgumentException">There is no slot, or a slot without memory.</exception>
    public BatchRing(SynthesisEngine engine, SlotMemory[] slots, long firstSample = 0, Func<long, SampleKey>? keyOf = null)
        : this(new RingSlots(engine, slots, RingSlots.From(firstSample), keyOf), isOfList: false)
    {
    }

    /// <summary>
    /// Starts filling the slots with given samples, until they end: the last batch may be shorter. So may one before a sample that
    /// cannot be made; a ring that goes on for ever gives out whole batches only.
    /// </summary>
    /// <param name="engine">Engine; the ring is its only user until it is disposed.</param>
    /// <param name="slots">At least one slot, two or three for overlap; each holds a batch of the plan's size.</param>
    /// <param name="samples">Numbers of the samples, at least 0; asked for on the producer's thread, as slots are filled.</param>
    /// <exception cref="ArgumentException">There is no slot, or a slot without memory.</exception>
    internal BatchRing(SynthesisEngine engine, SlotMemory[] slots, IEnumerable<long> samples)
        : this(new RingSlots(engine, slots, samples), isOfList: true)
    {
    }

    private BatchRing(RingSlots slots, bool isOfList)
    {
        this.slots = slots;
        this.isOfList = isOfList;
        free = new SemaphoreSlim(slots.Count);
        producer = new Thread(Produce) { IsBackground = true, Name = "GpuSynth producer" };
        producer.Start();
    }

    /// <summary>Number of slots.</summary>
    public int SlotCount => slots.Count;

    /// <summary>Why the producer stopped; null while it works, and where the samples ended.</summary>
    internal Exception? Failure => failure;

    /// <summary>Waits for the next batch.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="GpuSynthException">The producer failed; the message says why.</exception>
    public RingBatch Acquire(CancellationToken cancellation = default)
    {
        if (TryAcquire(out RingBatch batch, cancellation))
        {
            return batch;
        }

        throw failure is { } exception
            ? new GpuSynthException($"The producer of batches stopped: {exception.Message}", exception)
            : new InvalidOperationException("The samples of this ring have ended.");
    }

    /// <summary>Waits for the next batch, or the end.</summary>
    /// <returns>False where there is none: the samples ended, or <see cref="Failure"/> says why.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal bool TryAcquire(out RingBatch batch, CancellationToken cancellation)
    {
        ready.Wait(cancellation);
        if (slots.Acquired == Volatile.Read(ref produced))
        {
            // Nothing was made for this turn. The turn stays, for whoever asks again.
            ready.Release();
            batch = default;
            return false;
        }

        batch = slots.Acquire();
        return true;
    }

    /// <summary>
    /// Gives a batch's slot back to the producer; batches are released in the order in which they were acquired.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch is not the oldest one held.</exception>
    public void Release(RingBatch batch)
    {
        slots.Release(batch);
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
        slots.Dispose();
    }

    private void Produce()
    {
        try
        {
            for (int slot = 0; ; slot = (slot + 1) % slots.Count)
            {
                free.Wait(stop.Token);
                int count = slots.Take(slot);
                if (count == 0)
                {
                    break;
                }

                Fill(slot, count);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed: the ordinary end.
            return;
        }
#pragma warning disable CA1031 // Whatever goes wrong on this thread is thrown again by Acquire, on the consumer's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        ready.Release();
    }

    private void Fill(int slot, int count)
    {
        try
        {
            slots.Make(slot, count);
        }
        catch (Exception) when (isOfList && count > 1)
        {
            FillOneByOne(slot, count);
        }

        GiveOut();
    }

    // What precedes a sample that cannot be made is there, as it would be in batches of one; and its failure is the one that is said.
    private void FillOneByOne(int slot, int count)
    {
        int made = 0;
        try
        {
            while (made < count)
            {
                made = slots.Make(slot, 1);
            }
        }
        catch when (made > 0)
        {
            GiveOut();
            throw;
        }
    }

    private void GiveOut()
    {
        Volatile.Write(ref produced, produced + 1);
        ready.Release();
    }
}
