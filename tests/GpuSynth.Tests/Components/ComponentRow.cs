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
    private readonly float[] measured = GC.AllocateArray<float>(MeasuredWords.PerSample, pinned: true);

    public ComponentRow(IEnumerable<Component> components, ulong sample, (float Minimum, float Maximum) range)
    {
        Layout = new RowLayout(components, Facts);
        words = GC.AllocateArray<uint>(Layout.Length + Room, pinned: true);
        Layout.Draw(20261128, SampleKey.Of((long)sample), Words);
        Layout.Prepare(Words);
        (measured[Slot], measured[Slot + 1]) = range;
    }

    public RowLayout Layout { get; }

    public Span<uint> Words => words.AsSpan(0, Layout.Length);

    /// <summary>What a device measures.</summary>
    public uint[] Measured => [.. measured.Select(MeasuredWords.Ordered)];

    /// <summary>The row on the host.</summary>
    public Row Row => new((uint*)Marshal.UnsafeAddrOfPinnedArrayElement(words, 0), (float*)Marshal.UnsafeAddrOfPinnedArrayElement(measured, 0));

    /// <summary>The components as one chain.</summary>
    public ValueType Chain => Layout.Entries
        .Select(static entry => ((IVoxelComponent)entry.Component).CreateLink(new StepPlace(entry, Slot, Facts)))
        .Aggregate(GpuSynth.Kernels.Chain.Then);

    /// <summary>The components on the host, in their order.</summary>
    public IEnumerable<HostStep> Steps =>
        Layout.Entries.Select(static entry => ((IVoxelComponent)entry.Component).CreateStep(new StepPlace(entry, Slot, Facts)));

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
