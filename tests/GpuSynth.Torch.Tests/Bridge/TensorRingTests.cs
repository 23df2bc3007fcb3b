using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using TorchSharp;

namespace GpuSynth.Torch.Tests.Bridge;

/// <summary>The engine writes into torch's memory, and the loss reads from there.</summary>
[CancelAfter(60_000)]
public sealed unsafe class TensorRingTests
{
    private static readonly VolumeShape Volume = VolumeShape.Volume(32, 9, 17);
    private static readonly VolumeShape Image = VolumeShape.Image(64, 33);

    [Test]
    public void ThePointerThatTheKernelsWroteIsThePointerThatTheLossReads([Values(2, 3)] int dimensions)
    {
        using var ring = new TensorRing(Plan(dimensions == 3 ? Volume : Image), slots: 2);
        for (int step = 0; step < 4; step++)
        {
            TensorBatch batch = ring.Acquire();
            Assert.That(TensorAddress.Of(batch.Image), Is.EqualTo(batch.ImageAddress));
            // What a network is given is this tensor; flattening, as the loss does, is a view of the same memory.
            using torch.Tensor flat = batch.Image.reshape(2, 1, -1);
            Assert.That(TensorAddress.Of(flat), Is.EqualTo(batch.ImageAddress));
            ((float*)batch.ImageAddress)[3] = 42;
            Assert.That(flat.data<float>()[3], Is.EqualTo(42));
            ring.Release(batch);
        }

        Assert.That(ring.HostCopiesPerBatch, Is.Zero);
    }

    // ILGPU's CPU accelerator in the GPU's place: the same kernels, in memory that torch's CPU shares.
    [Category("Slow")]
    [Test]
    public void TheKernelsOfAGpuWriteIntoTheTensor([Values(ImageFormat.Float32, ImageFormat.BFloat16)] ImageFormat format)
    {
        EngineOptions options = Plan(VolumeShape.Volume(16, 9, 10)).Options;
        SynthesisPlan plan = SynthesisPlan.Create(options with { Device = DeviceCatalogue.IlgpuCpu, ImageFormat = format });
        using var ring = new TensorRing(plan, slots: 1);
        using var host = new TensorRing(SynthesisPlan.Create(options), slots: 1);
        TensorBatch batch = ring.Acquire();
        TensorBatch expected = host.Acquire();
        Assert.That(ring.HostCopiesPerBatch, Is.Zero);
        Assert.That(batch.Image.dtype, Is.EqualTo(format == ImageFormat.Float32 ? torch.float32 : torch.bfloat16));
        Assert.That(TensorAddress.Of(batch.Image), Is.EqualTo(batch.ImageAddress));
        Assert.That(batch.Label.eq(expected.Label).all().item<bool>(), "labels");
        using torch.Tensor difference = (batch.Image.to_type(torch.float32) - expected.Image).abs().max();
        Assert.That(difference.item<float>(), Is.LessThan(format == ImageFormat.Float32 ? 1e-3 : 1e-2));
    }

    [Test]
    public void SlotsOnADevice_AreTorchsOnThatDevice()
    {
        EngineOptions options = Plan(Volume).Options;
        var plan = SynthesisPlan.Create(options with { Device = DeviceCatalogue.IlgpuCpu, SlotsOnDevice = true });
        Assert.That(
            () => new TensorRing(plan, slots: 1),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("use the same device for both"));
    }

    [Test]
    public void ABatchHasTheShapesAndTypesOfTheLoss()
    {
        using var volumes = new TensorRing(Plan(Volume));
        TensorBatch volume = volumes.Acquire();
        Assert.That(volume.Image.shape, Is.EqualTo(new long[] { 2, 1, 32, 9, 17 }));
        Assert.That(volume.Label.shape, Is.EqualTo(new long[] { 2, 32, 9, 17 }));
        Assert.That((volume.Image.dtype, volume.Label.dtype), Is.EqualTo((torch.float32, torch.uint8)));
        Assert.That(volume.Image.requires_grad, Is.False);
        using var images = new TensorRing(Plan(Image));
        Assert.That(images.Acquire().Image.shape, Is.EqualTo(new long[] { 2, 1, 64, 33 }));
    }

    [Test]
    public void ValuesAreTheEnginesOwn_AndEverySampleIsNew([Values(1, 3)] int slots)
    {
        using var ring = new TensorRing(Plan(Volume), slots, firstSample: 5);
        using var engine = new SynthesisEngine(Plan(Volume));
        int voxels = (int)Volume.VoxelCount;
        float[] image = new float[voxels];
        byte[] label = new byte[voxels];
        DrawnSample drawn = engine.CreateDrawn();
        HashSet<SampleKey> seen = [];
        for (int step = 0; step < 5; step++)
        {
            TensorBatch batch = ring.Acquire();
            Assert.That(batch.FirstSample, Is.EqualTo(5 + (2 * step)));
            for (int sample = 0; sample < 2; sample++)
            {
                engine.Generate(SampleKey.Of(batch.FirstSample + sample), image, label, drawn);
                var images = MemoryMarshal.Cast<byte, float>(batch.Image.bytes).Slice(sample * voxels, voxels);
                Assert.That(images.SequenceEqual(image), "the image of a sample");
                Assert.That(batch.Label.bytes.Slice(sample * voxels, voxels).SequenceEqual(label), "the labels of a sample");
                Assert.That(seen.Add(batch.Drawn[sample].Key), "a sample that was there before");
            }

            ring.Release(batch);
        }
    }

    [Test]
    public void ABatchIsReleasedOnce()
    {
        using var ring = new TensorRing(Plan(Volume));
        TensorBatch batch = ring.Acquire();
        ring.Release(batch);
        Assert.That(() => ring.Release(batch), Throws.InvalidOperationException);
    }

    [Test]
    public void WaitingIsMeasured_AndCancelled()
    {
        using var ring = new TensorRing(Plan(Volume), slots: 1);
        ring.Acquire();
        TimeSpan before = ring.Waited;
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(30));
        Assert.That(() => ring.Acquire(soon.Token), Throws.InstanceOf<OperationCanceledException>());
        ring.Dispose();
        Assert.That(before, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(() => ring.Acquire(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void ATensorWithGapsHasNoAddress()
    {
        using torch.Tensor whole = torch.zeros([4, 4], torch.float32);
        using torch.Tensor column = whole.select(1, 0);
        Assert.That(() => TensorAddress.Of(column), Throws.ArgumentException);
    }

    private static SynthesisPlan Plan(VolumeShape shape) => SynthesisPlan.Create(new EngineOptions
    {
        Recipe = Presets.Get(shape.Dimensions == 3 ? "rasd-3d" : "rasd-2d"),
        Shape = shape,
        BatchSize = 2,
        Seed = 3,
        Threads = 1,
    });
}
