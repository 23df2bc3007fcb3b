namespace GpuSynth.Kernels;

/// <summary>The resolution on the host: slices of lines side by side, then the voxels between them.</summary>
internal sealed unsafe class ResolutionHostStage(StepPlace place, int weightWords, LaneCost cost) : HostLineStage(place.Facts.Shape)
{
    private readonly ResolutionLines operators = new(weightWords);

    /// <inheritdoc/>
    public override LaneCost Cost => cost;

    /// <inheritdoc/>
    protected override long OwnLength(int length) => operators.OwnLength(length);

    /// <inheritdoc/>
    protected override bool Acts(in Row row, int axis) => DrawnIn(in row).Along(axis).Slices > 0;

    /// <inheritdoc/>
    protected override void Begin(in Row row, int axis, int length, float* own) =>
        operators.Begin(DrawnIn(in row).Along(axis), Weights(in row, axis), length, own);

    /// <inheritdoc/>
    protected override float* Apply(in Row row, int axis, int length, int width, float* lines, float* after, float* own)
    {
        ResampledAxis slices = DrawnIn(in row).Along(axis);
        operators.Take(in slices, own, lines, width, after);
        ResolutionLines.Between(in slices, length, width, after, lines);
        return lines;
    }

    /// <inheritdoc/>
    protected override double[] ExactLine(in Row row, int axis, double[] line)
    {
        ResampledAxis slices = DrawnIn(in row).Along(axis);
        return ResolutionLines.ExactBetween(slices, line.Length, ResolutionLines.ExactSlices(slices, Weights(in row, axis) + 1, line));
    }

    private Resolution.Drawn DrawnIn(in Row row) => Real16.Drawn<Resolution.Drawn>(in row, place.Entry.First);

    private float* Weights(in Row row, int axis) => (float*)row.WordsAddress + place.Entry.Lists + (axis * weightWords);
}
