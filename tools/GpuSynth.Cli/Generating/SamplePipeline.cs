using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Cli.Generating;

/// <summary>
/// Batches of the engine as files: while a ring's producer makes the next batches, other threads compress and write the samples of
/// those before, which takes longer than making them. No more samples are ever in memory than the ring's slots hold.
/// </summary>
internal sealed unsafe class SamplePipeline
{
    private readonly SynthesisEngine engine;
    private readonly GenerateBatches batches;
    private readonly RunFolder folder;
    private readonly SampleFormat format;
    private readonly object gate = new();
    private readonly SortedDictionary<long, (ManifestEntry Entry, SampleInHand Sample)> waiting = [];
    private Exception? failure;
    private long nextInOrder;

    /// <summary>A pipeline from an engine to a folder.</summary>
    public SamplePipeline(SynthesisEngine engine, GenerateBatches batches, RunFolder folder, SampleFormat format) =>
        (this.engine, this.batches, this.folder, this.format) = (engine, batches, folder, format);

    /// <summary>Makes samples. When it ends, for whatever reason, every sample that was complete is in the manifest.</summary>
    /// <param name="samples">Their numbers; taken batch by batch, on another thread.</param>
    /// <param name="isComplete">Told after each; from any thread, one at a time.</param>
    /// <param name="stop">Ends it: samples that are being written are finished, others dropped.</param>
    /// <exception cref="GpuSynthException">A sample could not be made or written.</exception>
    public void Run(IEnumerable<long> samples, Action isComplete, CancellationToken stop)
    {
        var slots = new List<BatchSlot>();
        try
        {
            while (slots.Count < batches.SlotCount)
            {
                slots.Add(new BatchSlot(engine));
            }

            using var ring = new BatchRing(engine, [.. slots.Select(static slot => slot.Memory)], samples);
            Write(ring, isComplete, stop);
        }
        finally
        {
            slots.ForEach(static slot => slot.Dispose());
        }
    }

    private void Write(BatchRing ring, Action isComplete, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var made = new BlockingCollection<SampleInHand>();
        Thread[] writers = new Thread[batches.WriterCount];
        for (int n = 0; n < writers.Length; n++)
        {
            writers[n] = new Thread(() => WriteAll(made, ring, isComplete, ending)) { IsBackground = true, Name = "writer" };
            writers[n].Start();
        }

        try
        {
            long sequence = 0;
            while (ring.TryAcquire(out RingBatch batch, ending.Token))
            {
                for (int place = 0; place < batch.Count; place++)
                {
                    made.Add(new SampleInHand(sequence++, batch, place), CancellationToken.None);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped, or a writer failed; the writers end with what they have in hand.
        }
        finally
        {
            made.CompleteAdding();
            Array.ForEach(writers, static writer => writer.Join());
            AddWaiting();
        }

        if (ring.Failure is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }

        if (failure is not null)
        {
            throw failure as GpuSynthException
                ?? new GpuSynthException($"A sample could not be written: {failure.Message}", failure);
        }
    }

    private void WriteAll(
        BlockingCollection<SampleInHand> made, BatchRing ring, Action isComplete, CancellationTokenSource ending)
    {
        try
        {
            foreach (SampleInHand sample in made.GetConsumingEnumerable())
            {
                if (ending.IsCancellationRequested)
                {
                    return;
                }

                ManifestEntry entry = WriteFiles(sample);
                lock (gate)
                {
                    waiting.Add(sample.Sequence, (entry, sample));
                    AddInOrder(ring, ending.Token);
                    isComplete();
                }
            }
        }
#pragma warning disable CA1031 // Whatever goes wrong on this thread is thrown again by Run, on the caller's.
        catch (Exception error)
#pragma warning restore CA1031
        {
            lock (gate)
            {
                failure ??= error;
            }

            ending.Cancel();
        }
    }

    private ManifestEntry WriteFiles(SampleInHand sample)
    {
        DrawnSample drawn = sample.Batch.Drawn[sample.Place];
        long index = checked((long)drawn.Key.Anatomy);
        VolumeShape shape = engine.Plan.Options.Shape;
        int voxels = checked((int)shape.VoxelCount);
        long first = (long)sample.Place * voxels;
        var image = new ReadOnlySpan<float>((float*)sample.Batch.Memory.Image + first, voxels);
        var label = new ReadOnlySpan<byte>((byte*)sample.Batch.Memory.Label + first, voxels);
        format.Write(folder.Path, index, shape, image, label, SampleGeometry.Of(engine.Plan.Options, drawn));
        return ManifestEntry.Of(index, folder.Path, format.FileNames(index), image, label, drawn);
    }

    // In the samples' order, whoever is ready first: the manifest of a run is the same every time. A batch whose last sample has its
    // line is written to the end, and so are those before it: its slot is free, unless the run ends and no more is to be made.
    private void AddInOrder(BatchRing ring, CancellationToken ending)
    {
        while (waiting.Remove(nextInOrder, out (ManifestEntry Entry, SampleInHand Sample) next))
        {
            folder.Manifest.Add(next.Entry);
            nextInOrder++;
            if (next.Sample.IsLast && !ending.IsCancellationRequested)
            {
                ring.Release(next.Sample.Batch);
            }
        }
    }

    // After a failure there may be complete samples behind the one that failed: they stay.
    private void AddWaiting()
    {
        try
        {
            foreach ((ManifestEntry entry, _) in waiting.Values)
            {
                folder.Manifest.Add(entry);
            }
        }
        catch (GpuSynthException error)
        {
            failure ??= error;
        }
    }

    private readonly record struct SampleInHand(long Sequence, RingBatch Batch, int Place)
    {
        public bool IsLast => Place == Batch.Count - 1;
    }
}
