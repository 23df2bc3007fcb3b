using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Devices;
using GpuSynth.Tests.Kernels;
using ILGPU;

namespace GpuSynth.Tests.Components;

/// <summary>
/// Every component of the catalogue that reads neighbours: what one shows by being there. What is its own stands in its own test.
/// </summary>
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
public sealed class StageTests(string device)
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(1, 1, 1), VolumeShape.Volume(2, 3, 1), VolumeShape.Volume(19, 5, 17), VolumeShape.Volume(1, 6, 33),
        VolumeShape.Image(1, 40), VolumeShape.Image(17, 1), VolumeShape.Image(31, 33),
    ];

    private static IEnumerable<TestCaseData<Type>> Stages => ComponentMaker.All
        .Where(static type => type.IsAssignableTo(typeof(IStageComponent)))
        .Select(static type => new TestCaseData<Type>(type).SetArgDisplayNames(ComponentMaker.NameOf(type)));

    [OneTimeSetUp]
    public void Open() => BatchDevice.Open(device);

    [OneTimeTearDown]
    public void Close() => BatchDevice.Close();

    [TestCaseSource(nameof(Stages))]
    public void HostAndDevice_AreTheFormulaInDouble(Type type)
    {
        foreach (VolumeShape shape in Shapes)
        {
            foreach ((Component component, ulong sample) in ComponentSamples.Draws(type))
            {
                var layout = new RowLayout([component], new SampleFacts(shape, 1));
                float[][] images = [Image(shape, 1), Image(shape, 2)];
                uint[][] rows = [RowOf(layout, (long)sample), RowOf(layout, (long)sample + 1)];
                float[][] onDevice = Device(component, layout, rows, images);
                for (int place = 0; place < images.Length; place++)
                {
                    (float[] host, double[] exact) = Host(component, layout, rows[place], images[place], Labels(shape, place), runs: 1);
                    string what = $"{component}, {shape}, sample {place}";
                    double tolerance = 1e-5 * (exact.Max() - exact.Min() + 1);
                    Assert.That(host.Zip(exact, static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(tolerance), $"host: {what}");
                    Assert.That(onDevice[place].Zip(exact, static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(tolerance), $"device: {what}");
                    (float[] cut, _) = Host(component, layout, rows[place], images[place], Labels(shape, place), runs: Math.Min(3, shape.Depth));
                    Assert.That(LaneRuns.Bits(cut).SequenceEqual(LaneRuns.Bits(host)), $"in runs of planes: {what}");
                }
            }
        }
    }

    private static float[] Image(VolumeShape shape, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle())];
    }

    // Three labels in lumps, whose borders run in all directions.
    private static byte[] Labels(VolumeShape shape, int seed) =>
    [
        .. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel =>
        {
            (int z, int y, int x) = (voxel / (shape.Height * shape.Width), voxel / shape.Width % shape.Height, voxel % shape.Width);
            double wave = Math.Sin((0.5 * x) + (0.3 * y) + seed) + Math.Sin((0.4 * z) - (0.35 * y) + (0.2 * x));
            return (byte)(wave > 0.6 ? 2 : wave > -0.4 ? 1 : 0);
        }),
    ];

    private static uint[] RowOf(RowLayout layout, long sample)
    {
        var row = new uint[layout.Length];
        layout.Draw(5, SampleKey.Of(sample), row);
        layout.Prepare(row);
        return row;
    }

    private static unsafe (float[] Image, double[] Exact) Host(Component component, RowLayout layout, uint[] row, float[] image, byte[] labels, int runs)
    {
        VolumeShape shape = layout.Facts.Shape;
        HostStage stage = ((IStageComponent)component).CreateHostStage(new StepPlace(layout.Entries[0], 0, layout.Facts));
        var after = new float[image.Length];
        uint[] padded = [.. row, .. new uint[32]];
        float[] memory = [.. Enumerable.Repeat(float.NaN, (int)Math.Max(1, stage.MemoryLength))];
        float* measured = stackalloc float[2];
        fixed (uint* words = padded)
        fixed (float* from = image, to = after, seen = memory)
        fixed (byte* labelsAt = labels)
        {
            var place = new Row(words, measured);
            for (int look = 0; look < stage.SurveyCount * runs; look++)
            {
                int run = look % runs;
                float[] scratch = [.. Enumerable.Repeat(float.NaN, (int)stage.ScratchLength)];
                fixed (float* at = scratch)
                {
                    stage.Survey(place, look / runs, from, shape.Depth * run / runs, shape.Depth * (run + 1) / runs, seen, at);
                }
            }

            for (int run = 0; run < runs; run++)
            {
                // What was in the scratch before is nothing to it.
                float[] scratch = [.. Enumerable.Repeat(float.NaN, (int)stage.ScratchLength)];
                fixed (float* at = scratch)
                {
                    stage.Run(place, new ImagePlanes(from, shape, labelsAt, seen), shape.Depth * run / runs, shape.Depth * (run + 1) / runs, to, at);
                }
            }

            for (int run = 0; run < runs && stage.GoesOn(place); run++)
            {
                float[] scratch = [.. Enumerable.Repeat(float.NaN, (int)stage.ScratchLength)];
                fixed (float* at = scratch)
                {
                    stage.RunAlongZ(place, shape.Height * run / runs, shape.Height * (run + 1) / runs, from, to, at);
                }
            }

            return (after, stage.Exact(place, [.. image.Select(static value => (double)value)], labels));
        }
    }

    private static float[][] Device(Component component, RowLayout layout, uint[][] rows, float[][] images)
    {
        DeviceStage stage = ((IStageComponent)component).CreateDeviceStage(new StepPlace(layout.Entries[0], 0, layout.Facts));
        int voxels = images[0].Length;
        float[] nothing = [.. Enumerable.Repeat(float.NaN, images.Length * voxels)];
        using var words = BatchDevice.Upload(rows.SelectMany(static row => row).ToArray());
        using var measured = BatchDevice.Upload(
            Enumerable.Range(0, images.Length * MeasuredWords.PerSample).Select(static word => MeasuredWords.Initial(word % MeasuredWords.PerSample)).ToArray());
        using var first = BatchDevice.Upload(images.SelectMany(static image => image).ToArray());
        using var second = BatchDevice.Upload(nothing);
        using var third = BatchDevice.Upload(nothing);
        using var labels = BatchDevice.Upload(images.SelectMany((_, place) => Labels(layout.Facts.Shape, place)).ToArray());
        stage.Start(BatchDevice.Loader);
        stage.Run(new StageBatch(
            words.View,
            measured.View,
            new SampleLayout(layout),
            images.Length,
            first.View,
            second.View,
            stage.NeedsThird ? third.View : ArrayView<float>.Empty,
            labels.View));
        float[][] after = [.. BatchDevice.Download(stage.EndsInSecond ? second : first).Chunk(voxels)];
        uint[] ranges = BatchDevice.Download(measured);
        for (int sample = 0; sample < after.Length; sample++)
        {
            int word = sample * MeasuredWords.PerSample;
            Assert.That(
                (MeasuredWords.Value(ranges[word + MeasuredWords.Minimum]), MeasuredWords.Value(ranges[word + MeasuredWords.Maximum])),
                Is.EqualTo((after[sample].Min(), after[sample].Max())),
                "the range");
        }

        return after;
    }
}
