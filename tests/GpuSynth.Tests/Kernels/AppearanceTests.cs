using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

public sealed class AppearanceTests
{
    private const ulong Seed = 7;
    private static readonly VolumeShape[] Shapes = Ladder.Shapes;

    [Test]
    public void Contrast_IsTheMeanOfTheLabel([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        byte[] labels = [.. Uniforms(shape, 1).Select(u => (byte)(u * 5))];
        float[] means = [0.25f, 0f, 1f, 0.5f, 0.125f];
        using var deviceLabels = KernelDevice.Upload(labels);
        using var deviceMeans = KernelDevice.Upload(means);
        using var image = KernelDevice.Upload(new float[labels.Length]);
        new Contrast.Launcher(KernelDevice.Accelerator).Run(KernelDevice.Stream, deviceLabels.View, deviceMeans.View, image.View);
        Assert.That(KernelDevice.Download(image), Is.EqualTo(Contrast.ReferenceImage(labels, means).Select(v => (float)v)));
    }

    [Test]
    public void WhiteNoise_Ladder([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] before = Uniforms(shape, 2);
        var place = new RandomPlace(Seed, 11, Streams.NoiseVoxels);
        double[] reference = WhiteNoise.ReferenceImage(before, 0.3f, place);
        float[] plain = [.. before.Select((value, voxel) => WhiteNoise.Voxel(value, 0.3f, place, voxel))];
        using var image = KernelDevice.Upload(before);
        new WhiteNoise.Launcher(KernelDevice.Accelerator).Run(KernelDevice.Stream, image.View, place, 0.3f);
        Ladder.AssertRounding(reference, plain, roundings: 8);
        Ladder.AssertHolds(reference, plain, KernelDevice.Download(image));
    }

    [Test]
    public void MinMax_Ladder([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] before = [.. Uniforms(shape, 3).Select(u => (3f * u) - 0.7f)];
        float minimum = before.Min();
        float maximum = before.Max();
        double[] reference = MinMax.ReferenceImage(before, 1e-6);
        float range = MinMax.Range(minimum, maximum, 1e-6f);
        float[] plain = [.. before.Select(value => MinMax.Voxel(value, minimum, range))];
        using var image = KernelDevice.Upload(before);
        new MinMax.Launcher(KernelDevice.Accelerator).Run(KernelDevice.Stream, image.View, minimum, maximum, 1e-6f);
        Ladder.AssertRounding(reference, plain, roundings: 4);
        Ladder.AssertHolds(reference, plain, KernelDevice.Download(image));
        Assert.That(plain.Min(), Is.EqualTo(0f));
        Assert.That(plain.Max(), Is.LessThanOrEqualTo(1f));
    }

    [Test]
    public void MinMax_MakesAFlatVolumeZero()
    {
        float[] flat = [0.4f, 0.4f, 0.4f];
        using var image = KernelDevice.Upload(flat);
        new MinMax.Launcher(KernelDevice.Accelerator).Run(KernelDevice.Stream, image.View, 0.4f, 0.4f, 1e-6f);
        Assert.That(KernelDevice.Download(image), Is.All.EqualTo(0f));
    }

    [Test]
    public void Gamma_Ladder(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(0.5f, 1f, 1.37f)] float exponent)
    {
        float[] before = Uniforms(shape, 4);
        before[0] = 0f;
        before[^1] = 1f;
        double[] reference = Gamma.ReferenceImage(before, exponent);
        float[] plain = [.. before.Select(value => Gamma.Voxel(value, exponent))];
        using var image = KernelDevice.Upload(before);
        new Gamma.Launcher(KernelDevice.Accelerator).Run(KernelDevice.Stream, image.View, exponent);
        Ladder.AssertRounding(reference, plain, roundings: 2);
        Ladder.AssertHolds(reference, plain, KernelDevice.Download(image));
    }

    [Test]
    public void Gamma_KeepsTheEnds_AndLetsANaNThrough([Values(0.5f, 1f, 1.5f)] float exponent)
    {
        Assert.That(Gamma.Voxel(0f, exponent), Is.EqualTo(0f));
        Assert.That(Gamma.Voxel(1f, exponent), Is.EqualTo(1f));
        Assert.That(Gamma.Voxel(-0.1f, exponent), Is.EqualTo(0f));
        Assert.That(Gamma.Voxel(1.1f, exponent), Is.EqualTo(1f));
        Assert.That(Gamma.Voxel(float.NaN, exponent), Is.NaN);
    }

    [Test]
    public void BlurWeights_SumToOne_AndAreTheIdentityAtNoSigma(
        [Values(0f, float.Epsilon, 1e-3f, 0.1f, 0.5f, 1f, 30f)] float sigma, [Values(1, 3, 7, 83)] int taps)
    {
        float[] weights = Blur.Weights(sigma, taps);
        Assert.That(weights.Sum(w => (double)w), Is.EqualTo(1).Within(1e-6));
        Assert.That(weights, Is.EqualTo(weights.Reverse()));
        if (sigma < 0.01f)
        {
            Assert.That(weights, Is.EqualTo(Enumerable.Range(0, taps).Select(tap => tap == taps / 2 ? 1f : 0f)));
        }
    }

    [Test]
    public void BlurWeights_RefuseWhatIsWrong()
    {
        Assert.That(() => Blur.Weights(-1f, 7), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Blur.Weights(float.NaN, 7), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Blur.Weights(1f, 6), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Blur.Weights(1f, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    // The device form is the plain float mathematics here: three passes of seven products each, so 24 roundings at most.
    [Test]
    public void Blur_EqualsReference_UpToRounding([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] before = Uniforms(shape, 5);
        float[] sigmas = [0.3f, 0.9f, 0.6f];
        double[] reference = Blur.ReferenceImage([.. before.Select(v => (double)v)], shape, sigmas, 7);
        Ladder.AssertRounding(reference, DeviceBlur(before, shape, sigmas, 7), roundings: 24);
    }

    [Test]
    public void Blur_LosesWhatFallsOutside()
    {
        VolumeShape shape = VolumeShape.Image(1, 3);
        float[] weights = Blur.Weights(1f, 7);
        float[] blurred = DeviceBlur([0f, 0f, 1f], shape, [1f, 0f, 1f], 7);
        Assert.That(blurred, Is.EqualTo(new[] { weights[1], weights[2], weights[3] }));
    }

    [Test]
    public void Launchers_RefuseLengthsThatDoNotFit()
    {
        using var three = KernelDevice.Upload(new float[3]);
        using var four = KernelDevice.Upload(new float[4]);
        using var labels = KernelDevice.Upload(new byte[4]);
        var blur = new Blur.Launcher(KernelDevice.Accelerator);
        var contrast = new Contrast.Launcher(KernelDevice.Accelerator);
        var gamma = new Gamma.Launcher(KernelDevice.Accelerator);
        Assert.That(
            () => contrast.Run(KernelDevice.Stream, labels.View, three.View, three.View),
            Throws.ArgumentException.With.Message.StartsWith("imageDHW holds 3 values, expected 4."));
        Assert.That(
            () => blur.Run(KernelDevice.Stream, four.View, three.View, three.View, VolumeShape.Image(2, 2), 2),
            Throws.ArgumentException.With.Message.StartsWith("targetDHW holds 3 values, expected 4."));
        Assert.That(() => gamma.Run(KernelDevice.Stream, four.View, float.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => gamma.Run(KernelDevice.Stream, four.View, 0f), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    // What a kernel takes by value goes to the device byte for byte: sequential, four-byte fields, no padding.
    [Test]
    public void DeviceStructs_HaveTheSizeOfTheirFields()
    {
        Assert.That(Marshal.SizeOf<RandomPlace>(), Is.EqualTo(20));
        Assert.That(Marshal.SizeOf<UInt4>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<BlurAxis>(), Is.EqualTo(12));
        Assert.That(Marshal.SizeOf<BiasAxis>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<GridSpan>(), Is.EqualTo(32));
        Assert.That(Marshal.SizeOf<ReductionPartial>(), Is.EqualTo(16));
    }

    internal static float[] Uniforms(VolumeShape shape, ulong sample)
    {
        var place = new RandomPlace(Seed, sample, Streams.ContrastLaws);
        return [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel => Uniform.At(place, voxel))];
    }

    internal static float[] DeviceBlur(float[] before, VolumeShape shape, float[] sigmasZYX, int taps)
    {
        var launcher = new Blur.Launcher(KernelDevice.Accelerator);
        using var first = KernelDevice.Upload(before);
        using var second = KernelDevice.Upload(new float[before.Length]);
        MemoryBuffer1D<float, Stride1D.Dense> source = first;
        MemoryBuffer1D<float, Stride1D.Dense> target = second;
        for (int axis = shape.Dimensions == 3 ? 0 : 1; axis < 3; axis++)
        {
            using var weights = KernelDevice.Upload(Blur.Weights(sigmasZYX[axis], taps));
            launcher.Run(KernelDevice.Stream, source.View, target.View, weights.View, shape, axis);
            KernelDevice.Accelerator.Synchronize();
            (source, target) = (target, source);
        }

        return KernelDevice.Download(source);
    }
}
