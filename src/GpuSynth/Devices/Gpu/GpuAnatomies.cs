using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// A recipe's anatomies on a GPU, one after another over the whole batch. A sample that is without one keeps the labels that it has. When all
/// intensities are made, labels that were drawn inside others become those, and labels get the names that they have in the sample.
/// </summary>
internal sealed class GpuAnatomies(RowLayout rows, SampleLayout layout, int batchSize) : IGpuStage
{
    private readonly RowEntry[] entries = [.. rows.LabelMakers];

    private readonly DeviceAnatomy[] forms =
    [
        .. rows.LabelMakers.Select(entry => AnatomyForms.Device(entry, rows.Facts)),
    ];

    private int[] found = [];

    private readonly TargetLabels? targets = rows.LabelMakers.Any(static entry => entry.HasTargets)
        ? new TargetLabels(rows.Facts.Tables!, rows.Facts.Shape)
        : null;

    /// <inheritdoc/>
    public void Declare(GpuArena arena)
    {
        Array.ForEach(forms, form => form.Declare(arena, batchSize));
        targets?.Declare(arena);
        found = new int[batchSize * forms.Select(static form => form.FoundCount).DefaultIfEmpty().Max()];
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

    /// <summary>Waits for a batch and puts what its samples have found into their rows.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="of">The samples of the batch; their rows are written.</param>
    public void Record(GpuBackend backend, ReadOnlySpan<DrawnSample> of)
    {
        for (int number = 0; number < forms.Length; number++)
        {
            int count = forms[number].FoundCount;
            if (count == 0)
            {
                continue;
            }

            Span<int> numbers = found.AsSpan(0, of.Length * count);
            backend.Download(forms[number].Found.SubView(0, numbers.Length), numbers);
            for (int sample = 0; sample < of.Length; sample++)
            {
                if (entries[number].IsIn(of[sample].Words))
                {
                    forms[number].Record(numbers.Slice(sample * count, count), of[sample].Words);
                }
            }
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
