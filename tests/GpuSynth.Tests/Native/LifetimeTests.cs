using System.Diagnostics;
using GpuSynth.Kernels;
using GpuSynth.Native;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Native;

/// <summary>Engines come and go, and are used from several threads, through the C ABI.</summary>
public sealed unsafe class LifetimeTests
{
    private const int Voxels = 64;

    // Held by a leak: 10,000 workspaces of some kB, 2,500 threads, or 10,000 entries of the table.
    [Category("Slow")]
    [Test]
    public void TenThousandEngines_LeaveNothing()
    {
        int alive = EngineTable.Count;
        Repeat(1000);
        (long bytesBefore, long managedBefore, int threadsBefore) = Measure();
        Repeat(10_000);
        (long bytesAfter, long managedAfter, int threadsAfter) = Measure();
        TestContext.Out.WriteLine(
            $"10,000 engines: resident {bytesBefore} B before, {bytesAfter} B after; "
            + $"managed {managedBefore} and {managedAfter} B; {threadsBefore} and {threadsAfter} threads.");
        Assert.Multiple(() =>
        {
            Assert.That(EngineTable.Count, Is.EqualTo(alive));
            Assert.That(managedAfter - managedBefore, Is.LessThan(500_000), "50 bytes an engine would show");
            Assert.That(bytesAfter - bytesBefore, Is.LessThan(16_000_000));
            Assert.That(threadsAfter, Is.LessThan(threadsBefore + 20));
        });

        static void Repeat(int times)
        {
            float* image = stackalloc float[Voxels];
            byte* label = stackalloc byte[Voxels];
            for (int time = 0; time < times; time++)
            {
                ulong engine = Abi.Create(new AbiRequest { Threads = time % 4 == 0 ? 2 : 1 });
                if (time % 4 == 0)
                {
                    SampleKey key = SampleKey.Of(time);
                    Abi.Generate(engine, &key, 1, image, label);
                    Abi.Drawn(engine, 0);
                }

                if (time % 5 == 0)
                {
                    Abi.Create(new AbiRequest { Batch = 0 }, out _);
                }

                Assert.That(Abi.Destroy(engine), Is.EqualTo(ResultCode.Done));
            }
        }

        static (long Bytes, long Managed, int Threads) Measure()
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            using Process process = Process.GetCurrentProcess();
            return (process.WorkingSet64, GC.GetTotalMemory(forceFullCollection: true), process.Threads.Count);
        }
    }

    [Test]
    public void TwoThreads_WithTwoEngines_OrWithOne_GetTheirOwnSamples([Values] bool share)
    {
        const int Rounds = 300;
        using SynthesisEngine expected = Start(Options("rasd-3d", VolumeShape.Cubic(3, 4), seed: 7));
        byte[][] labels = new byte[Rounds][];
        float[][] images = new float[Rounds][];
        for (int n = 0; n < Rounds; n++)
        {
            (images[n], labels[n], _) = Sample(expected, SampleKey.Of(n));
        }

        ulong first = Abi.Create(new AbiRequest { Threads = 2 });
        ulong second = share ? first : Abi.Create(new AbiRequest());
        int[] wrong = new int[2];
        Thread[] threads = [.. new[] { first, second }.Select((engine, thread) => new Thread(() => Work(engine, thread)))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.That(wrong, Is.All.Zero);
        Abi.Destroy(first);
        Assert.That(Abi.Destroy(second), Is.EqualTo(share ? ResultCode.Stale : ResultCode.Done));

        void Work(ulong engine, int thread)
        {
            float* image = stackalloc float[Voxels];
            byte* label = stackalloc byte[Voxels];
            for (int n = 0; n < Rounds; n++)
            {
                SampleKey key = SampleKey.Of(thread == 0 ? n : Rounds - 1 - n);
                bool isRight = Abi.Generate(engine, &key, 1, image, label) == ResultCode.Done
                    && new Span<byte>(label, Voxels).SequenceEqual(labels[key.Anatomy])
                    && new Span<float>(image, Voxels).SequenceEqual(images[key.Anatomy]);
                wrong[thread] += isRight ? 0 : 1;
            }
        }
    }

    [Test]
    public void AnEngineDestroyedWhileOthersCallIt_IsStaleForThem()
    {
        for (int round = 0; round < 20; round++)
        {
            ulong engine = Abi.Create(new AbiRequest { Size = [8, 8, 8], Threads = 2 });
            using var started = new CountdownEvent(2);
            var codes = new ResultCode[2];
            Thread[] threads = [.. Enumerable.Range(0, 2).Select(thread => new Thread(() =>
            {
                float* image = stackalloc float[512];
                byte* label = stackalloc byte[512];
                SampleKey key = SampleKey.Of(thread);
                Abi.Generate(engine, &key, 1, image, label);
                started.Signal();
                do
                {
                    codes[thread] = Abi.Generate(engine, &key, 1, image, label);
                }
                while (codes[thread] == ResultCode.Done);
            }))];
            Array.ForEach(threads, static thread => thread.Start());
            started.Wait();
            Assert.That(Abi.Destroy(engine), Is.EqualTo(ResultCode.Done));
            Array.ForEach(threads, static thread => thread.Join());
            Assert.That(codes, Is.All.EqualTo(ResultCode.Stale));
        }
    }
}
