using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth;

/// <summary>
/// Turns sample keys into labelled volumes in the caller's memory. Sample n is the same whatever the batch size, order, thread
/// count, start index or restart. After the first batch a call allocates no managed memory.
/// </summary>
/// <remarks>Not for several threads at once; several engines may run side by side.</remarks>
public sealed unsafe class SynthesisEngine : IDisposable
{
    private readonly IDevice device;
    private readonly SampleKey[] oneKey = new SampleKey[1];
    private readonly DrawnSample[] oneDrawn = new DrawnSample[1];
    private bool disposed;

    /// <summary>Starts the plan's device and allocates what the plan declared.</summary>
    /// <param name="plan">A plan; it serves one engine only.</param>
    public SynthesisEngine(SynthesisPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Plan = plan;
        device = plan.Device;
        device.Start();
    }

    /// <summary>Events between the device's stream and a trainer's; null where there are none.</summary>
    internal IStreamEvents? Events => device.Events;

    /// <summary>What the engine runs.</summary>
    public SynthesisPlan Plan { get; }

    /// <summary>Milliseconds per stage of the last sample (of the first thread, where threads take whole samples).</summary>
    public StageTimes LastStageTimes => device.LastStageTimes;

    /// <summary>An empty record of what will be drawn, to be filled again and again.</summary>
    public DrawnSample CreateDrawn() => new(Plan.Rows);

    /// <summary>Draws and renders one sample.</summary>
    /// <param name="key">Which sample.</param>
    /// <param name="image">Image [(D,) H, W], written; 0 to 1 where the recipe normalises.</param>
    /// <param name="label">Labels [(D,) H, W], written.</param>
    /// <param name="drawn">From <see cref="CreateDrawn"/>, filled.</param>
    /// <exception cref="ArgumentException">A span is shorter than the shape.</exception>
    /// <exception cref="GpuSynthException">The recipe's laws draw no finite image.</exception>
    public void Generate(SampleKey key, Span<float> image, Span<byte> label, DrawnSample drawn)
    {
        Check(image, label, drawn);
        fixed (float* imageAt = image)
        fixed (byte* labelAt = label)
        {
            oneKey[0] = key;
            oneDrawn[0] = drawn;
            device.Generate(oneKey, new SlotMemory((nint)imageAt, (nint)labelAt), oneDrawn);
        }
    }

    /// <summary>Changes an image by the recipe's appearance: bias fields, noise, blur, artefacts, whatever it draws. Of plans whose images are given.</summary>
    /// <param name="key">Which sample: its appearance is drawn; of one key always the same.</param>
    /// <param name="image">Image [(D,) H, W] in the units of the recipe's intensities; changed.</param>
    /// <param name="drawn">From <see cref="CreateDrawn"/>, filled.</param>
    /// <exception cref="InvalidOperationException">The plan makes its images itself.</exception>
    /// <exception cref="ArgumentException">The span is shorter than the shape.</exception>
    /// <exception cref="GpuSynthException">The image is not finite, or the recipe's laws make it so.</exception>
    public void Augment(SampleKey key, Span<float> image, DrawnSample drawn)
    {
        if (!Plan.Options.AreImagesGiven)
        {
            throw new InvalidOperationException($"The plan makes images of its own; set {nameof(EngineOptions.AreImagesGiven)} for such as are given.");
        }

        CheckImage(image, drawn);
        fixed (float* imageAt = image)
        {
            oneKey[0] = key;
            oneDrawn[0] = drawn;
            device.Generate(oneKey, new SlotMemory((nint)imageAt, 0), oneDrawn);
        }
    }

    /// <summary>
    /// Draws and renders a batch, sample after sample, into a slot. With <see cref="EngineOptions.SlotsOnDevice"/> it returns
    /// before the batch is there: work enqueued on the device's stream; <see cref="Complete"/> waits for it.
    /// </summary>
    /// <param name="keys">Which samples, at most the plan's batch size.</param>
    /// <param name="slot">Memory for at least as many samples; with given images in it, which are changed, and labels that are not looked at, or none.</param>
    /// <param name="drawn">Filled, one per key.</param>
    /// <exception cref="ArgumentException">More keys than the batch size or than records, or a slot without memory.</exception>
    /// <exception cref="GpuSynthException">The recipe's laws draw no finite image.</exception>
    public void GenerateBatch(ReadOnlySpan<SampleKey> keys, SlotMemory slot, DrawnSample[] drawn)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentNullException.ThrowIfNull(drawn);
        if (keys.Length > Plan.Options.BatchSize || keys.Length > drawn.Length)
        {
            throw new ArgumentException(
                $"{keys.Length} keys were given for a batch size of {Plan.Options.BatchSize} and {drawn.Length} records.",
                nameof(keys));
        }

        if (slot.Image == 0 || (slot.Label == 0 && !Plan.Options.AreImagesGiven))
        {
            throw new ArgumentException("The slot has no memory; give the addresses of its images and labels.", nameof(slot));
        }

        for (int sample = 0; sample < keys.Length; sample++)
        {
            CheckRecord(drawn[sample]);
        }

        device.Generate(keys, slot, drawn);
    }

    /// <summary>
    /// Memory for one batch on the device, where nothing else has allocated a slot there: freed with the engine.
    /// </summary>
    /// <exception cref="InvalidOperationException">The plan's slots are not on the device.</exception>
    /// <exception cref="GpuSynthException">The device's memory does not suffice.</exception>
    public SlotMemory AllocateSlot()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return Plan.Options.SlotsOnDevice
            ? device.AllocateSlot()
            : throw new InvalidOperationException("The plan's slots are the caller's own, on the host.");
    }

    /// <summary>
    /// Waits until the last batch is there, and completes its records with what was measured. Only with
    /// <see cref="EngineOptions.SlotsOnDevice"/> is there anything to wait for; elsewhere a call returns when all is done.
    /// </summary>
    /// <param name="drawn">The records of that batch.</param>
    /// <exception cref="GpuSynthException">The recipe's laws draw no finite image, or the device was lost.</exception>
    public void Complete(DrawnSample[] drawn)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentNullException.ThrowIfNull(drawn);
        device.Complete(drawn);
    }

    /// <summary>Renders what was drawn before, changed or not: nothing is drawn but what its key and seed name.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="image">Image [(D,) H, W], written.</param>
    /// <param name="label">Labels [(D,) H, W], written.</param>
    /// <exception cref="ArgumentException">A span is shorter than the shape.</exception>
    /// <exception cref="GpuSynthException">The parameters make no finite image.</exception>
    public void Apply(DrawnSample drawn, Span<float> image, Span<byte> label)
    {
        Check(image, label, drawn);
        fixed (float* imageAt = image)
        fixed (byte* labelAt = label)
        {
            device.Apply(drawn, new SlotMemory((nint)imageAt, (nint)labelAt));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            device.Dispose();
        }
    }

    private void Check(Span<float> image, Span<byte> label, DrawnSample drawn)
    {
        if (Plan.Options.AreImagesGiven)
        {
            throw new InvalidOperationException($"The plan changes images that are given; use {nameof(Augment)}, or {nameof(GenerateBatch)} with a slot that holds them.");
        }

        CheckImage(image, drawn);
        long voxels = Plan.Options.Shape.VoxelCount;
        if (label.Length < voxels)
        {
            throw new ArgumentException(
                $"The label map holds {label.Length} bytes; {Plan.Options.Shape} needs {voxels}.", nameof(label));
        }
    }

    private void CheckImage(Span<float> image, DrawnSample drawn)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckRecord(drawn);
        if (Plan.Options.SlotsOnDevice || Plan.Options.ImageFormat != ImageFormat.Float32)
        {
            throw new InvalidOperationException(
                "This engine writes to slots on the device, or 16-bit images: use GenerateBatch with a slot of that kind.");
        }

        long voxels = Plan.Options.Shape.VoxelCount;
        if (image.Length < voxels)
        {
            throw new ArgumentException(
                $"The image holds {image.Length} floats; {Plan.Options.Shape} needs {voxels}.", nameof(image));
        }
    }

    private void CheckRecord(DrawnSample drawn)
    {
        ArgumentNullException.ThrowIfNull(drawn);
        if (drawn.Layout != Plan.Rows && !drawn.Layout.Fits(Plan.Rows))
        {
            throw new ArgumentException(
                $"The record was made for another recipe or size (it has {drawn.LabelCount} labels); "
                + "make it with this engine's CreateDrawn.",
                nameof(drawn));
        }
    }
}
