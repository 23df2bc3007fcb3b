using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>The tables of a recipe's components on a GPU, each worked out for a whole batch before its voxels are made.</summary>
internal sealed class GpuTables
{
    private readonly SampleLayout layout;
    private readonly int batchSize;
    private readonly One[] tables;

    public GpuTables(RowLayout rows, SampleLayout layout, int batchSize)
    {
        this.layout = layout;
        this.batchSize = batchSize;
        tables =
        [
            .. rows.Entries.Where(static entry => entry.Component is ITableComponent).Select(
                entry => new One(entry, ((ITableComponent)entry.Component).CreateTable(new StepPlace(entry, 0, rows.Facts)))),
        ];
    }

    /// <summary>How many there are.</summary>
    public int Count => tables.Length;

    public void Declare(GpuArena arena)
    {
        foreach (One one in tables)
        {
            one.ScratchPieces = [.. one.Table.Scratch.Select(Declared)];
            one.Piece = Declared(one.Table.Numbers);
        }

        int Declared(TableMemory memory) => arena.Declare<float>(memory.Name, (long)batchSize * memory.Length, memory.Purpose);
    }

    public void Start(GpuBackend backend, GpuArena arena)
    {
        foreach (One one in tables)
        {
            one.Scratch = [.. one.ScratchPieces.Select(arena.View<float>)];
            one.Numbers = arena.View<float>(one.Piece);
            one.Table.Start(backend.Kernels);
        }
    }

    /// <summary>Works out all tables of a batch.</summary>
    /// <param name="batch">The batch; each table has a set of its measured words, one after another, each for the plan's batch size.</param>
    public void Enqueue(in GpuBatch batch)
    {
        for (int table = 0; table < tables.Length; table++)
        {
            One one = tables[table];
            ArrayView<uint> measured = batch.Measured.SubView(
                (long)table * batchSize * MeasuredWords.PerSample, (long)batch.Samples * MeasuredWords.PerSample);
            one.Table.Run(batch.Words, layout, batch.Samples, one.Scratch, one.Numbers, measured);
        }
    }

    /// <summary>Goes on with the tables of a component that looks at the image before it.</summary>
    /// <param name="entry">The component.</param>
    /// <param name="words">Words of some samples of the batch.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="samples">How many.</param>
    /// <param name="image">Their images before it.</param>
    public void Survey(RowEntry entry, ArrayView<uint> words, int first, int samples, ArrayView<float> image)
    {
        One one = Array.Find(tables, table => table.Entry == entry)!;
        int length = one.Table.Numbers.Length;
        one.Table.Survey(words, layout, samples, image, one.Numbers.SubView((long)first * length, (long)samples * length));
    }

    /// <summary>The table of a component, [sample][number]; empty where it has none.</summary>
    public ArrayView<float> NumbersOf(RowEntry? entry) => Array.Find(tables, one => one.Entry == entry)?.Numbers ?? ArrayView<float>.Empty;

    /// <summary>Which of the tables is a component's; -1 where it has none.</summary>
    public int NumberOf(RowEntry entry) => Array.FindIndex(tables, one => one.Entry == entry);

    private sealed class One(RowEntry entry, DeviceTable table)
    {
        public RowEntry Entry => entry;

        public DeviceTable Table => table;

        public int[] ScratchPieces { get; set; } = [];

        public int Piece { get; set; }

        public ArrayView<float>[] Scratch { get; set; } = [];

        public ArrayView<float> Numbers { get; set; }
    }
}
