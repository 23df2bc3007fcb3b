using GpuSynth.Kernels;
using GpuSynth.Tests.Components;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>Rician and non-central chi noise: what is its own.</summary>
[Category("Host")]
public sealed class RicianNoiseTests
{
    private const int Voxels = 40_000;

    // E[M^2] = I^2 + 2 L s^2, and Var[M^2] = 4 s^4 L + 4 s^2 I^2.
    [Test]
    public void TheMeanSquare_IsThatOfTheLaw([Values(0f, 0.5f, 1f)] float value, [Values(1, 2, 4, 16)] int coils, [Values(0.1f, 1f)] float std)
    {
        float[] made = Made(value, std, coils, 1);
        double square = std * std;
        double mean = (value * value) + (2 * coils * square);
        double deviation = Math.Sqrt(((4 * coils * square * square) + (4 * square * value * value)) / made.Length);
        Assert.That(made.Average(one => (double)one * one), Is.EqualTo(mean).Within(5 * deviation));
    }

    // Kolmogorov and Smirnov: the largest difference of the distributions exceeds 1.95 / sqrt(n) in one of 1,000 fair draws.
    [Test]
    public void WithoutSignal_OneCoilIsRayleigh()
    {
        float[] made = [.. Made(0, 0.3f, 1, 1).Order()];
        double largest = made.Select((one, place) => Math.Abs(((place + 0.5) / made.Length) - (1 - Math.Exp(-one * one / (2 * 0.09))))).Max();
        Assert.That(largest, Is.LessThan(1.95 / Math.Sqrt(made.Length)));
    }

    [Test]
    public void WithoutNoise_TheMagnitudeIsLeft([Values(-2f, 0f, 0.7f)] float value) =>
        Assert.That(Made(value, 0, 3, 1), Is.All.EqualTo(Math.Abs(value)));

    // Twice the factor, twice the noise: at the last voxels of a field that rises along x.
    [Test]
    public void TheField_ScalesTheNoise_LinearBetweenItsNodes()
    {
        ComponentRow row = Row(1, 1, 2);
        Span<float> nodes = System.Runtime.InteropServices.MemoryMarshal.Cast<uint, float>(row.Words)
            .Slice(row.Layout.Entries[0].Lists, RowField.Length(2, ComponentRow.Facts.Shape));
        for (int node = 0; node < nodes.Length; node++)
        {
            nodes[node] = 1 + node;
        }

        // Of 64 x 2 x 3 voxels: z in steps of 4 / 63, y in steps of 2, x in steps of 1 / 2.
        RowField field = row.Layout.Of<RicianNoise.Drawn>(row.Words).Field;
        foreach ((int z, int y, int x) in new[] { (0, 0, 0), (0, 0, 1), (0, 1, 2), (21, 0, 0), (63, 1, 2) })
        {
            double at = field.At<RealExact, WordExact>(row.Row, new WordExact((uint)((((z * 2) + y) * 3) + x))).V;
            Assert.That(at, Is.EqualTo(1 + (4 * z / 63.0) + (2 * y) + (x / 2.0)).Within(1e-6), $"{z} {y} {x}");
        }
    }

    // The host walks along rows: there the field is what it is voxel by voxel, and the same bits wherever a piece of it begins.
    [Test]
    public unsafe void TheFieldAlongRows_IsThatOfItsVoxels([Values(1, 2, 5)] int nodes, [Values(8, 16)] int lanes)
    {
        var noise = new RicianNoise(1, 1, new UniformLaw(0.5, 1.5), nodes);
        ComponentRow row = new([noise], 5, (0, 1));
        RowField field = row.Layout.Of<RicianNoise.Drawn>(row.Words).Field;
        int voxels = (int)ComponentRow.Facts.Shape.VoxelCount;
        float[] whole = Along(field, row, lanes, 0, voxels);
        Assert.Multiple(() =>
        {
            Assert.That(
                whole.Select((value, voxel) => value - field.At<RealExact, WordExact>(row.Row, new WordExact((uint)voxel)).V), Is.All.EqualTo(0).Within(1e-6));
            foreach ((int first, int count) in new[] { (0, 1), (1, 7), (5, 20), (17, voxels - 17) })
            {
                Assert.That(Along(field, row, lanes, first, count), Is.EqualTo(whole[first..(first + count)]), $"{count} from {first}");
            }
        });
    }

    // A word of Philox is 45 instructions and a number of it 4, a logarithm 21; the products of four numbers share one.
    [TestCase(1, 0, 0)]
    [TestCase(2, 1, 1)]
    [TestCase(5, 4, 1)]
    [TestCase(16, 15, 4)]
    public void ItsCost_IsThatOfTheCoilsThatWereDrawn(int coils, int numbers, int logarithms)
    {
        double more = Cost(coils).Instructions - Cost(1).Instructions;
        Assert.That(more, Is.EqualTo((numbers * (45 + 4)) + (numbers - logarithms) + (logarithms * (21 + 1))).Within(1e-9));

        static LaneCost Cost(int coils)
        {
            ComponentRow row = Row(1, coils, 1);
            RowEntry entry = row.Layout.Entries[0];
            return ((IVoxelComponent)entry.Component).CostOf(new StepPlace(entry, ComponentRow.Slot, row.Layout.Facts), row.Row);
        }
    }

    private static unsafe float[] Along(RowField field, ComponentRow row, int lanes, int first, int count)
    {
        float* to = stackalloc float[count + 16];
        if (lanes == 16)
        {
            field.HostFill<Real16, Word16>(row.Row, to, ComponentRow.Facts.Shape, first, count);
        }
        else
        {
            field.HostFill<Real8, Word8>(row.Row, to, ComponentRow.Facts.Shape, first, count);
        }

        return new Span<float>(to, count).ToArray();
    }

    private static float[] Made(float value, float std, int coils, int nodes) =>
        LaneRuns.Host(Row(std, coils, nodes), [.. Enumerable.Repeat(value, Voxels)], new byte[Voxels], HostStep.Lanes);

    private static ComponentRow Row(float std, int coils, int nodes) => new([new RicianNoise(std, coils, 1, nodes)], 5, (0, 1));
}
