using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <summary>A filter of up to seven taps along every axis, over what a chain makes of labels or of an image: the chain is part of its kernel.</summary>
public abstract class TilePass
{
    /// <summary>Most taps along an axis.</summary>
    public const int MostTaps = (2 * Tile.Radius) + 1;

    /// <summary>A pass of a chain whose type is known at run time only.</summary>
    /// <param name="chain">The chain, <see cref="IChain{TSelf}"/>; null where the image is filtered as it is.</param>
    /// <param name="loader">Loads the kernels.</param>
    /// <param name="shape">Shape of one sample.</param>
    public static TilePass Create(ValueType? chain, KernelLoader loader, VolumeShape shape) =>
        (TilePass)Chain.PassOf(typeof(TilePass<>), chain, loader, shape);

    /// <summary>Runs over every sample.</summary>
    /// <param name="batch">The batch: its words, and its measured words where the result's range is merged into, or none.</param>
    /// <param name="source">What the chain begins with.</param>
    /// <param name="weights">The word of the first weight in a row, [z, y, x][tap].</param>
    /// <param name="taps">How many along each axis, odd, at most <see cref="MostTaps"/>.</param>
    /// <param name="to">Written: float[samples][D,H,W]; another buffer than the source's image.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public abstract void Run(in StageBatch batch, in StageSource source, int weights, int taps, ArrayView<float> to);
}

/// <summary>A filter of up to seven taps along every axis, over what a chain makes of labels or of an image.</summary>
/// <typeparam name="TChain">The chain.</typeparam>
/// <param name="chain">The chain.</param>
/// <param name="loader">Loads the kernels.</param>
/// <param name="shape">Shape of one sample.</param>
public sealed class TilePass<TChain>(TChain chain, KernelLoader loader, VolumeShape shape) : TilePass
    where TChain : struct, IChain<TChain>
{
    private readonly TileFilter<ChainSource<TChain>> filter = new(loader, shape);

    /// <inheritdoc/>
    public override void Run(in StageBatch batch, in StageSource source, int weights, int taps, ArrayView<float> to)
    {
        var image = new ImageSource(source.Labels, source.Image, LaunchCheck.Extent(shape.VoxelCount, nameof(shape)));
        image.Check(batch.Samples);
        filter.Run(
            batch.Words,
            batch.Measured,
            new FilterPlace(batch.Layout.Stride, weights, taps, batch.Measured.Length > 0),
            batch.Samples,
            new ChainSource<TChain>(image, source.Measured, source.First, chain),
            to);
    }
}

/// <summary>A <see cref="TileKernel{TSource}"/> and what follows it along z.</summary>
internal sealed class TileFilter<TSource>
    where TSource : struct, ITileSource<TSource>
{
    private readonly Action<KernelConfig, TileKernel<TSource>> kernel;
    private readonly Action<KernelConfig, DepthKernel>? depthKernel;
    private readonly VolumeShape shape;

    public TileFilter(KernelLoader loader, VolumeShape shape)
    {
        ArgumentNullException.ThrowIfNull(loader);
        this.shape = shape;
        kernel = loader.Load<TileKernel<TSource>>();
        depthKernel = shape.Dimensions == 3 ? loader.Load<DepthKernel>() : null;
    }

    /// <summary>Runs over every sample.</summary>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public void Run(
        ArrayView<uint> words, ArrayView<uint> merged, FilterPlace filter, int samples, TSource source, ArrayView<float> to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        LaunchCheck.AtLeast(words.Length, (long)samples * filter.Stride, nameof(words));
        LaunchCheck.AtLeast(merged.Length, (long)filter.Measures * samples * MeasuredWords.PerSample, nameof(merged));
        LaunchCheck.AtLeast(to.Length, samples * shape.VoxelCount, nameof(to));
        TilePlan plan = TilePlan.Best(shape, samples, Tile.Radius);
        bool measuresHere = filter.Measures != 0 && depthKernel is null;
        var acrossPlane = new FilterPlace(filter.Stride, filter.Weights, filter.Taps, measuresHere);
        kernel(BatchGrid.OfGroups(plan.Tiles, samples, plan.Threads), new(words, merged, to, plan, acrossPlane, source));
        if (depthKernel is not null)
        {
            var depths = new DepthPlan(shape);
            depthKernel(BatchGrid.Of(depths.Plane, samples), new(words, merged, to, filter, depths));
        }
    }
}

/// <summary>A tile of what a chain makes: whole voxels in shared memory.</summary>
internal readonly struct ChainSource<TChain> : ITileSource<ChainSource<TChain>>, ITileFours
    where TChain : struct, IChain<TChain>
{
    private readonly ImageSource image;
    private readonly ArrayView<uint> words;
    private readonly ArrayView<uint> measured;
    private readonly int first;
    private readonly int sample;
    private readonly TChain chain;

    /// <summary>A source before a sample is loaded.</summary>
    /// <param name="image">What the chain begins with.</param>
    /// <param name="measured">What was measured of the whole batch.</param>
    /// <param name="first">The batch's sample that is the first of the launch.</param>
    /// <param name="chain">The chain.</param>
    public ChainSource(ImageSource image, ArrayView<uint> measured, int first, TChain chain)
    {
        this.image = image;
        words = ArrayView<uint>.Empty;
        this.measured = measured;
        this.first = first;
        sample = 0;
        this.chain = chain;
    }

    private ChainSource(ChainSource<TChain> source, ArrayView<uint> words, int sample)
    {
        image = source.image;
        this.words = words;
        measured = source.measured;
        first = source.first;
        this.sample = sample;
        var row = new Row(words, source.measured, source.first + sample);
        chain = TChain.Load<Real1, Word1>(source.chain, in row);
    }

    /// <inheritdoc/>
    public static ChainSource<TChain> Load(ChainSource<TChain> source, ArrayView<uint> row, ArrayView<float> table, int sample) =>
        new(source, row, sample);

    /// <inheritdoc/>
    public static void Make(in ChainSource<TChain> loaded, ArrayView<float> made, TilePlan plan, Tile tile, int radius, int z) =>
        TileFours.Make(in loaded, made, plan, tile, radius, z);

    /// <inheritdoc/>
    public static BiasWalk Begin(in ChainSource<TChain> loaded, int z, int y, int x, bool isThere) => default;

    /// <inheritdoc/>
    public static float At(
        in ChainSource<TChain> loaded, ArrayView<float> table, BiasWalk walk, ArrayView<float> made, int at, int voxel) => made[at];

    /// <inheritdoc/>
    public Four<Real1> At(int block)
    {
        var row = new Row(words, measured, first + sample);
        return image.At(sample, block, in row, in chain);
    }
}
