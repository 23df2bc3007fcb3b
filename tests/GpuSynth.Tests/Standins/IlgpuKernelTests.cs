using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using NUnit.Framework;

namespace GpuSynth.Tests.Standins;

// What this project expects of launches, groups, barriers, shared memory and atomics: of the package and of its stand-in.
public sealed class IlgpuKernelTests
{
    private const int GroupSize = 64;

    private Context context = null!;
    private Accelerator accelerator = null!;

    [OneTimeSetUp]
    public void Open()
    {
        context = Context.Create(builder => builder.CPU(CPUDeviceKind.Nvidia).EnableAlgorithms());
        accelerator = context.CreateCPUAccelerator(0);
    }

    [OneTimeTearDown]
    public void Close()
    {
        accelerator.Dispose();
        context.Dispose();
    }

    [TestCase(1)]
    [TestCase(31)]
    [TestCase(1000)]
    public void EveryIndexRunsOnce(int length)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> hits = accelerator.Allocate1D(new int[length]);
        Action<Index1D, ArrayView<int>, int> launch =
            accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, int>(AddAtIndex);
        launch(length, hits.View, 3);
        accelerator.Synchronize();
        Assert.That(hits.GetAsArray1D(), Is.All.EqualTo(3));
    }

    [Test]
    public void EveryIndexOfAPlaneRunsOnce()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> hits = accelerator.Allocate1D(new int[5 * 7]);
        Action<AcceleratorStream, Index2D, ArrayView<int>> launch =
            accelerator.LoadAutoGroupedKernel<Index2D, ArrayView<int>>(MarkPlane);
        launch(accelerator.DefaultStream, new Index2D(5, 7), hits.View);
        accelerator.DefaultStream.Synchronize();
        Assert.That(hits.GetAsArray1D(), Is.EqualTo(Enumerable.Range(0, 35)));
    }

    [Test]
    public void EveryIndexOfAVolumeRunsOnce()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> hits = accelerator.Allocate1D(new int[3 * 4 * 5]);
        accelerator.LoadAutoGroupedStreamKernel<Index3D, ArrayView<int>>(MarkVolume)(new Index3D(3, 4, 5), hits.View);
        accelerator.Synchronize();
        Assert.That(hits.GetAsArray1D(), Is.EqualTo(Enumerable.Range(0, 60)));
    }

    [TestCase(1)]
    [TestCase(5)]
    public void AGroupSumsThroughSharedMemoryAndBarriers(int groups)
    {
        int[] values = Enumerable.Range(1, groups * GroupSize).ToArray();
        using MemoryBuffer1D<int, Stride1D.Dense> input = accelerator.Allocate1D(values);
        using MemoryBuffer1D<int, Stride1D.Dense> sums = accelerator.Allocate1D<int>(groups);
        Action<KernelConfig, ArrayView<int>, ArrayView<int>> launch =
            accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(SumGroups);
        launch((groups, GroupSize), input.View, sums.View);
        accelerator.Synchronize();
        Assert.That(sums.GetAsArray1D(), Is.EqualTo(values.Chunk(GroupSize).Select(group => group.Sum())));
    }

    [Test]
    public void ABarrierShowsWhatTheOtherThreadsWrote()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> hits = accelerator.Allocate1D(new int[GroupSize]);
        accelerator.LoadKernel<ArrayView<int>>(NeighbourAfterBarrier)(accelerator.DefaultStream, (1, GroupSize), hits.View);
        accelerator.Synchronize();
        Assert.That(hits.GetAsArray1D(), Is.EqualTo(Enumerable.Range(0, GroupSize).Select(i => (i + 1) % GroupSize)));
    }

    [Test]
    public void GroupsAndThreadsKnowTheirPlace()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> places = accelerator.Allocate1D<int>(2 * 3 * 4 * 5);
        KernelConfig config = (new Index2D(2, 3), new Index2D(4, 5));
        accelerator.LoadStreamKernel<ArrayView<int>>(GlobalPlace)(config, places.View);
        accelerator.Synchronize();
        Assert.That(places.GetAsArray1D(), Is.EqualTo(Enumerable.Range(0, 120)));
    }

    [Test]
    public void AtomicsLoseNothing()
    {
        const int Count = 1000;
        using MemoryBuffer1D<int, Stride1D.Dense> integers = accelerator.Allocate1D([0, int.MaxValue, int.MinValue, 0]);
        using MemoryBuffer1D<float, Stride1D.Dense> sum = accelerator.Allocate1D([0f]);
        accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>, ArrayView<float>>(AtomicsAtIndex)(
            Count, integers.View, sum.View);
        accelerator.Synchronize();
        int[] expected = [Count * (Count - 1) / 2, 0, Count - 1, 1023];
        Assert.Multiple(() =>
        {
            Assert.That(integers.GetAsArray1D(), Is.EqualTo(expected));
            Assert.That(sum.GetAsArray1D()[0], Is.EqualTo(Count / 2f));
        });
    }

    [TestCase(0.3f)]
    [TestCase(-2.75f)]
    [TestCase(17f)]
    public void DeviceMathematicsIsTheProcesss(float x)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> results = accelerator.Allocate1D<float>(10);
        accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<float>, float>(Mathematics)(1, results.View, x);
        accelerator.Synchronize();
        float a = MathF.Abs(x);
        float[] expected =
        [
            MathF.Exp(x), MathF.Log(a), MathF.Sqrt(a), MathF.Sin(x), MathF.Cos(x), MathF.Pow(a, 1.5f), MathF.Floor(x),
            Math.Clamp(x, -1, 1), 1 / MathF.Sqrt(a), MathF.Log2(a),
        ];
        Assert.That(results.GetAsArray1D(), Is.EqualTo(expected).Within(1e-5).Percent);
    }

    [Test]
    public void BitsOfANumberComeBack()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Interop.FloatAsInt(1f), Is.EqualTo(0x3F800000u));
            Assert.That(Interop.IntAsFloat(0x3F800000u), Is.EqualTo(1f));
        });
    }

    [Test]
    public void AKernelWithoutAMethodIsRefused() =>
        Assert.That(
            () => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>((Action<Index1D, ArrayView<int>>)null!),
            Throws.ArgumentNullException);

    [Test]
    public void AKernelThatCapturesIsRefused()
    {
        int captured = TestContext.CurrentContext.Test.Name.Length;
        Assert.That(
            () => accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>((index, view) => view[index] = captured),
            Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public void ANegativeGridIsRefused() =>
        Assert.That(() => new KernelConfig(-1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static void AddAtIndex(Index1D index, ArrayView<int> view, int value) => view[index] += value;

    private static void MarkPlane(Index2D index, ArrayView<int> view) => view[index.X + (index.Y * 5)] += index.X + (index.Y * 5);

    private static void MarkVolume(Index3D index, ArrayView<int> view)
    {
        int place = index.X + (3 * (index.Y + (4 * index.Z)));
        view[place] += place;
    }

    private static void SumGroups(ArrayView<int> input, ArrayView<int> sums)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupSize);
        int thread = Group.IdxX;
        shared[thread] = input[Grid.GlobalIndex.X];
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half)
            {
                shared[thread] += shared[thread + half];
            }

            Group.Barrier();
        }

        if (Group.IsFirstThread)
        {
            sums[Grid.IdxX] = shared[0];
        }
    }

    private static void NeighbourAfterBarrier(ArrayView<int> view)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupSize);
        shared[Group.LinearIndex] = Group.LinearIndex;
        Group.Barrier();
        view[Group.LinearIndex] = shared[(Group.LinearIndex + 1) % GroupSize];
    }

    private static void GlobalPlace(ArrayView<int> view)
    {
        int width = Grid.DimX * Group.DimX;
        int place = (Grid.IdxX * Group.DimX) + Group.IdxX + (width * ((Grid.IdxY * Group.DimY) + Group.IdxY));
        view[place] = Grid.GlobalIndex.X + (width * Grid.GlobalIndex.Y);
    }

    private static void AtomicsAtIndex(Index1D index, ArrayView<int> integers, ArrayView<float> sum)
    {
        Atomic.Add(ref integers[0], index);
        Atomic.Min(ref integers[1], index);
        Atomic.Max(ref integers[2], index);
        Atomic.Or(ref integers[3], index);
        Atomic.Add(ref sum[0], 0.5f);
    }

    private static void Mathematics(Index1D index, ArrayView<float> results, float x)
    {
        float a = XMath.Abs(x);
        results[0] = XMath.Exp(x);
        results[1] = XMath.Log(a);
        results[2] = XMath.Sqrt(a);
        results[3] = XMath.Sin(x);
        results[4] = XMath.Cos(x);
        results[5] = XMath.Pow(a, 1.5f);
        results[6] = XMath.Floor(x);
        results[7] = IntrinsicMath.Clamp(x, -1f, 1f);
        results[8] = XMath.Rsqrt(a);
        results[9] = XMath.Log2(a);
    }
}
