using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// A recipe's anatomies on a GPU, one after another over the whole batch. A sample that is without one keeps the labels that it has.
/// </summary>
internal sealed class GpuAnatomies(RowLayout rows, SampleLayout layout, int batchSize) : IGpuStage
{
    private readonly DeviceAnatomy[] forms =
    [
        .. rows.Entries.Where(static entry => entry.Component.IsAnatomy).Select(
            entry => ((IAnatomyComponent)entry.Component).CreateDeviceAnatomy(new StepPlace(entry, 0, rows.Facts))),
    ];

    /// <inheritdoc/>
    public void Declare(GpuArena arena) => Array.ForEach(forms, form => form.Declare(arena, batchSize));

    /// <inheritdoc/>
    public void Start(GpuBackend backend, GpuArena arena) => Array.ForEach(forms, form => form.Start(backend.Kernels, arena));

    /// <inheritdoc/>
    public void Enqueue(in GpuBatch batch)
    {
        var labels = new AnatomyBatch(batch.Words, layout, batch.Samples, batch.Labels);
        foreach (DeviceAnatomy form in forms)
        {
            form.Run(in labels);
        }
    }
}
