using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;

namespace GpuSynth.Tests.Appearance;

/// <summary>The exponential of Legendre polynomials: what is its own.</summary>
[Category("Host")]
public sealed class BiasLegendreTests
{
    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Volume(7, 9, 33), VolumeShape.Image(31, 40), VolumeShape.Volume(1, 1, 17), VolumeShape.Volume(3, 1, 5), VolumeShape.Image(1, 1)];

    // MONAI's field: the sum of products of Legendre polynomials of total degree 3 at most, from -1 to 1, by their recurrence in double.
    [Test]
    public void ItIsTheSumOfProducts(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        for (int sample = 0; sample < 3; sample++)
        {
            (RenderedSample before, RenderedSample after) = Fourier.With(shape, new BiasLegendre(new UniformLaw(-0.2, 0.2)), sample, device);
            float[] coefficients = after.Drawn.List(after.Drawn.Of<BiasLegendre.Drawn>().Coefficients).ToArray();
            Assert.That(coefficients, Has.Length.EqualTo(shape.Dimensions == 3 ? 20 : 10));
            for (int voxel = 0; voxel < after.Image.Length; voxel++)
            {
                double field = Field(coefficients, shape.Dimensions,
                    At(voxel / (shape.Height * shape.Width), shape.Depth), At(voxel / shape.Width % shape.Height, shape.Height), At(voxel % shape.Width, shape.Width));
                Assert.That(after.Image[voxel], Is.EqualTo(before.Image[voxel] * Math.Exp(field)).Within(1e-6 * Math.Exp(field)), $"{shape}, voxel {voxel}");
            }
        }

        static double At(int voxel, int voxels) => voxels == 1 ? 0 : (2.0 * voxel / (voxels - 1)) - 1;
    }

    // By hand: at the last corner every polynomial is 1, and the factor is e to the sum of all coefficients; of one coefficient only, anatomix's largest, along x
    // P_3 is 5/2 x^3 - 3/2 x.
    [Test]
    public void Corners_AndASinglePolynomial_WorkedOutByHand()
    {
        VolumeShape shape = VolumeShape.Volume(5, 5, 5);
        (RenderedSample before, RenderedSample after) = Fourier.With(shape, new BiasLegendre(0.075), 1, DeviceCatalogue.Host);
        Assert.That(after.Image[^1] / before.Image[^1], Is.EqualTo(Math.Exp(20 * 0.075)).Within(1e-5));
        Recipe recipe = new(
            "one", 3, [new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null)], [new Contrast(1), new BiasLegendre(0)]);
        using SynthesisEngine engine = Rendering.Start(Rendering.Options(recipe, shape));
        DrawnSample drawn = Rendering.Sample(engine, SampleKey.Of(1)).Drawn;
        drawn.List(drawn.Of<BiasLegendre.Drawn>().Coefficients)[3] = 0.4f;
        float[] image = Rendering.Applied(engine, drawn).Image;
        double[] row = [-1, 0.4375, 0, -0.4375, 1];
        for (int voxel = 0; voxel < image.Length; voxel++)
        {
            Assert.That(image[voxel], Is.EqualTo(Math.Exp(0.4 * row[voxel % 5])).Within(1e-6));
        }
    }

    private static double Field(float[] coefficients, int dimensions, double z, double y, double x)
    {
        (double sum, int next) = (0, 0);
        for (int k = 0; k <= (dimensions == 3 ? 3 : 0); k++)
        {
            for (int j = 0; j + k <= 3; j++)
            {
                for (int i = 0; i + j + k <= 3; i++)
                {
                    sum += coefficients[next++] * Legendre(k, z) * Legendre(j, y) * Legendre(i, x);
                }
            }
        }

        return sum;
    }

    private static double Legendre(int degree, double x) => degree switch
    {
        0 => 1,
        1 => x,
        _ => ((((2 * degree) - 1) * x * Legendre(degree - 1, x)) - ((degree - 1) * Legendre(degree - 2, x))) / degree,
    };
}
