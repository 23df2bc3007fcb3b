using System.Runtime.InteropServices;

namespace GpuSynth.Cli.Generating;

/// <summary>Memory for one batch: on the engine's device where its slots are there, otherwise on the host.</summary>
internal sealed unsafe class BatchSlot : IDisposable
{
    private readonly void* image;
    private readonly void* label;

    public BatchSlot(SynthesisEngine engine)
    {
        SynthesisPlan plan = engine.Plan;
        if (plan.Options.SlotsOnDevice)
        {
            Memory = engine.AllocateSlot();
            return;
        }

        image = NativeMemory.AlignedAlloc((nuint)(plan.ImageBytesPerSample * plan.Options.BatchSize), 64);
        label = NativeMemory.AlignedAlloc((nuint)(plan.LabelBytesPerSample * plan.Options.BatchSize), 64);
        Memory = new SlotMemory((nint)image, (nint)label);
    }

    public SlotMemory Memory { get; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(image);
        NativeMemory.AlignedFree(label);
    }
}
