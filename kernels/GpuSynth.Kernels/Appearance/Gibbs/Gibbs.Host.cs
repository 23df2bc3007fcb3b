namespace GpuSynth.Kernels;

/// <summary>The ringing on the host: a small matrix product for lines side by side. The matrix is a circulant, and lies in 2 N floats.</summary>
internal sealed unsafe class GibbsHostStage(StepPlace place) : HostLineStage(place.Facts.Shape)
{
    private readonly VolumeShape shape = place.Facts.Shape;

    // A multiply-add for each voxel of a line.
    /// <inheritdoc/>
    public override LaneCost Cost
    {
        get
        {
            int voxels = (shape.Dimensions == 3 ? shape.Depth : 0) + shape.Height + shape.Width;
            return new LaneCost(2.0 * voxels, voxels);
        }
    }

    /// <inheritdoc/>
    protected override long OwnLength(int length) => 2L * length;

    /// <inheritdoc/>
    protected override bool Acts(in Row row, int axis) => Real16.Drawn<Gibbs.Drawn>(in row, place.Entry.First).Acts(axis);

    // D, and D again: row i of the matrix, D(k - i) for k = 0 to N - 1, begins at N - i, for D(m) = D(m + N) = D(-m).
    /// <inheritdoc/>
    protected override void Begin(in Row row, int axis, int length, float* own)
    {
        var kernel = new ReadOnlySpan<float>(Kernel(in row, axis), length);
        kernel.CopyTo(new Span<float>(own, length));
        kernel.CopyTo(new Span<float>(own + length, length));
    }

    /// <inheritdoc/>
    protected override float* Apply(in Row row, int axis, int length, int width, float* lines, float* after, float* own)
    {
        LineProduct.Run(own + length, -1, length, width, lines, after);
        return after;
    }

    /// <inheritdoc/>
    protected override double[] ExactLine(in Row row, int axis, double[] line)
    {
        float* kernel = Kernel(in row, axis);
        var after = new double[line.Length];
        for (int place = 0; place < line.Length; place++)
        {
            for (int other = 0; other < line.Length; other++)
            {
                after[place] += kernel[Math.Abs(place - other)] * line[other];
            }
        }

        return after;
    }

    private float* Kernel(in Row row, int axis)
    {
        int before = axis == 0 ? 0 : axis == 1 ? shape.Depth : shape.Depth + shape.Height;
        return (float*)row.WordsAddress + place.Entry.Lists + before;
    }
}
