using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// Label-map anatomy on a device: the maps lie one after another in the device's memory, behind the two tables of labels that
/// <see cref="LabelMapRows"/> takes, and each sample of a batch may have another one.
/// </summary>
internal sealed class DeviceLabelMapAnatomy : DeviceAnatomy
{
    private readonly StepPlace place;
    private readonly ILabelMaps maps;
    private readonly byte[]? exchange;
    private readonly DeviceShifts shifts;
    private int mapsPiece;
    private ArrayView<byte> mapBytes;
    private LabelMapRows.Launcher? rows;

    public DeviceLabelMapAnatomy(LabelMapAnatomy component, in StepPlace place)
    {
        this.place = place;
        maps = place.Facts.LabelMaps!;
        exchange = component.CanFlip ? maps.Exchange(component.LateralPairs!) : null;
        shifts = component.ShiftOf(place.Facts.Shape).OnDevice(
            new NodeNumbers(place.Stream(Streams.DeformationNodes), place.Entry.Lists),
            new NodeNumbers(place.Stream(Streams.VelocityNodes), place.Entry.Lists + (component.Deformation?.Scales.Count ?? 0)),
            "deformation",
            place.Entry.Suffix);
    }

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        int last = maps.Count - 1;
        long bytes = maps.Offset(last) + maps.Labels(last).LongLength;
        mapsPiece = memory.DeclareShared<byte>(
            "label maps", LabelMapRows.TableBytes + bytes, $"the labels of {maps.Count} label maps");
        shifts.Declare(memory, batchSize);
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        mapBytes = memory.View<byte>(mapsPiece);
        rows = new LabelMapRows.Launcher(loader, place.Entry.MayBeMissing);

        // Of several anatomies the first uploads the maps; one that flips puts its table there, which is that of all who flip.
        bool isFirst = place.Entry.Occurrence == 0;
        if (isFirst || exchange is not null)
        {
            byte[] tables = LabelMapRows.Tables(exchange);
            memory.Upload<byte>(tables, mapBytes.SubView(0, tables.Length));
        }

        for (int map = 0; isFirst && map < maps.Count; map++)
        {
            byte[] labels = maps.Labels(map);
            memory.Upload<byte>(labels, mapBytes.SubView(LabelMapRows.TableBytes + maps.Offset(map), labels.Length));
        }

        shifts.Start(loader, memory);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        shifts.Run(in batch);
        SampleLayout layout = batch.Layout with { LabelMap = place.Entry.First };
        rows!.Run(
            batch.Words, layout, shifts.Grid, batch.Samples, shifts.Cells, shifts.Places, mapBytes, batch.Labels, batch.GateOf(place.Entry));
    }
}
