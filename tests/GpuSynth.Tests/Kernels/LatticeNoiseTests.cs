using GpuSynth.Kernels;

namespace GpuSynth.Tests.Kernels;

/// <summary>Unit lattice noise and fractal noise: laws, correlations and spectra against their formulas.</summary>
[Category("Host")]
public sealed unsafe class LatticeNoiseTests
{
    private static readonly VolumeShape Volume = VolumeShape.Cubic(3, 8);
    private static readonly VolumeShape Image = VolumeShape.Cubic(2, 8);

    // At a lattice point its number; in the middle of a cell the sum of its corners over the root of their count.
    [Test]
    public void AtAPointAndInTheMiddle_TheValueIsThatByHand()
    {
        float[] volume = Tile(Volume);
        (int side, int plane) = (LatticeTile.VolumeSide, LatticeTile.VolumeSide * LatticeTile.VolumeSide);
        int[] corners = [0, 1, side, side + 1, plane, plane + 1, plane + side, plane + side + 1];
        int first = (3 * plane) + (31 * side) + 30;
        Assert.That(At(volume, isFlat: false, 3, 31, 30), Is.EqualTo((double)volume[first]));

        // One row up from the last is the first, and so it is whole tiles away.
        double sum = corners.Sum(corner => (double)volume[first + corner - (corner % plane >= side ? plane : 0)]);
        Assert.That(At(volume, isFlat: false, 3.5, 31.5, 30.5), Is.EqualTo(sum / Math.Sqrt(8)).Within(1e-6));
        Assert.That(At(volume, isFlat: false, 3.5 - 64, 31.5 + 32, 30.5 - 32), Is.EqualTo(sum / Math.Sqrt(8)).Within(1e-6));

        float[] image = Tile(Image);
        Assert.That(At(image, isFlat: true, 99, 5, 7), Is.EqualTo((double)image[(5 * LatticeTile.ImageSide) + 7]));
        double four = image[0] + (double)image[1] + image[LatticeTile.ImageSide] + image[LatticeTile.ImageSide + 1];
        Assert.That(At(image, isFlat: true, 0, 0.5, 0.5), Is.EqualTo(four / 2).Within(1e-6));
    }

    // One voxel over tiles of many samples.
    [TestCase(0.0, 0.0, 0.0)]
    [TestCase(0.5, 0.5, 0.5)]
    [TestCase(0.5, 0.0, 0.25)]
    public void OneVoxel_KS_n20000_alpha1e3(double z, double y, double x)
    {
        const int n = 20_000;
        foreach (bool isFlat in new[] { false, true })
        {
            float[] tile = new float[LatticeTile.Length(isFlat ? Image : Volume)];
            int side = isFlat ? LatticeTile.ImageSide : LatticeTile.VolumeSide;
            double[] values = [.. Enumerable.Range(0, n).Select(sample =>
            {
                RandomPlace place = new(7, (ulong)sample, 50);
                foreach (int node in new[] { 0, 1, side, side + 1 })
                {
                    tile[node] = Normal.At(place, node);
                    tile[(side * side * (isFlat ? 0 : 1)) + node] = Normal.At(place, node + (isFlat ? 0 : 64));
                }

                return At(tile, isFlat, z, y, x);
            })];
            Assert.That(Ladder.KolmogorovSmirnov(values, NormalLaw), Is.LessThan(Ladder.Critical(1e-3, n)), $"flat: {isFlat}");
        }
    }

    // Along an axis the other axes' weights cancel: the mean over t of sum w(t) w(t + d) / sqrt(sum w(t)^2 sum w(t + d)^2).
    [TestCase(0.25)]
    [TestCase(0.5)]
    [TestCase(1.0)]
    [TestCase(1.5)]
    [TestCase(2.0)]
    [TestCase(2.75)]
    public void TheCorrelationAlongAnAxis_IsThatOfTheFormula_AndNoneBeyondTwoSteps(double lag)
    {
        const int steps = 20_000;
        double expected = Enumerable.Range(0, steps).Average(step => Correlation((step + 0.5) / steps, lag));
        Assert.That(expected, lag >= 2 ? Is.Zero : Is.GreaterThan(0.01));
        foreach (bool isFlat in new[] { false, true })
        {
            float[] tile = Tile(isFlat ? Image : Volume);
            Random random = new(3);
            double sum = 0;
            const int n = 200_000;
            for (int draw = 0; draw < n; draw++)
            {
                (double z, double y, double x) = (32 * random.NextDouble(), 128 * random.NextDouble(), 128 * random.NextDouble());
                sum += At(tile, isFlat, z, y, x) * At(tile, isFlat, z, y, x + lag);
            }

            // A tile has 16,384 numbers at least, of which those beside each other count about eight times.
            Assert.That(sum / n, Is.EqualTo(expected).Within(5 * Math.Sqrt(8.0 / 16_384)), $"flat: {isFlat}");
        }
    }

    // An offset of the tile moves the noise, and nothing else.
    [Test]
    public void AnOffset_MovesTheNoise()
    {
        float[] tile = Tile(Volume);
        for (int x = 0; x < 40; x++)
        {
            // Spacing 4, offset 2.5 steps: ten voxels on.
            Assert.That(At(tile, false, 0.25, 1.5, (x / 4.0) + 2.5), Is.EqualTo(At(tile, false, 0.25, 1.5, (x + 10) / 4.0)));
        }
    }

    // Octaves twice as wide and 2^H times as strong each: the deviation is 1, and the spectrum of a cut falls as k^-(2 H + 1), well between the widths
    // of the first and the last, for a lattice is no pure tone.
    [TestCase(0.25)]
    [TestCase(0.5)]
    [TestCase(1.0)]
    public void FractalNoise_HasDeviation1_AndTheSlopeOfItsSpectrum(double hurst)
    {
        const int octaves = 7;
        const int length = 1024;
        const double spacing = 2;
        double first = FractalNoise.FirstStrength(octaves, hurst);
        int[] waves = [.. Enumerable.Range(0, 13).Select(static step => (int)Math.Round(16 * Math.Pow(2, step / 4.0)))];
        var power = new double[waves.Length];
        (double squares, long count) = (0, 0);
        Random random = new(4);
        for (int line = 0; line < 300; line++)
        {
            float[] tile = Tile(Image, (ulong)line);
            (double y, double x) = (128 * random.NextDouble(), 128 * random.NextDouble());
            double[] values = [.. Enumerable.Range(0, length).Select(at => first * Fractal(tile, y, x + (at / spacing), octaves - 1, Math.Pow(2, hurst)))];
            squares += values.Sum(static value => value * value);
            count += length;
            for (int wave = 0; wave < waves.Length; wave++)
            {
                power[wave] += Power(values, waves[wave]);
            }
        }

        double slope = Slope([.. waves.Zip(power, static (wave, one) => (Math.Log(wave), Math.Log(one)))]);
        TestContext.Out.WriteLine($"H {hurst}: deviation {Math.Sqrt(squares / count):f3}, slope {slope:f2}, formula {-((2 * hurst) + 1):f2}");
        Assert.That(Math.Sqrt(squares / count), Is.EqualTo(1).Within(0.06));
        Assert.That(slope, Is.EqualTo(-((2 * hurst) + 1)).Within(0.2));
    }

    private static double Correlation(double t, double lag)
    {
        (int cells, double s) = ((int)Math.Floor(t + lag), (t + lag) - Math.Floor(t + lag));
        double shared = cells == 0 ? ((1 - t) * (1 - s)) + (t * s) : cells == 1 ? t * (1 - s) : 0;
        return shared / Math.Sqrt(((t * t) + ((1 - t) * (1 - t))) * ((s * s) + ((1 - s) * (1 - s))));
    }

    private static double NormalLaw(double value)
    {
        (double low, double high) = (1e-12, 1 - 1e-12);
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = NormalQuantile.At(middle) < value ? (middle, high) : (low, middle);
        }

        return low;
    }

    private static float[] Tile(VolumeShape shape, ulong sample = 0)
    {
        var tile = new float[LatticeTile.Length(shape)];
        fixed (float* at = tile)
        {
            Normal.HostFill(at, tile.Length, new RandomPlace(11, sample, 50));
        }

        return tile;
    }

    private static double At(float[] tile, bool isFlat, double z, double y, double x)
    {
        fixed (float* at = tile)
        {
            var lattice = new LatticeTile(new NumberTable(at), 0, isFlat ? 1 : 0);
            return lattice.At<RealExact, WordExact>(new(z), new(y), new(x)).V;
        }
    }

    private static double Fractal(float[] tile, double y, double x, int more, double rise)
    {
        fixed (float* at = tile)
        {
            var lattice = new LatticeTile(new NumberTable(at), 0, 1);
            return FractalNoise.At<RealExact, WordExact>(in lattice, new(0), new(y), new(x), more, new(rise)).V;
        }
    }

    // |DFT|^2 of a line under a Hann window.
    private static double Power(double[] values, int wave)
    {
        (double real, double imaginary) = (0, 0);
        for (int at = 0; at < values.Length; at++)
        {
            double window = 0.5 - (0.5 * Math.Cos(2 * Math.PI * (at + 0.5) / values.Length));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * wave * at / values.Length);
            real += window * values[at] * cosine;
            imaginary += window * values[at] * sine;
        }

        return (real * real) + (imaginary * imaginary);
    }

    private static double Slope((double X, double Y)[] points)
    {
        (double x, double y) = (points.Average(static one => one.X), points.Average(static one => one.Y));
        return points.Sum(one => (one.X - x) * (one.Y - y)) / points.Sum(one => (one.X - x) * (one.X - x));
    }
}
