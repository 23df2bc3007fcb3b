using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Components;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using ILGPU;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Intensities of labels with soft borders between Gaussian organs.</summary>
public sealed class SoftContrastTests
{
    // What rounding takes of a score.
    private const double Rounding = 2e-4;

    private static readonly Gaussians Two = new(2, 0, 1, 1, 0.2, 1, 0, 0.3, 2, 0, 0.125);

    private static readonly Gaussians Rough = new(
        new IntegerLaw(3, 7), new IntegerLaw(0, 2), 2, 1, new UniformLaw(0.08, 0.25), new LogUniformLaw(1, 3), new NormalLaw(0, 0.5, -2, 2),
        new UniformLaw(0.25, 0.55), new UniformLaw(1.5, 2.5), new UniformLaw(0.1, 0.6), new LogUniformLaw(0.0625, 0.25));

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    private static IEnumerable<VolumeShape> Shapes =>
        [VolumeShape.Image(47, 67), VolumeShape.Image(3, 130), VolumeShape.Volume(14, 20, 35), VolumeShape.Volume(7, 9, 1)];

    // By hand: round organs of deviation 4 in columns 8 and 22 of row 10, reach 2, means 0.1 (background), 0.5 and 0.9, t = 1/2. In the first one's middle
    // the scores are -2, 0 and -14^2/32, so the weights are to each other as e^-4, 1 and e^-12.25; half way, e^-4, and twice e^(-49/16).
    [TestCaseSource(nameof(Devices))]
    public void TwoOrgans_AreThoseByHand(string device)
    {
        float[] image = Put(device, new PerLabelLaw([0.1, 0.5, 0.9]), 0.5).Image;
        Assert.That(image[(10 * 31) + 8], Is.EqualTo(0.4928074).Within(1e-6));
        Assert.That(image[(10 * 31) + 15], Is.EqualTo(0.6017551).Within(1e-6));
        Assert.That(image[10 * 31], Is.EqualTo((0.1 + (0.5 * 1) + (0.9 * Math.Exp(-26.25))) / (2 + Math.Exp(-26.25))).Within(1e-6), "a tie with the background");
    }

    // Halfway between equal organs of means 0 and 1, on a background of 1/2, lies 1/2; on the line between their middles intensity rises; and the image
    // turned about that plane is 1 less the image.
    [TestCaseSource(nameof(Devices))]
    public void EqualOrgans_MeetInTheMiddle_AndIntensityRisesFromOneToTheOther(string device)
    {
        foreach (double temperature in new[] { 0.05, 0.3, 2 })
        {
            float[] image = Put(device, new PerLabelLaw([0.5, 0, 1]), temperature).Image;
            for (int voxel = 0; voxel < image.Length; voxel++)
            {
                int mirrored = voxel - (voxel % 31) + 30 - (voxel % 31);
                Assert.That(image[mirrored], Is.EqualTo(1 - image[voxel]).Within(1e-6), $"voxel {voxel}");
                Assert.That(voxel % 31 != 15 || Math.Abs(image[voxel] - 0.5) <= 1e-6, $"voxel {voxel}");
            }

            Assert.That(Enumerable.Range(8, 14).Select(x => image[(10 * 31) + x + 1] - image[(10 * 31) + x]), Is.All.GreaterThanOrEqualTo(0));
            Assert.That(image[(10 * 31) + 16], Is.GreaterThan(image[(10 * 31) + 15] + 1e-3));
        }
    }

    // At temperature 0 bit for bit; at the least one wherever another score is not within 20 t of the largest.
    [TestCaseSource(nameof(Devices))]
    public void WithoutTemperature_ItIsContrast(string device)
    {
        var means = new PerLabelLaw([0.2, 0.7, 0.4, 0.9, 0.3, 0.1]);
        foreach (VolumeShape shape in Shapes)
        {
            RenderedSample hard = Made(shape, [Rough], new Contrast(means), 1, device);
            Assert.That(Made(shape, [Rough], new SoftContrast(means, 0), 1, device).HasSameBytes(hard));
            RenderedSample cold = Made(shape, [Rough], new SoftContrast(means, SoftContrast.LeastTemperature), 1, device);
            double[] margins = Margins(cold, shape);
            Assert.That(margins.Count(static margin => margin > 20 * SoftContrast.LeastTemperature), Is.GreaterThan(0.9 * margins.Length));
            for (int voxel = 0; voxel < margins.Length; voxel++)
            {
                Assert.That(margins[voxel] <= 20 * SoftContrast.LeastTemperature || cold.Image[voxel] == hard.Image[voxel], $"{shape}, voxel {voxel}");
            }
        }
    }

    // Weights add up to 1: of one mean for all labels comes that mean; of others nothing beyond them.
    [TestCaseSource(nameof(Devices))]
    public void WeightsAddUpTo1(string device)
    {
        foreach (VolumeShape shape in Shapes)
        {
            Assert.That(Made(shape, [Rough], new SoftContrast(0.3, new UniformLaw(0.05, 5)), 2, device).Image, Is.All.EqualTo(0.3f));
            RenderedSample sample = Made(shape, [Rough], new SoftContrast(new UniformLaw(-2, 3), new UniformLaw(0.05, 5)), 3, device);
            float[] means = MeansOf(sample);
            Assert.That(sample.Image, Is.All.InRange(means.Min() - 1e-6f, means.Max() + 1e-6f));
        }
    }

    // Organs on levels of one label and of one each, parts, trees over all, a mask that lifts labels: the formula, and the label's weight is the largest.
    [TestCaseSource(nameof(Devices))]
    public void EveryVoxel_IsTheFormulas(string device)
    {
        var trees = new Trees(2, 1, 0.05, 0.01, 3, 0.7, 6, 4, 0.2, 0, 0, 0);
        SphereMask mask = new(0.4, 0, [SideMeasure.Of(4)], 0.02, 1, 0.5, 0.05, true);
        foreach (VolumeShape shape in Shapes)
        {
            foreach ((Component[] anatomy, int lift) in new[]
            {
                ([Rough], 0), ([Rough with { Roughness = 0, LabelEachBlob = 0 }], 0), (new Component[] { Rough, trees, mask }, 1),
            })
            {
                for (int number = 0; number < 2; number++)
                {
                    RenderedSample sample = Made(
                        shape, anatomy, new SoftContrast(new UniformLaw(0, 1), new UniformLaw(0.05, 0.5)), number, device);
                    double[] expected = Expected(sample, shape, lift);
                    double error = sample.Image.Zip(expected, static (one, other) => Math.Abs(one - other)).Max();
                    Assert.That(error, Is.LessThan(Rounding), $"{shape}, {anatomy.Length} anatomies, sample {number}");
                    if (lift == 0)
                    {
                        AssertTheLabelsScoreIsLargest(sample, shape);
                    }
                }
            }
        }
    }

    // Where a sample leaves the blobs out, and where another anatomy covers them.
    [TestCaseSource(nameof(Devices))]
    public void ASampleWithoutTheBlobs_IsThatOfContrast(string device)
    {
        VolumeShape shape = VolumeShape.Image(40, 37);
        var noise = new NoiseAnatomy(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(5)], 1), null);
        foreach (Component[] anatomy in new Component[][] { [noise, Rough with { Chance = 0.5 }], [Rough, noise with { Chance = 0.5 }] })
        {
            Recipe recipe = new("maybe", 2, [.. anatomy], [new SoftContrast(new UniformLaw(0, 1), 0.3)]);
            using SynthesisEngine engine = Start(Options(recipe, shape) with { Device = device });
            var seen = new HashSet<bool>();
            for (int number = 0; number < 8; number++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(number));
                float[] means = MeansOf(sample);
                bool isHard = sample.Drawn.LeftOut.Contains("gaussians");
                seen.Add(isHard);
                Assert.That(sample.Image.Zip(sample.Label, (value, label) => value == means[label]).All(static same => same), Is.EqualTo(isHard), $"sample {number}");
                Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
            }

            Assert.That(seen, Is.EquivalentTo([true, false]));
        }
    }

    // Of a sample with blobs and noise: 8 lanes as 16, wherever it is cut; a device's lane within twice what plain float is off, as is the host.
    [Test]
    [Category("Host")]
    public unsafe void LanesAgree_AndACutChangesNoBit()
    {
        BatchDevice.Open(DeviceCatalogue.IlgpuCpu);
        try
        {
            foreach (VolumeShape shape in Shapes)
            {
                RenderedSample sample = Made(shape, [Rough], new SoftContrast(new UniformLaw(0, 1), 0.2), 5, DeviceCatalogue.Host);
                RowLayout layout = sample.Drawn.Layout;
                var component = (SoftContrast)layout.Entries[1].Component;
                var place = new StepPlace(layout.Entries[1], 0, layout.Facts);
                HostStep step = component.CreateStep(in place);
                uint[] words = [.. sample.Drawn.Words, .. new uint[32]];
                var memory = new float[step.MemoryLength];
                var scratch = new float[step.ScratchLength];
                fixed (uint* at = words)
                fixed (float* memoryAt = memory, scratchAt = scratch)
                fixed (byte* labelsAt = sample.Label)
                {
                    var row = new Row(at, null);
                    step.Prepare(new HostSample(row), memoryAt, scratchAt);
                    Array.Fill(scratch, float.NaN);
                    foreach ((int lanes, int length) in ((int, int)[])[(8, 4096), (16, 4096), (8, 13), (16, 29)])
                    {
                        var made = new float[sample.Image.Length];
                        fixed (float* to = made)
                        {
                            for (int first = 0; first < made.Length; first += length)
                            {
                                step.Run(lanes, new HostBlock
                                {
                                    Words = at, Memory = memoryAt, Scratch = scratchAt, Values = to + first, Labels = labelsAt + first, First = first,
                                    Count = Math.Min(length, made.Length - first),
                                });
                            }
                        }

                        Assert.That(LaneRuns.Bits(made).SequenceEqual(LaneRuns.Bits(sample.Image)), $"{shape}, {lanes} lanes, {length} voxels at once");
                    }

                    using var table = BatchDevice.Upload(memory);
                    double[] exact = LaneRuns.Exact(
                        component.CreateLink(place with { Table = new NumberTable(memoryAt) }), row, new double[sample.Image.Length], sample.Label);
                    float[] plain = LaneRuns.Plain(
                        component.CreateLink(place with { Table = new NumberTable((ArrayView<float>)table.View) }), words, [0, 0], new float[sample.Image.Length], sample.Label);
                    Assert.That(Ladder.LargestError(exact, sample.Image), Is.LessThanOrEqualTo(Ladder.Tolerance(exact, plain)), $"{shape}");
                    Assert.That(Ladder.LargestError(Expected(sample, shape, 0), [.. exact.Select(static value => (float)value)]), Is.LessThan(1e-5), $"{shape}, in double");
                }
            }
        }
        finally
        {
            BatchDevice.Close();
        }
    }

    [Test]
    public void WrongUse_IsOneSentence()
    {
        var noise = new NoiseAnatomy(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(5)], 1), null);
        var still = new Deformation(0, 1, 0, null, 0, 0, 0, 0, 0, null, null, 0);
        Refused([noise], "softens the borders of gaussians, and the anatomy has none; add it, or put contrast here");
        Refused([Two, Rough], "softens the borders of one gaussians, and the anatomy has 2; take the others away, or put contrast here");
        Refused(
            [noise, Two with { Inside = [1] }],
            "softens the borders of gaussians, and here it lies inside labels of others; take inside away, or put contrast here");
        Refused(
            [Two, still],
            "softens borders where gaussians has drawn them, and deformation behind it moves or changes labels; take deformation away, or put contrast here");
        Refused(
            [Two, new LabelOps(0, 0.5, 0, null, 0, 0, 1)],
            "softens borders where gaussians has drawn them, and labelOps behind it moves or changes labels; take labelOps away, or put contrast here");
        Refused(
            [Two, new SphereMask(0.4, 0, [SideMeasure.Of(4)], 0.02, 1, 0, 0.05, false)],
            "softens borders where gaussians has drawn them, and sphereMask behind it moves or changes labels; take sphereMask away, or put contrast here");
        Assert.That(() => new Recipe("behind", 2, [noise, still, Two], [new SoftContrast(1, 0.1)]), Throws.Nothing, "what is moved lies before it");
        string yaml = "name: soft\ndimensions: 2\nanatomy:\n  - noiseField: { labels: 4, field: { scales: [3], std: 1 } }\nappearance:\n"
            + "  - softContrast: { mean: 1, temperature: 0.1 }\n";
        Assert.That(() => RecipeYaml.Parse(yaml, "soft"), Throws.TypeOf<RecipeException>().With.Message.Contains("softens the borders of gaussians")
            .And.Message.Contains("6").And.Message.Contains("appearance[0].softContrast"));

        static void Refused(Component[] anatomy, string sentence) => Assert.That(
            () => new Recipe("wrong", 2, [.. anatomy], [new SoftContrast(1, 0.1)]),
            Throws.TypeOf<RecipeException>().With.Message.Contains($"appearance[0].softContrast: {sentence}"));
    }

    private static RenderedSample Made(VolumeShape shape, Component[] anatomy, Component begin, int sample, string device) => Sample(
        Options(new Recipe("soft", shape.Dimensions, [.. anatomy], [begin]), shape, threads: 2) with { Device = device }, SampleKey.Of(sample));

    // Two round organs of deviation 4 in an image of 21 x 31.
    private static RenderedSample Put(string device, Law means, double temperature)
    {
        Recipe recipe = new("two", 2, [Two], [new SoftContrast(means, temperature)]);
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Image(21, 31)) with { Device = device });
        DrawnSample drawn = Sample(engine, SampleKey.Of(0)).Drawn;
        Gaussians.Drawn blobs = drawn.Of<Gaussians.Drawn>();
        new float[] { 0, 10, 8, 0, 10, 22 }.CopyTo(drawn.List(blobs.Centres));
        new float[] { 1, 0, 0, 0, 4, 0, 0, 0, 4, 1, 0, 0, 0, 4, 0, 0, 0, 4 }.CopyTo(drawn.List(blobs.Axes));
        return Applied(engine, drawn);
    }

    private static float[] MeansOf(RenderedSample sample) => sample.Drawn.List(sample.Drawn.Of<SoftContrast.Drawn>().Means).ToArray();

    private static double[] Expected(RenderedSample sample, VolumeShape shape, int lift) => SoftContrast.ReferenceImage(
        shape, sample.Drawn.Of<SoftContrast.Drawn>().Temperature, MeansOf(sample), sample.Drawn.Of<Gaussians.Drawn>(),
        MemoryMarshal.Cast<uint, float>(sample.Drawn.Words), Tile(sample, shape), sample.Label, lift);

    private static double[] Margins(RenderedSample sample, VolumeShape shape)
    {
        var margins = new double[sample.Label.Length];
        Gaussians.ReferenceLabels(
            shape, sample.Drawn.Of<Gaussians.Drawn>(), MemoryMarshal.Cast<uint, float>(sample.Drawn.Words), Tile(sample, shape), new byte[margins.Length], margins);
        return margins;
    }

    private static void AssertTheLabelsScoreIsLargest(RenderedSample sample, VolumeShape shape)
    {
        Gaussians.Drawn blobs = sample.Drawn.Of<Gaussians.Drawn>();
        ReadOnlySpan<float> row = MemoryMarshal.Cast<uint, float>(sample.Drawn.Words);
        float[] tile = Tile(sample, shape);
        float[] labels = sample.Drawn.List(blobs.Labels)[..blobs.Organs].ToArray();
        for (int voxel = 0; voxel < sample.Label.Length; voxel++)
        {
            (double own, double other) = (double.NegativeInfinity, double.NegativeInfinity);
            for (int organ = -1; organ < blobs.Organs; organ++)
            {
                double score = organ < 0 ? -0.5 * blobs.Reach * blobs.Reach : Gaussians.ReferenceScore(
                    shape, in blobs, row, tile, organ, [voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width]);
                bool isOwn = sample.Label[voxel] == (organ < 0 ? 0 : labels[organ]);
                (own, other) = isOwn ? (Math.Max(own, score), other) : (own, Math.Max(other, score));
            }

            Assert.That(double.IsNegativeInfinity(own) || own > other - Rounding, $"{shape}, voxel {voxel}");
        }
    }

    private static float[] Tile(RenderedSample sample, VolumeShape shape)
    {
        var tile = new float[LatticeTile.Length(shape)];
        RandomPlace place = RowLayout.AnatomyPlace(sample.Drawn.Words, Streams.GaussianTile);
        for (int number = 0; number < tile.Length; number++)
        {
            tile[number] = Normal.At(in place, number);
        }

        return tile;
    }
}
