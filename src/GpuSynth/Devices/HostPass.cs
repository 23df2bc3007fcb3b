using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Devices;

/// <summary>One pass of the schedule on the host.</summary>
internal sealed unsafe class HostPass
{
    // Pieces of a pass without a stage, in voxels; of a measure alone, in rows.
    private const int FlatLength = 1 << 16;
    private const int MeasuredRows = 64;

    // More than two ways to compute the same intensity differ by.
    private const float BoundSlack = 1e-5f;

    private readonly Pass pass;
    private readonly VolumeShape shape;
    private readonly PreparedStep[] prepared;
    private readonly bool[] labelReaders;
    private readonly HostStage? stage;
    private readonly long stepScratch;
    private int memory;

    /// <summary>A pass on the host.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="prepared">The components of its chain.</param>
    /// <param name="facts">What is known of every sample.</param>
    public HostPass(Pass pass, PreparedStep[] prepared, SampleFacts facts)
    {
        this.pass = pass;
        shape = facts.Shape;
        this.prepared = prepared;
        labelReaders = [.. pass.Chain.Select(static step => step.Component.ReadsLabels)];
        stepScratch = prepared.Length == 0 ? 0 : Padded(prepared.Max(static step => step.Step.ScratchLength));
        stage = pass.Stage is null ? null : ((IStageComponent)pass.Stage.Component).CreateHostStage(new StepPlace(pass.Stage, 0, facts));
    }

    /// <summary>Whether the image is written; else it is only measured.</summary>
    public bool Writes => pass.Writes;

    /// <summary>Whether the pass works on the image in place.</summary>
    public bool IsInPlace => pass.FromImage && stage is null;

    /// <summary>Whether a stage reads the image that it writes: it reads a copy.</summary>
    public bool NeedsCopy => pass.FromImage && stage is { IsPlanewise: false };

    /// <summary>Whether the range that it returns is that of the image.</summary>
    public bool Measures => stage is not null || pass.Measures;

    /// <summary>Floats of scratch that a thread needs.</summary>
    public long ScratchLength => stepScratch + (stage?.ScratchLength ?? Padded(shape.Width));

    /// <summary>Pieces that threads can share of what looks at the whole image.</summary>
    public int SurveyPieceCount(int threads) => HostStage.RunCount(shape, threads);

    /// <summary>Pieces that threads can share of what a stage goes on with along z.</summary>
    public int RowPieceCount(int threads) => HostStage.RowRunCount(shape, threads);

    /// <summary>Pieces that threads can share.</summary>
    public int PieceCount(int threads) => stage is not null ? HostStage.RunCount(shape, threads)
        : pass.Writes ? checked((int)((shape.VoxelCount + FlatLength - 1) / FlatLength))
        : ((shape.Depth * shape.Height) + MeasuredRows - 1) / MeasuredRows;

    /// <summary>How many times a sample's whole image is looked at before the pass.</summary>
    /// <param name="row">What was drawn and measured.</param>
    public int SurveyCount(in Row row) =>
        pass.Surveys ? (prepared[0].Entry.IsIn(in row) ? 1 : 0)
        : stage is not null && pass.Stage!.IsIn(in row) ? stage.SurveyCount
        : 0;

    /// <summary>One piece of a look at the whole image.</summary>
    /// <param name="arena">Memory of the sample.</param>
    /// <param name="row">What was drawn and measured.</param>
    /// <param name="number">Which look, from 0.</param>
    /// <param name="piece">Which piece.</param>
    /// <param name="pieces">Of how many.</param>
    /// <param name="source">The image so far.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public void Survey(WorkArena arena, in Row row, int number, int piece, int pieces, float* source, float* scratch)
    {
        (int first, int end) = PlanesOf(piece, pieces);
        if (pass.Surveys)
        {
            prepared[0].Step.Survey(new HostSample(row), source, first, end, arena[prepared[0].Memory], scratch);
            return;
        }

        stage!.Survey(in row, number, source, first, end, arena[memory], scratch + stepScratch);
    }

    /// <summary>Declares what the pass holds for a sample.</summary>
    public void Declare(WorkArena arena)
    {
        if (stage is { MemoryLength: > 0 })
        {
            memory = arena.Floats($"what {pass.Stage!.Component.Name} sees", stage.MemoryLength, "once for all voxels of a sample");
        }
    }

    /// <summary>One piece of the pass; returns the range of what it made.</summary>
    /// <param name="arena">Memory of the sample.</param>
    /// <param name="row">What was drawn and measured.</param>
    /// <param name="piece">Which piece.</param>
    /// <param name="pieces">Of how many.</param>
    /// <param name="labels">Labels.</param>
    /// <param name="source">The image so far, where the pass begins with it.</param>
    /// <param name="image">Written.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public ReductionPartial Run(
        WorkArena arena, in Row row, int piece, int pieces, byte* labels, float* source, float* image, float* scratch)
    {
        if (stage is not null)
        {
            (int firstPlane, int endPlane) = PlanesOf(piece, pieces);
            var planes = new Planes(this, arena, row, labels, source, scratch);
            return pass.Stage!.IsIn(in row)
                ? stage.Run(in row, planes, firstPlane, endPlane, image, scratch + stepScratch)
                : HostStage.Write(planes, firstPlane, endPlane, shape, image);
        }

        if (!pass.Writes)
        {
            int firstRow = piece * MeasuredRows;
            int count = Math.Min(MeasuredRows, (shape.Depth * shape.Height) - firstRow);
            return new ReductionPartial(0, Maximum(arena, in row, labels, firstRow, count, scratch), 0, 0);
        }

        ReductionPartial range = Reduction.Empty();
        long first = (long)piece * FlatLength;
        long end = Math.Min(first + FlatLength, shape.VoxelCount);
        for (long at = first; at < end; at += HostStep.BlockLength)
        {
            int count = (int)Math.Min(HostStep.BlockLength, end - at);
            Steps(arena, in row, labels, at, count, image + at, scratch);
            range = pass.Measures ? Reduction.Merge(range, Reduction.HostChunk(image + at, count)) : range;
        }

        return range;
    }

    /// <summary>Whether a sample's image stays as it is: it leaves the stage out, and nothing stands before that.</summary>
    /// <param name="row">What was drawn and measured.</param>
    /// <param name="isMeasured">Whether the image's range is known.</param>
    public bool LeavesAlone(in Row row, bool isMeasured) =>
        pass.FromImage && prepared.Length == 0 && stage is not null && !pass.Stage!.IsIn(in row) && isMeasured;

    /// <summary>Whether a sample is not done when all pieces are: its stage goes on along z.</summary>
    /// <param name="row">What was drawn and measured.</param>
    public bool GoesOn(in Row row) => stage is not null && pass.Stage!.IsIn(in row) && stage.GoesOn(in row);

    /// <summary>One piece of what the stage goes on with along z; returns its range.</summary>
    /// <param name="row">What was drawn and measured.</param>
    /// <param name="piece">Which piece.</param>
    /// <param name="pieces">Of how many.</param>
    /// <param name="source">The image so far, as <see cref="Run"/> has it.</param>
    /// <param name="image">What the pass has written; changed.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public ReductionPartial RunAlongZ(in Row row, int piece, int pieces, float* source, float* image, float* scratch)
    {
        int firstRow = (int)((long)shape.Height * piece / pieces);
        int endRow = (int)((long)shape.Height * (piece + 1) / pieces);
        return stage!.RunAlongZ(in row, firstRow, endRow, source, image, scratch + stepScratch);
    }

    /// <summary>
    /// max|I| over some rows of what the chain makes. A row is worked out only where it could exceed what has been found: of smooth fields that is
    /// a small part.
    /// </summary>
    public float Maximum(WorkArena arena, in Row row, byte* labels, int firstRow, int rowCount, float* scratch)
    {
        float* values = scratch + stepScratch;
        float largest = 0;
        for (int at = firstRow; at < firstRow + rowCount; at++)
        {
            long voxel = (long)at * shape.Width;
            if (RowBound(arena, in row, at / shape.Height, at % shape.Height, scratch) * (1 + BoundSlack) <= largest)
            {
                continue;
            }

            for (int x = 0; x < shape.Width; x += Reduction.ChunkLength)
            {
                int count = Math.Min(Reduction.ChunkLength, shape.Width - x);
                Steps(arena, in row, labels, voxel + x, count, values, scratch);
                ReductionPartial partial = Reduction.HostChunk(values, count);
                largest = MathF.Max(largest, MathF.Max(MathF.Abs(partial.Minimum), MathF.Abs(partial.Maximum)));
            }
        }

        return largest;
    }

    private (int First, int End) PlanesOf(int piece, int pieces) =>
        ((int)((long)shape.Depth * piece / pieces), (int)((long)shape.Depth * (piece + 1) / pieces));

    private static int Padded(long length) => checked((int)((length + 15) / 16 * 16)) + 16;

    private float RowBound(WorkArena arena, in Row row, int z, int y, float* scratch)
    {
        float bound = float.PositiveInfinity;
        foreach (PreparedStep step in prepared)
        {
            bound = step.Entry.IsIn(in row) ? step.Step.Bound(bound, z, y, arena[step.Memory], scratch) : bound;
        }

        return bound;
    }

    private void Steps(
        WorkArena arena, in Row row, byte* labels, long voxel, int count, float* values, float* scratch)
    {
        var block = new HostBlock
        {
            Words = (uint*)row.WordsAddress,
            Measured = (float*)row.MeasuredAddress,
            Scratch = scratch,
            Values = values,
            First = voxel,
            Count = count,
        };
        for (int step = 0; step < prepared.Length; step++)
        {
            if (prepared[step].Entry.IsIn(in row))
            {
                block.Memory = arena[prepared[step].Memory];
                block.Labels = labelReaders[step] ? labels + voxel : null;
                prepared[step].Step.Run(in block);
            }
        }
    }

    // The planes of what the chain makes.
    private readonly struct Planes(HostPass own, WorkArena arena, Row row, byte* labels, float* source, float* scratch) : IPlaneSource
    {
        public float* Image => own.pass.FromImage && own.prepared.Length == 0 ? source : null;

        public byte* Labels => labels;

        public float* Memory => own.stage is { MemoryLength: > 0 } ? arena[own.memory] : null;

        public void Plane(int z, float* plane, int stride)
        {
            VolumeShape shape = own.shape;
            long first = (long)z * shape.Height * shape.Width;
            bool isOneRun = stride == shape.Width;
            long length = isOneRun ? (long)shape.Height * shape.Width : shape.Width;
            int runs = isOneRun ? 1 : shape.Height;
            for (int run = 0; run < runs; run++)
            {
                float* to = plane + ((long)run * stride);
                long voxel = first + (run * length);
                for (long at = 0; at < length; at += HostStep.BlockLength)
                {
                    int count = (int)Math.Min(HostStep.BlockLength, length - at);
                    if (own.pass.FromImage)
                    {
                        new ReadOnlySpan<float>(source + voxel + at, count).CopyTo(new Span<float>(to + at, count));
                    }

                    own.Steps(arena, in row, labels, voxel + at, count, to + at, scratch);
                }
            }
        }
    }
}

/// <summary>A pointwise component on the host, which several passes may run: what it works out for a sample is worked out once.</summary>
/// <param name="Entry">The component.</param>
/// <param name="Step">Its form on the host.</param>
internal sealed record PreparedStep(RowEntry Entry, HostStep Step)
{
    /// <summary>Its memory in the arena.</summary>
    public int Memory { get; private set; }

    public void Declare(WorkArena arena) =>
        Memory = arena.Floats($"what {Entry.Component.Name} works out", Step.MemoryLength, "once for all voxels of a sample");
}
