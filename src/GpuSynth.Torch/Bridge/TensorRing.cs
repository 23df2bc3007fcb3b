using System.Diagnostics;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>
/// Slots that are torch tensors, which the engine fills: its kernels write into the tensors' memory while the step runs on the
/// batch before. Torch owns the slots for the whole run, and a batch allocates nothing.
/// </summary>
/// <remarks>
/// With torch on the CPU nothing is copied. With torch and the engine on one GPU nothing is copied either: the engine's kernels
/// write into torch's memory on a stream of their own, and events order the two streams (<see cref="DeviceRing"/>). Otherwise the
/// engine writes into host tensors, and one transfer takes a batch over to torch's device.
/// </remarks>
public sealed class TensorRing : IDisposable
{
    private readonly BatchRing? ring;
    private readonly DeviceRing? deviceRing;
    private readonly (torch.Tensor Image, torch.Tensor Label)[] slots;
    private readonly RingBatch[] held;
    private readonly (torch.Tensor Image, torch.Tensor Label)? onDevice;
    private readonly bool ownsEngine;
    private long waitedTicks;
    private bool disposed;

    /// <summary>Allocates the slots and starts filling them.</summary>
    /// <param name="plan">What to synthesise; with its slots on the device, that device is also torch's.</param>
    /// <param name="slots">Batches that are in the making or in use at once: two or three.</param>
    /// <param name="firstSample">Number of the first sample.</param>
    /// <param name="device">Where torch computes; null for the CPU.</param>
    /// <param name="keyOf">
    /// The key of a sample's number, so that one anatomy comes in several appearances; null: both of its indices are the number.
    /// </param>
    public TensorRing(
        SynthesisPlan plan, int slots = 2, long firstSample = 0, torch.Device? device = null, Func<long, SampleKey>? keyOf = null)
        : this(new SynthesisEngine(plan), slots, firstSample, device, ownsEngine: true, keyOf)
    {
    }

    internal TensorRing(
        SynthesisEngine engine, int slots, long firstSample, torch.Device? device, bool ownsEngine, Func<long, SampleKey>? keyOf = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        Engine = engine;
        this.ownsEngine = ownsEngine;
        this.slots = new (torch.Tensor, torch.Tensor)[slots];
        held = new RingBatch[slots];
        var memory = new SlotMemory[slots];
        EngineOptions options = engine.Plan.Options;
        torch.Device ofSlots = options.SlotsOnDevice ? SlotDevice(options, device) : torch.CPU;
        for (int slot = 0; slot < slots; slot++)
        {
            this.slots[slot] = Allocate(options, ofSlots);
            memory[slot] = new SlotMemory(TensorAddress.Of(this.slots[slot].Image), TensorAddress.Of(this.slots[slot].Label));
        }

        if (options.SlotsOnDevice)
        {
            // TorchSharp knows no streams: its work is on the context's default stream.
            deviceRing = new DeviceRing(engine, memory, firstSample, keyOf: keyOf);
            return;
        }

        if (device is not null && device.type != DeviceType.CPU)
        {
            onDevice = Allocate(options, device);
        }

        ring = new BatchRing(engine, memory, firstSample, keyOf);
    }

    /// <summary>The engine that fills the slots.</summary>
    public SynthesisEngine Engine { get; }

    /// <summary>
    /// Copies of a batch between memories on its way to the loss: 0 where torch computes where the kernels write.
    /// </summary>
    public int HostCopiesPerBatch => (onDevice is null ? 0 : 1) + (CopiesOut(Engine.Plan.Options) ? 1 : 0);

    /// <summary>Time that <see cref="Acquire"/> has waited for data in all.</summary>
    public TimeSpan Waited => TimeSpan.FromSeconds((double)waitedTicks / Stopwatch.Frequency);

    /// <summary>Waits for the next batch.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="GpuSynthException">The engine failed; the message says why.</exception>
    public TensorBatch Acquire(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        long start = Stopwatch.GetTimestamp();
        cancellation.ThrowIfCancellationRequested();
        RingBatch batch = ring?.Acquire(cancellation) ?? deviceRing!.Acquire();
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

        ring?.Release(own);
        deviceRing?.Release(own);
    }

    /// <summary>Stops the engine after the current batch, and frees the slots.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        ring?.Dispose();
        deviceRing?.Dispose();
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

    /// <summary>Whether the engine's device cannot reach the host's memory, and copies each batch there.</summary>
    private static bool CopiesOut(EngineOptions options) =>
        !options.SlotsOnDevice && options.Device is not (DeviceCatalogue.Host or DeviceCatalogue.IlgpuCpu);

    private static torch.Device SlotDevice(EngineOptions options, torch.Device? device) =>
        device is { type: DeviceType.CUDA } && options.Device == $"cuda:{Math.Max(0, device.index)}"
            ? device
            : throw new GpuSynthException(
                $"The plan writes to slots on {options.Device}, but torch computes on {device?.ToString() ?? "cpu"}; "
                + "use the same device for both, or slots on the host.");

    private static torch.ScalarType ImageType(ImageFormat format) => format switch
    {
        ImageFormat.Float16 => torch.ScalarType.Float16,
        ImageFormat.BFloat16 => torch.ScalarType.BFloat16,
        _ => torch.ScalarType.Float32,
    };

    // Outside any dispose scope: the slots live as long as the ring. They never ask for gradients.
    private static (torch.Tensor Image, torch.Tensor Label) Allocate(EngineOptions options, torch.Device device)
    {
        VolumeShape shape = options.Shape;
        long[] label = shape.Dimensions == 3
            ? [options.BatchSize, shape.Depth, shape.Height, shape.Width]
            : [options.BatchSize, shape.Height, shape.Width];
        long[] image = [label[0], 1, .. label[1..]];
        return (
            torch.empty(image, ImageType(options.ImageFormat), device).DetachFromDisposeScope(),
            torch.empty(label, torch.uint8, device).DetachFromDisposeScope());
    }
}
