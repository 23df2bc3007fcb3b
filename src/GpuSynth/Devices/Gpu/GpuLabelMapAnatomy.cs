using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// Label-map anatomy on a GPU: the maps lie one after another in the device's memory, behind the two tables of labels that
/// <see cref="LabelMapRows"/> takes, and each sample of a batch may have another one.
/// </summary>
internal sealed class GpuLabelMapAnatomy : IGpuStage
{
    private readonly SampleLayout layout;
    private readonly LabelMapSet maps;
    private readonly byte[]? exchange;
    private readonly GpuShifts shifts;
    private readonly long[] offsets;
    private int mapsPiece;
    private ArrayView<byte> mapBytes;
    private LabelMapRows.Launcher? rows;

    public GpuLabelMapAnatomy(
        LabelMapAnatomy recipe, VolumeShape shape, SampleLayout layout, int batchSize, LabelMapSet maps)
    {
        this.layout = layout;
        this.maps = maps;
        exchange = recipe.CanFlip ? LateralExchange.Table(recipe.LateralPairs!, maps.SourceValues) : null;
        NoiseGridLayout? deformation = recipe.Deformation is null
            ? null
            : new NoiseGridLayout(shape, recipe.Deformation.ScalesInVoxels(shape.Side), shape.Dimensions);
        shifts = new GpuShifts(
            new ShiftGrid(shape, deformation, 1, slips: false), layout, batchSize, Streams.DeformationNodes, "deformation");
        offsets = new long[maps.Maps.Count];
        for (int map = 0; map < offsets.Length; map++)
        {
            offsets[map] = map == 0 ? LabelMapRows.TableBytes : offsets[map - 1] + maps.Maps[map - 1].Labels.LongLength;
        }
    }

    /// <inheritdoc/>
    public void Declare(GpuArena arena)
    {
        mapsPiece = arena.Declare<byte>(
            "label maps", LabelMapRows.TableBytes + maps.TotalBytes, $"the labels of {maps.Maps.Count} label maps");
        shifts.Declare(arena);
    }

    /// <inheritdoc/>
    public void Start(GpuBackend backend, GpuArena arena)
    {
        mapBytes = arena.View<byte>(mapsPiece);
        rows = new LabelMapRows.Launcher(backend.Kernels);
        byte[] tables = LabelMapRows.Tables(exchange);
        backend.Upload<byte>(tables, mapBytes.SubView(0, tables.Length));
        for (int map = 0; map < offsets.Length; map++)
        {
            byte[] labels = maps.Maps[map].Labels;
            backend.Upload<byte>(labels, mapBytes.SubView(offsets[map], labels.Length));
        }

        shifts.Start(backend, arena);
    }

    /// <inheritdoc/>
    public void Enqueue(in GpuBatch batch)
    {
        shifts.Enqueue(in batch);
        rows!.Run(batch.Words, layout, shifts.Grid, batch.Samples, shifts.Cells, shifts.Places, mapBytes, batch.Labels);
    }
}
