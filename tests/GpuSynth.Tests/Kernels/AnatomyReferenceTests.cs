using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

/// <summary>The references against what can be worked out by hand.</summary>
[Category("Host")]
public sealed class AnatomyReferenceTests
{
    [Test]
    public void Upsample_ReproducesALinearFunction_AndSumsScales()
    {
        VolumeShape shape = VolumeShape.Volume(5, 7, 9);
        var layout = new NoiseGridLayout(shape, [2, 3], channels: 2);
        var nodes = new float[layout.Length];
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            (int nodesZ, int nodesY, int nodesX) = layout.Nodes(scale);
            for (int z = 0; z < nodesZ; z++)
            {
                for (int y = 0; y < nodesY; y++)
                {
                    for (int x = 0; x < nodesX; x++)
                    {
                        nodes[layout.Offset(scale, 1) + (((z * nodesY) + y) * nodesX) + x] =
                            (100f * z / (nodesZ - 1)) + (10f * y / (nodesY - 1)) + ((float)x / (nodesX - 1));
                    }
                }
            }
        }

        Assert.That(NoiseField.ReferenceUpsample(layout, nodes, 0), Is.All.EqualTo(0));
        double[] upsampled = NoiseField.ReferenceUpsample(layout, nodes, 1);
        Assert.That(upsampled[0], Is.EqualTo(0));
        Assert.That(upsampled[^1], Is.EqualTo(222).Within(1e-4));
        Assert.That(upsampled[(((2 * 7) + 3) * 9) + 4], Is.EqualTo(111).Within(1e-4));
        Assert.That(upsampled[(((1 * 7) + 0) * 9) + 2], Is.EqualTo(50.5).Within(1e-4));
    }

    // p' = p S / (S - 1) - 1/2 without displacement: on an axis of 2 voxels, x = 0 is sampled at -1/2 and x = 1 at 3/2.
    [Test]
    public void WarpedField_FollowsTheHalfVoxelSlip_AndTheZeroBorder()
    {
        VolumeShape shape = VolumeShape.Image(1, 2);
        var layout = new NoiseGridLayout(shape, [1], channels: 1);
        float[] nodes = [3f, 5f, 3f, 5f];
        double[] still = [1.5, 2.5];
        Assert.That(NoiseAnatomy.ReferenceWarpedField(shape, layout, nodes, null, [], 0), Is.EqualTo(still).Within(1e-12));
        var displacementLayout = new NoiseGridLayout(shape, [1], channels: 2);
        float[] shift = [.. Enumerable.Repeat(9f, 4), .. Enumerable.Repeat(0.5f, 4)];
        double[] moved = [4, 0];
        Assert.That(
            NoiseAnatomy.ReferenceWarpedField(shape, layout, nodes, displacementLayout, shift, 0),
            Is.EqualTo(moved).Within(1e-12));
    }

    [Test]
    public void Labels_LowestWinsATie_AndTheMarginIsTheSecondBest()
    {
        VolumeShape shape = VolumeShape.Volume(1, 1, 1);
        var layout = new NoiseGridLayout(shape, [1], channels: 4);
        float[] scores = [1f, 7f, 4f, 7f];
        float[] nodes = [.. scores.SelectMany(v => Enumerable.Repeat(v, layout.NodesPerChannel(0)))];
        var labels = new byte[1];
        var margins = new double[1];
        NoiseAnatomy.ReferenceLabels(shape, layout, nodes, null, [], labels, margins);
        Assert.That(labels[0], Is.EqualTo(1));
        Assert.That(margins[0], Is.EqualTo(0));
        nodes[^1] = 6.5f;
        Array.Fill(nodes, 6.5f, layout.Offset(0, 3), layout.NodesPerChannel(0));
        NoiseAnatomy.ReferenceLabels(shape, layout, nodes, null, [], labels, margins);
        Assert.That(margins[0], Is.EqualTo(0.5));
    }
}
