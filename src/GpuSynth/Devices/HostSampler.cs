using System.Diagnostics;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Devices;

/// <summary>
/// One sample on the host, phase by phase, each phase shared out over numbered pieces. Used by one sample at a time: either all
/// threads work on its pieces, or one thread does them all.
/// </summary>
internal sealed unsafe class HostSampler : IDisposable
{
    // Voxels of a piece of labels that are given their targets.
    private const int TargetLength = 1 << 18;

    private readonly WorkArena arena = new();
    private readonly HostAnatomies anatomies;
    private readonly HostAppearance appearance;
    private readonly RowLayout rows;
    private readonly int threads;
    private readonly int[] scratch;
    private readonly float[] maxima;
    private readonly ReductionPartial[] ranges;
    private readonly Action<int, int> prepare;
    private readonly Action<int, int> label;
    private readonly Action<int, int> survey;
    private readonly Action<int, int> paint;
    private readonly Action<int, int> goOn;
    private readonly Action<int, int> copy;
    private readonly Action<int, int> target;
    private HostAnatomy anatomy = null!;
    private HostPass pass = null!;
    private int pieces;
    private int surveyNumber;
    private int anatomyNumber;
    private DrawnSample drawn = null!;
    private byte* labels;
    private float* image;

    public HostSampler(EngineOptions options, RowLayout rows, int threads)
    {
        this.rows = rows;
        this.threads = threads;
        VolumeShape shape = options.Shape;
        anatomies = new HostAnatomies(rows);
        appearance = new HostAppearance(shape, rows);
        anatomies.Declare(arena);
        appearance.Declare(arena);
        scratch = new int[threads];
        for (int thread = 0; thread < threads; thread++)
        {
            scratch[thread] = arena.Floats(
                $"thread {thread} scratch", Math.Max(anatomies.ScratchLength, appearance.ScratchLength), "planes and rows in hand");
        }

        maxima = new float[anatomies.MostSlabs];
        ranges = new ReductionPartial[appearance.Passes.Max(pass => Math.Max(pass.PieceCount(threads), pass.RowPieceCount(threads)))];
        prepare = (worker, piece) => PreparePiece(piece, arena[scratch[worker]]);
        label = (worker, piece) => LabelPiece(piece, arena[scratch[worker]]);
        survey = (worker, piece) => SurveyPiece(piece, arena[scratch[worker]]);
        paint = (worker, piece) => PaintPiece(piece, arena[scratch[worker]]);
        goOn = (worker, piece) => GoOnPiece(piece, arena[scratch[worker]]);
        copy = (_, piece) => CopyPiece(piece, shape.VoxelCount);
        target = (_, piece) => TargetPiece(piece, shape.VoxelCount);
    }

    public IEnumerable<PlannedBuffer> Buffers => arena.Buffers();

    public long Bytes => arena.Bytes;

    public StageTimes Times { get; private set; }

    // The image before the pass.
    private float* Source => pass.NeedsCopy ? appearance.CopyOf(arena) : image;

    public void Allocate() => arena.Allocate();

    /// <summary>Renders what was drawn. False where the image holds a NaN or an infinity.</summary>
    /// <param name="sample">What was drawn.</param>
    /// <param name="imageDHW">Image, written; where images are given it is the given one, and changed.</param>
    /// <param name="labelsDHW">Labels, written; where images are given null.</param>
    /// <param name="pool">Threads to share the work with; null for this thread alone.</param>
    public bool Apply(DrawnSample sample, float* imageDHW, byte* labelsDHW, WorkerPool? pool)
    {
        drawn = sample;
        drawn.Prepare(rows);
        image = imageDHW;
        labels = labelsDHW;
        long start = Stopwatch.GetTimestamp();
        anatomies.Take(drawn.Words);
        Run(pool, prepare, anatomies.PreparationCount + 1);
        long prepared = Stopwatch.GetTimestamp();
        for (int number = 0; number < anatomies.Count; number++)
        {
            anatomy = anatomies[number];
            anatomyNumber = number;
            Run(pool, label, anatomy.SlabCount);
        }

        anatomies.Record(drawn.Words);
        long labelled = Stopwatch.GetTimestamp();
        TimeSpan finishing = TimeSpan.Zero;
        ReductionPartial last = Reduction.Empty();
        bool isFinite = true;
        bool isMeasured = false;
        int first = 0;
        if (appearance.MeasuredWithLabels is not null)
        {
            // Another anatomy may have had more slabs.
            maxima.AsSpan(anatomy.SlabCount).Fill(float.NegativeInfinity);
            appearance.Keep(arena, 0, new ReductionPartial(0, maxima.Max(), 0, 0));
            first = 1;
        }

        for (int number = first; number < appearance.Passes.Count && isFinite; number++)
        {
            long began = Stopwatch.GetTimestamp();
            pass = appearance.Passes[number];
            if (pass.LeavesAlone(appearance.RowOf(arena), isMeasured))
            {
                appearance.Keep(arena, number, in last);
                continue;
            }

            if (pass.NeedsCopy)
            {
                Run(pool, copy, threads);
            }

            pieces = pass.SurveyPieceCount(threads);
            for (surveyNumber = 0; surveyNumber < pass.SurveyCount(appearance.RowOf(arena)); surveyNumber++)
            {
                Run(pool, survey, pieces);
            }

            pieces = pass.PieceCount(threads);
            Run(pool, paint, pieces);
            if (pass.GoesOn(appearance.RowOf(arena)))
            {
                pieces = pass.RowPieceCount(threads);
                Run(pool, goOn, pieces);
            }

            ReductionPartial range = Reduction.Empty();
            foreach (ReductionPartial part in ranges.AsSpan(0, pieces))
            {
                range = Reduction.Merge(range, part);
            }

            isFinite = appearance.Keep(arena, number, in range);
            isMeasured = pass.Measures;
            last = range;
            finishing += pass.IsInPlace ? Stopwatch.GetElapsedTime(began) : TimeSpan.Zero;
        }

        // No pass looks at labels any more.
        if (anatomies.HasTargets)
        {
            Run(pool, target, TargetPieces(rows.Facts.Shape.VoxelCount));
        }

        appearance.Record(drawn);
        if (!isFinite)
        {
            drawn.MeasuredRange = (last.Minimum, last.Maximum);
        }

        Times = new StageTimes(
            Stopwatch.GetElapsedTime(start, prepared).TotalMilliseconds,
            Stopwatch.GetElapsedTime(prepared, labelled).TotalMilliseconds,
            (Stopwatch.GetElapsedTime(labelled) - finishing).TotalMilliseconds,
            finishing.TotalMilliseconds);
        return isFinite;
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
            anatomies.Prepare(arena, drawn.Words, piece - 1, at);
        }
    }

    private void LabelPiece(int slab, float* at)
    {
        anatomies.Slab(arena, drawn.Words, anatomyNumber, slab, labels, at);
        if (anatomyNumber == anatomies.Count - 1 && appearance.MeasuredWithLabels is { } measure)
        {
            (int first, int count) = anatomy.RowsOf(slab);
            maxima[slab] = measure.Maximum(arena, appearance.RowOf(arena), labels, first, count, at);
        }
    }

    private void SurveyPiece(int piece, float* at) =>
        pass.Survey(arena, appearance.RowOf(arena), surveyNumber, piece, pieces, Source, at);

    private void PaintPiece(int piece, float* at) =>
        ranges[piece] = pass.Run(arena, appearance.RowOf(arena), piece, pieces, labels, Source, image, at);

    private void GoOnPiece(int piece, float* at) => ranges[piece] = pass.RunAlongZ(appearance.RowOf(arena), piece, pieces, Source, image, at);

    private static int TargetPieces(long voxels) => checked((int)((voxels + TargetLength - 1) / TargetLength));

    private void TargetPiece(int piece, long voxels)
    {
        long first = (long)piece * TargetLength;
        anatomies.GiveTargets(new Span<byte>(labels + first, (int)Math.Min(TargetLength, voxels - first)));
    }

    private void CopyPiece(int piece, long voxels)
    {
        long first = voxels * piece / threads;
        long bytes = ((voxels * (piece + 1) / threads) - first) * sizeof(float);
        Buffer.MemoryCopy(image + first, appearance.CopyOf(arena) + first, bytes, bytes);
    }
}
