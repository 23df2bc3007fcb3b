using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using NUnit.Framework;

namespace GpuSynth.Tests.Standins;

// What this project expects of ILGPU, whichever is there: the package or its stand-in.
public sealed class IlgpuViewTests
{
    private Context context = null!;
    private Accelerator accelerator = null!;

    [OneTimeSetUp]
    public void Open()
    {
        context = Context.Create(builder => builder.CPU());
        accelerator = context.CreateCPUAccelerator(0);
    }

    [OneTimeTearDown]
    public void Close()
    {
        accelerator.Dispose();
        context.Dispose();
    }

    [Test]
    public void ADefaultContextOffersTheCpu()
    {
        using Context everything = Context.CreateDefault();
        Assert.That(everything.Devices.Select(device => device.AcceleratorType), Does.Contain(AcceleratorType.CPU));
    }

    [TestCase(1)]
    [TestCase(33)]
    [TestCase(1000)]
    public void WhatIsCopiedInComesOut(int length)
    {
        int[] values = Enumerable.Range(7, length).ToArray();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = accelerator.Allocate1D(values);
        Assert.That(buffer.GetAsArray1D(), Is.EqualTo(values));
        buffer.MemSetToZero();
        Assert.That(buffer.GetAsArray1D(), Is.All.Zero);
    }

    [Test]
    public void AnArrayIsCopiedToAndFromAPartOfItsLength()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> buffer = accelerator.Allocate1D([1f, 2f, 3f]);
        buffer.View.SubView(0, 1).CopyFromCPU([9f]);
        var two = new float[2];
        buffer.View.SubView(0, 2).CopyToCPU(two);
        float[] expected = [9f, 2f];
        Assert.That(two, Is.EqualTo(expected));
    }

    [Test]
    public void APartSeesTheSameMemory()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = accelerator.Allocate1D(new int[10]);
        ArrayView<int> whole = buffer.View;
        ArrayView<int> part = whole.SubView(3, 4).SubView(1);
        part[0] = 5;
        part[2L] = 6;
        int[] expected = [0, 0, 0, 0, 5, 0, 6, 0, 0, 0];
        Assert.Multiple(() =>
        {
            Assert.That(part.Length, Is.EqualTo(3));
            Assert.That(part.IntLength, Is.EqualTo(3));
            Assert.That(part.LengthInBytes, Is.EqualTo(12));
            Assert.That(buffer.GetAsArray1D(), Is.EqualTo(expected));
        });
    }

    [Test]
    public void OneDimensionalAndPlainViewsConvertBothWays()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = accelerator.Allocate1D([4, 5, 6]);
        ArrayView<int> plain = buffer.View;
        ArrayView1D<int, Stride1D.Dense> dense = plain;
        dense[new Index1D(1)] = 50;
        dense[new LongIndex1D(2)] = 60;
        Assert.Multiple(() =>
        {
            Assert.That(plain[new Index1D(1)], Is.EqualTo(50));
            Assert.That(dense.BaseView[2], Is.EqualTo(60));
            Assert.That(dense.AsContiguous()[new LongIndex1D(0)], Is.EqualTo(4));
            Assert.That((long)dense.Extent, Is.EqualTo(3));
            Assert.That(buffer.Length, Is.EqualTo(3));
        });
    }

    [Test]
    public void AnEmptyViewIsNotValid()
    {
        Assert.Multiple(() =>
        {
            Assert.That(ArrayView<float>.Empty.IsValid, Is.False);
            Assert.That(ArrayView<float>.Empty.Length, Is.Zero);
        });
    }

    [Test]
    public void MisuseIsRefused()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = accelerator.Allocate1D<int>(3);
        Assert.Multiple(() =>
        {
            Assert.That(() => accelerator.Allocate1D<int>(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => accelerator.Allocate1D<int>(null!), Throws.ArgumentNullException);
            Assert.That(() => buffer.CopyFromCPU(new int[2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => buffer.CopyFromCPU(new int[4]), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => buffer.CopyToCPU(new int[2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => buffer.CopyToCPU(new int[4]), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => buffer.View.CopyFromCPU(null!), Throws.ArgumentNullException);
        });
    }

    [Test]
    public void IndicesCompareAndConvert()
    {
        Index2D plane = (3, 5);
        var volume = new Index3D(2, 3, 5);
        int one = new Index1D(4);
        Assert.Multiple(() =>
        {
            Assert.That(one, Is.EqualTo(4));
            Assert.That((long)(LongIndex1D)new Index1D(4), Is.EqualTo(4));
            Assert.That(plane.Size, Is.EqualTo(15));
            Assert.That(volume.Size, Is.EqualTo(30));
            Assert.That(new Index3D(2, 3, 5) == volume, Is.True);
            Assert.That(new Index2D(3, 4) != plane, Is.True);
        });
    }
}
