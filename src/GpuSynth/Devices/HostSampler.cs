using System.Diagnostics;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;

namespace GpuSynth.Devices;

/// <summary>
/// One sample on the host, phase by phase, each phase shared out over numbered pieces. Used by one sample at a time: either all
/// threads work on its pieces, or one thread does them all.
/// </summary>
internal sealed unsafe class HostSampler : IDisposable
{
    private readonly WorkArena arena = new();
    private readonly IHostAnatomy anatomy;
    private readonly HostAppearance appearance;
    private readonly int threads;
    private readonly int[] scratch;
    private readonly float[] maxima;
    private readonly ReductionPartial[] ranges;
    private readonly Action<int, int> prepare;
    private readonly Action<int, int> label;
    private readonly Action<int, int> paint;
    private readonly Action<int, int> finish;
    private readonly int chunks;
    private DrawnSample drawn = null!;
    private byte* labels;
    private float* image;

    public HostSampler(EngineOptions options, RowLayout rows, int threads)
    {
        this.threads = threads;
        VolumeShape shape = options.Shape;
        anatomy = options.Recipe.Anatomy[0] switch
        {
            NoiseAnatomy noise => new HostNoiseAnatomy(noise, shape),
            LabelMapAnatomy map => new HostLabelMapAnatomy(map, shape, options.LabelMaps!),
            _ => throw new PlanException(
                $"The recipe's anatomy {options.Recipe.Anatomy[0].Name} is not known to the host device."),
        };
        appearance = new HostAppearance(options.Recipe, shape, rows);
        anatomy.Declare(arena);
        appearance.Declare(arena);
        scratch = new int[threads];
        for (int thread = 0; thread < threads; thread++)
        {
            scratch[thread] = arena.Floats(
                $"thread {thread} scratch", Math.Max(anatomy.ScratchLength, appearance.ScratchLength), "planes and rows in hand");
        }

        chunks = appearance.ChunkCount(threads);
        maxima = new float[anatomy.SlabCount];
        ranges = new ReductionPartial[chunks];
        prepare = (worker, piece) => PreparePiece(piece, arena[scratch[worker]]);
        label = (worker, piece) => LabelPiece(piece, arena[scratch[worker]]);
        paint = (worker, piece) =>
            ranges[piece] = appearance.Chunk(arena, drawn, piece, chunks, labels, image, arena[scratch[worker]]);
        finish = (_, piece) => appearance.Finish(drawn, piece, image);
    }

    public IEnumerable<PlannedBuffer> Buffers => arena.Buffers();

    public long Bytes => arena.Bytes;

    public StageTimes Times { get; private set; }

    public void Allocate() => arena.Allocate();

    /// <summary>Renders what was drawn. False where the image holds a NaN or an infinity.</summary>
    /// <param name="sample">What was drawn.</param>
    /// <param name="imageDHW">Image, written.</param>
    /// <param name="labelsDHW">Labels, written.</param>
    /// <param name="pool">Threads to share the work with; null for this thread alone.</param>
    public bool Apply(DrawnSample sample, float* imageDHW, byte* labelsDHW, WorkerPool? pool)
    {
        drawn = sample;
        drawn.Prepare();
        image = imageDHW;
        labels = labelsDHW;
        long start = Stopwatch.GetTimestamp();
        Run(pool, prepare, anatomy.PreparationCount + 1);
        if (!appearance.IsBounded(arena, drawn))
        {
            drawn.MeasuredRange = (float.NegativeInfinity, float.PositiveInfinity);
            return false;
        }

        long prepared = Stopwatch.GetTimestamp();
        Run(pool, label, anatomy.SlabCount);
        drawn.MeasuredMaximum = 0;
        foreach (float maximum in maxima)
        {
            drawn.MeasuredMaximum = MathF.Max(drawn.MeasuredMaximum, maximum);
        }

        long labelled = Stopwatch.GetTimestamp();
        Run(pool, paint, chunks);
        ReductionPartial range = Reduction.Empty();
        foreach (ReductionPartial part in ranges)
        {
            range = Reduction.Merge(range, part);
        }

        drawn.MeasuredRange = (range.Minimum, range.Maximum);
        long painted = Stopwatch.GetTimestamp();
        if (!appearance.CanFinish(in range))
        {
            return false;
        }

        Run(pool, finish, appearance.FinishCount);
        Times = new StageTimes(
            Stopwatch.GetElapsedTime(start, prepared).TotalMilliseconds,
            Stopwatch.GetElapsedTime(prepared, labelled).TotalMilliseconds,
            Stopwatch.GetElapsedTime(labelled, painted).TotalMilliseconds,
            Stopwatch.GetElapsedTime(painted).TotalMilliseconds);
        return true;
    }

    public void Dispose() => arena.Dispose();

    private void Run(WorkerPool? pool, Action<int, int> body, int pieces)
    {
        if (pool is not null && threads > 1)
        {
            pool.Run(body, pieces);
            return;
        }

        for (int piece = 0; piece < pieces; piece++)
        {
            body(0, piece);
        }
    }

    // The bias field is the longest piece: first, so that it does not end alone.
    private void PreparePiece(int piece, float* at)
    {
        if (piece == 0)
        {
            appearance.Prepare(arena, drawn, at);
        }
        else
        {
            anatomy.Prepare(arena, drawn, piece - 1, at);
        }
    }

    private void LabelPiece(int slab, float* at)
    {
        anatomy.Slab(arena, drawn, slab, labels, at);
        if (appearance.NeedsMaximum)
        {
            (int first, int count) = anatomy.RowsOf(slab);
            maxima[slab] = appearance.Maximum(arena, drawn, labels, first, count, at);
        }
    }
}
