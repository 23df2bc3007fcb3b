using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>What random grids of a batch are on a device: the nodes that are drawn, and where what is merged of them lies.</summary>
/// <typeparam name="TPlace">Where a voxel or a position lies between the knots.</typeparam>
/// <typeparam name="TKnot">What is merged.</typeparam>
/// <param name="layout">The grids of nodes.</param>
/// <param name="weights">What a knot takes from the nodes.</param>
/// <param name="places">Where a voxel or a position lies.</param>
/// <param name="knots">Merged knots of a sample.</param>
/// <param name="numbers">Where the nodes are drawn.</param>
/// <param name="texts">What the memory is called.</param>
/// <param name="drawn">The grids that are drawn, the last of the layout: those before them are somebody else's. Null: all.</param>
internal sealed class DeviceKnots<TPlace, TKnot>(
    NoiseGridLayout layout,
    KnotWeight[] weights,
    TPlace[] places,
    int knots,
    NodeNumbers numbers,
    KnotTexts texts,
    NoiseGridLayout? drawn = null)
    where TPlace : unmanaged
    where TKnot : unmanaged
{
    private int nodesPiece;
    private int scalesPiece;
    private int drawnScalesPiece;
    private ArrayView<NoiseGridScale> drawnScales;
    private int weightsPiece;
    private int placesPiece;
    private int knotsPiece;
    private CoarseDraw.Launcher? draw;

    /// <summary>Nodes, [sample][node].</summary>
    public ArrayView<float> Nodes { get; private set; }

    /// <summary>The scales of the grids.</summary>
    public ArrayView<NoiseGridScale> Scales { get; private set; }

    /// <summary>What a knot takes from the nodes.</summary>
    public ArrayView<KnotWeight> Weights { get; private set; }

    /// <summary>The table of places.</summary>
    public ArrayView<TPlace> Places { get; private set; }

    /// <summary>What is merged, [sample][knot].</summary>
    public ArrayView<TKnot> Knots { get; private set; }

    public void Declare(IDeviceMemory memory, int batchSize)
    {
        (string name, string plural, string place, string suffix) = texts;
        nodesPiece = memory.Declare<float>($"{name} nodes{suffix}", (long)batchSize * layout.Length, $"coarse grids of the {plural}");
        scalesPiece = memory.Declare<NoiseGridScale>($"{name} scales{suffix}", layout.ScaleCount, "where the coarse grids lie");
        drawnScalesPiece = drawn is null
            ? scalesPiece
            : memory.Declare<NoiseGridScale>($"{name} drawn scales{suffix}", drawn.ScaleCount, "where the coarse grids that are drawn lie");
        weightsPiece = memory.Declare<KnotWeight>($"{name} weights{suffix}", weights.Length, "what a knot takes from the nodes");
        placesPiece = memory.Declare<TPlace>($"{name} places{suffix}", places.Length, place);
        knotsPiece = memory.Declare<TKnot>($"{name} knots{suffix}", (long)batchSize * knots, $"the {plural} on merged grids");
    }

    public void Start(KernelLoader loader, IDeviceMemory memory)
    {
        Nodes = memory.View<float>(nodesPiece);
        Scales = memory.View<NoiseGridScale>(scalesPiece);
        Weights = memory.View<KnotWeight>(weightsPiece);
        Places = memory.View<TPlace>(placesPiece);
        Knots = memory.View<TKnot>(knotsPiece);
        draw = new CoarseDraw.Launcher(loader);
        drawnScales = memory.View<NoiseGridScale>(drawnScalesPiece);
        memory.Upload<NoiseGridScale>(NoiseField.Scales(layout), Scales);
        if (drawn is { ScaleCount: > 0 })
        {
            memory.Upload<NoiseGridScale>(NoiseField.Scales(drawn), drawnScales);
        }

        memory.Upload<KnotWeight>(weights, Weights);
        memory.Upload<TPlace>(places, Places);
    }

    /// <summary>Draws the nodes of a batch.</summary>
    public void Draw(in AnatomyBatch batch)
    {
        int own = (drawn ?? layout).Length;
        if (own > 0)
        {
            draw!.Run(
                batch.Words,
                batch.Layout,
                batch.Samples,
                false,
                numbers.Stream,
                numbers.StdWord,
                drawnScales,
                own,
                Nodes,
                layout.Length - own);
        }
    }
}

/// <summary>Where the nodes of random grids are drawn.</summary>
/// <param name="Stream">Their stream.</param>
/// <param name="StdWord">The word of the first scale's standard deviation.</param>
internal readonly record struct NodeNumbers(uint Stream, int StdWord);

/// <summary>What the memory of random grids is called.</summary>
/// <param name="Name">What they are: "displacement".</param>
/// <param name="Plural">Several of them: "displacements".</param>
/// <param name="Places">What the table of places says.</param>
/// <param name="Suffix">What follows the names of the memory.</param>
internal readonly record struct KnotTexts(string Name, string Plural, string Places, string Suffix);
