using System.Text.Json;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Kernels;
using ChiSquared = MathNet.Numerics.Distributions.ChiSquared;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Several anatomies in one recipe: each paints over those before it, and the last that a sample has decides every label.</summary>
public sealed class AnatomyListTests
{
    private const int Samples = 20000;
    private const double Alpha = 1e-3;
    private static readonly VolumeShape Volume = VolumeShape.Volume(7, 9, 17);
    private static readonly NoiseAnatomy Coarse = Noise(labels: 5, scale: 4, displacement: null);
    private static readonly NoiseAnatomy Fine = Noise(labels: 3, scale: 2, new ShiftGrids([SideMeasure.Of(3)], new UniformLaw(0, 0.1)));
    private static readonly LabelMapAnatomy Maps =
        new(new UniformLaw(-20, 20), 1, 0, 0, 0, new ShiftGrids([SideMeasure.Of(4)], 0.05), null, null);

    private LabelMapFolder folder = null!;
    private LabelMapSet maps = null!;

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    [OneTimeSetUp]
    public void WriteMaps()
    {
        folder = new LabelMapFolder();
        folder.Put("a.nii", VolumeShape.Volume(8, 8, 15), static voxel => (byte)(voxel / 30 % 4));
        folder.Put("b.nii", VolumeShape.Volume(11, 7, 9), static voxel => (byte)(voxel / 25 % 4));
        maps = folder.Load();
    }

    [OneTimeTearDown]
    public void DeleteMaps() => folder.Dispose();

    // The sample of a recipe in which nothing but that anatomy could be there: what stands before it and behind it changes no bit.
    [TestCaseSource(nameof(Devices))]
    public void TheLastThatIsIn_DecidesEveryLabel(string device)
    {
        Component[] list = [Coarse, Maps with { Chance = 0.6 }, Fine with { Chance = 0.4 }, Maps with { Chance = 0.3 }];
        using SynthesisEngine engine = Start(Of(list, device));
        RenderedSample[] samples = [.. Enumerable.Range(0, 12).Select(n => Sample(engine, SampleKey.Of(n)))];
        var deciding = new HashSet<int>();
        for (int last = 0; last < list.Length; last++)
        {
            using SynthesisEngine only = Start(Of(
                [.. list.Select((one, at) => at == 0 ? one : one with { Chance = at == last ? 1 : 0 })], device));
            for (int n = 0; n < samples.Length; n++)
            {
                if (DecidingIn(samples[n].Drawn) == last)
                {
                    deciding.Add(last);
                    Assert.That(samples[n].HasSameBytes(Sample(only, SampleKey.Of(n))), $"sample {n}, anatomy {last}");
                }
            }
        }

        Assert.That(deciding, Is.EquivalentTo(Enumerable.Range(0, list.Length)), "each of them decides some sample");
    }

    // Alternatives of weights w1, ..., wn are chances w_k / (w_1 + ... + w_k) down the list.
    [Test]
    public void Alternatives_FollowTheirWeights_ChiSquare_n20000_alpha1e3_seed20261121()
    {
        double[] weights = [0.5, 0.3, 0.15, 0.05];
        double[] chances = [.. weights.Select((weight, at) => weight / weights.Take(at + 1).Sum())];
        Component[] list = [Coarse, Fine with { Chance = chances[1] }, Coarse with { Chance = chances[2] }, Fine with { Chance = chances[3] }];
        var layout = new RowLayout(list, new SampleFacts(Volume, 5));
        Assert.That(layout.Entries.Select(static entry => entry.Share), Is.EqualTo(weights).Within(1e-12));
        int[] counts = new int[list.Length];
        uint[] row = new uint[layout.Length];
        for (int sample = 0; sample < Samples; sample++)
        {
            layout.Draw(Seed, SampleKey.Of(sample), row);
            int[] own = [.. Enumerable.Range(0, list.Length).Where(at => layout.Entries[at].IsIn(row))];
            Assert.That(own, Has.Length.EqualTo(1), "each of them covers");
            counts[own[0]]++;
        }

        Assert.That(weights.Min() * Samples, Is.GreaterThan(100), "n does not suffice");
        double distance = weights.Select((weight, at) => Math.Pow(counts[at] - (weight * Samples), 2) / (weight * Samples)).Sum();
        Assert.That(distance, Is.LessThan(ChiSquared.InvCDF(list.Length - 1, 1 - Alpha)), string.Join(", ", counts));
    }

    // Whether a sample has an anatomy hangs on its anatomy index alone: two appearances of one lie voxel on voxel.
    [Test]
    public void WhichAnatomyItIs_FollowsFromTheAnatomyIndex()
    {
        using SynthesisEngine engine = Start(Of([Coarse, Maps with { Chance = 0.5 }], DeviceCatalogue.Host));
        for (ulong n = 0; n < 8; n++)
        {
            Assert.That(Sample(engine, new SampleKey(n, 77)).Label, Is.EqualTo(Sample(engine, SampleKey.Of((long)n)).Label));
        }
    }

    [TestCaseSource(nameof(Devices))]
    public void WhatIsCovered_ChangesNothing(string device)
    {
        RenderedSample one = Sample(Of([Coarse, Fine], device), SampleKey.Of(4));
        Assert.That(one.HasSameBytes(Sample(Of([Noise(2, 3, null), Maps, Fine], device), SampleKey.Of(4))));
        Assert.That(one.Drawn.LeftOut, Is.EqualTo(["noiseField"]));
    }

    // Of noise alone no label map is needed, and of a pose that leaves nothing of the anatomy nobody complains where it is not there.
    [TestCaseSource(nameof(Devices))]
    public void WhatIsLeftOut_ChangesNothing_AndIsNotComplainedAbout(string device)
    {
        RenderedSample alone = Sample(Of([Coarse], device), SampleKey.Of(2));
        LabelMapAnatomy flat = Maps with { RotationDegrees = 0, Shear = 1, Chance = 0 };
        Assert.That(alone.HasSameBytes(Sample(Of([Coarse, flat, Fine with { Chance = 0 }], device), SampleKey.Of(2))));
        Assert.That(
            () => Sample(Of([Coarse, flat with { Chance = 1 }], device), SampleKey.Of(2)),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("flattens the anatomy"));
    }

    [TestCaseSource(nameof(Devices))]
    public void TheSecondOfAKind_DrawsNumbersOfItsOwn(string device)
    {
        foreach (Component kind in (Component[])[Noise(5, 3, new ShiftGrids([SideMeasure.Of(3)], 0.1)), Maps with { RotationDegrees = 0 }])
        {
            RenderedSample once = Sample(Of([kind], device), SampleKey.Of(1));
            RenderedSample twice = Sample(Of([kind, kind], device), SampleKey.Of(1));
            Assert.That(twice.Drawn.LeftOut, Is.EqualTo([kind.Name]));
            int different = once.Label.Zip(twice.Label).Count(static pair => pair.First != pair.Second);
            Assert.That(different, Is.GreaterThan(once.Label.Length / 20), kind.Name);
        }
    }

    // All laws are fixed numbers, so that what differs are the nodes of the grids: of the fields, the displacements and the deformation.
    [Test]
    public unsafe void TheNodesOfTheSecondOfAKind_AreOthers()
    {
        const int count = 1000;
        Component noise = Noise(20, 1, new ShiftGrids([SideMeasure.Of(1)], 1));
        Component map = Maps with { RotationDegrees = 0, Deformation = new ShiftGrids([SideMeasure.Of(1)], 1) };
        foreach ((Component kind, int[] pieces) in ((Component, int[])[])[(noise, [0, 2]), (map, [0])])
        {
            var layout = new RowLayout([kind, kind], new SampleFacts(VolumeShape.Volume(9, 8, 20), 20, maps));
            uint[] row = new uint[layout.Length];
            layout.Draw(Seed, SampleKey.Of(5), row);
            float[][][] nodes = [.. layout.Entries.Select(entry =>
            {
                HostAnatomy form = ((IAnatomyComponent)kind).CreateHostAnatomy(new StepPlace(entry, 0, layout.Facts));
                using var arena = new WorkArena();
                form.Declare(arena);
                int scratch = arena.Floats("scratch", form.ScratchLength, "a test");
                arena.Allocate();
                for (int piece = 0; piece < form.PreparationCount; piece++)
                {
                    form.Prepare(arena, row, piece, arena[scratch]);
                }

                return pieces.Select(piece => new Span<float>(arena[piece], count).ToArray()).ToArray();
            })];
            for (int piece = 0; piece < pieces.Length; piece++)
            {
                double[] products = [.. nodes[0][piece].Zip(nodes[1][piece], static (first, second) => (double)first * second)];
                double scale = nodes[0][piece].Average(static value => (double)value * value);
                Assert.That(scale, Is.GreaterThan(0.5));
                Assert.That(Math.Abs(products.Average()) / scale, Is.LessThan(4.5 / Math.Sqrt(count)), $"{kind.Name}, piece {pieces[piece]}");
            }
        }
    }

    [TestCaseSource(nameof(Devices))]
    public void ASampleIsTheSame_WhateverTheBatchTheOrderAndTheThreads_AndGivenBack(string device)
    {
        const int count = 8;
        EngineOptions options = Of([Coarse, Maps with { Chance = 0.5 }, Fine with { Chance = 0.4 }], device);
        using SynthesisEngine alone = Start(options);
        RenderedSample[] expected = [.. Enumerable.Range(0, count).Reverse().Select(n => Sample(alone, SampleKey.Of(n))).Reverse()];
        string[] json = [.. expected.Select(static sample => Json.Of(sample.Drawn))];
        Assert.That(expected.Select(static sample => DecidingIn(sample.Drawn)).Distinct().Count(), Is.EqualTo(3));
        foreach (int threads in device == DeviceCatalogue.Host ? new[] { 1, 2, 5 } : [1])
        {
            using SynthesisEngine engine = Start(options with { BatchSize = 3, Threads = threads });
            using GuardedSlot slot = new(engine);
            DrawnSample[] drawn = DrawnFor(engine);
            for (int first = 0; first < count; first += 3)
            {
                SampleKey[] keys = [.. Enumerable.Range(first, Math.Min(3, count - first)).Select(n => SampleKey.Of(n))];
                engine.GenerateBatch(keys, slot.Memory, drawn);
                for (int n = 0; n < keys.Length; n++)
                {
                    Assert.That(slot.HasSameBytes(n, expected[first + n]), $"{threads} threads, sample {first + n}");
                    Assert.That(Json.Of(drawn[n]), Is.EqualTo(json[first + n]));
                }
            }

            slot.AssertGuards();
        }

        for (int n = 0; n < count; n++)
        {
            Assert.That(Applied(alone, expected[n].Drawn).HasSameBytes(expected[n]), $"sample {n}, given back");
            Assert.That(Json.Of(expected[n].Drawn), Is.EqualTo(json[n]));
        }
    }

    [Test]
    [Category("Slow")]
    public void ADevice_MakesTheHostsLabels()
    {
        LabelMapAnatomy flips = Maps with { Flip = new ChoiceLaw([0, 1]), LateralPairs = LateralPairs.Of(new LabelPair(1, 2)) };
        Component[] list = [Coarse, Maps with { Chance = 0.5 }, flips with { Chance = 0.5 }, Fine with { Chance = 0.3 }, Coarse with { Chance = 0.2 }];
        using SynthesisEngine host = Start(Of(list, DeviceCatalogue.Host));
        using SynthesisEngine device = Start(Of(list, DeviceCatalogue.IlgpuCpu));
        var deciding = new HashSet<int>();
        int different = 0;
        for (int n = 0; n < 24; n++)
        {
            RenderedSample expected = Sample(host, SampleKey.Of(n));
            RenderedSample sample = Sample(device, SampleKey.Of(n));
            deciding.Add(DecidingIn(expected.Drawn));
            Assert.That(sample.Drawn.Words.ToArray(), Is.EqualTo(expected.Drawn.Words.ToArray()));
            different += expected.Label.Zip(sample.Label).Count(static pair => pair.First != pair.Second);
        }

        Assert.That(deciding, Has.Count.EqualTo(list.Length));
        Assert.That(different, Is.LessThanOrEqualTo(24 * Volume.VoxelCount / 5000), "more than ties");
    }

    [Test]
    public void ThereAreAsManyLabelsAsAnyOfThemMakes()
    {
        SynthesisPlan plan = SynthesisPlan.Create(Of([Fine, Noise(9, 4, null) with { Chance = 0.5 }, Maps with { Chance = 0.5 }], DeviceCatalogue.Host));
        Assert.That(plan.LabelCount, Is.EqualTo(9));
        Assert.That(plan.Rows.Facts.LabelCount, Is.EqualTo(9));
        Assert.That(SynthesisPlan.Create(Of([Noise(2, 4, null), Maps with { Chance = 0.5 }], DeviceCatalogue.Host)).LabelCount, Is.EqualTo(4));
    }

    [Test]
    public void LabelMapsAreNeeded_WhereverTheirAnatomyStands()
    {
        EngineOptions options = Of([Coarse, Maps with { Chance = 0.1 }], DeviceCatalogue.Host);
        Assert.That(
            () => SynthesisPlan.Create(options with { LabelMaps = null }),
            Throws.TypeOf<PlanException>().With.Message.Contains("draws from label maps and was given none"));
        Assert.That(options.Recipe.WithLabelMaps(), Is.SameAs(options.Recipe));
    }

    [Test]
    public void LabelMapsLieOnADeviceOnce_AndWhatIsOfTheSecondIsCalledSo()
    {
        string[] Names(params Component[] list) =>
            [.. SynthesisPlan.Create(Of(list, DeviceCatalogue.IlgpuCpu)).Buffers.Select(static buffer => buffer.Name)];
        string[] twice = Names(Coarse, Maps with { Chance = 0.5 }, Maps with { Chance = 0.5 }, Coarse with { Chance = 0.5 });
        Assert.That(twice, Is.Unique);
        Assert.That(twice, Is.SupersetOf(["label maps", "deformation knots", "deformation knots#2", "label-field knots", "label-field knots#2"]));
        Assert.That(Names(Coarse), Has.None.Contains("#"));
        SynthesisPlan host = SynthesisPlan.Create(Of([Coarse, Coarse with { Chance = 0.5 }], DeviceCatalogue.Host));
        Assert.That(host.Buffers.Select(static buffer => buffer.Name), Is.SupersetOf(["label-field nodes", "label-field nodes#2"]));
    }

    [Test]
    public void TheRecordSaysWhichAnatomyItIs()
    {
        using SynthesisEngine engine = Start(Of([Coarse, Maps with { Chance = 0.5 }, Coarse with { Chance = 0.3 }], DeviceCatalogue.Host));
        foreach (RenderedSample sample in Enumerable.Range(0, 12).Select(n => Sample(engine, SampleKey.Of(n))))
        {
            JsonElement json = JsonDocument.Parse(Json.Of(sample.Drawn)).RootElement;
            int deciding = DecidingIn(sample.Drawn);
            string[] names = ["noiseField", "labelMap", "noiseField#2"];
            Assert.That(
                json.GetProperty("leftOut").EnumerateArray().Select(static name => name.GetString()),
                Is.EqualTo(names.Where((_, at) => at != deciding)));
            Assert.That(json.TryGetProperty("fieldStd", out _), Is.EqualTo(deciding == 0));
            Assert.That(json.TryGetProperty("fieldStd#2", out _), Is.EqualTo(deciding == 2));
            Assert.That(json.TryGetProperty("rotationDegreesZyx", out _), Is.EqualTo(deciding == 1));
            Assert.That(json.GetProperty("labelMap").GetString()?[^4..], Is.EqualTo(deciding == 1 ? ".nii" : null));
            Assert.That(sample.Drawn.Captions().Any(static text => text.EndsWith(".nii", StringComparison.Ordinal)), Is.EqualTo(deciding == 1));

            // Noise has no millimetres, whatever map was drawn beside it.
            double spacing = SampleGeometry.Of(engine.Plan.Options, sample.Drawn).Spacing.X;
            Assert.That(spacing != 1, Is.EqualTo(deciding == 1));
        }
    }

    // A record in which an anatomy may be missing is none of a recipe that always has it.
    [Test]
    public void ARecordThatMayLackAnAnatomy_IsRefusedWhereItIsAlwaysThere()
    {
        using SynthesisEngine some = Start(Of([Coarse, Fine with { Chance = 0.5 }], DeviceCatalogue.Host));
        using SynthesisEngine always = Start(Of([Coarse, Fine], DeviceCatalogue.Host));
        RenderedSample first = Enumerable.Range(0, 20).Select(n => Sample(some, SampleKey.Of(n))).First(static sample => DecidingIn(sample.Drawn) == 0);
        Assert.That(() => Applied(always, first.Drawn), Throws.ArgumentException);
        RenderedSample second = Sample(always, SampleKey.Of(0));
        Assert.That(Applied(some, second.Drawn).HasSameBytes(second));
    }

    private static int DecidingIn(DrawnSample drawn) => Enumerable.Range(0, drawn.Layout.Entries.Count)
        .Single(at => drawn.Layout.Entries[at] is { Component.IsAnatomy: true } entry && entry.IsIn(drawn.Words));

    private static NoiseAnatomy Noise(int labels, int scale, ShiftGrids? displacement) =>
        new(SideMeasure.Of(labels), new NoiseGrids([SideMeasure.Of(scale)], 1), displacement);

    private EngineOptions Of(Component[] anatomy, string device)
    {
        Recipe recipe = new("list", 3, [.. anatomy], [new Contrast(new UniformLaw(0, 1)), new Noise(0.05), new Normalise(1e-6)]);
        return Options(recipe, Volume) with { Device = device, LabelMaps = maps };
    }
}
