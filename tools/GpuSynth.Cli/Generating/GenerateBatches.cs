using System.Globalization;
using GpuSynth.Devices;
using GpuSynth.Planning;

namespace GpuSynth.Cli.Generating;

/// <summary>
/// How "gpusynth generate" makes samples: how many at a time, how many such batches are in memory, and how many threads write. The
/// batch size changes memory and speed, never a sample.
/// </summary>
/// <param name="Plan">The run, with its batch size.</param>
/// <param name="SlotCount">Batches in memory at once: one is made while the samples of the others are written.</param>
/// <param name="WriterCount">Threads that compress and write.</param>
internal sealed record GenerateBatches(SynthesisPlan Plan, int SlotCount, int WriterCount)
{
    // More than these hardly write faster, and each holds a sample.
    private const int MostWriters = 16;

    // What is held for more than one sample at a time may take this part of the machine's memory.
    private const int MemoryParts = 4;

    // Of a GPU: 8 volumes of 128^3, the batch that "bench" takes there. And of small samples, no more than these.
    private const long VoxelsOfLaunch = 8 * 128 * 128 * 128;
    private const long MostSamplesOfLaunch = 256;

    // Of one batch, images and labels.
    private const long LargestSlotBytes = 1L << 29;

    /// <summary>Bytes of the samples in hand.</summary>
    public long SlotBytes => SlotCount * Plan.SlotBytes;

    /// <summary>Samples of a batch.</summary>
    public int BatchSize => Plan.Options.BatchSize;

    /// <summary>
    /// Batches of a run. On the host as many samples as threads, each of which takes whole samples then, or single samples that all
    /// threads share, where so many do not fit or are not asked for. On other devices as many as fill a launch and fit.
    /// </summary>
    /// <param name="options">The run; its batch size is not asked.</param>
    /// <param name="count">Samples to make.</param>
    /// <param name="batchSize">Samples of a batch; null: what suits the device and fits.</param>
    /// <exception cref="PlanException">The options do not fit each other or the machine.</exception>
    public static GenerateBatches Of(EngineOptions options, long count, int? batchSize)
    {
        SynthesisPlan single = SynthesisPlan.Create(options with { BatchSize = 1 });
        if (options.Shape.VoxelCount > Array.MaxLength)
        {
            throw new PlanException(
                Invariant($"A sample of {options.Shape} has {options.Shape.VoxelCount:N0} voxels, ")
                + Invariant($"and a file is written from at most {Array.MaxLength:N0}; use a smaller size."));
        }

        long batch = batchSize is { } asked ? Math.Min(asked, count) : Suitable(single, count);
        return With(batch == 1 ? single : SynthesisPlan.Create(options with { BatchSize = (int)batch }), count);
    }

    /// <summary>The same run in batches of half the size.</summary>
    public GenerateBatches Halved(long count) =>
        With(SynthesisPlan.Create(Plan.Options with { BatchSize = BatchSize / 2 }), count);

    private static GenerateBatches With(SynthesisPlan plan, long count)
    {
        int threads = Threads(plan.Options);
        int batch = plan.Options.BatchSize;
        int writers = Math.Min(threads, MostWriters);
        // As many as keep every writer busy, and one that is made meanwhile.
        long slots = ((writers + batch - 1) / batch) + 1;
        slots = Math.Min(slots, Affordable / plan.SlotBytes);
        slots = Math.Min(slots, (count + batch - 1) / batch);
        slots = Math.Max(slots, 1);
        return new GenerateBatches(plan, (int)slots, (int)Math.Min(writers, slots * batch));
    }

    private static long Affordable => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryParts;

    private static int Threads(EngineOptions options) => options.Threads == 0 ? Environment.ProcessorCount : options.Threads;

    private static long Suitable(SynthesisPlan single, long count)
    {
        EngineOptions options = single.Options;
        bool isProcessor = options.Device is DeviceCatalogue.Host or DeviceCatalogue.IlgpuCpu;
        long wanted = isProcessor
            ? Threads(options)
            : Math.Clamp(VoxelsOfLaunch / options.Shape.VoxelCount, 1, MostSamplesOfLaunch);

        // Two slots, and a workspace for each sample of a batch, which is more than any device takes.
        long fits = Math.Min(
            LargestSlotBytes / single.SlotBytes, Affordable / ((2 * single.SlotBytes) + single.WorkspaceBytes));
        long batch = Math.Max(1, Math.Min(Math.Min(wanted, fits), count));
        return options.Device == DeviceCatalogue.Host && batch < wanted ? 1 : batch;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
