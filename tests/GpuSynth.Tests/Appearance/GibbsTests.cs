using System.Numerics;
using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;
using static GpuSynth.Tests.Appearance.LineOperator;

namespace GpuSynth.Tests.Appearance;

/// <summary>The ringing: what is its own.</summary>
[Category("Host")]
public sealed class GibbsTests
{
    private const int Samples = 4000;
    private const double Alpha = 1e-3;

    // Of four frequencies the highest is missing: 3/4, 1/4, -1/4, 1/4 about an impulse, round the end.
    [Test]
    public void AnImpulse_WorkedOutByHand() => Assert.That(
        Apply(new Gibbs(0.5, 3), VolumeShape.Image(1, 4), [0, 0, 1, 0]), Is.EqualTo(new[] { -0.25f, 0.25f, 0.75f, 0.25f }).Within(1e-7f));

    // A transform to frequencies, a cut, and one back, in double.
    [Test]
    public void ItsMatrix_IsACutOfFrequencies(
        [ValueSource(typeof(LineOperator), nameof(Lengths))] int length, [Values(0, 0.3, 0.5, 0.77, 0.98, 1)] double kept, [Range(0, 2)] int axis)
    {
        double[,] matrix = Matrix(new Gibbs(kept, 3), length, axis);
        var cut = new double[length, length];
        int highest = (int)((float)kept * (double)length / 2);
        for (int column = 0; column < length; column++)
        {
            for (int row = 0; row < length; row++)
            {
                Complex sum = 0;
                for (int k = 0; k < length; k++)
                {
                    int frequency = 2 * k > length ? k - length : k;
                    bool isKept = Math.Abs(frequency) <= highest || (2 * highest) + 1 >= length;
                    sum += isKept ? Complex.FromPolarCoordinates(1.0 / length, 2 * Math.PI * k * (row - column) / length) : 0;
                }

                cut[row, column] = sum.Real;
                Assert.That(sum.Imaginary, Is.EqualTo(0).Within(1e-12));
            }
        }

        Assert.That(Difference(matrix, cut), Is.LessThan(1e-6));
        Assert.That(Difference(Product(matrix, matrix), matrix), Is.LessThan(2e-6), "done twice it is done once");
        for (int row = 0; row < length; row++)
        {
            Assert.That(Enumerable.Range(0, length).Sum(column => matrix[row, column]), Is.EqualTo(1).Within(1e-5), "the mean stays");
        }
    }

    // Wilbraham's constant: 8.95 % of a step, however many frequencies; of a line of voxels a little less is seen.
    [TestCase(0.25)]
    [TestCase(0.5)]
    public void AStep_Overshoots_ByAsMuchAsItMust(double kept)
    {
        float[] after = Apply(new Gibbs(kept, 3), VolumeShape.Image(1, 192), [.. Enumerable.Range(0, 192).Select(static x => x < 96 ? 0f : 1f)]);
        Assert.That(after.Max(), Is.InRange(1.05f, 1.0896f));
        Assert.That(after.Min(), Is.InRange(-0.0896f, -0.05f));
    }

    [Test]
    public void HowManyAxes_AndWhich_Binomial_n4000_alpha1e3_seed9([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(9, 9, 9) : VolumeShape.Image(9, 9);
        double allowed = NormalQuantile.AtUpperTail(Alpha / 2 / 3) / Math.Sqrt(Samples);
        Assert.That(allowed / 2, Is.LessThan(0.03), "n does not suffice to see a share that is off by 0.06");
        for (int axes = 1; axes <= 3; axes++)
        {
            var layout = new RowLayout([new Gibbs(0.5, axes)], new SampleFacts(shape, 1));
            uint[] row = new uint[layout.Length];
            int[] acts = [0, 0, 0];
            for (int sample = 0; sample < Samples; sample++)
            {
                layout.Draw(9, SampleKey.Of(sample), row);
                layout.Prepare(row);
                Gibbs.Drawn drawn = layout.Of<Gibbs.Drawn>(row);
                Assert.That(drawn.ActsZ + drawn.ActsY + drawn.ActsX, Is.EqualTo(Math.Min(axes, dimensions)));
                acts = [acts[0] + drawn.ActsZ, acts[1] + drawn.ActsY, acts[2] + drawn.ActsX];
            }

            for (int axis = 0; axis < 3; axis++)
            {
                double share = axis < 3 - dimensions ? 0 : (double)Math.Min(axes, dimensions) / dimensions;
                Assert.That((double)acts[axis] / Samples, Is.EqualTo(share).Within(allowed * Math.Sqrt(share * (1 - share))), $"axis {axis} of {axes}");
            }
        }
    }

    // The same bits at any width of vectors, and the product in double.
    [Test]
    public unsafe void AProductOfLines_HasTheBitsOfAnyMachine([Values(1, 2, 5, 33)] int length, [Values(16, 48, 64)] int width)
    {
        Random random = new(length);
        float[] matrix = [.. Enumerable.Range(0, length * length).Select(_ => random.NextSingle() - 0.5f)];
        float[] lines = [.. Enumerable.Range(0, length * HostLines.Width).Select(_ => random.NextSingle())];
        (float[] wide, float[] narrow) = (new float[lines.Length], new float[lines.Length]);
        fixed (float* m = matrix, x = lines, one = wide, other = narrow)
        {
            LineProduct.Run<Real16, Word16>(m, length, length, width, x, one);
            LineProduct.Run<Real8, Word8>(m, length, length, width, x, other);
        }

        for (int row = 0; row < length; row++)
        {
            for (int line = 0; line < width; line++)
            {
                int at = (row * HostLines.Width) + line;
                double exact = Enumerable.Range(0, length).Sum(k => (double)matrix[(row * length) + k] * lines[(k * HostLines.Width) + line]);
                Assert.That(BitConverter.SingleToInt32Bits(wide[at]), Is.EqualTo(BitConverter.SingleToInt32Bits(narrow[at])));
                Assert.That(wide[at], Is.EqualTo(exact).Within(1e-5));
            }
        }
    }
}
