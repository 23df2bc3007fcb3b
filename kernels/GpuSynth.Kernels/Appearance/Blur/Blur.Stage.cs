namespace GpuSynth.Kernels;

/// <summary>
/// The blur on the host: each plane is blurred along x and y as it is made, then along z from the last few planes; only the result is written.
/// </summary>
internal sealed unsafe class BlurHostStage : HostStage
{
    private const int Lanes = 16;

    private readonly RowEntry entry;
    private readonly VolumeShape shape;
    private readonly int taps;
    private readonly int radius;
    private readonly int ringPlanes;
    private readonly int depthRadius;
    private readonly int rowStride;
    private readonly int planeLength;
    private readonly int paddedRow;

    public BlurHostStage(in StepPlace place, int taps)
    {
        entry = place.Entry;
        shape = place.Facts.Shape;
        this.taps = taps;
        radius = taps / 2;
        depthRadius = shape.Dimensions == 3 ? radius : 0;
        ringPlanes = (2 * depthRadius) + 1;
        rowStride = (shape.Width + Lanes - 1) / Lanes * Lanes;
        planeLength = rowStride * shape.Height;
        paddedRow = rowStride + (2 * radius) + (2 * Lanes);
    }

    /// <inheritdoc/>
    public override long ScratchLength => paddedRow + (8 * Lanes) + ((ringPlanes + 2L) * planeLength);

    /// <inheritdoc/>
    public override ReductionPartial Run<TSource>(in Row row, TSource source, int first, int end, float* image, float* scratch)
    {
        float* ring = scratch;
        float* plane = ring + ((long)ringPlanes * planeLength);
        float* between = plane + planeLength;
        float* rowScratch = between + planeLength;
        ReductionPartial range = Reduction.Empty();
        int made = Math.Max(0, first - depthRadius);
        for (int z = first; z < end; z++)
        {
            for (; made <= Math.Min(shape.Depth - 1, z + depthRadius); made++)
            {
                source.Plane(made, plane, rowStride);
                BlurInPlane(in row, plane, between, ring + ((long)(made % ringPlanes) * planeLength), rowScratch);
            }

            long voxels = (long)shape.Height * shape.Width;
            WritePlane(in row, ring, z, image + (z * voxels), rowScratch);
            range = Reduction.Merge(range, RangeOf(image + (z * voxels), voxels));
        }

        return range;
    }

    private float* Weights(in Row row) => (float*)row.WordsAddress + entry.Lists;

    private void BlurInPlane(in Row row, float* plane, float* between, float* to, float* scratch)
    {
        float* weightsY = Weights(in row) + taps;
        float* weightsX = Weights(in row) + (2 * taps);
        float* padded = scratch + Lanes;
        new Span<float>(scratch, paddedRow).Clear();
        for (int y = 0; y < shape.Height; y++)
        {
            var from = new ReadOnlySpan<float>(plane + ((long)y * rowStride), shape.Width);
            from.CopyTo(new Span<float>(padded + radius, shape.Width));
            Blur.HostRow(padded + radius, weightsX, taps, between + ((long)y * rowStride), shape.Width);
        }

        float** rows = stackalloc float*[taps];
        for (int y = 0; y < shape.Height; y++)
        {
            int first = Math.Max(0, y - radius);
            int count = Math.Min(shape.Height - 1, y + radius) - first + 1;
            for (int i = 0; i < count; i++)
            {
                rows[i] = between + ((long)(first + i) * rowStride);
            }

            Blur.HostSum(rows, weightsY + first - y + radius, count, to + ((long)y * rowStride), rowStride);
        }
    }

    private void WritePlane(in Row row, float* ring, int z, float* to, float* scratch)
    {
        float* weightsZ = Weights(in row);
        int first = Math.Max(0, z - depthRadius);
        int count = Math.Min(shape.Depth - 1, z + depthRadius) - first + 1;
        bool isBlurred = shape.Dimensions == 3;
        float** rows = stackalloc float*[taps];
        for (int y = 0; y < shape.Height; y++)
        {
            float* target = to + ((long)y * shape.Width);
            float* source = ring + ((long)(z % ringPlanes) * planeLength) + ((long)y * rowStride);
            if (isBlurred)
            {
                for (int i = 0; i < count; i++)
                {
                    rows[i] = ring + ((long)((first + i) % ringPlanes) * planeLength) + ((long)y * rowStride);
                }

                source = rowStride == shape.Width ? target : scratch;
                Blur.HostSum(rows, weightsZ + first - z + depthRadius, count, source, rowStride);
            }

            if (source != target)
            {
                Buffer.MemoryCopy(source, target, shape.Width * sizeof(float), shape.Width * sizeof(float));
            }
        }
    }
}
