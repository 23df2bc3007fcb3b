using GpuSynth.Cli.Generating;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking;

/// <summary>An engine that writes one batch after the other to the same slot, of other samples every time.</summary>
internal sealed class BenchmarkBatches : IDisposable
{
    private readonly SynthesisEngine engine;
    private readonly BatchSlot slot;
    private readonly DrawnSample[] drawn;
    private readonly SampleKey[] keys;
    private long next;

    public BenchmarkBatches(SynthesisPlan plan)
    {
        engine = new SynthesisEngine(plan);
        slot = new BatchSlot(engine);
        keys = new SampleKey[plan.Options.BatchSize];
        drawn = new DrawnSample[keys.Length];
        for (int n = 0; n < drawn.Length; n++)
        {
            drawn[n] = engine.CreateDrawn();
        }
    }

    /// <summary>Makes the next batch, or enqueues it where the slot is on a device.</summary>
    public void Next()
    {
        for (int n = 0; n < keys.Length; n++)
        {
            keys[n] = SampleKey.Of(next++);
        }

        engine.GenerateBatch(keys, slot.Memory, drawn);
    }

    /// <summary>Waits until all is there.</summary>
    public void Complete() => engine.Complete(drawn);

    /// <inheritdoc/>
    public void Dispose()
    {
        slot.Dispose();
        engine.Dispose();
    }
}
