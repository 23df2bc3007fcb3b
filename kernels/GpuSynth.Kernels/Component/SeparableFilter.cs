namespace GpuSynth.Kernels;

/// <summary>A short filter along each axis on the host, as planes that are made as they are asked for. Along z only of a volume.</summary>
/// <param name="shape">Shape of a sample.</param>
/// <param name="taps">Taps along each axis, odd.</param>
/// <param name="counts">
/// What lies outside the volume: 0, which darkens the border; or nothing, so that of a constant image the border is as bright as the rest.
/// </param>
internal readonly struct SeparableFilter(VolumeShape shape, int taps, OutsideVolume counts)
{
    private const int Lanes = 16;

    public readonly VolumeShape Shape = shape;
    public readonly int Taps = taps;
    public readonly int Radius = taps / 2;
    public readonly int DepthRadius = shape.Dimensions == 3 ? taps / 2 : 0;
    public readonly bool Renormalises = counts == OutsideVolume.Nothing;

    /// <summary>Floats from one row of a plane in hand to the next.</summary>
    public int RowStride => (Shape.Width + Lanes - 1) / Lanes * Lanes;

    /// <summary>Floats of a plane in hand.</summary>
    public int PlaneLength => RowStride * Shape.Height;

    /// <summary>Planes in hand that one of the result is made of.</summary>
    public int RingPlanes => (2 * DepthRadius) + 1;

    /// <summary>Floats of a row with zeros around it.</summary>
    public int PaddedRow => RowStride + (2 * Radius) + (2 * Lanes);

    /// <summary>Floats of scratch for one <see cref="FilteredPlanes{TSource}"/>.</summary>
    public long ScratchLength => PaddedRow + (8 * Lanes) + ((RingPlanes + 2L) * PlaneLength);

    /// <summary>Per axis a product, and a multiply-add for each further tap.</summary>
    public LaneCost Cost => new(Shape.Dimensions * ((2.0 * Taps) - 1), Shape.Dimensions * Taps);

    /// <summary>The filter in double, axis after axis.</summary>
    /// <param name="image">Intensities [D, H, W] before.</param>
    /// <param name="weights">Its weights, [z, y, x][tap].</param>
    public unsafe double[] Exact(double[] image, float* weights)
    {
        int[] lengths = [Shape.Depth, Shape.Height, Shape.Width];
        int[] steps = [Shape.Height * Shape.Width, Shape.Width, 1];
        for (int axis = 3 - Shape.Dimensions; axis < 3; axis++)
        {
            (int length, int step) = (lengths[axis], steps[axis]);
            var after = new double[image.Length];
            for (int voxel = 0; voxel < after.Length; voxel++)
            {
                int place = voxel / step % length;
                (double sum, double inside) = (0, 0);
                for (int tap = Math.Max(0, Radius - place); tap < Math.Min(Taps, length - place + Radius); tap++)
                {
                    double weight = weights[(axis * Taps) + tap];
                    sum += weight * image[voxel + ((tap - Radius) * step)];
                    inside += weight;
                }

                after[voxel] = Renormalises ? sum / inside : sum;
            }

            image = after;
        }

        return image;
    }
}

/// <summary>What a filter finds outside the volume.</summary>
internal enum OutsideVolume
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>Nothing: the weights inside are scaled up to a sum of 1.</summary>
    Nothing,
}

/// <summary>The planes of a source after a <see cref="SeparableFilter"/>, asked for one after another.</summary>
/// <typeparam name="TSource">What makes the planes before it.</typeparam>
internal unsafe struct FilteredPlanes<TSource> : IPlaneSource
    where TSource : struct, IPlaneSource
{
    private readonly SeparableFilter filter;
    private readonly float* weights;
    private readonly float* ring;
    private readonly float* plane;
    private readonly float* between;
    private readonly float* padded;
    private TSource source;
    private int made;

    /// <summary>Planes from one on.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="weights">Its weights, [z, y, x][tap].</param>
    /// <param name="source">What makes the planes before it; asked for the first that is needed, and each after it once.</param>
    /// <param name="first">The first plane that will be asked for.</param>
    /// <param name="scratch"><see cref="SeparableFilter.ScratchLength"/> floats.</param>
    public FilteredPlanes(in SeparableFilter filter, float* weights, TSource source, int first, float* scratch)
    {
        this.filter = filter;
        this.weights = weights;
        this.source = source;
        ring = scratch;
        plane = ring + ((long)filter.RingPlanes * filter.PlaneLength);
        between = plane + filter.PlaneLength;
        padded = between + filter.PlaneLength;
        made = FirstBefore(in filter, first);
    }

    /// <summary>What makes the planes before it.</summary>
    public readonly TSource Source => source;

    /// <summary>The first plane of the source that a plane needs.</summary>
    public static int FirstBefore(in SeparableFilter filter, int z) => Math.Max(0, z - filter.DepthRadius);

    /// <inheritdoc/>
    public void Plane(int z, float* to, int stride)
    {
        for (; made <= Math.Min(filter.Shape.Depth - 1, z + filter.DepthRadius); made++)
        {
            source.Plane(made, plane, filter.RowStride);
            FilterInPlane(ring + ((long)(made % filter.RingPlanes) * filter.PlaneLength));
        }

        FilterAlongZ(z, to, stride);
    }

    private readonly void FilterInPlane(float* to)
    {
        (VolumeShape shape, int radius, int rowStride) = (filter.Shape, filter.Radius, filter.RowStride);
        float* weightsX = weights + (2 * filter.Taps);
        float* row = padded + 16 + radius;
        new Span<float>(padded, filter.PaddedRow).Clear();
        for (int y = 0; y < shape.Height; y++)
        {
            var from = new ReadOnlySpan<float>(plane + ((long)y * rowStride), shape.Width);
            from.CopyTo(new Span<float>(row, shape.Width));
            float* alongX = between + ((long)y * rowStride);
            Blur.HostRow(row, weightsX, filter.Taps, alongX, shape.Width);
            if (filter.Renormalises)
            {
                RenormaliseRow(alongX, weightsX);
            }
        }

        float** rows = stackalloc float*[filter.Taps];
        float* scaled = stackalloc float[filter.Taps];
        for (int y = 0; y < shape.Height; y++)
        {
            int first = Math.Max(0, y - radius);
            int count = Math.Min(shape.Height - 1, y + radius) - first + 1;
            for (int i = 0; i < count; i++)
            {
                rows[i] = between + ((long)(first + i) * rowStride);
            }

            float* inside = Inside(weights + filter.Taps + first - y + radius, count, scaled);
            Blur.HostSum(rows, inside, count, to + ((long)y * rowStride), rowStride);
        }
    }

    private readonly void FilterAlongZ(int z, float* to, int stride)
    {
        (VolumeShape shape, int rowStride) = (filter.Shape, filter.RowStride);
        int first = FirstBefore(in filter, z);
        int count = Math.Min(shape.Depth - 1, z + filter.DepthRadius) - first + 1;
        float** rows = stackalloc float*[filter.Taps];
        float* scaled = stackalloc float[filter.Taps];
        float* inside = shape.Dimensions == 3 ? Inside(weights + first - z + filter.DepthRadius, count, scaled) : null;
        for (int y = 0; y < shape.Height; y++)
        {
            float* target = to + ((long)y * stride);
            float* result = ring + ((long)(z % filter.RingPlanes) * filter.PlaneLength) + ((long)y * rowStride);
            if (inside != null)
            {
                for (int i = 0; i < count; i++)
                {
                    rows[i] = ring + ((long)((first + i) % filter.RingPlanes) * filter.PlaneLength) + ((long)y * rowStride);
                }

                // A row is written up to a multiple of sixteen, which the target may have no room for.
                result = stride == rowStride ? target : padded;
                Blur.HostSum(rows, inside, count, result, rowStride);
            }

            if (result != target)
            {
                Buffer.MemoryCopy(result, target, shape.Width * sizeof(float), shape.Width * sizeof(float));
            }
        }
    }

    // The weights of what lies inside, their sum 1 again where something lies outside and does not count.
    private readonly float* Inside(float* weights, int count, float* scaled)
    {
        if (!filter.Renormalises || count == filter.Taps)
        {
            return weights;
        }

        float sum = SumOf(weights, count);
        for (int i = 0; i < count; i++)
        {
            scaled[i] = weights[i] / sum;
        }

        return scaled;
    }

    private readonly void RenormaliseRow(float* row, float* weightsX)
    {
        int width = filter.Shape.Width;
        for (int x = 0; x < width; x++)
        {
            int first = Math.Max(0, filter.Radius - x);
            int end = Math.Min(filter.Taps, width - x + filter.Radius);
            if (end - first == filter.Taps)
            {
                // From here on nothing lies outside, up to the row's other end.
                x = width - filter.Radius - 1;
                continue;
            }

            row[x] /= SumOf(weightsX + first, end - first);
        }
    }

    private static float SumOf(float* weights, int count)
    {
        float sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += weights[i];
        }

        return sum;
    }
}
