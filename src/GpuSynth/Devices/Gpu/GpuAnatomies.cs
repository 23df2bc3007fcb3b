using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// A recipe's anatomies on a GPU, one after another over the whole batch. A sample that is without one keeps the labels that it has. When all
/// intensities are made, labels that were drawn inside others become those, and labels get the names that they have in the sample.
/// </summary>
internal sealed class GpuAnatomies(RowLayout rows, SampleLayout layout, int batchSize) : IGpuStage
{
    private readonly DeviceAnatomy[] forms =
    [
        .. rows.Entries.Where(static entry => entry.Component.IsAnatomy).Select(entry => AnatomyForms.Device(entry, rows.Facts)),
    ];

    private readonly TargetLabels? targets = rows.Entries.Any(static entry => entry.Inner is not null)
        ? new TargetLabels(rows.Facts.Tables!, rows.Facts.Shape)
        : null;

    /// <inheritdoc/>
    public void Declare(GpuArena arena)
    {
        Array.ForEach(forms, form => form.Declare(arena, batchSize));
        targets?.Declare(arena);
    }

    /// <inheritdoc/>
    public void Start(GpuBackend backend, GpuArena arena)
    {
        Array.ForEach(forms, form => form.Start(backend.Kernels, arena));
        targets?.Start(backend.Kernels, arena);
    }

    /// <inheritdoc/>
    public void Enqueue(in GpuBatch batch)
    {
        var labels = new AnatomyBatch(batch.Words, layout, batch.Samples, batch.Labels);
        foreach (DeviceAnatomy form in forms)
        {
            form.Run(in labels);
        }
    }

    /// <summary>Gives the labels of a batch their targets: when nothing reads them any more.</summary>
    public void EnqueueTargets(in GpuBatch batch)
    {
        targets?.Run(batch.Samples, batch.Labels);
        var labels = new AnatomyBatch(batch.Words, layout, batch.Samples, batch.Labels);
        foreach (DeviceAnatomy form in forms)
        {
            form.RunNames(in labels);
        }
    }
}
