using GpuSynth.Kernels;
using GpuSynth.Tests.Devices;
using GpuSynth.Tests.Kernels;
using ILGPU;

namespace GpuSynth.Tests.Components;

/// <summary>
/// Every pointwise component alone and in chains of up to four, as the kernels of a device: ILGPU's simulated one, and what there is of
/// OpenCL.
/// </summary>
[Category("Slow")]
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
public sealed class ComponentDeviceTests(string device)
{
    private const int Guard = 16;
    private const float Poison = -77.5f;

    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(1, 1, 1), VolumeShape.Volume(2, 3, 1), VolumeShape.Image(1, 15), VolumeShape.Image(4, 4),
        VolumeShape.Image(1, 17), VolumeShape.Image(33, 31), VolumeShape.Volume(3, 31, 33),
    ];

    private static IEnumerable<TestCaseData> Chains => Enumerable.Range(1, 4).SelectMany(ComponentChains.Of).Select(
        static chain => new TestCaseData([chain]).SetArgDisplayNames(ComponentChains.NameOf(chain)));

    // A context each: ILGPU's compiler takes types of one chain for another's in one context (KernelEmitter).
    [SetUp]
    public void Open() => BatchDevice.Open(device);

    [TearDown]
    public void Close() => BatchDevice.Close();

    // A chain pass is given no labels: a component that reads them finds label 0 everywhere.
    [TestCaseSource(nameof(Chains))]
    public void AChain_IsThatOfTheHost_WhateverTheBatch(Type[] chain)
    {
        Random random = new(1);
        Component[] components = [.. chain.Select(type => ComponentMaker.Random(type, random))];
        ComponentRow[] rows = [.. Enumerable.Range(1, 3).Select(sample => new ComponentRow(components, (ulong)sample, (0f, 1f)))];
        float[] before = ComponentSamples.Values("unit");

        // Each by itself in every shape, several after one another in the largest: a launch of the simulated device takes a tenth of a second.
        foreach (VolumeShape shape in chain.Length == 1 ? Shapes : Shapes[^1..])
        {
            int voxels = (int)shape.VoxelCount;
            float[][] inputs = [.. rows.Select((_, sample) => before[(7 * sample)..((7 * sample) + voxels)])];
            float[][] batch = Run(shape, rows, inputs);
            float[][] reversed = Run(shape, [.. rows.Reverse()], [.. inputs.Reverse()]);
            float[][] alone = Run(shape, [rows[1]], [inputs[1]]);
            Assert.That(LaneRuns.Bits(alone[0]).SequenceEqual(LaneRuns.Bits(batch[1])), $"{shape}: sample 1 alone");
            for (int sample = 0; sample < rows.Length; sample++)
            {
                Assert.That(
                    LaneRuns.Bits(reversed[^(sample + 1)]).SequenceEqual(LaneRuns.Bits(batch[sample])),
                    $"{shape}: sample {sample} in another order");
            }

            // The tolerance is that of a sample that is large enough to have one.
            if (voxels == Shapes.Max(static shape => shape.VoxelCount))
            {
                for (int sample = 0; sample < rows.Length; sample++)
                {
                    var labels = new byte[voxels];
                    float[] host = LaneRuns.Host(rows[sample], inputs[sample], labels, HostStep.Lanes);
                    ComponentSamples.AssertHolds(rows[sample], inputs[sample], labels, $"{shape}: sample {sample}", batch[sample], host);
                }
            }
        }
    }

    [TestCaseSource(nameof(Chains))]
    public void ANaN_StaysOne_AndNothingElseBecomesOne(Type[] chain)
    {
        Random random = new(2);
        var row = new ComponentRow(chain.Select(type => ComponentMaker.Random(type, random)), 4, (0f, 1f));
        float[] before = [.. ComponentSamples.Specials.Where(static value => !float.IsInfinity(value) && MathF.Abs(value) < 1e30f)];
        var labels = new byte[before.Length];
        float[] host = LaneRuns.Host(row, before, labels, HostStep.Lanes);
        float[] after = Run(VolumeShape.Image(1, before.Length), [row], [before])[0];
        Assert.That(after.Select(float.IsNaN), Is.EqualTo(host.Select(float.IsNaN)));
    }

    private static float[][] Run(VolumeShape shape, ComponentRow[] rows, float[][] inputs)
    {
        int voxels = (int)shape.VoxelCount;
        var layout = new SampleLayout(rows[0].Layout);
        using var words = BatchDevice.Upload(rows.SelectMany(static row => row.Words.ToArray()).ToArray());
        using var measured = BatchDevice.Upload(rows.SelectMany(static row => row.Measured).ToArray());
        float[] poison = [.. Enumerable.Repeat(Poison, Guard)];
        using var image = BatchDevice.Upload([.. poison, .. inputs.SelectMany(static input => input), .. poison]);
        using var tables = new DeviceTables(rows);
        ChainPass.Create(rows[0].ChainWith(tables.Of), BatchDevice.Loader, shape, ImageFormat.Float32).Run(
            words.View,
            measured.View,
            layout,
            0,
            rows.Length,
            ((ArrayView<float>)image.View).SubView(Guard, rows.Length * voxels),
            ((ArrayView<float>)image.View).SubView(Guard, rows.Length * voxels),
            ArrayView<ushort>.Empty);
        float[] after = BatchDevice.Download(image);
        Assert.That(after[..Guard].Concat(after[^Guard..]), Is.All.EqualTo(Poison), $"{shape}: outside");
        Assert.That(BatchDevice.Download(words), Is.EqualTo(rows.SelectMany(static row => row.Words.ToArray())), "rows are only read");
        return [.. after[Guard..^Guard].Chunk(voxels)];
    }
}
