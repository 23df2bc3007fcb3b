using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Sample n is the same, byte by byte, whatever the batch size, order, thread count, start index or restart.</summary>
[Category("Host")]
public sealed class DeterminismTests
{
    private const int Samples = 8;

    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(2, 3, 4),
        VolumeShape.Volume(17, 31, 33),
        VolumeShape.Volume(32, 32, 32),
        VolumeShape.Volume(96, 20, 33),
        VolumeShape.Image(3, 5),
        VolumeShape.Image(33, 31),
        VolumeShape.Image(64, 48),
    ];

    private static readonly Dictionary<VolumeShape, RenderedSample[]> Known = [];

    [Test]
    public void ASample_HasTheSameBytes_WhateverTheBatchAndTheThreads(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 2, 3, 8)] int batchSize, [Values(1, 2, 3)] int threads)
    {
        RenderedSample[] expected = Expected(shape);
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape, batchSize, threads));
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        for (int first = 0; first < Samples; first += batchSize)
        {
            slot.Poison();
            SampleKey[] keys = [.. Enumerable.Range(first, Math.Min(batchSize, Samples - first)).Select(n => SampleKey.Of(n))];
            engine.GenerateBatch(keys, slot.Memory, drawn);
            for (int n = 0; n < keys.Length; n++)
            {
                AssertSame(expected[first + n], slot, n, drawn[n]);
            }

            slot.AssertGuards();
        }
    }

    [Test]
    public void Order_Restart_StartIndex_AndTwoEngines_ChangeNothing(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 3)] int threads)
    {
        RenderedSample[] expected = Expected(shape);
        using SynthesisEngine backwards = Start(Options(RecipeFor(shape), shape, 1, threads));
        using SynthesisEngine beside = Start(Options(RecipeFor(shape), shape, 1, threads));
        for (int n = Samples - 1; n >= 0; n--)
        {
            AssertSame(expected[n], Sample(backwards, SampleKey.Of(n)));
            AssertSame(expected[Samples - 1 - n], Sample(beside, SampleKey.Of(Samples - 1 - n)));
        }

        // A run that starts in the middle, and one after it.
        AssertSame(expected[5], Sample(Options(RecipeFor(shape), shape, 1, threads), SampleKey.Of(5)));
        AssertSame(expected[5], Sample(Options(RecipeFor(shape), shape, 1, threads), SampleKey.Of(5)));
    }

    [Test]
    public void ManyKeysInAnyOrder_InOneBatch_AreWhatTheyAreAlone(
        [ValueSource(nameof(Shapes))] VolumeShape shape,
        [Values(1, 2)] int threads)
    {
        RenderedSample[] expected = Expected(shape);
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape, 4, threads));
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        int[] order = [7, 0, 3, 3];
        engine.GenerateBatch([.. order.Select(n => SampleKey.Of(n))], slot.Memory, drawn);
        for (int place = 0; place < order.Length; place++)
        {
            AssertSame(expected[order[place]], slot, place, drawn[place]);
        }

        slot.AssertGuards();
    }

    [Test]
    public void TheRing_GivesTheSameBytes([Values(1, 2, 3)] int slots, [Values(1, 3)] int batchSize, [Values(1, 2)] int threads)
    {
        VolumeShape shape = VolumeShape.Volume(17, 31, 33);
        RenderedSample[] expected = Expected(shape);
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape, batchSize, threads));
        GuardedSlot[] memory = [.. Enumerable.Range(0, slots).Select(_ => new GuardedSlot(engine))];
        const int start = 1;
        using (BatchRing ring = new(engine, [.. memory.Select(slot => slot.Memory)], start))
        {
            for (int step = 0; start + ((step + 1) * batchSize) <= Samples; step++)
            {
                RingBatch batch = ring.Acquire();
                Assert.That(batch.FirstSample, Is.EqualTo(start + (step * batchSize)));
                for (int n = 0; n < batchSize; n++)
                {
                    AssertSame(expected[start + (step * batchSize) + n], memory[batch.Slot], n, batch.Drawn[n]);
                }

                ring.Release(batch);
            }
        }

        foreach (GuardedSlot slot in memory)
        {
            slot.AssertGuards();
            slot.Dispose();
        }
    }

    [Test]
    public void Apply_AfterGenerate_GivesTheSameBytes(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 8)] int batchSize, [Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape, batchSize, threads));
        using SynthesisEngine other = Start(Options(RecipeFor(shape), shape, 1, 3));
        foreach (RenderedSample expected in Expected(shape).Take(3))
        {
            AssertSame(expected, Applied(engine, expected.Drawn));
            AssertSame(expected, Applied(other, expected.Drawn));
        }
    }

    [Test]
    public void OtherSeedsAndOtherSamples_Differ([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        RenderedSample[] samples = [.. Expected(shape), Sample(Options(RecipeFor(shape), shape, seed: Seed + 1), SampleKey.Of(0)),
            Sample(Options(RecipeFor(shape), shape, seed: Seed + (1UL << 32)), SampleKey.Of(0)),
            Sample(Options(RecipeFor(shape), shape), new SampleKey(1UL << 32, 1UL << 32))];
        for (int a = 0; a < samples.Length; a++)
        {
            for (int b = 0; b < a; b++)
            {
                Assert.That(
                    samples[a].Image.AsSpan().SequenceEqual(samples[b].Image),
                    Is.False,
                    $"samples {a} and {b} of {shape}");
                Assert.That(samples[a].Drawn.Means, Is.Not.EqualTo(samples[b].Drawn.Means));
            }
        }
    }

    private static RenderedSample[] Expected(VolumeShape shape)
    {
        if (!Known.TryGetValue(shape, out RenderedSample[]? samples))
        {
            using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape));
            samples = [.. Enumerable.Range(0, Samples).Select(n => Sample(engine, SampleKey.Of(n)))];
            Known.Add(shape, samples);
        }

        return samples;
    }

    private static void AssertSame(RenderedSample expected, RenderedSample sample)
    {
        Assert.That(sample.HasSameBytes(expected), $"sample {expected.Drawn.Key}");
        AssertSameJson(expected.Drawn, sample.Drawn);
    }

    private static void AssertSame(RenderedSample expected, GuardedSlot slot, int place, DrawnSample drawn)
    {
        Assert.That(slot.HasSameBytes(place, expected), $"sample {expected.Drawn.Key} at place {place}");
        AssertSameJson(expected.Drawn, drawn);
    }

    private static void AssertSameJson(DrawnSample expected, DrawnSample drawn) =>
        Assert.That(Json.Of(drawn), Is.EqualTo(Json.Of(expected)));
}
