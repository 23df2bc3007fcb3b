using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>An anatomy inside labels of those before it, on a device: labels beside those of the batch, and a table of what lies inside which.</summary>
internal abstract class DeviceInner(DeviceAnatomy own, InnerLabels inner, RowEntry entry, VolumeShape shape) : DeviceAnatomy
{
    private int besidePiece;
    private int tablePiece;
    private ArrayView<byte> beside;

    /// <inheritdoc/>
    public override int FoundCount => Own.FoundCount;

    /// <inheritdoc/>
    public override ArrayView<int> Found => Own.Found;

    /// <summary>The anatomy by itself.</summary>
    protected DeviceAnatomy Own { get; } = own;

    /// <summary>Its labels inside the others.</summary>
    protected InnerLabels Inner { get; } = inner;

    /// <summary>Its place in the row.</summary>
    protected RowEntry Entry { get; } = entry;

    /// <summary>Voxels of a sample.</summary>
    protected int Voxels { get; } = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));

    /// <summary>For each of 256 labels what the first label of the anatomy is in there; 0 where it is not drawn.</summary>
    protected ArrayView<byte> Table { get; private set; }

    /// <inheritdoc/>
    public override void Record(ReadOnlySpan<int> found, Span<uint> row) => Own.Record(found, row);

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        Own.Declare(memory, batchSize);
        besidePiece = memory.DeclareShared<byte>("labels beside", checked((long)batchSize * Voxels), "labels that are put inside others");
        tablePiece = memory.Declare<byte>($"labels inside, {Entry.Name}", LabelTables.Most, "which labels lie inside which");
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        Own.Start(loader, memory);
        beside = memory.View<byte>(besidePiece);
        Table = memory.View<byte>(tablePiece);
        memory.Upload<byte>(FirstInside(), Table);
    }

    /// <summary>What <see cref="Table"/> holds.</summary>
    protected abstract byte[] FirstInside();

    /// <summary>Room for the labels of a batch.</summary>
    /// <param name="samples">Samples of the batch.</param>
    protected ArrayView<byte> Beside(int samples) => beside.SubView(0, (long)samples * Voxels);
}
