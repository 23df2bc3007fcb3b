using System.Diagnostics;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// A GPU: a batch is a dozen launches on one stream, whatever its size. With the slots on the device nothing is copied and nothing
/// waits: keys and drawn parameters travel as arguments of launches. With slots on the host a batch is copied there, and waited for.
/// </summary>
internal sealed class GpuDevice : IDevice
{
    // Of each image in between: a few samples at a time are worked on in it.
    private const long ScratchBytes = 32L << 20;

    // Of a copy: a span holds fewer elements than a batch may have.
    private const long Piece = 1 << 28;

    private readonly EngineOptions options;
    private readonly Func<string, GpuBackend> open;
    private readonly RowLayout rows;
    private readonly SampleLayout layout;
    private readonly GpuAnatomies anatomies;
    private readonly IGpuAppearance appearance;
    private readonly GpuArena arena = new();
    private readonly int wordsPiece;
    private readonly int measuredPiece;
    private readonly int labelPiece = -1;
    private readonly int imagePiece = -1;
    private readonly uint[] words;
    private readonly uint[] measured;
    private readonly List<MemoryBuffer> ownSlots = [];
    private GpuBackend? backend;
    private GpuSlots? slots;
    private SampleTable.Launcher? table;
    private SlotMemory lastSlot;
    private int lastCount;

    /// <summary>A device that is not open yet.</summary>
    /// <param name="options">The run.</param>
    /// <param name="rows">Where what is drawn for a sample stands.</param>
    /// <param name="open">Opens the device of a name.</param>
    /// <param name="scratchBytes">Bytes at most of each image in between, where one sample's fits.</param>
    public GpuDevice(EngineOptions options, RowLayout rows, Func<string, GpuBackend> open, long scratchBytes = ScratchBytes)
    {
        this.options = options;
        this.open = open;
        this.rows = rows;
        layout = new SampleLayout(rows);
        anatomies = new GpuAnatomies(rows, layout, options.BatchSize);
        appearance = FusedAppearance.Of(rows) is { } fused
            ? new GpuAppearance(rows, fused, layout, options.BatchSize, options.ImageFormat, scratchBytes)
            : new GpuPasses(rows, layout, options.BatchSize, options.ImageFormat, scratchBytes);
        int wordCount = SampleTable.Launcher.Length(layout, options.BatchSize);
        words = new uint[wordCount];
        measured = new uint[appearance.MeasuredCount * options.BatchSize * MeasuredWords.PerSample];
        wordsPiece = arena.Declare<uint>("sample words", wordCount, "keys and drawn parameters of a batch");
        measuredPiece = arena.Declare<uint>("measured words", measured.Length, "extremes of a batch");
        anatomies.Declare(arena);
        appearance.Declare(arena);
        if (!options.SlotsOnDevice && options.Device != DeviceCatalogue.IlgpuCpu)
        {
            long values = checked(options.BatchSize * options.Shape.VoxelCount);
            labelPiece = arena.Declare<byte>("label slot", values, "labels of a batch on their way to the host");
            imagePiece = options.ImageFormat == ImageFormat.Float32
                ? arena.Declare<float>("image slot", values, "images of a batch on their way to the host")
                : arena.Declare<ushort>("image slot", values, "images of a batch on their way to the host");
        }
    }

    public int ThreadCount => 1;

    public IEnumerable<PlannedBuffer> Buffers => arena.Buffers;

    public long WorkspaceBytes => arena.Bytes;

    public StageTimes LastStageTimes { get; private set; }

    public IStreamEvents? Events => backend?.Events;

    private bool IsStaged => labelPiece >= 0;

    public void Start()
    {
        backend = open(options.Device);
        backend.Bind();
        CheckFree(backend.FreeBytes);
        arena.Allocate(backend);
        table = new SampleTable.Launcher(backend.Kernels);
        anatomies.Start(backend, arena);
        appearance.Start(backend, arena);
        slots = new GpuSlots(backend, options.Shape, options.ImageFormat);
    }

    public void Generate(ReadOnlySpan<SampleKey> batchKeys, SlotMemory memory, DrawnSample[] batchDrawn)
    {
        if (batchKeys.IsEmpty)
        {
            lastCount = 0;
            return;
        }

        long start = Stopwatch.GetTimestamp();
        for (int sample = 0; sample < batchKeys.Length; sample++)
        {
            batchDrawn[sample].Draw(options.Seed, batchKeys[sample]);
            Describe(batchDrawn[sample], sample);
        }

        Enqueue(batchKeys.Length, memory);
        long enqueued = Stopwatch.GetTimestamp();
        if (!options.SlotsOnDevice)
        {
            Complete(batchDrawn);
        }

        LastStageTimes = new StageTimes(
            Stopwatch.GetElapsedTime(start, enqueued).TotalMilliseconds,
            0,
            Stopwatch.GetElapsedTime(enqueued).TotalMilliseconds,
            0);
    }

    public SlotMemory AllocateSlot()
    {
        backend!.Bind();
        long values = checked(options.BatchSize * options.Shape.VoxelCount);
        MemoryBuffer image = backend.Allocate(values, GpuSlots.ValueBytes(options.ImageFormat));
        ownSlots.Add(image);
        MemoryBuffer label = backend.Allocate(values, sizeof(byte));
        ownSlots.Add(label);
        return new SlotMemory(image.NativePtr, label.NativePtr);
    }

    public void Complete(DrawnSample[] batchDrawn)
    {
        if (lastCount == 0)
        {
            return;
        }

        int count = lastCount;
        lastCount = 0;
        Measure(batchDrawn.AsSpan(0, count), areGivenBack: false);
        CopyOut(count, lastSlot);
    }

    public void Apply(DrawnSample sample, SlotMemory memory)
    {
        Describe(sample, 0);
        Enqueue(1, memory);
        lastCount = 0;
        Measure([sample], areGivenBack: true);
        CopyOut(1, memory);
    }

    public void Dispose()
    {
        try
        {
            // Whatever still runs may write to memory that is about to go.
            backend?.Synchronise();
        }
        catch (DeviceException)
        {
            // The device was lost: nothing runs there any more, and who used it has been told.
        }

        slots?.Dispose();
        ownSlots.ForEach(static slot => slot.Dispose());
        arena.Dispose();
        backend?.Dispose();
        backend = null;
    }

    private void CheckFree(long free)
    {
        if (arena.Bytes > free)
        {
            throw new PlanException(
                $"Device {options.Device} has {ByteCount.Text(free)} free, and the plan needs "
                + $"{ByteCount.Text(arena.Bytes)} beside the slots; "
                + "use a smaller size or batch, or end what else runs there.");
        }
    }

    private void Describe(DrawnSample drawn, int sample)
    {
        drawn.Prepare(rows);
        drawn.Words.CopyTo(words.AsSpan(sample * layout.Stride, layout.Stride));
    }

    private void Enqueue(int count, SlotMemory memory)
    {
        backend!.Bind();
        long voxels = options.Shape.VoxelCount;
        ArrayView<byte> labels;
        ArrayView<float> image = default;
        ArrayView<ushort> image16 = default;
        bool isFloat = options.ImageFormat == ImageFormat.Float32;
        if (IsStaged)
        {
            labels = arena.View<byte>(labelPiece);
            image = isFloat ? arena.View<float>(imagePiece) : image;
            image16 = isFloat ? image16 : arena.View<ushort>(imagePiece);
        }
        else
        {
            // Labels that nobody reads or writes: any memory will do.
            BorrowedSlot slot = slots!.Borrow(options.AreImagesGiven ? memory with { Label = memory.Image } : memory, count);
            labels = new ArrayView<byte>(slot.Labels, 0, slot.Labels.Length);
            image = isFloat ? new ArrayView<float>(slot.Image, 0, slot.Image.Length) : image;
            image16 = isFloat ? image16 : new ArrayView<ushort>(slot.Image, 0, slot.Image.Length);
        }

        int length = SampleTable.Launcher.Length(layout, count);
        ArrayView<uint> deviceWords = arena.View<uint>(wordsPiece).SubView(0, length);
        ArrayView<uint> deviceMeasured = arena.View<uint>(measuredPiece).SubView(0, MeasuredLength(count));
        int launched = length;
        if (backend!.SharesHostMemory)
        {
            // Its launches end before they return, and each wakes hundreds of threads: the kernel is run for the first words alone.
            backend.Upload(words.AsSpan(0, length), deviceWords);
            launched = SampleTable.WordsPerLaunch;
        }

        table!.Run(words.AsSpan(0, launched), deviceWords.SubView(0, launched), deviceMeasured);
        var batch = new GpuBatch(
            count,
            deviceWords,
            deviceMeasured,
            labels.SubView(0, count * voxels),
            isFloat ? image.SubView(0, count * voxels) : image,
            isFloat ? image16 : image16.SubView(0, count * voxels));
        if (options.AreImagesGiven)
        {
            CopyIn(memory, batch.Image);
        }

        anatomies.Enqueue(in batch);
        appearance.Enqueue(in batch);
        anatomies.EnqueueTargets(in batch);
        (lastSlot, lastCount) = (memory, count);
    }

    // Of one set of measured words those of the samples that are there; of several all, for a set begins where the last one's batch ends.
    private int MeasuredLength(int count) => appearance.MeasuredCount == 1 ? count * MeasuredWords.PerSample : measured.Length;

    /// <summary>Waits for the last launches and completes their records with what was measured.</summary>
    /// <exception cref="GpuSynthException">An image holds a NaN or an infinity.</exception>
    private void Measure(Span<DrawnSample> of, bool areGivenBack)
    {
        backend!.Bind();
        Span<uint> values = measured.AsSpan(0, MeasuredLength(of.Length));
        backend.Download(arena.View<uint>(measuredPiece).SubView(0, values.Length), values);
        anatomies.Record(backend, of);
        for (int sample = 0; sample < of.Length; sample++)
        {
            DrawnSample drawn = of[sample];
            drawn.MeasuredMaximum = appearance.RecordedPeak is not { } peak ? 0
                : peak.IsRange ? MathF.Max(
                    MathF.Abs(Measured(peak.Which, sample, MeasuredWords.Minimum)), MathF.Abs(Measured(peak.Which, sample, MeasuredWords.Maximum)))
                : Measured(peak.Which, sample, MeasuredWords.LargestIntensity);
            drawn.MeasuredRange = RangeOf(appearance.RecordedRange, sample);
        }

        // An infinity or a NaN shows in an extreme, and so in the width.
        for (int sample = 0; sample < of.Length; sample++)
        {
            for (int image = 0; image < appearance.ImageRanges.Count; image++)
            {
                (float minimum, float maximum) = RangeOf(appearance.ImageRanges[image], sample);
                if (!float.IsFinite(maximum - minimum))
                {
                    of[sample].MeasuredRange = (minimum, maximum);
                    throw of[sample].NotFinite(options.Recipe.Name, areGivenBack);
                }
            }
        }
    }

    private (float Minimum, float Maximum) RangeOf(int which, int sample) =>
        (Measured(which, sample, MeasuredWords.Minimum), Measured(which, sample, MeasuredWords.Maximum));

    private float Measured(int which, int sample, int word) =>
        MeasuredWords.Value(measured[(((which * options.BatchSize) + sample) * MeasuredWords.PerSample) + word]);

    private unsafe void CopyOut(int count, SlotMemory slot)
    {
        if (!IsStaged)
        {
            backend!.Synchronise();
            return;
        }

        long values = count * options.Shape.VoxelCount;
        if (!options.AreImagesGiven)
        {
            CopyOut(arena.View<byte>(labelPiece), (byte*)slot.Label, values);
        }

        if (options.ImageFormat == ImageFormat.Float32)
        {
            CopyOut(arena.View<float>(imagePiece), (float*)slot.Image, values);
        }
        else
        {
            CopyOut(arena.View<ushort>(imagePiece), (ushort*)slot.Image, values);
        }
    }

    // Images that are given lie in the host's memory where the slots do.
    private unsafe void CopyIn(SlotMemory slot, ArrayView<float> image)
    {
        for (long at = 0; IsStaged && at < image.Length; at += Piece)
        {
            int length = (int)Math.Min(Piece, image.Length - at);
            backend!.Upload(new ReadOnlySpan<float>((float*)slot.Image + at, length), image.SubView(at, length));
        }
    }

    private unsafe void CopyOut<T>(ArrayView<T> from, T* to, long count)
        where T : unmanaged
    {
        for (long at = 0; at < count; at += Piece)
        {
            int length = (int)Math.Min(Piece, count - at);
            backend!.Download(from.SubView(at, length), new Span<T>(to + at, length));
        }
    }
}
