using System.Diagnostics;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// No managed memory per step after warm-up, and native memory that comes back. The calling thread's allocations are counted
/// exactly; the workers' and the producer's by the whole process, in which the test runner's timers allocate too now and then:
/// runs of 50 steps are repeated until one is free of that, for a step that allocated would do so in every run.
/// </summary>
public sealed class MemoryTests
{
    private const int Steps = 50;
    private const int Runs = 100;
    private static readonly VolumeShape Volume = VolumeShape.Volume(9, 10, 11);
    private static readonly VolumeShape Image = VolumeShape.Image(33, 31);

    [Test]
    public void GenerateBatch_AllocatesNothing(
        [Values(2, 3)] int dimensions,
        [Values(1, 3)] int batchSize,
        [Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(
            Options($"rasd-{dimensions}d", dimensions == 3 ? Volume : Image, batchSize, threads));
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        var keys = new SampleKey[batchSize];
        AssertAllocatesNothing(step =>
        {
            for (int n = 0; n < keys.Length; n++)
            {
                keys[n] = SampleKey.Of((step * keys.Length) + n);
            }

            engine.GenerateBatch(keys, slot.Memory, drawn);
        });
    }

    [Test]
    public void LabelMaps_AllocateNothing([Values(1, 2)] int threads)
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", Volume, voxel => (byte)(voxel % 7));
        using SynthesisEngine engine = Start(Options("labelmap-3d", Volume, 1, threads) with { LabelMaps = folder.Load() });
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        var keys = new SampleKey[1];
        AssertAllocatesNothing(step =>
        {
            keys[0] = SampleKey.Of(step);
            engine.GenerateBatch(keys, slot.Memory, drawn);
        });
    }

    [Test]
    public void RegionsAndSlices_AllocateNothing([Values(1, 2)] int threads, [Values(2, 3)] int dimensions)
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", Volume, voxel => (byte)(voxel % 7));
        Recipe preset = Presets.Get("synthseg-3d");
        var operations = new LabelOps(0.5, 0.1, 0.2, new IntegerLaw(2, 8), 0.5, 0.5, 0.5);
        Recipe recipe = preset with { Dimensions = dimensions, Anatomy = [.. preset.Anatomy, operations] };
        VolumeShape shape = dimensions == 3 ? Volume : VolumeShape.Image(31, 33);
        using SynthesisEngine engine = Start(Options(recipe, shape, 1, threads) with { LabelMaps = RecipeLabelMaps.Load(recipe, folder.Root) });
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        var keys = new SampleKey[1];
        AssertAllocatesNothing(step =>
        {
            keys[0] = SampleKey.Of(step);
            engine.GenerateBatch(keys, slot.Memory, drawn);
        });
    }

    [Test]
    public void SeveralAnatomies_AllocateNothing([Values(1, 2)] int threads)
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", Volume, voxel => (byte)(voxel % 7));
        Recipe noise = Presets.Get("rasd-3d");
        Recipe recipe = noise with
        {
            Anatomy =
            [
                noise.Anatomy[0], Presets.Get("labelmap-3d").Anatomy[0] with { Chance = 0.5 }, noise.Anatomy[0] with { Chance = 0.3 },
                Presets.Get("gaussians-3d").Anatomy[0] with { Chance = 0.4 },
                Presets.Get("vessels-3d").Find<Trees>()! with { Chance = 0.7 },
                new Deformation(10, 1.1, 0.1, null, 0, 0, 0, 0, 0.5, null, new ShiftGrids([SideMeasure.Of(8)], 0.05), 0) { Chance = 0.7 },
                new Lesions(2, 0.2, 1, 1, 1, 1, 1, 1, 1, 0.3, 1, 4, 10, 0.05, 1, 0.1, 0.05) { Chance = 0.7 },
                new SphereMask(0.4, 0, [SideMeasure.Of(4)], 0.02, 0.5, 0.5, 0.03, OwnBackground: false),
                new Bones(4, 0.1, 0.2, 0.3, 3, 0.04, 20, 0.3, 0.3, 2, 0.05, 5, 0.02, 0),
                new Shell(0.3, 1, 0, 2, 0.05, 0.05, 0.1, 2, Core: true),
                new Cells(0.2, 1, 0.5, 0.8, 0.2, SideMeasure.Of(4), OwnLabels: false, AreWhole: false, Background: false),
            ],
        };
        using SynthesisEngine engine = Start(Options(recipe, Volume, 1, threads) with { LabelMaps = folder.Load() });
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        var keys = new SampleKey[1];
        AssertAllocatesNothing(step =>
        {
            keys[0] = SampleKey.Of(step);
            engine.GenerateBatch(keys, slot.Memory, drawn);
        });
    }

    [Test]
    public void Generate_AndApply_AllocateNothing([Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(Options("rasd-3d", Volume, 1, threads));
        RenderedSample sample = Sample(engine, SampleKey.Of(0));
        AssertAllocatesNothing(step =>
        {
            engine.Generate(SampleKey.Of(step), sample.Image, sample.Label, sample.Drawn);
            engine.Apply(sample.Drawn, sample.Image, sample.Label);
        });
    }

    [Test]
    public void TheRing_AllocatesNothing([Values(1, 2)] int slots, [Values(1, 2)] int threads, [Values] bool isCancellable)
    {
        using SynthesisEngine engine = Start(Options("rasd-3d", Volume, 2, threads));
        GuardedSlot[] memory = [.. Enumerable.Range(0, slots).Select(_ => new GuardedSlot(engine))];
        using CancellationTokenSource source = new();
        CancellationToken cancellation = isCancellable ? source.Token : default;
        using (BatchRing ring = new(engine, [.. memory.Select(slot => slot.Memory)]))
        {
            AssertAllocatesNothing(_ => ring.Release(ring.Acquire(cancellation)));
        }

        foreach (GuardedSlot slot in memory)
        {
            slot.Dispose();
        }
    }

    // Held by a leak: 200 workspaces of some MB each, or 200 threads. The process as a whole is measured, after a warm-up.
    [Test]
    public void TwoHundredEngines_LeaveMemoryAndThreadsAsTheyWere()
    {
        VolumeShape shape = VolumeShape.Volume(32, 64, 64);
        long workspace = 0;
        Repeat(40);
        (long bytesBefore, int threadsBefore) = Measure();
        Repeat(200);
        (long bytesAfter, int threadsAfter) = Measure();
        TestContext.Out.WriteLine(
            $"200 engines of {workspace} B: resident {bytesBefore} B before, {bytesAfter} B after; "
            + $"{threadsBefore} and {threadsAfter} threads.");
        Assert.That(workspace, Is.GreaterThan(1_000_000), "a leak would show: 200 of these are 200 MB");
        Assert.That(bytesAfter - bytesBefore, Is.LessThan(16_000_000));
        Assert.That(threadsAfter, Is.LessThan(threadsBefore + 20));

        void Repeat(int times)
        {
            for (int time = 0; time < times; time++)
            {
                using SynthesisEngine engine = Start(Options("rasd-3d", shape, 1, 2));
                workspace = engine.Plan.WorkspaceBytes;
                if (time % 10 == 0)
                {
                    Sample(engine, SampleKey.Of(time));
                }
            }
        }

        static (long Bytes, int Threads) Measure()
        {
            // Aggressive: what other tests left behind goes back to the system now, not between the two measurements.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            using Process process = Process.GetCurrentProcess();
            return (process.WorkingSet64, process.Threads.Count);
        }
    }

    private static void AssertAllocatesNothing(Action<int> step)
    {
        for (int warmUp = 0; warmUp < Steps; warmUp++)
        {
            step(warmUp);
        }

        long leastHere = long.MaxValue;
        long leastInAll = long.MaxValue;
        for (int run = 0; run < Runs && (leastHere > 0 || leastInAll > 0); run++)
        {
            // Its first call of all allocates.
            GC.GetTotalAllocatedBytes(true);
            long allBefore = GC.GetTotalAllocatedBytes(true);
            long hereBefore = GC.GetAllocatedBytesForCurrentThread();
            for (int n = 0; n < Steps; n++)
            {
                step(n);
            }

            leastHere = Math.Min(leastHere, GC.GetAllocatedBytesForCurrentThread() - hereBefore);
            leastInAll = Math.Min(leastInAll, GC.GetTotalAllocatedBytes(true) - allBefore);
        }

        Assert.That((leastHere, leastInAll), Is.EqualTo((0L, 0L)), $"bytes in {Steps} steps, on this thread and on all");
    }
}
