using System.Collections.Concurrent;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;

namespace GpuSynth.Cli.Generating;

/// <summary>
/// Generates on the engine's threads while others compress and write: a sample's compression takes longer than its generation.
/// No more than <see cref="BufferCount"/> samples are ever in memory.
/// </summary>
internal sealed class SamplePipeline
{
    // More than these hardly write faster, and each holds a sample.
    private const int MostWriters = 16;

    // Samples in hand may take this part of the machine's memory, and there is always one.
    private const int MemoryParts = 4;

    private readonly SynthesisEngine engine;
    private readonly RunFolder folder;
    private readonly SampleFormat format;
    private readonly object gate = new();
    private readonly SortedDictionary<long, ManifestEntry> waiting = [];
    private Exception? failure;
    private long nextInOrder;

    /// <summary>A pipeline from an engine to a folder.</summary>
    public SamplePipeline(SynthesisEngine engine, RunFolder folder, SampleFormat format) =>
        (this.engine, this.folder, this.format) = (engine, folder, format);

    /// <summary>Samples that are in memory at once, at most.</summary>
    public static int BufferCount(SynthesisPlan plan, long samples)
    {
        long bytes = plan.ImageBytesPerSample + plan.LabelBytesPerSample;
        long affordable = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryParts / bytes;
        return (int)Math.Min(Math.Max(1, Math.Min(WriterCount(plan) + 1, affordable)), samples);
    }

    /// <summary>Threads that compress and write, at most.</summary>
    public static int WriterCount(SynthesisPlan plan) => Math.Min(plan.Threads, MostWriters);

    /// <summary>Makes samples. When it ends, for whatever reason, every sample that was complete is in the manifest.</summary>
    /// <param name="samples">Their numbers; taken one by one.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="isComplete">Told after each; from any thread, one at a time.</param>
    /// <param name="stop">Ends it: samples that are being written are finished, others dropped.</param>
    /// <exception cref="GpuSynthException">A sample could not be made or written.</exception>
    public void Run(IEnumerable<long> samples, long count, Action isComplete, CancellationToken stop)
    {
        int bufferCount = BufferCount(engine.Plan, count);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var free = new BlockingCollection<SampleBuffer>();
        using var filled = new BlockingCollection<SampleBuffer>();
        for (int n = 0; n < bufferCount; n++)
        {
            free.Add(new SampleBuffer(engine), CancellationToken.None);
        }

        Thread[] writers = new Thread[Math.Min(WriterCount(engine.Plan), bufferCount)];
        for (int n = 0; n < writers.Length; n++)
        {
            writers[n] = new Thread(() => WriteAll(filled, free, isComplete, ending)) { IsBackground = true, Name = "writer" };
            writers[n].Start();
        }

        try
        {
            long sequence = 0;
            foreach (long index in samples)
            {
                SampleBuffer buffer = free.Take(ending.Token);
                (buffer.Sequence, buffer.Index) = (sequence++, index);
                engine.Generate(SampleKey.Of(index), buffer.Image, buffer.Label, buffer.Drawn);
                filled.Add(buffer, CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped, or a writer failed; the writers end with what they have in hand.
        }
        finally
        {
            filled.CompleteAdding();
            Array.ForEach(writers, static writer => writer.Join());
            AddWaiting();
        }

        if (failure is not null)
        {
            throw failure as GpuSynthException
                ?? new GpuSynthException($"A sample could not be written: {failure.Message}", failure);
        }
    }

    private void WriteAll(
        BlockingCollection<SampleBuffer> filled,
        BlockingCollection<SampleBuffer> free,
        Action isComplete,
        CancellationTokenSource ending)
    {
        try
        {
            foreach (SampleBuffer buffer in filled.GetConsumingEnumerable())
            {
                if (ending.IsCancellationRequested)
                {
                    return;
                }

                Write(buffer);
                free.Add(buffer);
                lock (gate)
                {
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

    private void Write(SampleBuffer buffer)
    {
        VolumeShape shape = engine.Plan.Options.Shape;
        NiftiGeometry geometry = SampleGeometry.Of(engine.Plan.Options, buffer.Drawn);
        format.Write(folder.Path, buffer.Index, shape, buffer.Image, buffer.Label, geometry);
        ManifestEntry entry = ManifestEntry.Of(
            buffer.Index, folder.Path, format.FileNames(buffer.Index), buffer.Image, buffer.Label, buffer.Drawn);
        lock (gate)
        {
            // In the samples' order, whoever is ready first: the manifest of a run is the same every time.
            waiting.Add(buffer.Sequence, entry);
            while (waiting.Remove(nextInOrder, out ManifestEntry? next))
            {
                folder.Manifest.Add(next);
                nextInOrder++;
            }
        }
    }

    // After a failure there may be complete samples behind the one that failed: they stay.
    private void AddWaiting()
    {
        try
        {
            foreach (ManifestEntry entry in waiting.Values)
            {
                folder.Manifest.Add(entry);
            }
        }
        catch (GpuSynthException error)
        {
            failure ??= error;
        }
    }

    private sealed class SampleBuffer(SynthesisEngine engine)
    {
        public long Sequence { get; set; }

        public long Index { get; set; }

        public float[] Image { get; } = new float[engine.Plan.Options.Shape.VoxelCount];

        public byte[] Label { get; } = new byte[engine.Plan.Options.Shape.VoxelCount];

        public DrawnSample Drawn { get; } = engine.CreateDrawn();
    }
}
