using GpuSynth.Kernels;

namespace GpuSynth.Devices;

/// <summary>
/// A blur on the host, behind a chain: each plane is made in cache and blurred along x and y, then along z from the last few planes; only the
/// result is written, with the range of intensities.
/// </summary>
internal sealed unsafe class HostBlur
{
    private const int Lanes = 16;

    // A chunk makes up to 2 x radius planes that its neighbours make too: no shorter than this.
    private const int LeastPlanes = 8;

    private readonly RowEntry entry;
    private readonly VolumeShape shape;
    private readonly int taps;
    private readonly int radius;
    private readonly int ringPlanes;
    private readonly int depthRadius;
    private readonly int rowStride;
    private readonly int planeLength;
    private readonly int paddedRow;

    public HostBlur(RowEntry entry, VolumeShape shape)
    {
        this.entry = entry;
        this.shape = shape;
        taps = ((Blur)entry.Component).Taps;
        radius = taps / 2;
        depthRadius = shape.Dimensions == 3 ? radius : 0;
        ringPlanes = (2 * depthRadius) + 1;
        rowStride = (shape.Width + Lanes - 1) / Lanes * Lanes;
        planeLength = rowStride * shape.Height;
        paddedRow = rowStride + (2 * radius) + (2 * Lanes);
    }

    /// <summary>Floats of scratch that a thread needs.</summary>
    public long ScratchLength => paddedRow + (8 * Lanes) + ((ringPlanes + 2L) * planeLength);

    /// <summary>Runs of planes that a number of threads share out.</summary>
    public int ChunkCount(int threads) => Math.Clamp(shape.Depth / LeastPlanes, 1, threads);

    /// <summary>One run of planes; returns the range of what was written.</summary>
    public ReductionPartial Chunk(
        HostPass pass,
        WorkArena arena,
        in Row row,
        int chunk,
        int chunks,
        byte* labels,
        float* source,
        float* image,
        float* scratch,
        float* stepScratch)
    {
        int first = (int)((long)shape.Depth * chunk / chunks);
        int end = (int)((long)shape.Depth * (chunk + 1) / chunks);
        if (!entry.IsIn(in row))
        {
            return Untouched(pass, arena, in row, first, end, labels, source, image, stepScratch);
        }

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
                pass.Plane(arena, in row, labels, source, made, plane, rowStride, stepScratch);
                BlurInPlane(in row, plane, between, ring + ((long)(made % ringPlanes) * planeLength), rowScratch);
            }

            long voxels = (long)shape.Height * shape.Width;
            WritePlane(in row, ring, z, image + (z * voxels), rowScratch);
            range = Reduction.Merge(range, RangeOf(image + (z * voxels), voxels));
        }

        return range;
    }

    // What the chain makes, where the sample leaves the blur out.
    private ReductionPartial Untouched(
        HostPass pass, WorkArena arena, in Row row, int first, int end, byte* labels, float* source, float* image, float* stepScratch)
    {
        ReductionPartial range = Reduction.Empty();
        long voxels = (long)shape.Height * shape.Width;
        for (int z = first; z < end; z++)
        {
            pass.Plane(arena, in row, labels, source, z, image + (z * voxels), shape.Width, stepScratch);
            range = Reduction.Merge(range, RangeOf(image + (z * voxels), voxels));
        }

        return range;
    }

    private static ReductionPartial RangeOf(float* values, long count)
    {
        ReductionPartial range = Reduction.Empty();
        for (long at = 0; at < count; at += Reduction.ChunkLength)
        {
            range = Reduction.Merge(range, Reduction.HostChunk(values + at, (int)Math.Min(Reduction.ChunkLength, count - at)));
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
