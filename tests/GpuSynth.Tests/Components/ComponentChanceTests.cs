using System.Text.Json;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Components;

/// <summary>Every component of the appearance with a chance: a sample has it, or is the sample of the recipe without it.</summary>
public sealed class ComponentChanceTests
{
    private const int Samples = 4000;
    private const double Alpha = 1e-3;
    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(9, 7, 33), VolumeShape.Image(33, 31)];

    // Anatomies are another matter: one that is there covers those before it (AnatomyListTests).
    private static IEnumerable<Type> LeavableTypes =>
        ComponentMaker.All.Where(static type => ComponentCatalogue.MayBeLeftOut(type) && !ComponentCatalogue.IsAnatomy(type));

    private static IEnumerable<TestCaseData<Type>> Leavable =>
        LeavableTypes.Select(static type => new TestCaseData<Type>(type).SetArgDisplayNames(ComponentMaker.NameOf(type)));

    private static IEnumerable<TestCaseData> LeavableByDevice => LeavableTypes.SelectMany(static type => (TestCaseData[])
    [
        new TestCaseData(type, DeviceCatalogue.Host).SetArgDisplayNames(ComponentMaker.NameOf(type), DeviceCatalogue.Host),
        new TestCaseData(type, DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(ComponentMaker.NameOf(type), DeviceCatalogue.IlgpuCpu)
            .SetCategory("Slow"),
    ]);

    [Test]
    public void OnlyWhatMakesIntensitiesOfLabels_HasNone() => Assert.That(
        ComponentMaker.All.Where(static type => !ComponentCatalogue.MayBeLeftOut(type)).Select(ComponentMaker.NameOf), Is.EquivalentTo(["contrast", "hounsfield", "softContrast", "texture"]));

    // With nothing drawn, no bit of any chance is looked at: the samples of recipes without chances stay what they are.
    [TestCaseSource(nameof(Leavable))]
    public void AChanceOf1_IsNoKey(Type type)
    {
        Component component = ComponentMaker.At(type, 0.5)!;
        Recipe recipe = Beside(3, component);
        string text = RecipeYaml.Write(recipe);
        string name = ComponentMaker.NameOf(type);
        string written = text.Contains($"- {name}:\n", StringComparison.Ordinal)
            ? text.Replace($"- {name}:\n", $"- {name}:\n      chance: 1\n", StringComparison.Ordinal)
            : text.Replace($"- {name}\n", $"- {name}: {{ chance: 1 }}\n", StringComparison.Ordinal);
        Assert.That(text, Does.Not.Contain("chance"));
        Assert.That(written, Does.Contain("chance"));
        Assert.That(RecipeYaml.Parse(written, "written"), Is.EqualTo(recipe));
        Assert.That(RecipeYaml.Write(RecipeYaml.Parse(written, "written")), Is.EqualTo(text));
    }

    [TestCaseSource(nameof(LeavableByDevice))]
    public void AChanceOf0_IsTheRecipeWithoutIt_BitForBit(Type type, string device)
    {
        foreach (VolumeShape shape in Shapes)
        {
            Component component = ComponentMaker.Random(type, new Random(3)) with { Chance = 0 };
            Recipe with = Beside(shape.Dimensions, component);
            Recipe without = with with { Appearance = [.. with.Appearance.Where(one => one != component)] };
            using SynthesisEngine leaves = Start(Options(with, shape, threads: 2) with { Device = device });
            using SynthesisEngine lacks = Start(Options(without, shape, threads: 2) with { Device = device });
            for (int sample = 0; sample < 3; sample++)
            {
                RenderedSample left = Sample(leaves, SampleKey.Of(sample));
                RenderedSample lacking = Sample(lacks, SampleKey.Of(sample));
                if (device == DeviceCatalogue.Host || !type.IsAssignableTo(typeof(IStageComponent)))
                {
                    Assert.That(left.HasSameBytes(lacking), $"{shape}, sample {sample}");
                }
                else
                {
                    // Without it a device may run the painting that is fused by hand, whose sums have another order.
                    Assert.That(left.Label, Is.EqualTo(lacking.Label));
                    Assert.That(left.Image, Is.EqualTo(lacking.Image).Within(1e-5f), $"{shape}, sample {sample}");
                }

                Assert.That(left.Drawn.LeftOut, Is.EqualTo([ComponentMaker.NameOf(type)]));
            }
        }
    }

    [TestCaseSource(nameof(Leavable))]
    public void HowOftenASampleHasIt_Binomial_n4000_alpha1e3_seed20261121(Type type)
    {
        double allowed = NormalQuantile.AtUpperTail(Alpha / 2 / 4) / Math.Sqrt(Samples);
        Assert.That(allowed / 2, Is.LessThan(0.03), "n does not suffice to see a chance that is off by 0.06");
        foreach (double chance in new[] { 0.03, 0.3, 0.9 })
        {
            Component component = ComponentMaker.At(type, 0.5)! with { Chance = chance };
            var layout = new RowLayout([component, component], ComponentRow.Facts);
            bool[][] has = [.. Enumerable.Range(0, Samples).Select(sample =>
            {
                var row = new uint[layout.Length];
                layout.Draw(Seed, SampleKey.Of(sample), row);
                return layout.Entries.Select(entry => entry.IsIn(row)).ToArray();
            })];
            double deviation = Math.Sqrt(chance * (1 - chance));
            for (int occurrence = 0; occurrence < 2; occurrence++)
            {
                Assert.That(has.Average(one => one[occurrence] ? 1.0 : 0), Is.EqualTo(chance).Within(allowed * deviation), $"chance {chance}");
            }

            // The second of a kind knows nothing of the first.
            double both = has.Average(static one => one[0] && one[1] ? 1.0 : 0);
            double ofBoth = chance * chance;
            Assert.That(both, Is.EqualTo(ofBoth).Within(allowed * Math.Sqrt(ofBoth * (1 - ofBoth))), $"chance {chance}, twice");
        }
    }

    // What is drawn of a component that has a chance, and of all others, is what it is without one.
    [TestCaseSource(nameof(Leavable))]
    public void AChance_MovesNoNumber(Type type)
    {
        Component component = ComponentMaker.Random(type, new Random(4));
        Component[] others = [new Contrast(new UniformLaw(0, 1)), new Bias(new UniformLaw(0, 1), 16, 21), new Noise(new UniformLaw(0, 1))];
        var always = new RowLayout([.. others, component, component], ComponentRow.Facts);
        var maybe = new RowLayout([.. others, component with { Chance = 0.5 }, component], ComponentRow.Facts);
        int word = maybe.Entries[3].First - 1;
        (uint[] before, uint[] after) = (new uint[always.Length], new uint[maybe.Length]);
        var seen = new HashSet<uint>();
        for (int sample = 0; sample < 30; sample++)
        {
            always.Draw(Seed, SampleKey.Of(sample), before);
            maybe.Draw(Seed, SampleKey.Of(sample), after);
            seen.Add(after[word]);
            (before[word], after[word]) = (0, 0);
            Assert.That(after, Is.EqualTo(before), $"sample {sample}");
        }

        Assert.That(seen, Is.EquivalentTo([0u, 1u]));
    }

    [TestCaseSource(nameof(Leavable))]
    public void AChance_ReadsBackEqual_AndWhatIsLeftOutIsTold(Type type)
    {
        Component component = ComponentMaker.Random(type, new Random(5)) with { Chance = 0.5 };
        Recipe recipe = Beside(3, component);
        Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "again"), Is.EqualTo(recipe));
        var drawn = new DrawnSample(new RowLayout([component, component with { Chance = 1 }], ComponentRow.Facts));
        RecordedNumber[] own = [.. RecordedNumber.Of(drawn.Layout).Where(static number => number.Entry.Occurrence == 0)];
        RecordedNumber[] second = [.. RecordedNumber.Of(drawn.Layout).Except(own)];
        var seen = new HashSet<bool>();
        for (int sample = 0; sample < 30; sample++)
        {
            drawn.Draw(Seed, SampleKey.Of(sample));
            bool isIn = drawn.Layout.Entries[0].IsIn(drawn.Words);
            seen.Add(isIn);
            drawn.Prepare(drawn.Layout);
            JsonElement json = JsonDocument.Parse(Json.Of(drawn)).RootElement;
            Assert.That(
                json.GetProperty("leftOut").EnumerateArray().Select(static name => name.GetString()),
                Is.EqualTo(isIn ? [] : new[] { component.Name }));
            Assert.That(own.Select(number => json.TryGetProperty(number.Name, out _)), Is.All.EqualTo(isIn));
            Assert.That(second.Select(number => json.TryGetProperty(number.Name, out _)), Is.All.True);
            int captions = second.Length == 0 || second[0].Caption(drawn) is null ? 0 : 1;
            Assert.That(drawn.Captions().Count(), Is.EqualTo(isIn ? 2 * captions : captions));
        }

        Assert.That(seen, Is.EquivalentTo([true, false]));
    }

    // All of them at once: a sample is the same in any batch, on any number of threads, in any order, and given back.
    [TestCase(DeviceCatalogue.Host, 0)]
    [TestCase(DeviceCatalogue.Host, 1)]
    [TestCase(DeviceCatalogue.IlgpuCpu, 0, Category = "Slow")]
    [TestCase(DeviceCatalogue.IlgpuCpu, 1, Category = "Slow")]
    public void WithChances_ASampleIsTheSame_WhateverTheBatchTheOrderAndTheThreads(string device, int shape)
    {
        const int count = 8;
        EngineOptions options = Options(Everything(Shapes[shape].Dimensions), Shapes[shape]) with { Device = device };
        using SynthesisEngine alone = Start(options);
        RenderedSample[] expected = [.. Enumerable.Range(0, count).Reverse().Select(n => Sample(alone, SampleKey.Of(n))).Reverse()];
        string[] json = [.. expected.Select(static sample => Json.Of(sample.Drawn))];
        Assert.That(expected.SelectMany(static sample => sample.Drawn.LeftOut).Distinct().Count(), Is.GreaterThan(LeavableTypes.Count() - 2));
        foreach (int threads in device == DeviceCatalogue.Host ? new[] { 1, 2, 3 } : [1])
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

    // Where the recipe has a component always, a sample that leaves it out cannot be made: its numbers are not there.
    [Test]
    public void ASampleOfARecipeWithChances_IsRefusedByOneWithout()
    {
        EngineOptions options = Options(Only(3, 1, noise: new Noise(0.1) { Chance = 0.5 }), Shapes[0]);
        EngineOptions other = options with { Recipe = Only(3, 1, noise: new Noise(0.1)) };
        using SynthesisEngine with = Start(options);
        using SynthesisEngine without = Start(other);
        RenderedSample left = Enumerable.Range(0, 20).Select(n => Sample(with, SampleKey.Of(n))).First(sample => sample.Drawn.LeftOut.Any());
        Assert.That(() => Applied(without, left.Drawn), Throws.ArgumentException);
        RenderedSample whole = Sample(without, SampleKey.Of(3));
        Assert.That(Applied(with, whole.Drawn).HasSameBytes(whole));
    }

    [Test]
    public void AComponent_MayHaveNoKeyOfThatName() => Assert.That(
        () => ComponentCatalogue.With(typeof(Lucky).Assembly),
        Throws.ArgumentException.With.Message.EqualTo(
            $"{typeof(Lucky).FullName} has a key called chance; every component has that one already, the probability that a sample has it: "
            + "call it something else."));

    // The others of RaSD around it, in an order that devices take.
    private static Recipe Beside(int dimensions, Component component)
    {
        Recipe bare = Only(
            dimensions, new UniformLaw(0.1, 1), new Bias(0.1, new UniformLaw(6, 12), 21), new Noise(0.1), new Blur(1, 7), new Normalise(1e-6));
        return bare.With(component);
    }

    private static Recipe Everything(int dimensions)
    {
        Recipe recipe = Beside(dimensions, new Gamma(new UniformLaw(0.5, 1.5)));
        foreach (Type type in LeavableTypes.Where(type => recipe.Appearance.All(one => one.GetType() != type)))
        {
            recipe = recipe.With(ComponentMaker.Random(type, new Random(6)));
        }

        // Gamma relies on what normalises.
        return recipe with
        {
            Appearance = [.. recipe.Appearance.Select(static one => one is Contrast or Normalise ? one : one with { Chance = 0.5 })],
        };
    }

    [Component("lucky", 1 << 15, Source = "a test", Says = "Has a key that no component may have.")]
    private sealed record Lucky : Component<Lucky.Drawn>
    {
        public Lucky(double chance) => Luck = chance;

        public double Luck { get; }

        public override Drawn Draw(ref Drawing drawing) => new() { Luck = drawing.Number(Luck, 0) };

        public struct Drawn
        {
            [Recorded("luck")]
            public float Luck;
        }
    }
}
