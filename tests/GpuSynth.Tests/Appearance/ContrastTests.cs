using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>Mean intensities per label: what is their own.</summary>
[Category("Host")]
public sealed class ContrastTests
{
    [Test]
    public void EveryVoxel_HasItsLabelsMean(
        [Values(1, 2, 15, 16, 17, 33, 1003)] int count, [Values(1, 4, 32, 33, 256)] int labelCount)
    {
        byte[] labels = [.. AppearanceTests.Uniforms(VolumeShape.Image(1, count), 3).Select(u => (byte)(u * labelCount))];
        float[] means = AppearanceTests.Uniforms(VolumeShape.Image(1, labelCount), 4);
        var drawn = new Contrast.Drawn { Means = new WordList(2, labelCount) };
        uint[] words = [.. Pointwise.Words(drawn), .. means.Select(BitConverter.SingleToUInt32Bits)];
        var image = new float[count];
        Pointwise.Host(new Contrast(0), words, image, labels, step: 97);
        Assert.That(image, Is.EqualTo(labels.Select(label => means[label])));
    }
}
