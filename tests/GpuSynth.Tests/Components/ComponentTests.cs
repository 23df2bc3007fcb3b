using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Components.ComponentSamples;

namespace GpuSynth.Tests.Components;

/// <summary>
/// Every pointwise component of the catalogue on the host, in every lane: what one shows by being there. What is its own (a value worked out
/// by hand, a property) stands in its own test.
/// </summary>
[Category("Host")]
public sealed class ComponentTests
{
    private const float Poison = -77.5f;
    private static readonly int[] Widths = [16, 8];

    private static readonly int[] Counts =
        [1, 2, 3, 15, 16, 17, 31, 33, 96, 100, 1000, .. Ladder.Shapes.Select(static shape => (int)Math.Min(shape.VoxelCount, Voxels))];

    private static IEnumerable<TestCaseData<Type>> Pointwise =>
        ComponentMaker.Pointwise.Select(static type => new TestCaseData<Type>(type).SetArgDisplayNames(ComponentMaker.NameOf(type)));

    private static IEnumerable<TestCaseData> PointwiseByKind => ComponentMaker.Pointwise.SelectMany(static type => Kinds.Select(
        kind => new TestCaseData(type, kind).SetArgDisplayNames(ComponentMaker.NameOf(type), kind)));

    // Plain float runs on the processor, over memory of ILGPU's.
    [OneTimeSetUp]
    public void Open() => BatchDevice.Open(DeviceCatalogue.IlgpuCpu);

    [OneTimeTearDown]
    public void Close() => BatchDevice.Close();

    [TestCaseSource(nameof(PointwiseByKind))]
    public void LanesAgree(Type type, string kind)
    {
        float[] before = Values(kind);
        byte[] labels = LabelsOf(Voxels);
        foreach ((Component component, ulong sample) in Draws(type))
        {
            var row = new ComponentRow([component], sample, (before.Min(), before.Max()));
            float[] wide = LaneRuns.Host(row, before, labels, 16);
            float[] narrow = LaneRuns.Host(row, before, labels, 8);
            Assert.That(LaneRuns.Bits(narrow).SequenceEqual(LaneRuns.Bits(wide)), $"{component}, sample {sample}: 8 lanes as 16");
            AssertHolds(row, before, labels, $"{component}, sample {sample}", wide);
        }
    }

    [TestCaseSource(nameof(Pointwise))]
    public void ACutAnywhere_ChangesNoBit_AndNothingIsWrittenOutside(Type type)
    {
        const int guard = 64;
        float[] before = Values("unit");
        byte[] labels = LabelsOf(Voxels);
        Random random = new(3);
        foreach ((Component component, ulong sample) in Draws(type))
        {
            var row = new ComponentRow([component], sample, (0f, 1f));
            float[] whole = LaneRuns.Host(row, before, labels, HostStep.Lanes);
            foreach (int count in Counts)
            {
                int first = random.Next(Voxels - count + 1);
                foreach (int width in Widths)
                {
                    float[] guarded = [.. Enumerable.Repeat(Poison, count + (2 * guard))];
                    before.AsSpan(first, count).CopyTo(guarded.AsSpan(guard));
                    LaneRuns.HostInPlace(row, guarded.AsSpan(guard, count), labels.AsSpan(first, count), width, first);
                    string what = $"{component}, sample {sample}: {count} voxels from {first} on, {width} lanes";
                    Assert.That(
                        LaneRuns.Bits(guarded.AsSpan(guard, count)).SequenceEqual(LaneRuns.Bits(whole.AsSpan(first, count))), what);
                    Assert.That(guarded[..guard].Concat(guarded[(guard + count)..]), Is.All.EqualTo(Poison), what);
                }
            }
        }

        Assert.That(labels, Is.EqualTo(LabelsOf(Voxels)), "labels are only read");
    }

    [TestCaseSource(nameof(Pointwise))]
    public void ANaNStaysANaN_AndEndsOfRangesMakeNoOther(Type type)
    {
        float[] before = [.. Specials, .. Specials.Reverse()];
        byte[] labels = LabelsOf(before.Length);
        foreach ((Component component, ulong sample) in Draws(type))
        {
            var row = new ComponentRow([component], sample, (0f, 1f));
            float[] wide = LaneRuns.Host(row, before, labels, 16);
            Assert.That(
                LaneRuns.Bits(LaneRuns.Host(row, before, labels, 8)).SequenceEqual(LaneRuns.Bits(wide)),
                $"{component}, sample {sample}: 8 lanes as 16");
            bool isNaNKept = !IsMadeOfLabels(row, (IVoxelComponent)component);
            float[] plain = LaneRuns.Plain(row, .., before, labels);
            double[] exact = LaneRuns.Exact(row, [.. before.Select(static value => (double)value)], labels);
            for (int voxel = 0; voxel < before.Length; voxel++)
            {
                // What a sum makes of an infinity, or of an overflow, is the component's.
                if (float.IsNaN(before[voxel]) || MathF.Abs(before[voxel]) < 1e35f)
                {
                    bool isNaN = isNaNKept && float.IsNaN(before[voxel]);
                    Assert.That(
                        (float.IsNaN(wide[voxel]), float.IsNaN(plain[voxel]), double.IsNaN(exact[voxel])),
                        Is.EqualTo((isNaN, isNaN, isNaN)),
                        $"{component}, sample {sample}: {before[voxel]} on the host, in plain float, in double");
                }
            }
        }
    }

    // A process whose vectors are half as wide makes the same of everything.
    [Category("Slow")]
    [TestCaseSource(nameof(Pointwise))]
    public void WithoutAvx512_BitsAreTheSame(Type type) =>
        Assert.That(HostOutput.WithoutAvx512[ComponentMaker.NameOf(type)], Is.EqualTo(HostOutput.Of(type)));

    [Test]
    [Category("Slow")]
    public void WithoutAvx512_LanesAreEight() => Assert.That(HostOutput.WithoutAvx512["lanes"], Is.EqualTo("8"));

    // Where intensities are made of labels alone, what was there before is nothing to it.
    private static bool IsMadeOfLabels(ComponentRow row, IVoxelComponent component)
    {
        byte[] labels = LabelsOf(Voxels);
        return component.ReadsLabels
            && LaneRuns.Host(row, Values("unit"), labels, 16).SequenceEqual(LaneRuns.Host(row, Values("small"), labels, 16));
    }
}
