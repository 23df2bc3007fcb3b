using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Devices;

/// <summary>Where samples are made. Built by the plan, which asks it what it will hold; started by the engine.</summary>
internal interface IDevice : IDisposable
{
    /// <summary>Worker threads on the host.</summary>
    int ThreadCount { get; }

    /// <summary>Memory that the device will hold beside the caller's slots.</summary>
    IEnumerable<PlannedBuffer> Buffers { get; }

    /// <summary>Bytes of it.</summary>
    long WorkspaceBytes { get; }

    /// <summary>Milliseconds per stage of the last sample.</summary>
    StageTimes LastStageTimes { get; }

    /// <summary>Allocates what was declared; nothing is allocated afterwards.</summary>
    void Start();

    /// <summary>Events between the device's stream and a trainer's; null where there are none.</summary>
    IStreamEvents? Events { get; }

    /// <summary>
    /// Draws and renders samples into consecutive places of a slot. With the slot on the device it returns before they are there,
    /// and the records say what was drawn, not what was measured.
    /// </summary>
    void Generate(ReadOnlySpan<SampleKey> batchKeys, SlotMemory memory, DrawnSample[] batchDrawn);

    /// <summary>A slot for one batch in the device's own memory, freed with the device.</summary>
    SlotMemory AllocateSlot();

    /// <summary>Waits for the last batch and completes its records.</summary>
    void Complete(DrawnSample[] batchDrawn);

    /// <summary>Renders what was drawn before.</summary>
    void Apply(DrawnSample sample, SlotMemory memory);
}
