namespace GpuSynth.Kernels;

/// <summary>
/// Missing lines on the host: two small matrix products for lines side by side, of the real and of the imaginary parts; both matrices are circulants.
/// </summary>
internal sealed unsafe class PartialFourierHostStage(StepPlace place) : HostLineStage(place.Facts.Shape)
{
    private readonly VolumeShape shape = place.Facts.Shape;

    // Two multiply-adds for each voxel of a line, of the axes one; then a magnitude.
    /// <inheritdoc/>
    public override LaneCost Cost
    {
        get
        {
            double voxels = (double)((shape.Dimensions == 3 ? shape.Depth : 0) + shape.Height + shape.Width) / shape.Dimensions;
            return new LaneCost((4 * voxels) + 4, (2 * voxels) + 3);
        }
    }

    // The two kernels twice, and lines side by side.
    /// <inheritdoc/>
    protected override long OwnLength(int length) => (4L + HostLines.Width) * length;

    /// <inheritdoc/>
    protected override bool Acts(in Row row, int axis)
    {
        PartialFourier.Drawn drawn = Real16.Drawn<PartialFourier.Drawn>(in row, place.Entry.First);
        return drawn.Acts != 0 && drawn.Axis == axis;
    }

    // Of either matrix row i, P(k - i) for k = 0 to N - 1, begins at N - i. It is P(i - k) but for the sign of the imaginary part, which a magnitude
    // does not see.
    /// <inheritdoc/>
    protected override void Begin(in Row row, int axis, int length, float* own)
    {
        for (int part = 0; part < 2; part++)
        {
            var kernel = new ReadOnlySpan<float>(Kernel(in row, part), length);
            kernel.CopyTo(new Span<float>(own + (2L * part * length), length));
            kernel.CopyTo(new Span<float>(own + (((2L * part) + 1) * length), length));
        }
    }

    /// <inheritdoc/>
    protected override float* Apply(in Row row, int axis, int length, int width, float* lines, float* after, float* own)
    {
        float* imaginary = own + (4L * length);
        LineProduct.Run(own + length, -1, length, width, lines, after);
        LineProduct.Run(own + (3L * length), -1, length, width, lines, imaginary);
        HostLines.Magnitudes(after, imaginary, length, width);
        return after;
    }

    /// <inheritdoc/>
    protected override double[] ExactLine(in Row row, int axis, double[] line)
    {
        (double[] real, double[] imaginary) = (Part(Kernel(in row, 0)), Part(Kernel(in row, 1)));
        return [.. real.Zip(imaginary, static (a, b) => Math.Sqrt((a * a) + (b * b)))];

        double[] Part(float* kernel)
        {
            var sums = new double[line.Length];
            for (int place = 0; place < line.Length; place++)
            {
                for (int other = 0; other < line.Length; other++)
                {
                    sums[place] += kernel[(place - other + line.Length) % line.Length] * line[other];
                }
            }

            return sums;
        }
    }

    private float* Kernel(in Row row, int part) =>
        (float*)row.WordsAddress + place.Entry.Lists + ((long)part * LineAxis.Longest(shape));
}
