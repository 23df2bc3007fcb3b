using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Devices;
using ILGPU;
using ILGPU.Runtime;
using NUnit.Framework;
using Half = System.Half;

namespace GpuSynth.Tests.Kernels;

// The images of whole batches: against the double references of their steps, one after the other, by the rule that their error is
// at most twice that of the same mathematics in plain float.
[Category("Slow")]
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
public sealed class BatchAppearanceTests(string device)
{
    private const ulong Seed = 0x1234567890ABCDEF;
    private const float SmallestSigma = 6.8f;
    private const int BiasTaps = 83;
    private const float Epsilon = 1e-6f;
    private const float Poison = -77.5f;

    private static readonly Setup[] Cases =
    [
        new(VolumeShape.Volume(1, 1, 1), 7),
        new(VolumeShape.Volume(2, 3, 1), 7),
        new(VolumeShape.Volume(7, 21, 33), 7) { Samples = 3 },
        new(VolumeShape.Volume(2, 131, 31), 7) { Samples = 1 },
        new(VolumeShape.Volume(4, 5, 130), 7),
        new(VolumeShape.Volume(2, 35, 100), 5) { Samples = 1 },
        new(VolumeShape.Volume(5, 17, 64), 3),
        new(VolumeShape.Volume(6, 5, 14), 7) { HasBias = false },
        new(VolumeShape.Volume(6, 5, 14), 7) { HasNoise = false },
        new(VolumeShape.Volume(3, 9, 40), 1),
        new(VolumeShape.Volume(3, 4, 5), 1) { HasBias = false, HasNoise = false },
        new(VolumeShape.Image(1, 1), 7),
        new(VolumeShape.Image(33, 31), 7),
        new(VolumeShape.Image(19, 201), 7),
        new(VolumeShape.Image(19, 201), 1),
    ];

    [OneTimeSetUp]
    public void Open() => BatchDevice.Open(device);

    [OneTimeTearDown]
    public void Close() => BatchDevice.Close();

    [Test]
    public void Images_Ladder([ValueSource(nameof(Cases))] Setup what)
    {
        float[][] painted = new Batch(what).Run(ImageFormat.Float32, finishes: true, out Batch batch);
        var reference = new List<double>();
        var plain = new List<float>();
        for (int sample = 0; sample < what.Samples; sample++)
        {
            (double[] expected, float[] alone) = batch.Expected(sample);
            reference.AddRange(expected);
            plain.AddRange(alone);
        }

        Ladder.AssertHolds(reference, plain, [.. painted.SelectMany(image => image)]);
    }

    [Test]
    public void MeasuredWords_AreTheExtremesOfWhatWasPainted()
    {
        var what = new Setup(VolumeShape.Volume(19, 18, 20), 7);
        float[][] painted = new Batch(what).Run(ImageFormat.Float32, finishes: false, out Batch batch);
        for (int sample = 0; sample < what.Samples; sample++)
        {
            Assert.That(batch.Measure(sample, MeasuredWords.Minimum), Is.EqualTo(painted[sample].Min()));
            Assert.That(batch.Measure(sample, MeasuredWords.Maximum), Is.EqualTo(painted[sample].Max()));
            double largest = batch.LargestIntensity(sample);
            Assert.That(batch.Measure(sample, MeasuredWords.LargestIntensity), Is.EqualTo(largest).Within(1e-6 * largest));
        }
    }

    // Two launches of the same batch, and a batch of another size: the same bits.
    [Test]
    public void Images_AreTheSameBits_WhateverTheBatch()
    {
        var three = new Setup(VolumeShape.Volume(5, 35, 20), 7) { Samples = 3 };
        float[][] first = new Batch(three).Run(ImageFormat.Float32, finishes: true, out _);
        float[][] second = new Batch(three).Run(ImageFormat.Float32, finishes: true, out _);
        float[][] alone = new Batch(three with { Samples = 1 }).Run(ImageFormat.Float32, finishes: true, out _);
        Assert.That(second, Is.EqualTo(first));
        Assert.That(alone[0], Is.EqualTo(first[0]));
    }

    [Test]
    public void ANaN_ShowsInTheRange([Values(1, 7)] int taps)
    {
        var what = new Setup(VolumeShape.Volume(3, 5, 6), taps) { Mean = float.NaN, Samples = 1 };
        new Batch(what).Run(ImageFormat.Float32, finishes: false, out Batch batch);
        bool shows = float.IsNaN(batch.Measure(0, MeasuredWords.Minimum)) || float.IsNaN(batch.Measure(0, MeasuredWords.Maximum));
        Assert.That(shows);
        Assert.That(batch.Measure(0, MeasuredWords.LargestIntensity), Is.NaN);
    }

    [Test]
    public void SixteenBits_AreTheFloats_RoundedToNearestEven(
        [Values(ImageFormat.Float16, ImageFormat.BFloat16)] ImageFormat format, [Values] bool normalises)
    {
        var what = new Setup(VolumeShape.Volume(3, 7, 33), 7) { Normalises = normalises };
        float[][] floats = new Batch(what).Run(ImageFormat.Float32, finishes: true, out _);
        float[][] narrow = new Batch(what).Run(format, finishes: true, out _);
        for (int sample = 0; sample < what.Samples; sample++)
        {
            Assert.That(narrow[sample], Is.EqualTo(floats[sample].Select(value => Rounded(format, value))));
        }
    }

    [Test]
    public void Float16_RoundsAsTheProcessor()
    {
        for (uint upper = 0; upper < 0x10000; upper++)
        {
            foreach (uint lower in new uint[] { 0, 1, 0x0FFF, 0x1000, 0x1001, 0x2FFF, 0x3000, 0x7FFF, 0x8000, 0x8001, 0xFFFF })
            {
                float value = BitConverter.UInt32BitsToSingle((upper << 16) | lower);
                float back = (float)BitConverter.UInt16BitsToHalf((ushort)NarrowFloat.Float16Bits(value));
                if (float.IsNaN(value) ? !float.IsNaN(back) : back != (float)(System.Half)value)
                {
                    Assert.Fail($"{value} became {back}, expected {(float)(System.Half)value}.");
                }
            }
        }
    }

    [TestCase(1f, 0x3F80u)]
    [TestCase(0f, 0u)]
    [TestCase(1.00390625f, 0x3F80u)] // half way: to even, down
    [TestCase(1.01171875f, 0x3F82u)] // half way: to even, up
    [TestCase(float.NaN, 0xFFC0u)]
    [TestCase(float.PositiveInfinity, 0x7F80u)]
    [TestCase(-2f, 0xC000u)]
    public void BFloat16_IsTheUpperHalf_RoundedToEven(float value, uint bits) =>
        Assert.That(NarrowFloat.BFloat16Bits(value), Is.EqualTo(bits));

    [Test]
    public void BiasWeights_AreThoseOfTheHost([Values(1, 4, 31, 100)] int voxels, [Values(3, 83)] int taps)
    {
        var grid = new BiasGrid(VolumeShape.Volume(voxels, 7, 9), SmallestSigma, taps);
        var matrix = new float[grid.NodesAlong(0) * grid.CellsAlong(0)];
        BiasField.AxisMatrix(grid, 0, 9.3f, matrix);
        var axis = new BiasMatrixAxis(grid, 0, 0);
        for (int entry = 0; entry < matrix.Length; entry++)
        {
            float weight = BiasNodes.Weight(entry / grid.Cells.Z, entry % grid.Cells.Z, axis, taps, 9.3f);
            Assert.That(weight, Is.EqualTo(matrix[entry]).Within(4e-6 * matrix[entry]), $"entry {entry}");
        }
    }

    [Test]
    public void DeviceStructs_HaveTheSizeOfTheirFields()
    {
        Assert.That(Marshal.SizeOf<BiasAxis>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<BiasSpan>(), Is.EqualTo(40));
        Assert.That(Marshal.SizeOf<TilePlan>(), Is.EqualTo(11 * 4));
        Assert.That(Marshal.SizeOf<BiasMatrixPlan>(), Is.EqualTo(56));
        Assert.That(Marshal.SizeOf<BiasPassPlan>(), Is.EqualTo(40));
        Assert.That(Marshal.SizeOf<ChainPlan>(), Is.EqualTo(12));
    }

    [Test]
    public void Launchers_RefuseWhatIsWrong()
    {
        KernelLoader loader = Loader();
        VolumeShape shape = VolumeShape.Volume(2, 3, 4);
        Assert.That(() => new Painting.Launcher(loader, shape, null, false, 8), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Painting.Launcher(loader, shape, null, false, 9), Throws.TypeOf<ArgumentOutOfRangeException>());
        using var words = BatchDevice.Upload(new uint[200]);
        using var measured = BatchDevice.Upload(new uint[4]);
        using var labels = BatchDevice.Upload(new byte[23]);
        using var image = BatchDevice.Upload(new float[24]);
        var layout = new SampleLayout(TestRows.Of(1, 0, 7, 5));
        Assert.That(
            () => new Painting.Launcher(loader, shape, null, false, 7).Run(
                words.View, measured.View, layout, 1, labels.View, image.View, image.View),
            Throws.ArgumentException.With.Message.StartsWith("labels holds 23 values, at least 24 are needed."));
        Assert.That(
            () => ChainPass.Create(null, loader, shape, ImageFormat.Float16).Run(
                words.View, measured.View, layout, 0, 2, image.View, image.View, ArrayView<ushort>.Empty),
            Throws.ArgumentException.With.Message.StartsWith("measured holds 4 values, at least 8 are needed."));
    }

    private static KernelLoader Loader() => BatchDevice.Loader;

    private static float Rounded(ImageFormat format, float value) => format == ImageFormat.Float16
        ? (float)(System.Half)value
        : BitConverter.UInt32BitsToSingle(NarrowFloat.BFloat16Bits(value) << 16);

    /// <summary>What a batch is made of.</summary>
    public sealed record Setup(VolumeShape Shape, int Taps)
    {
        public bool HasBias { get; init; } = true;

        public bool HasNoise { get; init; } = true;

        public bool Normalises { get; init; } = true;

        public int Samples { get; init; } = 2;

        public float Mean { get; init; } = 0.3f;
    }

    /// <summary>One batch: what was drawn for it, its launches, and what should come of them.</summary>
    internal sealed class Batch
    {
        private const int Labels = 5;
        private const int Guard = 16;

        private readonly Setup what;
        private readonly BiasGrid? grid;
        private readonly RowLayout rows;
        private readonly SampleLayout layout;
        private readonly int voxels;
        private uint[] measured = [];

        public Batch(Setup what)
        {
            this.what = what;
            grid = what.HasBias ? new BiasGrid(what.Shape, SmallestSigma, BiasTaps) : null;
            rows = TestRows.Of(1, 2, what.Taps, Labels);
            layout = new SampleLayout(rows);
            voxels = (int)what.Shape.VoxelCount;
        }

        public float Measure(int sample, int word) =>
            MeasuredWords.Value(measured[(sample * MeasuredWords.PerSample) + word]);

        public float[][] Run(ImageFormat format, bool finishes, out Batch batch)
        {
            batch = this;
            bool isFloat = format == ImageFormat.Float32;
            int total = what.Samples * voxels;
            KernelLoader loader = Loader();
            using var words = BatchDevice.Upload(Words());
            using var deviceMeasured = BatchDevice.Upload(
                Enumerable.Range(0, (what.Samples + 1) * MeasuredWords.PerSample).Select(
                    word => MeasuredWords.Initial(word % MeasuredWords.PerSample)).ToArray());
            using var labels = BatchDevice.Upload(
                Enumerable.Range(0, what.Samples).SelectMany(sample => LabelsOf(sample)).ToArray());
            using var image = BatchDevice.Upload(Enumerable.Repeat(Poison, total + (2 * Guard)).ToArray());
            using var narrow = BatchDevice.Upload(Enumerable.Repeat((ushort)0xABCD, total + (2 * Guard)).ToArray());
            using var nodes = BatchDevice.Upload(new float[Math.Max(1, what.Samples * (grid?.NodeCount ?? 0))]);
            if (grid is not null)
            {
                Nodes(loader, words.View, nodes.View, deviceMeasured.View);
            }

            if (what.HasNoise)
            {
                new ContrastPeak.Launcher(loader).Run(
                    words.View, deviceMeasured.View, layout, what.Samples, what.Shape, grid, labels.View, nodes.View);
            }

            ArrayView<float> inner = ((ArrayView<float>)image.View).SubView(Guard, total);
            new Painting.Launcher(loader, what.Shape, grid, what.HasNoise, what.Taps).Run(
                words.View, deviceMeasured.View, layout, what.Samples, labels.View, nodes.View, inner);
            if (finishes)
            {
                ValueType? chain = !what.Normalises ? null : Chain.Then(
                    new Normalise(Epsilon).CreateLink(new StepPlace(rows.Find<Normalise>()!, MeasuredWords.Minimum, rows.Facts)),
                    new Gamma(1).CreateLink(new StepPlace(rows.Find<Gamma>()!, 0, rows.Facts)));
                ChainPass.Create(chain, loader, what.Shape, format).Run(
                    words.View,
                    deviceMeasured.View,
                    layout,
                    0,
                    what.Samples,
                    inner,
                    inner,
                    ((ArrayView<ushort>)narrow.View).SubView(Guard, total));
            }

            measured = BatchDevice.Download(deviceMeasured);
            for (int word = 0; word < MeasuredWords.PerSample; word++)
            {
                Assert.That(measured[(what.Samples * MeasuredWords.PerSample) + word], Is.EqualTo(MeasuredWords.Initial(word)));
            }

            float[] floats = BatchDevice.Download(image);
            ushort[] halves = BatchDevice.Download(narrow);
            Assert.That(floats.Take(Guard).Concat(floats.TakeLast(Guard)), Is.All.EqualTo(Poison));
            Assert.That(halves.Take(Guard).Concat(halves.TakeLast(Guard)), Is.All.EqualTo((ushort)0xABCD));
            float[] result = isFloat
                ? floats[Guard..^Guard]
                : [.. halves[Guard..^Guard].Select(half => format == ImageFormat.Float16
                    ? (float)BitConverter.UInt16BitsToHalf(half)
                    : BitConverter.UInt32BitsToSingle((uint)half << 16))];
            return [.. result.Chunk(voxels)];
        }

        public double LargestIntensity(int sample) => Clean(sample).Max(Math.Abs);

        // The steps one after the other: in double, and in plain float.
        public (double[] Reference, float[] Plain) Expected(int sample)
        {
            double[] reference = Clean(sample);
            float[] means = Means(sample);
            float[] plain = [.. LabelsOf(sample).Select(label => means[label])];
            if (grid is not null)
            {
                plain = PlainForms.Bias(grid, Std(sample), Sigmas(sample), CellsOf(sample), Maximum(sample), plain);
            }

            if (what.HasNoise)
            {
                RandomPlace place = Place(sample, Streams.NoiseVoxels);
                double sigma = reference.Max(Math.Abs) * NoiseStd(sample);
                float plainSigma = plain.Max(Math.Abs) * NoiseStd(sample);
                double[] noise = Normal.ReferenceValues(place, 0, voxels);
                reference = [.. reference.Select((value, voxel) => value + (sigma * noise[voxel]))];
                plain = [.. plain.Select((value, voxel) => WhiteNoise.Voxel(value, plainSigma, place, voxel))];
            }

            reference = Blur.ReferenceImage(reference, what.Shape, BlurSigmas(sample), what.Taps);
            plain = PlainForms.Blur(plain, what.Shape, BlurSigmas(sample), what.Taps);
            double range = reference.Max() - reference.Min() + Epsilon;
            float plainRange = plain.Max() - plain.Min() + Epsilon;
            double least = reference.Min();
            float plainLeast = plain.Min();
            return (
                [.. reference.Select(value => Math.Pow((value - least) / range, Exponent(sample)))],
                [.. plain.Select(value => MathF.Pow((value - plainLeast) / plainRange, Exponent(sample)))]);
        }

        private static float Std(int sample) => 0.05f + (0.02f * sample);

        private static float NoiseStd(int sample) => 0.1f + (0.1f * sample);

        private static float Maximum(int sample) => 0.3f + (0.2f * sample);

        private static float Exponent(int sample) => 1.2f - (0.3f * sample);

        private static float[] Sigmas(int sample) => [7f + sample, 13f - sample, 9f];

        private static float[] BlurSigmas(int sample) => [0.9f - (0.2f * sample), 0.4f, 0.2f + (0.3f * sample)];

        private static RandomPlace Place(int sample, uint stream) => new(Seed, Key(sample), stream);

        private static ulong Key(int sample) => 0x900000005UL + ((ulong)sample << 3);

        private float[] Means(int sample) => [what.Mean, 0f, 0.9f - (0.1f * sample), 0.6f, 0.2f];

        private byte[] LabelsOf(int sample) =>
            [.. AppearanceTests.Uniforms(what.Shape, (ulong)sample).Select(u => (byte)(u * Labels))];

        private float[] CellsOf(int sample) =>
            [.. Enumerable.Range(0, grid!.CellCount).Select(cell => Normal.At(Place(sample, Streams.BiasCells), cell))];

        private double[] Clean(int sample)
        {
            float[] means = Means(sample);
            double[] image = [.. LabelsOf(sample).Select(label => (double)means[label])];
            if (grid is not null)
            {
                double most = Std(sample) * NormalQuantile.OfMaximum(Maximum(sample), voxels);
                double[] field = BiasField.ReferenceCoarse(grid, Sigmas(sample), CellsOf(sample), most);
                image = [.. image.Select((value, voxel) => value * Math.Exp(field[voxel]))];
            }

            return image;
        }

        private void Nodes(
            KernelLoader loader, ArrayView<uint> words, ArrayView<float> nodes, ArrayView<uint> deviceMeasured)
        {
            (int cellLength, int afterXLength, int matrixLength) = BiasNodes.ScratchLengths(grid!);
            using var cells = BatchDevice.Upload(new float[what.Samples * cellLength]);
            using var afterX = BatchDevice.Upload(new float[what.Samples * afterXLength]);
            using var matrices = BatchDevice.Upload(new float[what.Samples * matrixLength]);
            using var scales = BatchDevice.Upload(new NoiseGridScale[1]);
            new CoarseDraw.Launcher(loader).Run(
                words, layout, what.Samples, true, Streams.BiasCells, -1, scales.View, grid!.CellCount, cells.View);
            new BiasNodes.Launcher(loader).Run(
                words, layout, what.Samples, grid, SampleLayout.FieldOf<Bias.Drawn>(rows.Find<Bias>(), nameof(Bias.Drawn.SigmaVoxels)), cells.View, afterX.View, matrices.View, nodes, deviceMeasured);
            BatchDevice.Accelerator.Synchronize();
        }

        private uint[] Words()
        {
            var words = new uint[what.Samples * layout.Stride];
            for (int sample = 0; sample < what.Samples; sample++)
            {
                Span<uint> own = words.AsSpan(sample * layout.Stride, layout.Stride);
                own.Fill(BitConverter.SingleToUInt32Bits(float.NaN));
                own[RowLayout.Appearance] = (uint)Key(sample);
                own[RowLayout.Appearance + 1] = (uint)(Key(sample) >> 32);
                own[RowLayout.Seed] = unchecked((uint)Seed);
                own[RowLayout.Seed + 1] = (uint)(Seed >> 32);
                own.Slice(RowLayout.Ones, 3).Fill(BitConverter.SingleToUInt32Bits(1f));
                rows.Of<Noise.Drawn>(own).StdOfMaximum = what.HasNoise ? NoiseStd(sample) : 0f;
                rows.Of<Gamma.Drawn>(own).Exponent = Exponent(sample);
                rows.Of<Normalise.Drawn>(own).Epsilon = Epsilon;
                double most = NormalQuantile.OfMaximum(Maximum(sample), voxels);
                rows.Of<Bias.Drawn>(own).Peak = what.HasBias ? (float)(Std(sample) * most) : 0f;
                rows.Of<Bias.Drawn>(own).SigmaVoxels = new AxisNumbers(Sigmas(sample)[0], Sigmas(sample)[1], Sigmas(sample)[2]);
                for (int axis = 0; axis < 3 && what.Taps > 1; axis++)
                {
                    float[] weights = Blur.Weights(BlurSigmas(sample)[axis], what.Taps);
                    for (int tap = 0; tap < what.Taps; tap++)
                    {
                        Set(own, layout.BlurWeights + (axis * what.Taps) + tap, weights[tap]);
                    }
                }

                for (int label = 0; label < Labels; label++)
                {
                    Set(own, layout.Means + label, Means(sample)[label]);
                }
            }

            return words;
        }

        private static void Set(Span<uint> words, int word, float value) => words[word] = BitConverter.SingleToUInt32Bits(value);
    }
}
