namespace GpuSynth.Kernels;

/// <summary>The bias field on the host: its nodes once per sample, its logarithm row by row.</summary>
internal sealed unsafe class BiasStep(StepPlace place, BiasGrid grid) : HostStep
{
    private readonly BiasFieldHost curve = new(grid);
    private readonly int width = HostMath.RoundUp(grid.Shape.Width, 16);

    /// <inheritdoc/>
    public override long MemoryLength => curve.NodeLength;

    /// <inheritdoc/>
    public override long ScratchLength => Math.Max(curve.DrawScratchLength, width + curve.RowScratchLength);

    /// <inheritdoc/>
    public override void Prepare(in HostSample sample, float* memory, float* scratch)
    {
        Bias.Drawn drawn = Real16.Drawn<Bias.Drawn>(sample.Row, place.Entry.First);
        ReadOnlySpan<float> sigmas = [drawn.SigmaVoxels.Z, drawn.SigmaVoxels.Y, drawn.SigmaVoxels.X];
        RandomPlace cells = sample.Place(Streams.BiasCells | ((uint)place.Entry.Occurrence << 16));
        curve.DrawNodes(in cells, drawn.Std, sigmas, drawn.MaximumUniform, memory, scratch);
    }

    /// <inheritdoc/>
    public override void Run(in HostBlock block)
    {
        VolumeShape shape = grid.Shape;
        long row = block.First / shape.Width;
        int x = (int)(block.First - (row * shape.Width));
        int z = (int)(row / shape.Height);
        int y = (int)(row - ((long)z * shape.Height));
        int count;
        for (int done = 0; done < block.Count; done += count)
        {
            count = Math.Min(shape.Width - x, block.Count - done);
            curve.Row(block.Memory, z, y, block.Scratch, block.Scratch + width);
            BiasFieldHost.HostApply(block.Values + done, block.Scratch + x, count);
            x = 0;
            (z, y) = y + 1 == shape.Height ? (z + 1, 0) : (z, y + 1);
        }
    }

    /// <inheritdoc/>
    public override float Bound(float before, int z, int y, float* memory, float* scratch) =>
        before * MathF.Exp(curve.RowBound(memory, z, y, scratch + width));
}
