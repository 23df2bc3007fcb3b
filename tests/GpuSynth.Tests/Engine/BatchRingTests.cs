using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// Slots in order, waiting, errors and the end of the ring. Its bytes are tested with the others' (DeterminismTests).
/// </summary>
[CancelAfter(60_000)]
public sealed class BatchRingTests
{
    private static readonly VolumeShape Shape = VolumeShape.Volume(16, 17, 18);

    // All off-diagonal entries 1: a matrix of ones, which leaves no volume. Nothing in the recipe forbids it.
    private static Recipe Flattening =>
        new("flattening", 3, [new LabelMapAnatomy(0, 1, 1, 0, 0, null, null, null)], [new Contrast(0.5)]);

    [Test]
    public void Batches_ComeInOrder_OneSlotAfterTheOther([Values(1, 2, 3)] int slots)
    {
        using Rig rig = new(slots, batchSize: 2, firstSample: 5);
        Assert.That(rig.Ring.SlotCount, Is.EqualTo(slots));
        for (int step = 0; step < 7; step++)
        {
            RingBatch batch = rig.Ring.Acquire();
            Assert.That((batch.Slot, batch.FirstSample), Is.EqualTo((step % slots, 5L + (2 * step))));
            Assert.That(batch.Memory, Is.EqualTo(rig.Memory[batch.Slot].Memory));
            Assert.That(
                batch.Drawn.Select(drawn => drawn.Key),
                Is.EqualTo([SampleKey.Of(5 + (2 * step)), SampleKey.Of(6 + (2 * step))]));
            rig.Ring.Release(batch);
        }
    }

    [Test]
    public void AHeldBatch_IsLeftAlone()
    {
        using Rig rig = new(slots: 3);
        RingBatch first = rig.Ring.Acquire();
        RingBatch second = rig.Ring.Acquire();
        float[] image = rig.Memory[first.Slot].Image(0).ToArray();
        string drawn = Json.Of(first.Drawn[0]);
        RingBatch third = rig.Ring.Acquire();
        using CancellationTokenSource soon = new(200);
        Assert.That(() => rig.Ring.Acquire(soon.Token), Throws.InstanceOf<OperationCanceledException>(), "every slot is held");
        Assert.That(rig.Memory[first.Slot].Image(0).SequenceEqual(image));
        Assert.That(Json.Of(first.Drawn[0]), Is.EqualTo(drawn));

        rig.Ring.Release(first);
        rig.Ring.Release(second);
        RingBatch fourth = rig.Ring.Acquire();
        Assert.That((fourth.Slot, fourth.FirstSample), Is.EqualTo((0, 3L)), "a wait that was cancelled took nothing");
        rig.Ring.Release(third);
        rig.Ring.Release(fourth);
    }

    [Test]
    public void Release_OutOfOrder_OrTwice_IsRefused()
    {
        using Rig rig = new(slots: 2);
        RingBatch first = rig.Ring.Acquire();
        RingBatch second = rig.Ring.Acquire();
        Assert.That(
            () => rig.Ring.Release(second),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "Slot 1 was released, but the oldest batch held is that of slot 0; release batches in order, once each."));
        rig.Ring.Release(first);
        Assert.That(() => rig.Ring.Release(first), Throws.InvalidOperationException);
        rig.Ring.Release(second);
        Assert.That(() => rig.Ring.Release(second), Throws.InvalidOperationException);
        Assert.That(rig.Ring.Acquire().FirstSample, Is.EqualTo(2));
    }

    [Test]
    public void ABatchThatWasNeverAcquired_IsNotReleased()
    {
        using Rig rig = new(slots: 1);
        Assert.That(() => rig.Ring.Release(default), Throws.InvalidOperationException);
    }

    [Test]
    public void ABatchOfAnotherRing_IsNotReleased()
    {
        using Rig rig = new(slots: 2);
        using Rig other = new(slots: 2);
        RingBatch held = rig.Ring.Acquire();
        RingBatch foreign = other.Ring.Acquire();
        Assert.That(
            () => rig.Ring.Release(foreign), Throws.InvalidOperationException.With.Message.Contains("none of this ring's"));
        rig.Ring.Release(held);
    }

    // A batch that was released, and whose slot was acquired again, is not the one held now.
    [Test]
    public void AStaleBatch_IsNotReleased()
    {
        using Rig rig = new(slots: 1);
        RingBatch stale = rig.Ring.Acquire();
        rig.Ring.Release(stale);
        RingBatch held = rig.Ring.Acquire();
        Assert.That(
            () => rig.Ring.Release(stale),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "The batch of sample 0 in slot 0 was released before; release batches in order, once each."));
        rig.Ring.Release(held);
    }

    // Numbers with gaps, in any order, one of them twice; the last batch is shorter, and then there are none.
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(7)]
    [TestCase(20)]
    public void AList_IsFollowedToItsEnd(int batchSize)
    {
        long[] list = [3, 9, 4, 4, 1L << 40, 0, 7];
        EngineOptions options = Options("rasd-3d", Shape, batchSize);
        using SynthesisEngine one = Start(Options("rasd-3d", Shape));
        using Rig rig = new(slots: 2, options: options, list: list);
        List<long> seen = [];
        while (rig.Ring.TryAcquire(out RingBatch batch, CancellationToken.None))
        {
            Assert.That(batch.Count, Is.EqualTo(Math.Min(batchSize, list.Length - seen.Count)));
            Assert.That(batch.FirstSample, Is.EqualTo(list[seen.Count]));
            for (int place = 0; place < batch.Count; place++)
            {
                SampleKey key = batch.Drawn[place].Key;
                Assert.That(rig.Memory[batch.Slot].HasSameBytes(place, Sample(one, key)), $"sample {key}");
                seen.Add((long)key.Anatomy);
            }

            rig.Ring.Release(batch);
        }

        Assert.That(seen, Is.EqualTo(list));
        Assert.That(rig.Ring.Failure, Is.Null);
        Assert.That(rig.Ring.TryAcquire(out _, CancellationToken.None), Is.False, "the end stays the end");
        Assert.That(() => rig.Ring.Acquire(), Throws.InvalidOperationException.With.Message.Contains("have ended"));
        rig.AssertGuards();
    }

    [Test]
    public void AnEmptyList_HasNoBatch()
    {
        using Rig rig = new(slots: 1, list: []);
        Assert.That(rig.Ring.TryAcquire(out _, CancellationToken.None), Is.False);
        Assert.That(rig.Ring.Failure, Is.Null);
    }

    [Test]
    public void AListThatFails_EndsTheRing()
    {
        using Rig rig = new(slots: 2, batchSize: 2, list: Torn());
        Assert.That(rig.Ring.TryAcquire(out RingBatch batch, CancellationToken.None));
        rig.Ring.Release(batch);
        Assert.That(rig.Ring.TryAcquire(out _, CancellationToken.None), Is.False);
        Assert.That(rig.Ring.Failure, Is.TypeOf<TimeoutException>());

        static IEnumerable<long> Torn()
        {
            yield return 1;
            yield return 2;
            yield return 3;
            throw new TimeoutException();
        }
    }

    // Whatever the batch size, a list comes to the sample that cannot be made, and its failure is the one that is said.
    [Test]
    public void SamplesBeforeAFailure_AreDelivered([Values(1, 2, 3, 8)] int batchSize, [Values(1, 2, 3)] int threads)
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", Shape, _ => 1);
        Recipe recipe = Flattening;
        recipe = recipe.With(recipe.Find<LabelMapAnatomy>()! with { Shear = new ChoiceLaw([0, 1]) });
        LabelMapSet maps = folder.Load();
        long failing = 0;
        Exception expected;
        using (SynthesisEngine engine = Start(Options(recipe, Shape) with { LabelMaps = maps }))
        {
            for (long good = 0; !Fails(failing, out expected) || good < 5; failing++)
            {
                good = Fails(failing, out _) ? 0 : good + 1;
            }

            bool Fails(long sample, out Exception exception)
            {
                try
                {
                    Sample(engine, SampleKey.Of(sample));
                    exception = null!;
                    return false;
                }
                catch (GpuSynthException failure)
                {
                    exception = failure;
                    return true;
                }
            }
        }

        EngineOptions options = Options(recipe, Shape, batchSize, threads) with { LabelMaps = maps };
        using Rig rig = new(slots: 2, options: options, list: [.. Enumerable.Range((int)failing - 5, 8)]);
        List<long> seen = [];
        while (rig.Ring.TryAcquire(out RingBatch batch, CancellationToken.None))
        {
            seen.AddRange(batch.Drawn.Take(batch.Count).Select(drawn => (long)drawn.Key.Anatomy));
            rig.Ring.Release(batch);
        }

        Assert.That(seen, Is.EqualTo(Enumerable.Range((int)failing - 5, 5)));
        Assert.That(rig.Ring.Failure!.Message, Is.EqualTo(expected.Message));
        rig.AssertGuards();
    }

    [Test]
    public void AFailureOfTheProducer_SurfacesInEveryAcquire([Values(1, 2)] int batchSize, [Values(1, 2)] int threads)
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", Shape, _ => 1);
        EngineOptions options = Options(Flattening, Shape, batchSize, threads) with { LabelMaps = folder.Load() };
        using Rig rig = new(slots: 2, options: options);
        for (int time = 0; time < 3; time++)
        {
            Assert.That(
                () => rig.Ring.Acquire(),
                Throws.TypeOf<GpuSynthException>().With.Message.StartsWith("The producer of batches stopped: ")
                    .And.Message.Contains("flattens").And.InnerException.Not.Null);
        }
    }

    // What was made before a failure is there, whatever the producer's lead: sample n is delivered or not by its number alone.
    [Test]
    public void BatchesMadeBeforeAFailure_AreDelivered()
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", Shape, _ => 1);
        Recipe recipe = Flattening;
        recipe = recipe.With(recipe.Find<LabelMapAnatomy>()! with { Shear = new ChoiceLaw([0, 1]) });
        EngineOptions options = Options(recipe, Shape) with { LabelMaps = folder.Load() };
        long first = FindAFailureAfterTwo(options);
        using Rig rig = new(slots: 3, firstSample: first, options: options);
        Thread.Sleep(500);
        for (int step = 0; step < 2; step++)
        {
            RingBatch batch = rig.Ring.Acquire();
            Assert.That(batch.FirstSample, Is.EqualTo(first + step));
            rig.Ring.Release(batch);
        }

        Assert.That(() => rig.Ring.Acquire(), Throws.TypeOf<GpuSynthException>());

        static long FindAFailureAfterTwo(EngineOptions options)
        {
            using SynthesisEngine engine = Start(options);
            for (long n = 0, good = 0; ; n++)
            {
                try
                {
                    Sample(engine, SampleKey.Of(n));
                    good++;
                }
                catch (Exception failure) when (failure is GpuSynthException or ArgumentException or AggregateException)
                {
                    if (good >= 2)
                    {
                        return n - 2;
                    }

                    good = 0;
                }
            }
        }
    }

    [Test]
    public void Dispose_WhileTheProducerWorks_AndTwice_Returns([Values(0, 1, 20)] int waitMilliseconds)
    {
        EngineOptions options = Options("rasd-3d", VolumeShape.Volume(64, 64, 64), 2, 2);
        Rig rig = new(slots: 2, options: options);
        Thread.Sleep(waitMilliseconds);
        bool returned = Task.Run(() =>
        {
            rig.Ring.Dispose();
            rig.Ring.Dispose();
        }).Wait(TimeSpan.FromMinutes(1));
        Assert.That(returned, "it does not hang");
        rig.AssertGuards();

        // The engine is free again, and as good as before.
        Assert.That(
            Sample(rig.Engine, SampleKey.Of(1)).HasSameBytes(Sample(options, SampleKey.Of(1))));
        rig.Dispose();
    }

    [Test]
    public void Acquire_IsCancelled_BeforeAndWhileItWaits()
    {
        using Rig rig = new(slots: 1);
        using CancellationTokenSource source = new();
        RingBatch held = rig.Ring.Acquire(source.Token);
        source.CancelAfter(50);
        Assert.That(() => rig.Ring.Acquire(source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => rig.Ring.Acquire(source.Token), Throws.InstanceOf<OperationCanceledException>());
        rig.Ring.Release(held);
        Assert.That(rig.Ring.Acquire().FirstSample, Is.EqualTo(1));
    }

    [Test]
    public void WrongSlots_AreRefused()
    {
        using SynthesisEngine engine = Start(Options("rasd-3d", Shape));
        using GuardedSlot slot = new(engine);
        Assert.That(() => new BatchRing(engine, []), Throws.ArgumentException.With.Message.Contains("at least one slot"));
        Assert.That(
            () => new BatchRing(engine, [slot.Memory, default]),
            Throws.ArgumentException.With.Message.Contains("memory"));
        Assert.That(() => new BatchRing(engine, [slot.Memory], -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BatchRing(null!, [slot.Memory]), Throws.ArgumentNullException);
    }

    private sealed class Rig : IDisposable
    {
        public Rig(
            int slots, int batchSize = 1, long firstSample = 0, EngineOptions? options = null, IEnumerable<long>? list = null)
        {
            Engine = Start(options ?? Options("rasd-3d", Shape, batchSize));
            Memory = [.. Enumerable.Range(0, slots).Select(_ => new GuardedSlot(Engine))];
            SlotMemory[] memory = [.. Memory.Select(slot => slot.Memory)];
            Ring = list is null ? new BatchRing(Engine, memory, firstSample) : new BatchRing(Engine, memory, list);
        }

        public SynthesisEngine Engine { get; }

        public GuardedSlot[] Memory { get; }

        public BatchRing Ring { get; }

        public void AssertGuards()
        {
            foreach (GuardedSlot slot in Memory)
            {
                slot.AssertGuards();
            }
        }

        public void Dispose()
        {
            Ring.Dispose();
            Engine.Dispose();
            foreach (GuardedSlot slot in Memory)
            {
                slot.Dispose();
            }
        }
    }
}
