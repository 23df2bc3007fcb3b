using System.Numerics;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Appearance.LineOperator;

namespace GpuSynth.Tests.Appearance;

/// <summary>Motion between segments of k-space: what is its own.</summary>
[Category("Host")]
public sealed class MotionTests
{
    private const int Samples = 4000;
    private const double Alpha = 1e-3;

    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Image(48, 48), VolumeShape.Image(47, 35), VolumeShape.Volume(48, 5, 7), VolumeShape.Volume(9, 31, 8), VolumeShape.Volume(17, 6, 48)];

    private static IEnumerable<string> Devices => [DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu];

    // Of frequencies -1, 0, 1, 2 the last two see the voxel one place further: P(m) = (i^m + (-1)^m) / 4, y = I + P * (I_1 - I).
    [TestCase(0, new[] { 0.25f, 0.25f, 0.75f, -0.25f })]
    [TestCase(1, new[] { 0.35355339f, 0.35355339f, 0.79056942f, 0.35355339f })]
    public void AVoxel_WorkedOutByHand(int magnitude, float[] expected)
    {
        float[] image = [.. Enumerable.Range(0, 16).Select(static voxel => voxel % 4 == 1 ? 1f : 0f)];
        float[] after = Apply(
            new Motion(2, 0, 0.25, 0, magnitude), VolumeShape.Image(4, 4), image, 0, static (ref Motion.Drawn drawn) => drawn.PhaseAxis = 2);
        for (int row = 0; row < 4; row++)
        {
            Assert.That(after[(4 * row)..((4 * row) + 4)], Is.EqualTo(expected).Within(1e-6f), $"row {row}");
        }
    }

    // Whole voxels and quarter turns: no voxel lies between others.
    [Test]
    public void WholeVoxels_AreTheSpectraOfTheMovedObjects(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(2, 5)] int segments, [ValueSource(nameof(Devices))] string device)
    {
        for (int sample = 0; sample < 2; sample++)
        {
            AssertSegments(shape, new Motion(segments, 0, 2.0 / shape.Side, 0.7, sample), sample, device, 4e-6);
        }
    }

    [Test]
    public void QuarterTurns_AreTheSpectraOfTheMovedObjects(
        [Values(-90, 90, 180)] int degrees, [Values(2, 3)] int dimensions, [ValueSource(nameof(Devices))] string device)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(31, 31) : VolumeShape.Volume(9, 9, 9);
        for (int sample = 0; sample < 3; sample++)
        {
            AssertSegments(shape, new Motion(3, degrees, 0, 0.3, sample % 2), sample, device, 4e-6);
        }
    }

    // TorchIO's law and cornucopia's milder one: places between voxels are rounded to a small fraction of one.
    [Test]
    public void AnyPose_IsTheSpectraOfTheMovedObjects(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(false, true)] bool isMild, [ValueSource(nameof(Devices))] string device)
    {
        Motion motion = isMild
            ? new Motion(2, new UniformLaw(-5, 5), new UniformLaw(-0.05, 0.05), 1, 1)
            : new Motion(3, new UniformLaw(-10, 10), new UniformLaw(-0.05, 0.05), 0.3, 0);
        for (int sample = 0; sample < 2; sample++)
        {
            AssertSegments(shape, motion, sample, device, 2e-3);
        }
    }

    [Test]
    public void WhatDoesNotMove_StaysBitForBit()
    {
        VolumeShape shape = VolumeShape.Volume(9, 18, 35);
        Random random = new(3);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle())];
        for (int sample = 0; sample < 6; sample++)
        {
            Assert.That(Apply(new Motion(4, 0, 0, 0.5, 0), shape, image, sample), Is.EqualTo(image), "equal poses");
            Assert.That(Apply(new Motion(1, 30, 0.1, 0, 0), shape, image, sample), Is.EqualTo(image), "one segment, which holds the centre");
            Assert.That(Apply(new Motion(4, 0, 0, 0.5, 1), shape, image, sample), Is.EqualTo(image).Within(1e-6f), "a magnitude");
        }
    }

    // The segment of frequency 0 does not move: no line's sum changes.
    [Test]
    public void SumsOfLines_Stay([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        Random random = new(4);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle())];
        for (int axis = 3 - shape.Dimensions; axis < 3; axis++)
        {
            float[] after = Apply(
                new Motion(4, new UniformLaw(-90, 90), new UniformLaw(-0.5, 0.5), 1, 0), shape, image, axis, (ref Motion.Drawn drawn) => drawn.PhaseAxis = axis);
            Assert.That(after, Is.Not.EqualTo(image).Within(1e-3f));
            Assert.That(Sums(shape, axis, after).Zip(Sums(shape, axis, image), static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(2e-5 * 48), $"axis {axis}");
        }
    }

    // The bands of segments, however they are cut, are together every frequency once.
    [Test]
    public void Bands_AddUpToTheIdentity_AndAreProjections([Values(1, 2, 31, 47, 48)] int length, [Values(1, 2, 3, 7)] int bands)
    {
        Random random = new(length);
        int[] ends = [0, .. Enumerable.Range(1, bands - 1).Select(_ => random.Next(length + 1)).Order(), length];
        var sum = new Complex[length];
        for (int band = 0; band < bands; band++)
        {
            (float[] real, float[] imaginary) = (new float[length], new float[length]);
            FrequencyBand.Write(ends[band] - 5, ends[band + 1] - ends[band], real, imaginary);
            Complex[] kernel = [.. real.Zip(imaginary, static (a, b) => new Complex(a, b))];
            for (int place = 0; place < length; place++)
            {
                sum[place] += kernel[place];
                Complex twice = Enumerable.Range(0, length).Aggregate(
                    Complex.Zero, (total, other) => total + (kernel[other] * kernel[(place - other + length) % length]));
                Assert.That((twice - kernel[place]).Magnitude, Is.LessThan(1e-6), $"band {band}, place {place}");
            }
        }

        Assert.That(sum.Select(static (value, place) => (value - (place == 0 ? 1 : 0)).Magnitude), Is.All.LessThan(1e-6));
    }

    [Test]
    public void TheNumberOfSegments_Binomial_n4000_alpha1e3_seed9()
    {
        VolumeShape shape = VolumeShape.Volume(24, 24, 24);
        var layout = new RowLayout([new Motion(new IntegerLaw(1, 8), 5, 0, 0, 0)], new SampleFacts(shape, 1));
        uint[] row = new uint[layout.Length];
        (int[] moved, int[] axes) = (new int[8], new int[3]);
        for (int sample = 0; sample < Samples; sample++)
        {
            layout.Draw(9, SampleKey.Of(sample), row);
            layout.Prepare(row);
            Motion.Drawn drawn = layout.Of<Motion.Drawn>(row);
            moved[drawn.Moved]++;
            axes[drawn.Axis]++;
        }

        double allowed = NormalQuantile.AtUpperTail(Alpha / 2 / 11) / Math.Sqrt(Samples);
        Assert.That(allowed / 2, Is.LessThan(0.04), "n does not suffice to see a share that is off by 0.08");
        Assert.That(moved.Select(static count => (double)count / Samples), Is.All.EqualTo(0.125).Within(allowed * Math.Sqrt(0.125 * 0.875)));
        Assert.That(axes.Select(static count => (double)count / Samples), Is.All.EqualTo(1 / 3.0).Within(allowed * Math.Sqrt(2 / 9.0)));
    }

    // Each segment's lines of k-space are those of the object at its pose, worked out here in double.
    private static void AssertSegments(VolumeShape shape, Motion motion, int sample, string device, double tolerance)
    {
        (RenderedSample before, RenderedSample after) = Fourier.With(shape, motion, sample, device);
        Motion.Drawn drawn = after.Drawn.Of<Motion.Drawn>();
        int segments = (int)(drawn.Segments + 0.5f);
        int axis = (int)drawn.PhaseAxis;
        (int length, int step) = (Ghost.LengthOf(shape, axis), Ghost.StepOf(shape, axis));
        float[] cuts = after.Drawn.List(drawn.Cuts).ToArray();
        float[] degrees = after.Drawn.List(drawn.RotationDegrees).ToArray();
        float[] shift = after.Drawn.List(drawn.TranslationOfSide).ToArray();
        int[] ends =
        [
            0,
            .. Enumerable.Range(1, segments - 1).Select(cut => (int)Math.Round(length * (cut + (motion.Jitter * cuts[cut - 1])) / segments)).Order(),
            length,
        ];
        double[] image = [.. before.Image.Select(static value => (double)value)];
        var spectrum = new Complex[image.Length];
        for (int segment = 0; segment < segments; segment++)
        {
            // Line 0 of k-space is the lowest frequency, and the transform's frequencies above N / 2 are negative ones.
            bool holdsCentre = IsIn(0, segment);
            double[] moved = holdsCentre ? image : Moved(image, shape, degrees[(3 * segment)..((3 * segment) + 3)], shift[(3 * segment)..((3 * segment) + 3)]);
            Complex[] own = Fourier.Along([.. moved.Select(static value => new Complex(value, 0))], shape, axis, inverse: false);
            for (int voxel = 0; voxel < own.Length; voxel++)
            {
                int k = voxel / step % length;
                spectrum[voxel] += IsIn(2 * k > length ? k - length : k, segment) ? own[voxel] : 0;
            }
        }

        Complex[] expected = Fourier.Along(spectrum, shape, axis, inverse: true);
        double[] shown = [.. expected.Select(value => drawn.IsMagnitude != 0 ? value.Magnitude : value.Real)];
        Assert.That(after.Image.Zip(shown, static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(tolerance), $"{shape}, sample {sample}, axis {axis}");
        Assert.That(after.Label, Is.EqualTo(before.Label));

        bool IsIn(int frequency, int segment) =>
            ends[segment] <= frequency + length - 1 - (length / 2) && frequency + length - 1 - (length / 2) < ends[segment + 1];
    }

    // The object turned about x, y and z by turns, then shifted: a voxel lies at R^T (p - c - t) + c of it, linear between eight, the ends of every axis joined.
    private static double[] Moved(double[] image, VolumeShape shape, float[] degrees, float[] shift)
    {
        int[] lengths = [shape.Depth, shape.Height, shape.Width];
        bool isVolume = shape.Dimensions == 3;
        var moved = new double[image.Length];
        for (int voxel = 0; voxel < moved.Length; voxel++)
        {
            int[] at = [voxel / (shape.Height * shape.Width), voxel / shape.Width % shape.Height, voxel % shape.Width];
            double[] p = [.. at.Select((place, axis) =>
                place - ((lengths[axis] - 1) / 2.0) - (isVolume || axis > 0 ? shift[axis] * (double)shape.Side : 0))];

            // Back about z, where y turns towards x; then about y, where x turns towards z, and about x, where z turns towards y.
            Turn(ref p[1], ref p[2], degrees[0]);
            if (isVolume)
            {
                Turn(ref p[2], ref p[0], degrees[1]);
                Turn(ref p[0], ref p[1], degrees[2]);
            }

            // What rounding has put beside a whole number is that.
            double[] q = [.. p.Select((place, axis) => place + ((lengths[axis] - 1) / 2.0))];
            q = [.. q.Select(static place => Math.Abs(place - Math.Round(place)) < 1e-6 ? Math.Round(place) : place)];
            for (int corner = 0; corner < 8; corner++)
            {
                (double weight, int from) = (1, 0);
                for (int axis = 0; axis < 3; axis++)
                {
                    int next = (corner >> axis) & 1;
                    double share = q[axis] - Math.Floor(q[axis]);
                    weight *= next == 1 ? share : 1 - share;
                    from = (from * lengths[axis]) + (int)((((Math.Floor(q[axis]) + next) % lengths[axis]) + lengths[axis]) % lengths[axis]);
                }

                moved[voxel] += weight * image[from];
            }
        }

        return moved;

        static void Turn(ref double a, ref double b, double angle)
        {
            (double sine, double cosine) = Math.SinCos(angle * Math.PI / 180);
            (a, b) = ((cosine * a) + (sine * b), (cosine * b) - (sine * a));
        }
    }

    private static double[] Sums(VolumeShape shape, int axis, float[] image)
    {
        (int length, int step) = (Ghost.LengthOf(shape, axis), Ghost.StepOf(shape, axis));
        return
        [
            .. Enumerable.Range(0, image.Length).Where(voxel => voxel / step % length == 0)
                .Select(voxel => Enumerable.Range(0, length).Sum(place => (double)image[voxel + (place * step)])),
        ];
    }
}
