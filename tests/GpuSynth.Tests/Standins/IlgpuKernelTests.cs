using ILGPU;
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
        Action<AcceleratorStream, Index1D, ArrayView<int>, int> launch =
            accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<int>, int>(AddAtIndex);
        launch(accelerator.DefaultStream, length, hits.View, 3);
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
        using AcceleratorStream stream = accelerator.CreateStream();
        accelerator.LoadAutoGroupedKernel<Index3D, ArrayView<int>>(MarkVolume)(stream, new Index3D(3, 4, 5), hits.View);
        stream.Synchronize();
        Assert.That(hits.GetAsArray1D(), Is.EqualTo(Enumerable.Range(0, 60)));
    }

    [TestCase(1)]
    [TestCase(5)]
    public void AGroupSumsThroughSharedMemoryAndBarriers(int groups)
    {
        int[] values = Enumerable.Range(1, groups * GroupSize).ToArray();
        using MemoryBuffer1D<int, Stride1D.Dense> input = accelerator.Allocate1D(values);
        using MemoryBuffer1D<int, Stride1D.Dense> sums = accelerator.Allocate1D<int>(groups);
        Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<int>> launch =
            accelerator.LoadKernel<ArrayView<int>, ArrayView<int>>(SumGroups);
        launch(accelerator.DefaultStream, (groups, GroupSize), input.View, sums.View);
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
        accelerator.LoadKernel<ArrayView<int>>(GlobalPlace)(accelerator.DefaultStream, config, places.View);
        accelerator.Synchronize();
        Assert.That(places.GetAsArray1D(), Is.EqualTo(Enumerable.Range(0, 120)));
    }

    [Test]
    public void AtomicsLoseNothing()
    {
        const int Count = 1000;
        using MemoryBuffer1D<int, Stride1D.Dense> integers = accelerator.Allocate1D([0, int.MaxValue, int.MinValue, 0]);
        accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<int>>(AtomicsAtIndex)(
            accelerator.DefaultStream, Count, integers.View);
        accelerator.Synchronize();
        int[] expected = [Count * (Count - 1) / 2, 0, Count - 1, 1023];
        Assert.That(integers.GetAsArray1D(), Is.EqualTo(expected));
    }

    [Test]
    public void AKernelWithoutAMethodIsRefused() =>
        Assert.That(
            () => accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<int>>((Action<Index1D, ArrayView<int>>)null!),
            Throws.ArgumentNullException);

    [Test]
    public void AKernelThatCapturesIsRefused()
    {
        int captured = TestContext.CurrentContext.Test.Name.Length;
        Assert.That(
            () => accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<int>>((index, view) => view[index] = captured),
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

    private static void AtomicsAtIndex(Index1D index, ArrayView<int> integers)
    {
        Atomic.Add(ref integers[0], index);
        Atomic.Min(ref integers[1], index);
        Atomic.Max(ref integers[2], index);
        Atomic.Or(ref integers[3], index);
    }
}
