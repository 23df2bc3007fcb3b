using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

/// <summary>The steps of the appearance in plain float, one voxel at a time, and what they take.</summary>
[Category("Host")]
public sealed class AppearanceTests
{
    private const ulong Seed = 7;
    private static readonly VolumeShape[] Shapes = Ladder.Shapes;

    [Test]
    public void WhiteNoise_InPlainFloat_IsTheReference_UpToRounding([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] before = Uniforms(shape, 2);
        var place = new RandomPlace(Seed, 11, Streams.NoiseVoxels);
        double[] reference = WhiteNoise.ReferenceImage(before, 0.3f, place);
        float[] plain = [.. before.Select((value, voxel) => WhiteNoise.Voxel(value, 0.3f, place, voxel))];
        Ladder.AssertRounding(reference, plain, roundings: 8);
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

    // Three passes of seven products each, so 24 roundings at most.
    [Test]
    public void Blur_InPlainFloat_IsTheReference_UpToRounding([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] before = Uniforms(shape, 5);
        float[] sigmas = [0.3f, 0.9f, 0.6f];
        double[] reference = Blur.ReferenceImage([.. before.Select(v => (double)v)], shape, sigmas, 7);
        Ladder.AssertRounding(reference, PlainForms.Blur(before, shape, sigmas, 7), roundings: 24);
    }

    internal static float[] Uniforms(VolumeShape shape, ulong sample)
    {
        var place = new RandomPlace(Seed, sample, Streams.ContrastLaws);
        return [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel => Uniform.At(place, voxel))];
    }
}
