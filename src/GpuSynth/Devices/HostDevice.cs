using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Devices;

/// <summary>
/// The SIMD host device. A batch of at least as many samples as threads is shared out whole samples at a time, each thread with a
/// workspace of its own; a smaller one, sample by sample, over all threads. Either way a sample has the same bits.
/// </summary>
internal sealed unsafe class HostDevice : IDevice
{
    private readonly EngineOptions options;
    private readonly HostSampler[] samplers;
    private readonly Action<int, int> sampleOfBatch;
    private readonly long voxels;
    private WorkerPool? pool;
    private SampleKey[] keys = [];
    private DrawnSample[] drawn = [];
    private SlotMemory slot;

    public HostDevice(EngineOptions options, RowLayout rows, int threads)
    {
        this.options = options;
        ThreadCount = threads;
        voxels = options.Shape.VoxelCount;
        SharesSamples = options.BatchSize >= threads;
        samplers = new HostSampler[SharesSamples ? threads : 1];
        for (int i = 0; i < samplers.Length; i++)
        {
            samplers[i] = new HostSampler(options, rows, SharesSamples ? 1 : threads);
        }

        sampleOfBatch = (worker, sample) => One(samplers[worker], null, keys[sample], drawn[sample], sample);
    }

    public int ThreadCount { get; }

    public IEnumerable<PlannedBuffer> Buffers => samplers
        .SelectMany(static sampler => sampler.Buffers)
        .GroupBy(static buffer => (buffer.Name, buffer.Purpose))
        .Select(static group => new PlannedBuffer(group.Key.Name, group.Sum(static buffer => buffer.Bytes), group.Key.Purpose));

    public long WorkspaceBytes => samplers.Sum(static sampler => sampler.Bytes);

    public StageTimes LastStageTimes => samplers[0].Times;

    public IStreamEvents? Events => null;

    /// <summary>Whether the threads take whole samples of a batch.</summary>
    private bool SharesSamples { get; }

    public void Start()
    {
        foreach (HostSampler sampler in samplers)
        {
            sampler.Allocate();
        }

        keys = new SampleKey[options.BatchSize];
        pool = new WorkerPool(ThreadCount);
    }

    public void Generate(ReadOnlySpan<SampleKey> batchKeys, SlotMemory memory, DrawnSample[] batchDrawn)
    {
        slot = memory;
        drawn = batchDrawn;
        if (SharesSamples && batchKeys.Length > 1)
        {
            batchKeys.CopyTo(keys);
            pool!.Run(sampleOfBatch, batchKeys.Length);
            return;
        }

        for (int sample = 0; sample < batchKeys.Length; sample++)
        {
            One(samplers[0], pool, batchKeys[sample], batchDrawn[sample], sample);
        }
    }

    public SlotMemory AllocateSlot() => throw new NotSupportedException("The host has no memory beside its own.");

    public void Complete(DrawnSample[] batchDrawn)
    {
        // Generate returned when everything was there.
    }

    public void Apply(DrawnSample sample, SlotMemory memory)
    {
        if (!samplers[0].Apply(sample, (float*)memory.Image, (byte*)memory.Label, pool))
        {
            throw sample.NotFinite(options.Recipe.Name, isGivenBack: true);
        }
    }

    public void Dispose()
    {
        pool?.Dispose();
        foreach (HostSampler sampler in samplers)
        {
            sampler.Dispose();
        }
    }

    private void One(HostSampler sampler, WorkerPool? shared, SampleKey key, DrawnSample to, int place)
    {
        float* image = (float*)slot.Image + (place * voxels);
        byte* label = options.AreImagesGiven ? null : (byte*)slot.Label + (place * voxels);
        to.Draw(options.Seed, key);
        if (!sampler.Apply(to, image, label, shared))
        {
            throw to.NotFinite(options.Recipe.Name, isGivenBack: false);
        }
    }
}
