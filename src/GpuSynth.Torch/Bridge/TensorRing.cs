using System.Diagnostics;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>
/// Slots that are torch tensors, which the engine fills: its kernels write into the tensors' memory while the step runs on the
/// batch before. Torch owns the slots for the whole run, and a batch allocates nothing.
/// </summary>
/// <remarks>
/// With torch on the CPU nothing is copied. With torch on another device the engine of the host writes into host tensors, and one
/// transfer takes a batch over to the device.
/// </remarks>
public sealed class TensorRing : IDisposable
{
    private readonly BatchRing ring;
    private readonly (torch.Tensor Image, torch.Tensor Label)[] slots;
    private readonly RingBatch[] held;
    private readonly (torch.Tensor Image, torch.Tensor Label)? onDevice;
    private readonly bool ownsEngine;
    private long waitedTicks;
    private bool disposed;

    /// <summary>Allocates the slots and starts filling them.</summary>
    /// <param name="plan">What to synthesise.</param>
    /// <param name="slots">Batches that are in the making or in use at once: two or three.</param>
    /// <param name="firstSample">Number of the first sample.</param>
    /// <param name="device">Where torch computes; null for the CPU.</param>
    public TensorRing(SynthesisPlan plan, int slots = 2, long firstSample = 0, torch.Device? device = null)
        : this(new SynthesisEngine(plan), slots, firstSample, device, ownsEngine: true)
    {
    }

    internal TensorRing(SynthesisEngine engine, int slots, long firstSample, torch.Device? device, bool ownsEngine)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        Engine = engine;
        this.ownsEngine = ownsEngine;
        this.slots = new (torch.Tensor, torch.Tensor)[slots];
        held = new RingBatch[slots];
        var memory = new SlotMemory[slots];
        EngineOptions options = engine.Plan.Options;
        for (int slot = 0; slot < slots; slot++)
        {
            this.slots[slot] = Allocate(options, torch.CPU);
            memory[slot] = new SlotMemory(TensorAddress.Of(this.slots[slot].Image), TensorAddress.Of(this.slots[slot].Label));
        }

        if (device is not null && device.type != DeviceType.CPU)
        {
            onDevice = Allocate(options, device);
        }

        ring = new BatchRing(engine, memory, firstSample);
    }

    /// <summary>The engine that fills the slots.</summary>
    public SynthesisEngine Engine { get; }

    /// <summary>Copies of a batch through the host's memory on its way to the loss: 0 where torch computes on the CPU.</summary>
    public int HostCopiesPerBatch => onDevice is null ? 0 : 1;

    /// <summary>Time that <see cref="Acquire"/> has waited for data in all.</summary>
    public TimeSpan Waited => TimeSpan.FromSeconds((double)waitedTicks / Stopwatch.Frequency);

    /// <summary>Waits for the next batch.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="GpuSynthException">The engine failed; the message says why.</exception>
    public TensorBatch Acquire(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        long start = Stopwatch.GetTimestamp();
        RingBatch batch = ring.Acquire(cancellation);
        (torch.Tensor image, torch.Tensor label) = slots[batch.Slot];
        if (onDevice is { } device)
        {
            using var noGradient = torch.no_grad();
            (image, label) = (device.Image.copy_(image), device.Label.copy_(label));
        }

        waitedTicks += Stopwatch.GetTimestamp() - start;
        held[batch.Slot] = batch;
        return new TensorBatch(image, label, batch.FirstSample, batch.Drawn, batch.Memory.Image, batch.Slot);
    }

    /// <summary>
    /// Gives a batch's slot back, after the backward pass: autograd may still read the image until then. Batches are released in
    /// the order in which they were acquired.
    /// </summary>
    /// <exception cref="InvalidOperationException">The batch is not the oldest one held.</exception>
    public void Release(TensorBatch batch)
    {
        RingBatch own = held[batch.Slot];
        if (own.FirstSample != batch.FirstSample || own.Drawn is null)
        {
            throw new InvalidOperationException($"The batch of sample {batch.FirstSample} was released before.");
        }

        ring.Release(own);
    }

    /// <summary>Stops the engine after the batch in hand, and frees the slots.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        ring.Dispose();
        if (ownsEngine)
        {
            Engine.Dispose();
        }

        foreach ((torch.Tensor image, torch.Tensor label) in slots)
        {
            image.Dispose();
            label.Dispose();
        }

        onDevice?.Image.Dispose();
        onDevice?.Label.Dispose();
    }

    // Outside any dispose scope: the slots live as long as the ring. They never ask for gradients.
    private static (torch.Tensor Image, torch.Tensor Label) Allocate(EngineOptions options, torch.Device device)
    {
        VolumeShape shape = options.Shape;
        long[] label = shape.Dimensions == 3
            ? [options.BatchSize, shape.Depth, shape.Height, shape.Width]
            : [options.BatchSize, shape.Height, shape.Width];
        long[] image = [label[0], 1, .. label[1..]];
        return (
            torch.empty(image, torch.float32, device).DetachFromDisposeScope(),
            torch.empty(label, torch.uint8, device).DetachFromDisposeScope());
    }
}
