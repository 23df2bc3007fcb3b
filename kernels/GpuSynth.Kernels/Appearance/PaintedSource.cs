using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// mean[label] exp(b) + sigma z of a tile, b the bias field, z white noise with sigma = NoiseStdOfMaximum x LargestIntensity: contrast, bias field
/// and noise fused by hand. The noise is made in shared memory, four voxels from a block of Philox; the field is followed down each column.
/// </summary>
internal readonly struct PaintedSource : ITileSource<PaintedSource>
{
    private readonly ArrayView<uint> measured;
    private readonly ArrayView<byte> labels;
    private readonly ArrayView<float> nodes;
    private readonly SampleLayout layout;
    private readonly BiasSpan bias;
    private readonly int voxels;
    private readonly int hasNoise;
    private readonly NoiseFours noise;
    private readonly float factor;

    /// <summary>A source before a sample is loaded.</summary>
    /// <param name="measured">Read: <see cref="MeasuredWords.LargestIntensity"/> with noise, <see cref="MeasuredWords.TableMaximum"/> with a bias
    /// field.</param>
    /// <param name="labels">Labels, byte[samples][D,H,W].</param>
    /// <param name="nodes">Nodes of the bias field, [sample][node]; not read without one.</param>
    /// <param name="layout">Where the words lie.</param>
    /// <param name="bias">Layout of the bias field.</param>
    /// <param name="voxels">Voxels of one sample.</param>
    /// <param name="hasNoise">Whether there is noise.</param>
    public PaintedSource(
        ArrayView<uint> measured,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        SampleLayout layout,
        BiasSpan bias,
        int voxels,
        bool hasNoise)
    {
        this.measured = measured;
        this.labels = labels;
        this.nodes = nodes;
        this.layout = layout;
        this.bias = bias;
        this.voxels = voxels;
        this.hasNoise = hasNoise ? 1 : 0;
        noise = default;
        factor = 0f;
    }

    private PaintedSource(
        PaintedSource source, ArrayView<byte> labels, ArrayView<float> nodes, NoiseFours noise, float factor)
    {
        measured = source.measured;
        this.labels = labels;
        this.nodes = nodes;
        layout = source.layout;
        bias = source.bias;
        voxels = source.voxels;
        hasNoise = source.hasNoise;
        this.noise = noise;
        this.factor = factor;
    }

    /// <inheritdoc/>
    public static PaintedSource Load(PaintedSource source, ArrayView<uint> row, ArrayView<float> table, int sample)
    {
        LoadMeans(row, source.layout, table);
        float largest = MeasuredWords.Value(source.measured[(sample * MeasuredWords.PerSample) + MeasuredWords.LargestIntensity]);
        float std = SampleLayout.Number(row, source.layout.NoiseStdOfMaximum) * largest;
        return new PaintedSource(
            source,
            source.labels.SubView((long)sample * source.voxels, source.voxels),
            source.nodes.SubView((long)sample * source.bias.Count, source.bias.Count),
            new NoiseFours(source.layout.AppearancePlace(row, 0, Streams.NoiseVoxels), std),
            BiasColumn.Factor(row, source.measured, source.layout, sample));
    }

    /// <summary>The means of a sample's labels, into shared memory; a barrier must follow.</summary>
    /// <param name="row">The sample's words.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="means">Written, <see cref="Tile.TableLength"/> floats.</param>
    public static void LoadMeans(ArrayView<uint> row, SampleLayout layout, ArrayView<float> means)
    {
        for (int label = Group.IdxX; label < layout.Labels; label += Group.DimX)
        {
            means[label] = SampleLayout.Number(row, layout.Means + label);
        }
    }

    /// <inheritdoc/>
    public static void Make(in PaintedSource loaded, ArrayView<float> made, TilePlan plan, Tile tile, int radius, int z)
    {
        if (loaded.hasNoise != 0)
        {
            TileFours.Make(in loaded.noise, made, plan, tile, radius, z);
        }
    }

    /// <inheritdoc/>
    public static BiasWalk Begin(in PaintedSource loaded, int z, int y, int x, bool isThere)
    {
        BiasSpan span = loaded.bias;
        return new BiasWalk(
            loaded.nodes,
            span,
            new BiasPlace(z, span.NodesZ, span.StepsZ, span.PerStepZ),
            new BiasPlace(x, span.NodesX, span.StepsX, span.PerStepX),
            y,
            loaded.factor,
            isThere && span.IsThere != 0);
    }

    /// <inheritdoc/>
    public static float At(
        in PaintedSource loaded, ArrayView<float> table, BiasWalk walk, ArrayView<float> made, int at, int voxel)
    {
        float value = BiasField.Voxel(table[(int)loaded.labels[voxel]], walk.Value);
        return loaded.hasNoise != 0 ? value + made[at] : value;
    }
}

/// <summary>White noise, four voxels from a block of Philox.</summary>
internal readonly struct NoiseFours(RandomPlace place, float std) : ITileFours
{
    /// <inheritdoc/>
    public Four<Real1> At(int block)
    {
        Four<Real1> normal = Normal.Block<Real1, Word1>(in place, new Word1((uint)block));
        return new Four<Real1>(
            new Real1(std * normal.A.V), new Real1(std * normal.B.V), new Real1(std * normal.C.V), new Real1(std * normal.D.V));
    }
}
