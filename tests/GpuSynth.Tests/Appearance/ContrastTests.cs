using GpuSynth.Kernels;
using GpuSynth.Tests.Components;
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

    // Others are 0.3 exactly: what is uniform on 0 to 1 and 0.4 away at least is uniform on 0.7 to 1. n suffices to see a law that is off by 0.045.
    [Test]
    public void WhatKeepsAway_IsUniformOnWhatIsLeft_KS_n4000_alpha1e3_seed20261129()
    {
        var contrast = new Contrast(0.3, Apart: [1, 3], ApartBy: 0.4, ApartMean: new UniformLaw(0, 1));
        float[][] means = [.. Enumerable.Range(0, 2000).Select(sample => Means(contrast, sample))];
        double[] apart = [.. means.SelectMany(static one => new[] { one[1], one[3] }).Select(static mean => (double)mean)];
        double critical = Ladder.Critical(1e-3, apart.Length);
        Assert.That(critical, Is.LessThan(0.045), "n does not suffice");
        Assert.That(Ladder.KolmogorovSmirnov(apart, static mean => Math.Clamp((mean - 0.7) / 0.3, 0, 1)), Is.LessThan(critical));
        Assert.That(means.Select(static one => one[0]).Concat(means.Select(static one => one[2])), Is.All.EqualTo(0.3f));
    }

    // Of those that are named, the average counts, and nobody else's mean is another one.
    [Test]
    public void Means_KeepAwayFromTheAverageOfThoseThatAreNamed()
    {
        var law = new UniformLaw(0, 1);
        var apart = new Contrast(law, Apart: [2], ApartBy: 0.4, ApartFrom: [0, 3]);
        int moved = 0;
        for (int sample = 0; sample < 500; sample++)
        {
            float[] bare = Means(new Contrast(law), sample);
            float[] means = Means(apart, sample);
            Assert.That(Math.Abs(means[2] - ((means[0] + (double)means[3]) / 2)), Is.GreaterThanOrEqualTo(0.4));
            moved += means[2] == bare[2] ? 0 : 1;
            bare[2] = means[2];
            Assert.That(means, Is.EqualTo(bare));
        }

        Assert.That(moved, Is.EqualTo(500));
    }

    // Where a law has nothing far enough away, what is farthest; where nobody is named that is there, anything.
    [Test]
    public void WhatCannotKeepAway_IsAsFarAsItComes()
    {
        Assert.That(Means(new Contrast(0.3, Apart: [1], ApartBy: 5, ApartMean: new ChoiceLaw([0.2, 0.9])), 1)[1], Is.EqualTo(0.9f));
        Assert.That(Means(new Contrast(0.3, Apart: [1], ApartBy: 5, ApartFrom: [200], ApartMean: 0.2), 1)[1], Is.EqualTo(0.2f));
    }

    private static float[] Means(Contrast contrast, int sample)
    {
        var drawn = new DrawnSample(new RowLayout([contrast], ComponentRow.Facts));
        drawn.Draw(20261129, SampleKey.Of(sample));
        return drawn.List(drawn.Of<Contrast.Drawn>().Means).ToArray();
    }
}
