using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// The tiles of a batch on a device: the numbers x of the nodes, then plain noise, then what the kernel makes of it; a thread per number. The second of two tiles,
// of the noise in streaks along rows, stands behind the first.
// 36 reads per octave of plain noise, 81 of the kernel, from the cache.

/// <summary>The tiles of quantum noise on a device.</summary>
/// <param name="place">Where the component stands.</param>
/// <param name="stream">The stream of the tile, its occurrence in the recipe in bits 16 to 23.</param>
/// <param name="tile">The tiles of a sample.</param>
/// <param name="length">Numbers of a sample: those of the tiles, and behind them the maps of its slices where there are two tiles.</param>
internal sealed class CtTileTable(StepPlace place, uint stream, CtTile tile, int length) : DeviceTable
{
    private readonly RowEntry entry = place.Entry;
    private CoarseDraw.Launcher? draw;
    private Action<KernelConfig, PlainKernel>? plain;
    private Action<KernelConfig, FilterKernel>? filter;
    private Action<KernelConfig, CtPathKernel>? paths;

    /// <inheritdoc/>
    public override TableMemory Numbers { get; } = tile.Count > 1
        ? new("ctNoise tiles and maps", length, "noise that slices look into, and how strong it is where")
        : new("ctNoise tile", length, "noise that slices look into");

    /// <inheritdoc/>
    public override IReadOnlyList<TableMemory> Scratch { get; } =
    [
        new("ctNoise nodes", tile.NodeCount, "normal numbers of the lattices"),
        new("ctNoise plain tile", tile.Total, "noise before the kernel"),
    ];

    /// <inheritdoc/>
    public override void Start(KernelLoader loader)
    {
        draw = new CoarseDraw.Launcher(loader);
        plain = loader.Load<PlainKernel>();
        filter = loader.Load<FilterKernel>();
        paths = tile.Count > 1 ? loader.Load<CtPathKernel>() : null;
    }

    /// <inheritdoc/>
    public override void Run(
        ArrayView<uint> words,
        SampleLayout layout,
        int samples,
        IReadOnlyList<ArrayView<float>> scratch,
        ArrayView<float> numbers,
        ArrayView<uint> measured)
    {
        draw!.Run(words, layout, samples, true, stream, -1, ArrayView<NoiseGridScale>.Empty, tile.NodeCount, scratch[0]);
        var plan = new CtTilePlan(
            tile,
            layout.Stride,
            SampleLayout.FieldOf<CtNoise.Drawn>(entry, nameof(CtNoise.Drawn.Scale)),
            SampleLayout.FieldOf<CtNoise.Drawn>(entry, nameof(CtNoise.Drawn.Sharpness)),
            entry.Lists,
            length);
        plain!(BatchGrid.Of(plan.Numbers, samples), new(words, scratch[0], scratch[1], plan));
        filter!(BatchGrid.Of(plan.Numbers, samples), new(words, scratch[1], numbers, plan));
    }

    /// <inheritdoc/>
    public override void Survey(ArrayView<uint> words, SampleLayout layout, int samples, ArrayView<float> image, ArrayView<float> numbers)
    {
        var cells = new CtPaths(place.Facts.Shape);
        var plan = new CtPathPlan(
            cells,
            layout.Stride,
            SampleLayout.FieldOf<CtNoise.Drawn>(entry, nameof(CtNoise.Drawn.Local)),
            SampleLayout.FieldOf<CtNoise.Drawn>(entry, nameof(CtNoise.Drawn.Streaks)),
            SampleLayout.FieldOf<CtNoise.Drawn>(entry, nameof(CtNoise.Drawn.PathPerCell)),
            length,
            tile.Total);
        paths!(BatchGrid.OfGroups(cells.Maps, samples, KernelLoader.GroupSize), new(words, image, numbers, plan));
    }

    // One number per thread, of the sample Grid.IdxY.
    internal readonly struct PlainKernel(ArrayView<uint> words, ArrayView<float> nodes, ArrayView<float> to, CtTilePlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int at = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            if (at >= plan.Numbers)
            {
                return;
            }

            int sample = Grid.IdxY;
            bool inRows = at >= plan.Tile;
            int plane = (at & (plan.Tile - 1)) >> (2 * plan.Bits);
            int y = (at >> plan.Bits) & ((1 << plan.Bits) - 1);
            int x = at & ((1 << plan.Bits) - 1);
            int first = sample * plan.NodeCount;
            float strength = SampleLayout.Number(words, (sample * plan.Stride) + plan.Scale);
            float sum = 0;
            for (int octave = 0; octave < CtTile.Octaves; octave++)
            {
                int bits = plan.Bits - octave;
                int last = (1 << bits) - 1;
                int own = first + (plane << (2 * bits));
                int low = y >> octave;
                int near = x >> octave;
                float alongY = (y - (low << octave)) / (float)(1 << octave);
                float alongX = (x - (near << octave)) / (float)(1 << octave);
                float lower = Lerp(Node(own, low, near, bits, last, inRows), Node(own, low, near + 1, bits, last, inRows), alongX);
                float upper = Lerp(Node(own, low + 1, near, bits, last, inRows), Node(own, low + 1, near + 1, bits, last, inRows), alongX);
                sum += strength * Lerp(lower, upper, alongY);
                strength *= CtTile.Fall;
                first += plan.Tile >> (2 * octave);
            }

            to[(sample * plan.Numbers) + at] = sum;
        }

        // x minus the mean of the 3 x 3 around it, or of that the part in streaks along rows; planes go round.
        private float Node(int own, int y, int x, int bits, int last, bool inRows)
        {
            float here = 0;
            float beside = 0;
            for (int dy = -1; dy <= 1; dy++)
            {
                int row = own + (((y + dy) & last) << bits);
                here += nodes[row + (x & last)];
                beside += nodes[row + ((x - 1) & last)] + nodes[row + ((x + 1) & last)];
            }

            int line = own + ((y & last) << bits);
            float middle = nodes[line + (x & last)];
            if (!inRows)
            {
                return middle - ((here + beside) * (1f / 9));
            }

            // What is above the means of 3 in columns, half of its own and half of the mean of 3 along the row.
            float sides = nodes[line + ((x - 1) & last)] + nodes[line + ((x + 1) & last)] - (beside * (1f / 3));
            return ((2f / 3) * (middle - (here * (1f / 3)))) + ((1f / 6) * sides);
        }

        private static float Lerp(float a, float b, float t) => a + (t * (b - a));
    }

    // The same: n + a (n - G n).
    internal readonly struct FilterKernel(ArrayView<uint> words, ArrayView<float> noise, ArrayView<float> to, CtTilePlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int at = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            if (at >= plan.Numbers)
            {
                return;
            }

            int sample = Grid.IdxY;
            int row = sample * plan.Stride;
            int last = (1 << plan.Bits) - 1;
            int y = (at >> plan.Bits) & last;
            int x = at & last;
            int own = (sample * plan.Numbers) + (at & ~((1 << (2 * plan.Bits)) - 1));
            float value = noise[(sample * plan.Numbers) + at];
            float sharpness = SampleLayout.Number(words, row + plan.Sharpness);
            float smooth = 0;
            if (sharpness != 0)
            {
                for (int dy = 0; dy < CtTile.Taps; dy++)
                {
                    int line = own + (((y + dy - (CtTile.Taps / 2)) & last) << plan.Bits);
                    float sum = 0;
                    for (int dx = 0; dx < CtTile.Taps; dx++)
                    {
                        sum += SampleLayout.Number(words, row + plan.Weights + dx) * noise[line + ((x + dx - (CtTile.Taps / 2)) & last)];
                    }

                    smooth += SampleLayout.Number(words, row + plan.Weights + dy) * sum;
                }
            }

            to[(sample * plan.Length) + at] = value + (sharpness * (value - smooth));
        }
    }
}

/// <summary>Where the kernels of a tile find what they read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CtTilePlan(CtTile tile, int stride, int scale, int sharpness, int weights, int length)
{
    public readonly int Bits = tile.Bits;
    public readonly int Tile = tile.Length;
    public readonly int NodeCount = tile.NodeCount;
    public readonly int Stride = stride;
    public readonly int Scale = scale;
    public readonly int Sharpness = sharpness;
    public readonly int Weights = weights;
    public readonly int Numbers = tile.Total;
    public readonly int Length = length;
}
