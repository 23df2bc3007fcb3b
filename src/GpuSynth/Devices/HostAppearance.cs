using System.Numerics.Tensors;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Devices;

/// <summary>
/// The image from the label map on the host, in two walks over the volume. The first makes each plane (contrast, bias, noise,
/// blur along x and y) in cache and blurs along z from the last few planes; only its result is written, with the range of
/// intensities. The second normalises in place. The intensities before the noise are computed twice, once for their largest,
/// rather than stored.
/// </summary>
internal sealed unsafe class HostAppearance
{
    private const int Lanes = 16;
    private const int FinishLength = 1 << 16;

    // More than two ways to compute the same intensity differ by.
    private const float BoundSlack = 1e-5f;

    // A chunk makes up to 2 x radius planes that its neighbours make too: no shorter than this.
    private const int LeastPlanes = 8;

    private readonly Recipe recipe;
    private readonly VolumeShape shape;
    private readonly int labelCount;
    private readonly int meansWord;
    private readonly BiasGrid? biasGrid;
    private readonly BiasFieldHost? bias;
    private readonly int taps;
    private readonly int radius;
    private readonly int ringPlanes;
    private readonly int depthRadius;
    private readonly int rowStride;
    private readonly int planeLength;
    private readonly int paddedRow;
    private readonly HostStep contrast;
    private readonly HostStep[] finish;
    private int biasNodes;

    public HostAppearance(Recipe recipe, VolumeShape shape, RowLayout rows)
    {
        this.recipe = recipe;
        this.shape = shape;
        labelCount = rows.Facts.LabelCount;
        RowEntry means = rows.Find<Contrast>()!;
        meansWord = means.Lists;
        if (recipe.Find<Bias>() is { } field)
        {
            biasGrid = field.Grid(shape);
            bias = new BiasFieldHost(biasGrid);
        }

        taps = recipe.Find<Blur>()?.Taps ?? 1;
        radius = taps / 2;
        depthRadius = shape.Dimensions == 3 ? radius : 0;
        ringPlanes = (2 * depthRadius) + 1;
        rowStride = (shape.Width + Lanes - 1) / Lanes * Lanes;
        planeLength = rowStride * shape.Height;
        paddedRow = rowStride + (2 * radius) + (2 * Lanes);
        contrast = recipe.Find<Contrast>()!.CreateStep(means.First, 0);
        finish =
        [
            .. rows.Entries
                .Where(static entry => entry.Component is Normalise or Gamma)
                .Select(static entry => ((IVoxelComponent)entry.Component).CreateStep(entry.First, MeasuredWords.Minimum)),
        ];
    }

    /// <summary>Whether the noise needs the largest intensity first.</summary>
    public bool NeedsMaximum => recipe.Find<Noise>() is not null;

    /// <summary>Floats of scratch that a thread needs.</summary>
    public long ScratchLength => Math.Max(bias?.DrawScratchLength ?? 0, RowsLength + ((ringPlanes + 2L) * planeLength));

    private long RowsLength => (2L * rowStride) + paddedRow + (bias?.RowScratchLength ?? 0) + (8 * Lanes);

    /// <summary>Pieces of the finishing walk.</summary>
    public int FinishCount => checked((int)((shape.VoxelCount + FinishLength - 1) / FinishLength));

    /// <summary>Runs of planes that a number of threads share out.</summary>
    public int ChunkCount(int threads) => Math.Clamp(shape.Depth / LeastPlanes, 1, threads);

    public void Declare(WorkArena arena)
    {
        biasNodes = arena.Floats("bias-field nodes", bias?.NodeLength ?? 0, "coarse grid of the bias field");
    }

    /// <summary>The parameters as the kernels read them.</summary>
    public void Prepare(WorkArena arena, DrawnSample drawn, float* scratch)
    {
        if (bias is not null)
        {
            ref Bias.Drawn field = ref drawn.Of<Bias.Drawn>();
            ReadOnlySpan<float> sigmas = [field.SigmaVoxels.Z, field.SigmaVoxels.Y, field.SigmaVoxels.X];
            var place = new RandomPlace(drawn.Seed, drawn.Key.Appearance, Streams.BiasCells, drawn.Attempt);
            bias.DrawNodes(in place, field.Std, sigmas, field.MaximumUniform, arena[biasNodes], scratch);
        }
    }

    /// <summary>Whether the parameters that <see cref="Prepare"/> was given make an image that a float can hold.</summary>
    public bool IsBounded(WorkArena arena, DrawnSample drawn)
    {
        if (bias is null)
        {
            return true;
        }

        float field = TensorPrimitives.Max<float>(new ReadOnlySpan<float>(arena[biasNodes], biasGrid!.NodeCount));
        float mean = TensorPrimitives.MaxMagnitude<float>(Means(drawn));
        return field + MathF.Log(MathF.Abs(mean)) <= BiasField.MostLogIntensity;
    }

    /// <summary>
    /// max|I| over some rows, before noise. A row is worked out only where the largest mean under the row's largest bias could
    /// exceed what has been found: of smooth fields that is a small part.
    /// </summary>
    public float Maximum(WorkArena arena, DrawnSample drawn, byte* labelsDHW, int firstRow, int rowCount, float* scratch)
    {
        float* image = scratch;
        float largestMean = TensorPrimitives.MaxMagnitude(Means(drawn));
        largestMean = MathF.Abs(largestMean);
        float largest = 0;
        for (int row = firstRow; row < firstRow + rowCount; row++)
        {
            int z = row / shape.Height;
            int y = row % shape.Height;
            float field = bias is null ? 0 : bias.RowBound(arena[biasNodes], z, y, scratch + rowStride);
            float bound = largestMean * MathF.Exp(field);
            if (bound * (1 + BoundSlack) <= largest)
            {
                continue;
            }

            CleanRow(arena, drawn, labelsDHW, z, y, image, scratch + rowStride);
            ReductionPartial partial = Reduction.HostChunk(image, shape.Width);
            largest = MathF.Max(largest, MathF.Max(MathF.Abs(partial.Minimum), MathF.Abs(partial.Maximum)));
        }

        return largest;
    }

    /// <summary>One run of planes, up to the blur; returns the range of what was written.</summary>
    public ReductionPartial Chunk(
        WorkArena arena, DrawnSample drawn, int chunk, int chunks, byte* labelsDHW, float* imageDHW, float* scratch)
    {
        int first = (int)((long)shape.Depth * chunk / chunks);
        int end = (int)((long)shape.Depth * (chunk + 1) / chunks);
        float sigma = recipe.Find<Noise>() is null ? 0 : drawn.Of<Noise.Drawn>().StdOfMaximum * drawn.MeasuredMaximum;
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
                float* to = ring + ((long)(made % ringPlanes) * planeLength);
                MakePlane(arena, drawn, labelsDHW, made, sigma, recipe.Find<Blur>() is null ? to : plane, rowScratch);
                if (recipe.Find<Blur>() is not null)
                {
                    BlurInPlane(drawn, plane, between, to, rowScratch);
                }
            }

            long voxels = (long)shape.Height * shape.Width;
            WritePlane(drawn, ring, z, imageDHW + (z * voxels), rowScratch);
            range = Reduction.Merge(range, RangeOf(imageDHW + (z * voxels), voxels));
        }

        return range;
    }

    /// <summary>Whether what was measured can be finished: everything finite, and a range that can be divided by.</summary>
    public bool CanFinish(in ReductionPartial range)
    {
        float divisor = range.Maximum - range.Minimum + (float)(recipe.Find<Normalise>()?.Epsilon ?? 0);
        return range.NonFinite == 0 && (recipe.Find<Normalise>() is null || divisor is > 0 and < float.PositiveInfinity);
    }

    /// <summary>One piece of the finishing walk: what follows the range, in place.</summary>
    public void Finish(DrawnSample drawn, int piece, float* imageDHW)
    {
        long first = (long)piece * FinishLength;
        long end = Math.Min(first + FinishLength, shape.VoxelCount);
        float* extremes = stackalloc float[MeasuredWords.PerSample];
        (extremes[MeasuredWords.Minimum], extremes[MeasuredWords.Maximum]) = drawn.MeasuredRange;
        var row = new Row(drawn.Address, extremes);
        for (long at = first; at < end && finish.Length > 0; at += HostStep.BlockLength)
        {
            int count = (int)Math.Min(HostStep.BlockLength, end - at);
            foreach (HostStep step in finish)
            {
                step.Run(in row, imageDHW + at, null, count);
            }
        }
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

    private static float* Weights(DrawnSample drawn) => (float*)drawn.Address + drawn.Of<Blur.Drawn>().Weights.First;

    private ReadOnlySpan<float> Means(DrawnSample drawn) => new((float*)drawn.Address + meansWord, labelCount);

    /// <summary>Contrast and bias field of one row.</summary>
    private void CleanRow(WorkArena arena, DrawnSample drawn, byte* labelsDHW, int z, int y, float* row, float* scratch)
    {
        long first = (((long)z * shape.Height) + y) * shape.Width;
        var words = new Row(drawn.Address, null);
        contrast.Run(in words, row, labelsDHW + first, shape.Width);
        if (bias is not null)
        {
            bias.Row(arena[biasNodes], z, y, scratch, scratch + rowStride);
            BiasFieldHost.HostApply(row, scratch, shape.Width);
        }
    }

    private void MakePlane(WorkArena arena, DrawnSample drawn, byte* labelsDHW, int z, float sigma, float* plane, float* scratch)
    {
        for (int y = 0; y < shape.Height; y++)
        {
            CleanRow(arena, drawn, labelsDHW, z, y, plane + ((long)y * rowStride), scratch);
        }

        if (recipe.Find<Noise>() is null)
        {
            return;
        }

        // Rows without padding are one run of voxels, and share their groups of random numbers.
        bool isOneRun = rowStride == shape.Width;
        int runs = isOneRun ? 1 : shape.Height;
        long length = isOneRun ? (long)shape.Height * shape.Width : shape.Width;
        var place = new RandomPlace(drawn.Seed, drawn.Key.Appearance, Streams.NoiseVoxels, drawn.Attempt);
        for (int run = 0; run < runs; run++)
        {
            long voxel = ((long)z * shape.Height * shape.Width) + (run * length);
            WhiteNoise.HostAdd(plane + ((long)run * rowStride), voxel, length, in place, sigma);
        }
    }

    private void BlurInPlane(DrawnSample drawn, float* plane, float* between, float* to, float* scratch)
    {
        float* weightsY = Weights(drawn) + taps;
        float* weightsX = Weights(drawn) + (2 * taps);
        float* row = scratch + Lanes;
        new Span<float>(scratch, paddedRow).Clear();
        for (int y = 0; y < shape.Height; y++)
        {
            var from = new ReadOnlySpan<float>(plane + ((long)y * rowStride), shape.Width);
            from.CopyTo(new Span<float>(row + radius, shape.Width));
            Blur.HostRow(row + radius, weightsX, taps, between + ((long)y * rowStride), shape.Width);
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

    private void WritePlane(DrawnSample drawn, float* ring, int z, float* to, float* scratch)
    {
        float* weightsZ = recipe.Find<Blur>() is null ? null : Weights(drawn);
        int first = Math.Max(0, z - depthRadius);
        int count = Math.Min(shape.Depth - 1, z + depthRadius) - first + 1;
        bool isBlurred = recipe.Find<Blur>() is not null && shape.Dimensions == 3;
        float** rows = stackalloc float*[taps];
        for (int y = 0; y < shape.Height; y++)
        {
            float* row = to + ((long)y * shape.Width);
            float* source = ring + ((long)(z % ringPlanes) * planeLength) + ((long)y * rowStride);
            if (isBlurred)
            {
                for (int i = 0; i < count; i++)
                {
                    rows[i] = ring + ((long)((first + i) % ringPlanes) * planeLength) + ((long)y * rowStride);
                }

                source = rowStride == shape.Width ? row : scratch;
                Blur.HostSum(rows, weightsZ + first - z + depthRadius, count, source, rowStride);
            }

            if (source != row)
            {
                Buffer.MemoryCopy(source, row, shape.Width * sizeof(float), shape.Width * sizeof(float));
            }
        }
    }
}
