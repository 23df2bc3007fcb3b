using System.Numerics.Tensors;

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
        long voxel = block.First;
        float* values = block.Values;
        for (long end = block.First + block.Count; voxel < end;)
        {
            int x = (int)(voxel % shape.Width);
            long row = voxel / shape.Width;
            int count = (int)Math.Min(shape.Width - x, end - voxel);
            curve.Row(block.Memory, (int)(row / shape.Height), (int)(row % shape.Height), block.Scratch, block.Scratch + width);
            BiasFieldHost.HostApply(values, block.Scratch + x, count);
            voxel += count;
            values += count;
        }
    }

    /// <inheritdoc/>
    public override float Bound(float before, in HostBlock block)
    {
        long row = block.First / grid.Shape.Width;
        float largest = curve.RowBound(
            block.Memory, (int)(row / grid.Shape.Height), (int)(row % grid.Shape.Height), block.Scratch + width);
        return before * MathF.Exp(largest);
    }

    /// <inheritdoc/>
    public override float LogBound(float before, float* memory) =>
        before + TensorPrimitives.Max<float>(new ReadOnlySpan<float>(memory, grid.NodeCount));
}
