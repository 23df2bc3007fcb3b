namespace GpuSynth.Kernels;

// HostLineStage: y = M x on every line along z, y and x in turn, M a matrix of the sample. A plane is made where it stays in the image, its lines
// along y and x are done while it is in cache; those along z when all planes are there, some rows of each plane at a time. Nothing of full size is
// written beside the image. 8 B/voxel, and 8 more where a sample's lines along z change.

/// <summary>A component that changes every line along an axis by itself, on the host: in place, lines side by side in cache.</summary>
/// <param name="shape">Shape of a sample.</param>
internal abstract unsafe class HostLineStage(VolumeShape shape) : HostStage
{
    /// <inheritdoc/>
    public sealed override bool IsPlanewise => true;

    /// <inheritdoc/>
    public sealed override long ScratchLength =>
        (2L * HostLines.Width * LineAxis.Longest(shape)) + Enumerable.Range(0, 3).Sum(axis => OwnLength(LineAxis.LengthOf(shape, axis)));

    /// <summary>Floats that the component works out for the lines along an axis.</summary>
    /// <param name="length">Voxels of a line.</param>
    protected abstract long OwnLength(int length);

    /// <summary>Whether a sample's lines along an axis change.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="axis">0 is z, 1 is y, 2 is x; z of a volume only.</param>
    protected abstract bool Acts(in Row row, int axis);

    /// <summary>Works out what the lines along an axis have in common.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="length">Voxels of a line.</param>
    /// <param name="own">Written: <see cref="OwnLength"/> floats.</param>
    protected abstract void Begin(in Row row, int axis, int length, float* own);

    /// <summary>Changes lines side by side.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="length">Voxels of a line.</param>
    /// <param name="width">Lines, a multiple of 16; places are <see cref="HostLines.Width"/> floats apart.</param>
    /// <param name="lines">The lines before.</param>
    /// <param name="after">Written, <paramref name="length"/> places; or left alone, and the result in <paramref name="lines"/>.</param>
    /// <param name="own">What <see cref="Begin"/> worked out.</param>
    /// <returns>Where the result is.</returns>
    protected abstract float* Apply(in Row row, int axis, int length, int width, float* lines, float* after, float* own);

    /// <summary>One line in double, as the formula says it.</summary>
    /// <param name="row">What was drawn.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="line">The line before.</param>
    protected abstract double[] ExactLine(in Row row, int axis, double[] line);

    /// <inheritdoc/>
    public sealed override bool GoesOn(in Row row) => shape.Dimensions == 3 && Acts(in row, 0);

    /// <inheritdoc/>
    public sealed override double[] Exact(in Row row, double[] image)
    {
        double[] after = [.. image];
        for (int axis = 3 - shape.Dimensions; axis < 3; axis++)
        {
            var lines = new LineAxis(shape, axis);
            for (int voxel = 0; voxel < after.Length && Acts(in row, axis); voxel++)
            {
                if (voxel / lines.Step % lines.Length == 0)
                {
                    double[] line = ExactLine(in row, axis, [.. Enumerable.Range(0, lines.Length).Select(place => after[voxel + (place * lines.Step)])]);
                    for (int place = 0; place < lines.Length; place++)
                    {
                        after[voxel + (place * lines.Step)] = line[place];
                    }
                }
            }
        }

        return after;
    }

    /// <inheritdoc/>
    public sealed override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        (bool alongY, bool alongX) = (Acts(in row, 1), Acts(in row, 2));
        if (!alongY && !alongX)
        {
            return Write(source, first, end, shape, image);
        }

        float* ownY = Own(1, scratch);
        float* ownX = Own(2, scratch);
        if (alongY)
        {
            Begin(in row, 1, shape.Height, ownY);
        }

        if (alongX)
        {
            Begin(in row, 2, shape.Width, ownX);
        }

        ReductionPartial range = Reduction.Empty();
        long voxels = (long)shape.Height * shape.Width;
        for (int z = first; z < end; z++)
        {
            float* plane = image + (z * voxels);
            source.Plane(z, plane, shape.Width);
            if (alongY)
            {
                Across(in row, 1, plane, shape.Width, scratch, ownY);
            }

            if (alongX)
            {
                Along(in row, plane, scratch, ownX);
            }

            range = Reduction.Merge(range, RangeOf(plane, voxels));
        }

        return range;
    }

    /// <inheritdoc/>
    public sealed override ReductionPartial RunAlongZ(in Row row, int first, int end, float* before, float* image, float* scratch)
    {
        float* own = Own(0, scratch);
        Begin(in row, 0, shape.Depth, own);
        ReductionPartial range = Reduction.Empty();
        for (int y = first; y < end; y++)
        {
            float* start = image + ((long)y * shape.Width);
            Across(in row, 0, start, (long)shape.Height * shape.Width, scratch, own);
            for (int z = 0; z < shape.Depth; z++)
            {
                range = Reduction.Merge(range, RangeOf(start + ((long)z * shape.Height * shape.Width), shape.Width));
            }
        }

        return range;
    }

    private float* Own(int axis, float* scratch)
    {
        float* own = scratch + (2L * HostLines.Width * LineAxis.Longest(shape));
        for (int before = 0; before < axis; before++)
        {
            own += OwnLength(LineAxis.LengthOf(shape, before));
        }

        return own;
    }

    // Lines along y of one plane, or along z of one row of every plane: as many as a row has voxels, beside each other in memory.
    private void Across(in Row row, int axis, float* image, long step, float* scratch, float* own)
    {
        int length = LineAxis.LengthOf(shape, axis);
        float* other = scratch + ((long)HostLines.Width * LineAxis.Longest(shape));
        for (int x = 0; x < shape.Width; x += HostLines.Width)
        {
            int count = Math.Min(HostLines.Width, shape.Width - x);
            HostLines.Take(image + x, step, length, count, scratch);
            float* result = Apply(in row, axis, length, HostMath.RoundUp(count, 16), scratch, other, own);
            HostLines.Put(image + x, step, length, count, result);
        }
    }

    // Lines along x of one plane.
    private void Along(in Row row, float* plane, float* scratch, float* own)
    {
        float* other = scratch + ((long)HostLines.Width * LineAxis.Longest(shape));
        for (int y = 0; y < shape.Height; y += HostLines.Width)
        {
            int count = Math.Min(HostLines.Width, shape.Height - y);
            float* rows = plane + ((long)y * shape.Width);
            HostLines.Transpose(rows, shape.Width, count, shape.Width, scratch, HostLines.Width);
            float* result = Apply(in row, 2, shape.Width, HostMath.RoundUp(count, 16), scratch, other, own);
            HostLines.Transpose(result, HostLines.Width, shape.Width, count, rows, shape.Width);
        }
    }
}
