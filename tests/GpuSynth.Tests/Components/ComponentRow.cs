using System.Runtime.InteropServices;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Components;

/// <summary>What was drawn for one sample, of one component or of several, where each lane finds it.</summary>
internal sealed unsafe class ComponentRow
{
    public const int Labels = 33;

    /// <summary>Where the range before a component is measured.</summary>
    public const int Slot = MeasuredWords.Minimum;

    /// <summary>What is known of every sample: the side is 64.</summary>
    public static readonly SampleFacts Facts = new(VolumeShape.Volume(64, 2, 3), Labels, new ThreeMaps());

    // A vector that looks into the last list reads this far over its end.
    private const int Room = 32;
    private readonly uint[] words;
    private readonly float[][] tables;
    private readonly float[] measured = GC.AllocateArray<float>(MeasuredWords.PerSample, pinned: true);

    public ComponentRow(IEnumerable<Component> components, ulong sample, (float Minimum, float Maximum) range)
    {
        Layout = new RowLayout(components, Facts);
        words = GC.AllocateArray<uint>(Layout.Length + Room, pinned: true);
        Layout.Draw(20261128, SampleKey.Of((long)sample), Words);
        Layout.Prepare(Words);
        (measured[Slot], measured[Slot + 1]) = range;
        Steps =
        [
            .. Layout.Entries.Select(static entry => ((IVoxelComponent)entry.Component).CreateStep(new StepPlace(entry, Slot, Facts))),
        ];
        tables = [.. Steps.Select((step, place) => Prepared(step, ((IVoxelComponent)Layout.Entries[place].Component).Needs))];
    }

    public RowLayout Layout { get; }

    public Span<uint> Words => words.AsSpan(0, Layout.Length);

    /// <summary>What a device measures.</summary>
    public uint[] Measured => [.. measured.Select(MeasuredWords.Ordered)];

    /// <summary>The row on the host.</summary>
    public Row Row => new((uint*)Marshal.UnsafeAddrOfPinnedArrayElement(words, 0), (float*)Marshal.UnsafeAddrOfPinnedArrayElement(measured, 0));

    /// <summary>Some of the components, at least one, as one chain, their tables on the host.</summary>
    public ValueType ChainOf(Range places) => ChainWith(place => new NumberTable(Memory(place)), places);

    /// <summary>The components on the host, in their order.</summary>
    public IReadOnlyList<HostStep> Steps { get; }

    /// <summary>The table of a component, as a device has it: what the host works out for the sample begins with it.</summary>
    public float[] Table(int place)
    {
        RowEntry entry = Layout.Entries[place];
        DeviceTable table = ((ITableComponent)entry.Component).CreateTable(new StepPlace(entry, Slot, Facts));
        return tables[place][..table.Numbers.Length];
    }

    /// <summary>The same where the host finds it.</summary>
    public float* Memory(int place) => (float*)Marshal.UnsafeAddrOfPinnedArrayElement(tables[place], 0);

    /// <summary>The components as one chain.</summary>
    /// <param name="table">The table of a component, by its place in the row.</param>
    public ValueType ChainWith(Func<int, NumberTable> table) => ChainWith(table, ..);

    /// <summary>Some of them, at least one.</summary>
    public ValueType ChainWith(Func<int, NumberTable> table, Range places) => Enumerable.Range(0, Layout.Entries.Count).Take(places)
        .Select(place => ((IVoxelComponent)Layout.Entries[place].Component).CreateLink(
            new StepPlace(Layout.Entries[place], Slot, Facts) { Table = Layout.Entries[place].Component is ITableComponent ? table(place) : default }))
        .Aggregate(GpuSynth.Kernels.Chain.Then);

    // What looks at the image before it sees one of 0 to 1,000.
    private float[] Prepared(HostStep step, MeasureNeed need)
    {
        float[] memory = GC.AllocateArray<float>((int)Math.Max(1, step.MemoryLength), pinned: true);
        var scratch = new float[Math.Max(1, step.ScratchLength)];
        Random random = new(3);
        float[] image = [.. Enumerable.Range(0, (int)Facts.Shape.VoxelCount).Select(_ => 1000 * random.NextSingle())];
        fixed (float* at = scratch, before = image)
        {
            var own = (float*)Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
            step.Prepare(new HostSample(Row), own, at);
            if (need == MeasureNeed.Image)
            {
                step.Survey(new HostSample(Row), before, 0, Facts.Shape.Depth, own, at);
            }
        }

        return memory;
    }

    private sealed class ThreeMaps : ILabelMaps
    {
        public int Count => 3;

        public int LabelCount => ComponentRow.Labels;

        public IReadOnlyList<int[]> SourceValues { get; } = [.. Enumerable.Range(0, ComponentRow.Labels).Select(static label => new[] { label })];

        public string Name(int map) => $"map{map}";

        public VolumeShape Shape(int map) => VolumeShape.Volume(32, 33, 34);

        public (double Z, double Y, double X) Spacing(int map) => (1, 1.5, 2);

        public bool HasLateralAxis(int map) => true;

        public int[] Slices(int map, int axis) => throw new NotSupportedException();

        public long Offset(int map) => map * Shape(map).VoxelCount;

        byte[] ILabelMaps.Labels(int map) => throw new NotSupportedException();

        public byte[] Exchange(LateralPairs pairs) => throw new NotSupportedException();
    }
}
