using System.Numerics.Tensors;

namespace GpuSynth.Kernels;

/// <summary>A field of view that is too small, on the host: the points of lines side by side are summed, and repeated.</summary>
internal sealed unsafe class WrapHostStage(StepPlace place) : HostLineStage(place.Facts.Shape)
{
    private readonly VolumeShape shape = place.Facts.Shape;

    // A sum.
    /// <inheritdoc/>
    public override LaneCost Cost => new(1, 3);

    /// <inheritdoc/>
    protected override long OwnLength(int length) => 0;

    /// <inheritdoc/>
    protected override bool Acts(in Row row, int axis)
    {
        Wrap.Drawn drawn = DrawnIn(in row);
        return drawn.Axis == axis && drawn.Points < LineAxis.LengthOf(shape, axis);
    }

    /// <inheritdoc/>
    protected override void Begin(in Row row, int axis, int length, float* own)
    {
        // Lines have nothing in common but how many points there are.
    }

    /// <inheritdoc/>
    protected override float* Apply(in Row row, int axis, int length, int width, float* lines, float* after, float* own)
    {
        int points = DrawnIn(in row).Points;
        for (int at = points; at < length; at++)
        {
            Span<float> sum = Place(at % points);
            TensorPrimitives.Add(sum, Place(at), sum);
        }

        for (int at = points; at < length; at++)
        {
            Place(at % points).CopyTo(Place(at));
        }

        return lines;

        Span<float> Place(int at) => new(lines + ((long)at * HostLines.Width), width);
    }

    /// <inheritdoc/>
    protected override double[] ExactLine(in Row row, int axis, double[] line)
    {
        int points = DrawnIn(in row).Points;
        var sums = new double[points];
        for (int at = 0; at < line.Length; at++)
        {
            sums[at % points] += line[at];
        }

        return [.. line.Select((_, at) => sums[at % points])];
    }

    private Wrap.Drawn DrawnIn(in Row row) => Real16.Drawn<Wrap.Drawn>(in row, place.Entry.First);
}
