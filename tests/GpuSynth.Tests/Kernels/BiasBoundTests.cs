using GpuSynth.Kernels;

namespace GpuSynth.Tests.Kernels;

/// <summary>The bias field is bounded by the white noise's maximum, whatever the volume; on a device see GpuDeviceTests.</summary>
[Category("Host")]
public sealed unsafe class BiasBoundTests
{
    private const float Std = 2f;

    [Test]
    public void Factor_IsNeverNegative_AndThePlainQuotientWhereThatIsPositive()
    {
        for (int n = 0; n < 10_000; n++)
        {
            var place = new RandomPlace(3, (ulong)n, Streams.BiasLaws);
            float u = Uniform.At(place, 0);
            float largest = Normal.At(place, 64) * MathF.Pow(10f, -8f * Uniform.At(place, 128));
            double quotient = Std * NormalQuantile.OfMaximum(u, 1 + (n % 4)) / largest;
            float factor = BiasField.Factor(Std, u, 1 + (n % 4), largest);
            Assert.That(factor, Is.EqualTo((float)Math.Abs(quotient)), $"{largest}, {u}");
            float peak = (float)(Std * NormalQuantile.OfMaximum(u, 1 + (n % 4)));
            Assert.That(BiasField.Factor(peak, largest), Is.EqualTo(factor).Within(2).Ulps, "of a device");
        }
    }

    [Test]
    public void Factor_IsBounded_AndANaNStaysOne()
    {
        Assert.That(BiasField.Factor(Std, 0.9f, 2, -1e-38f), Is.EqualTo(1e30f));
        Assert.That(BiasField.Factor(3f, -1e-38f), Is.EqualTo(1e30f));
        Assert.That(BiasField.Factor(3f, 0f), Is.Zero);
        Assert.That(BiasField.Factor(float.NaN, -1f), Is.NaN);
        Assert.That(BiasField.Factor(float.NaN, 0.9f, 2, 1f), Is.NaN);
    }

    // All shapes of up to 12 voxels a side with sides of a few kinds, and all images; some samples of each.
    [TestCase(2)]
    [TestCase(3)]
    public void Field_IsAtMostTheWhiteNoises_OfThousandsOfSmallVolumes(int dimensions)
    {
        int[] sides = [1, 2, 3, 4, 7, 12];
        (int fields, int below) = (0, 0);
        foreach (int depth in dimensions == 3 ? sides : [1])
        {
            foreach (int height in dimensions == 3 ? sides : [.. Enumerable.Range(1, 12)])
            {
                foreach (int width in dimensions == 3 ? sides : [.. Enumerable.Range(1, 12)])
                {
                    VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(depth, height, width) : VolumeShape.Image(height, width);
                    for (int sample = 0; sample < 40; sample++)
                    {
                        fields++;
                        below += IsBelowZero(shape, sample) ? 1 : 0;
                    }
                }
            }
        }

        TestContext.Out.WriteLine($"{fields} fields, {below} with a largest node below 0");
        Assert.That(below, Is.GreaterThan(100), "there is something to test");
    }

    // Whether the field's largest node is below 0; asserts what holds of every field.
    private static bool IsBelowZero(VolumeShape shape, int sample)
    {
        float fwhm = 2f + (sample % 5 * 7f);
        float sigma = (float)(fwhm / Bias.FwhmPerSigma);
        var grid = new BiasGrid(shape, sigma, 83);
        var host = new BiasFieldHost(grid);
        var nodes = new float[host.NodeLength];
        var scratch = new float[Math.Max(host.DrawScratchLength, host.RowScratchLength)];
        var row = new float[HostMath.RoundUp(shape.Width, 16)];
        float u = Uniform.At(new RandomPlace(5, (ulong)sample, Streams.BiasLaws), sample);
        float peak = MathF.Abs((float)(Std * NormalQuantile.OfMaximum(u, shape.VoxelCount)));
        var place = new RandomPlace(6, (ulong)(sample + (1000 * shape.VoxelCount) + shape.Width), Streams.BiasCells);
        float most = float.NegativeInfinity;
        fixed (float* nodesAt = nodes, scratchAt = scratch, rowAt = row)
        {
            host.DrawNodes(in place, Std, [sigma, sigma, sigma], u, nodesAt, scratchAt);
            for (int line = 0; line < shape.Depth * shape.Height; line++)
            {
                host.Row(nodesAt, line / shape.Height, line % shape.Height, rowAt, scratchAt);
                foreach (float b in row.AsSpan(0, shape.Width))
                {
                    Assert.That(float.IsFinite(b), $"{shape}, sample {sample}");
                    most = MathF.Max(most, b);
                }
            }
        }

        float largest = nodes.AsSpan(0, grid.NodeCount).ToArray().Max();
        Assert.That(MathF.Abs(largest), Is.EqualTo(peak).Within(2).Ulps, $"{shape}, sample {sample}");

        // Between nodes up to the rounding of the largest of them, which may be far below 0.
        float magnitude = nodes.AsSpan(0, grid.NodeCount).ToArray().Max(MathF.Abs);
        Assert.That(most, Is.LessThanOrEqualTo(peak + (5e-7f * magnitude)), $"{shape}, sample {sample}");
        return largest < 0;
    }
}
