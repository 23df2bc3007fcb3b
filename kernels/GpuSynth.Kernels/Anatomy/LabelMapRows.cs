using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuSynth.Kernels;

// LabelMapRows: label(p) = map[floor(q + 1/2)],  q = M (p + F(p)) + t,  0 outside the map: LabelMapAnatomy for a whole batch,
// each sample with its own map, M and t (SampleLayout), from a merged deformation (ShiftGrid without slips).
//   The rows, and how threads share them: ShiftedLabels.
//   A flipped sample's labels go through a table of their own: what was left is right.
// maps: bytes, two tables of 256 labels (each itself; exchanged), then one map [Dm,Hm,Wm] after another.
// label: byte[sample][D,H,W], written once. About 2 B/voxel.
// Labels: the same on every device away from ties. Reference: LabelMapAnatomy.Reference.cs.

/// <summary>The labels of a batch made from label maps.</summary>
public static class LabelMapRows
{
    /// <summary>Bytes of the two tables before the first map.</summary>
    public const int TableBytes = 512;

    /// <summary>The two tables: every label itself, and what it becomes in a mirror.</summary>
    /// <param name="exchange">What each of 256 labels becomes; null: itself.</param>
    public static byte[] Tables(byte[]? exchange)
    {
        byte[] tables = new byte[TableBytes];
        for (int label = 0; label < 256; label++)
        {
            tables[label] = (byte)label;
            tables[256 + label] = exchange is null ? (byte)label : exchange[label];
        }

        return tables;
    }

    /// <summary>Launches the labels of a batch.</summary>
    public sealed class Launcher
    {
        private readonly ShiftedLabels<MapLookup> labels;

        /// <summary>Makes the kernels launchable.</summary>
        /// <param name="loader">Loads them.</param>
        /// <param name="isGated">Whether some samples are without the anatomy and keep the labels that they have.</param>
        public Launcher(KernelLoader loader, bool isGated = false) => labels = new(loader, isGated);

        /// <summary>Writes the label of every voxel of every sample.</summary>
        /// <param name="words">Table of the samples' words: transform, map offset and map shape.</param>
        /// <param name="layout">Where they lie.</param>
        /// <param name="grid">Grid of the deformation: one label, no slips.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="shifts">Merged deformation, [sample][cell]; may be longer.</param>
        /// <param name="places"><see cref="ShiftGrid.Places"/> on the device.</param>
        /// <param name="maps">The tables of labels, and all maps, one after another.</param>
        /// <param name="labelDHW">Written: labels [sample][D, H, W]; may be longer.</param>
        /// <param name="gate">Which samples have the anatomy; not read of a launcher that is not gated.</param>
        /// <exception cref="ArgumentException">The grid has several displacements, or a view is too short.</exception>
        public void Run(
            ArrayView<uint> words,
            SampleLayout layout,
            ShiftGrid grid,
            int samples,
            ArrayView<ShiftKnot> shifts,
            ArrayView<ShiftPlace> places,
            ArrayView<byte> maps,
            ArrayView<byte> labelDHW,
            SampleGate gate = default)
        {
            ArgumentNullException.ThrowIfNull(grid);
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            LaunchCheck.Length(grid.Labels, 1, nameof(grid));
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            labels.Run(grid, samples, shifts, places, new MapLookup(words, layout, maps), labelDHW, gate);
        }
    }
}

/// <summary>The label of the nearest voxel of the sample's map.</summary>
internal readonly struct MapLookup : ILabelSource<MapLookup>
{
    private readonly ArrayView<uint> words;
    private readonly SampleLayout layout;
    private readonly ArrayView<byte> maps;
    private readonly LabelMapTransform transform;
    private readonly long map;
    private readonly int table;

    /// <summary>A source before a sample is loaded.</summary>
    /// <param name="words">Table of the samples' words.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="maps">The tables of labels, and all maps, one after another.</param>
    public MapLookup(ArrayView<uint> words, SampleLayout layout, ArrayView<byte> maps)
    {
        this.words = words;
        this.layout = layout;
        this.maps = maps;
        transform = default;
        map = 0;
        table = 0;
    }

    private MapLookup(MapLookup source, ShiftPlan plan, int sample)
    {
        words = source.words;
        layout = source.layout;
        maps = source.maps;
        MapPlace place = Unsafe.As<uint, MapPlace>(ref words[(sample * layout.Stride) + layout.LabelMap]);
        transform = place.Transform(plan.Height, plan.Width);
        map = place.Offset;
        table = place.Exchange << 8;
    }

    /// <inheritdoc/>
    public static MapLookup Load(MapLookup source, ShiftPlan plan, int sample) => new(source, plan, sample);

    /// <inheritdoc/>
    public static int Staged(in MapLookup loaded, StagedRows rows, ShiftPlan plan, int at, float t, int x)
    {
        ShiftPair across = rows.Across[at];
        return loaded.At(across.Z.At(t), across.Y.At(t), x + rows.Along[at].At(t));
    }

    /// <inheritdoc/>
    public static int Direct(in MapLookup loaded, ArrayView<ShiftKnot> shifts, ShiftPlan plan, DirectPlace place)
    {
        ShiftCell shift = ShiftGrid.Cell(shifts, plan, place.Cell, place.AlongZ.T, place.AlongY.T);
        float t = place.AlongX.T;
        return loaded.At(place.Z + shift.Z.At(t), place.Y + shift.Y.At(t), place.X + shift.X.At(t));
    }

    private int At(float z, float y, float x)
    {
        int index = LabelMapAnatomy.Index(transform, z, y, x);
        return maps[table + (index < 0 ? 0 : maps[map + index])];
    }
}
