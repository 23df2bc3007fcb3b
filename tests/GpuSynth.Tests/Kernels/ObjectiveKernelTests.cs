using GpuSynth.Kernels;
using GpuSynth.Tests.Devices;
using ILGPU;
using ILGPU.Runtime;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

// The objectives' sweeps as kernels of a device beside their host forms: loss and every value of the gradient.
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
public sealed unsafe class ObjectiveKernelTests(string device)
{
    private const int Labels = 4;

    // Two chunks of the device and a bit, three images.
    private static readonly FeatureLayout[] Layouts =
        [FeatureLayout.Planar(3, 5, 533), FeatureLayout.ChannelsLast(3, 5, 533), FeatureLayout.ChannelsLast(1, 20, 31)];

    [OneTimeSetUp]
    public void Open() => BatchDevice.Open(device);

    [OneTimeTearDown]
    public void Close() => BatchDevice.Close();

    [Test]
    public void Rasd_IsTheHostForm([ValueSource(nameof(Layouts))] FeatureLayout layout, [Values] bool isNormalised)
    {
        (float[] features, byte[] labels) = Draw(layout, Labels);
        (double hostPull, double hostPush, float[] hostGradient) = HostRasd(features, labels, layout, isNormalised);
        (double pull, double push, float[] gradient) = DeviceRasd(features, labels, layout, isNormalised);
        Assert.That(pull, Is.EqualTo(hostPull).Within(2e-6 * hostPull));
        Assert.That(push, Is.EqualTo(hostPush).Within(2e-6 * hostPush));
        AssertClose(gradient, hostGradient);
    }

    [Test]
    public void Segment_IsTheHostForm([ValueSource(nameof(Layouts))] FeatureLayout layout)
    {
        (float[] logits, byte[] labels) = Draw(layout, layout.Channels);
        int classes = layout.Channels, length = SegmentLoss.SumLength(classes);
        float[] hostSums = new float[layout.Batch * length], hostGradient = new float[logits.Length];
        var launcher = new SegmentLoss.Launcher(BatchDevice.Loader, layout, scale: 0.5);
        using var given = BatchDevice.Upload(logits);
        using var named = BatchDevice.Upload(labels);
        using var sumsOf = BatchDevice.Upload(new float[launcher.Chunks * length]);
        launcher.Sum(given.View.AsContiguous(), named.View.AsContiguous(), sumsOf.View.AsContiguous());
        float[] sums = BatchDevice.Download(sumsOf), factors = new float[layout.Batch * 2 * classes];
        int chunks = launcher.Chunks / layout.Batch;
        for (int image = 0; image < layout.Batch; image++)
        {
            int begin = image * layout.ImageStride;
            fixed (float* x = &logits[begin], to = &hostSums[image * length], g = &hostGradient[begin])
            fixed (byte* y = &labels[image * layout.Voxels])
            {
                SegmentLoss.HostSums(x, false, layout, y, 0, layout.Voxels, to);
                float[] hostFactors = new float[2 * classes];
                (double overlap, double logarithms) = SegmentLoss.Combine(
                    hostSums.AsSpan(image * length, length), classes, layout.Batch, 0.5, hostFactors);
                (double deviceOverlap, double deviceLogarithms) = SegmentLoss.Combine(
                    sums.AsSpan(image * chunks * length, chunks * length), classes, layout.Batch, 0.5,
                    factors.AsSpan(image * 2 * classes, 2 * classes));
                Assert.That(deviceOverlap, Is.EqualTo(overlap).Within(2e-6 * overlap));
                Assert.That(deviceLogarithms, Is.EqualTo(logarithms).Within(2e-6 * -logarithms));
                fixed (float* own = hostFactors)
                {
                    SegmentLoss.HostGradient(
                        x, g, false, layout, y, 0, layout.Voxels, own, (float)(0.5 / ((double)layout.Batch * layout.Voxels)));
                }
            }
        }

        using var factorsOf = BatchDevice.Upload(factors);
        using var gradientOf = BatchDevice.Upload(new float[logits.Length]);
        launcher.Gradient(
            given.View.AsContiguous(), named.View.AsContiguous(), factorsOf.View.AsContiguous(), gradientOf.View.AsContiguous());
        AssertClose(BatchDevice.Download(gradientOf), hostGradient);
    }

    [Test]
    public void AViewThatIsTooShortIsRefused()
    {
        FeatureLayout layout = FeatureLayout.Planar(2, 3, 40);
        var launcher = new RasdLoss.Launcher(BatchDevice.Loader, layout, Labels, isNormalised: true, scale: 1);
        using var features = BatchDevice.Upload(new float[(int)layout.Extent - 1]);
        using var labels = BatchDevice.Upload(new byte[80]);
        using var sums = BatchDevice.Upload(new float[launcher.Chunks * RasdLoss.SumLength(Labels, 3)]);
        Assert.That(
            () => launcher.Sum(features.View.AsContiguous(), labels.View.AsContiguous(), sums.View.AsContiguous()),
            Throws.ArgumentException.With.Message.Contains("features holds 239 values, at least 240"));
    }

    private static (double Pull, double Push, float[] Gradient) DeviceRasd(
        float[] features, byte[] labels, FeatureLayout layout, bool isNormalised)
    {
        int values = Labels * layout.Channels;
        var launcher = new RasdLoss.Launcher(BatchDevice.Loader, layout, Labels, isNormalised, scale: 0.5);
        int chunks = launcher.Chunks / layout.Batch;
        using var given = BatchDevice.Upload(features);
        using var named = BatchDevice.Upload(labels);
        using var sumsOf = BatchDevice.Upload(new float[launcher.Chunks * RasdLoss.SumLength(Labels, layout.Channels)]);
        using var pullsOf = BatchDevice.Upload(new float[launcher.Chunks * RasdLoss.PullLength(Labels, layout.Channels)]);
        using var logitsOf = BatchDevice.Upload(new float[layout.Batch * Labels * layout.Voxels]);
        launcher.Sum(given.View.AsContiguous(), named.View.AsContiguous(), sumsOf.View.AsContiguous());
        float[] prototypes = new float[layout.Batch * values], columns = new float[layout.Batch * values];
        RasdPrototypes[] ofImages = Prototypes(BatchDevice.Download(sumsOf), layout, isNormalised, prototypes);
        using var prototypesOf = BatchDevice.Upload(prototypes);
        launcher.Pull(
            given.View.AsContiguous(), named.View.AsContiguous(), prototypesOf.View.AsContiguous(), logitsOf.View.AsContiguous(),
            pullsOf.View.AsContiguous());
        double pull = Columns(ofImages, BatchDevice.Download(pullsOf), layout, columns);
        using var columnsOf = BatchDevice.Upload(columns);
        using var gradientOf = BatchDevice.Upload(new float[features.Length]);
        launcher.Gradient(
            given.View.AsContiguous(), named.View.AsContiguous(), prototypesOf.View.AsContiguous(), columnsOf.View.AsContiguous(),
            logitsOf.View.AsContiguous(), gradientOf.View.AsContiguous());
        return (pull, ofImages.Sum(static image => image.Push), BatchDevice.Download(gradientOf));
    }

    private static (double Pull, double Push, float[] Gradient) HostRasd(
        float[] features, byte[] labels, FeatureLayout layout, bool isNormalised)
    {
        int values = Labels * layout.Channels, padded = (layout.Voxels + 15) / 16 * 16 * Labels;
        int sumLength = RasdLoss.SumLength(Labels, layout.Channels), pullLength = RasdLoss.PullLength(Labels, layout.Channels);
        float[] sums = new float[layout.Batch * sumLength], pulls = new float[layout.Batch * pullLength];
        float[] prototypes = new float[layout.Batch * values], columns = new float[layout.Batch * values];
        float[] logits = new float[layout.Batch * padded], gradient = new float[features.Length];
        float weight = (float)(0.5 / ((double)layout.Batch * Labels * layout.Voxels));
        fixed (float* x = features, s = sums, q = pulls, p = prototypes, c = columns, z = logits, g = gradient)
        fixed (byte* y = labels)
        {
            for (int image = 0; image < layout.Batch; image++)
            {
                RasdLoss.HostSums(
                    x + (image * layout.ImageStride), false, layout, y + (image * layout.Voxels), 0, layout.Voxels, Labels,
                    isNormalised, s + (image * sumLength));
            }

            RasdPrototypes[] ofImages = Prototypes(sums, layout, isNormalised, prototypes);
            for (int image = 0; image < layout.Batch; image++)
            {
                RasdLoss.HostPull(
                    x + (image * layout.ImageStride), false, layout, y + (image * layout.Voxels), 0, layout.Voxels, Labels,
                    isNormalised, p + (image * values), weight, z + (image * padded), q + (image * pullLength));
            }

            double pull = Columns(ofImages, pulls, layout, columns);
            for (int image = 0; image < layout.Batch; image++)
            {
                RasdLoss.HostGradient(
                    x + (image * layout.ImageStride), g + (image * layout.ImageStride), false, layout,
                    y + (image * layout.Voxels), 0, layout.Voxels, Labels, isNormalised, p + (image * values), c + (image * values), z + (image * padded));
            }

            return (pull, ofImages.Sum(static image => image.Push), gradient);
        }
    }

    private static RasdPrototypes[] Prototypes(float[] sums, FeatureLayout layout, bool isNormalised, float[] prototypes)
    {
        int values = Labels * layout.Channels, length = sums.Length / layout.Batch;
        return [.. Enumerable.Range(0, layout.Batch).Select(image =>
        {
            var own = new RasdPrototypes(
                sums.AsSpan(image * length, length), Labels, layout.Channels, isNormalised, countOffset: 1,
                1.0 / (layout.Batch * Labels * Labels), scale: 0.5);
            own.CopyTo(prototypes.AsSpan(image * values, values));
            return own;
        })];
    }

    private static double Columns(RasdPrototypes[] images, float[] pulls, FeatureLayout layout, float[] columns)
    {
        int values = Labels * layout.Channels, length = pulls.Length / layout.Batch;
        double logarithms = images.Select((own, image) => own.Columns(
            pulls.AsSpan(image * length, length), columns.AsSpan(image * values, values))).Sum();
        return -logarithms / ((double)layout.Batch * Labels * layout.Voxels);
    }

    // One label is missing from the first image.
    private static (float[] Features, byte[] Labels) Draw(FeatureLayout layout, int labels)
    {
        var random = new Random(9);
        float[] features = [.. Enumerable.Range(0, (int)layout.Extent).Select(_ => (float)(random.NextDouble() - 0.4))];
        byte[] named = [.. Enumerable.Range(0, layout.Batch * layout.Voxels).Select(n =>
        {
            int label = random.Next(labels);
            return (byte)(n < layout.Voxels && label == 2 ? 0 : label);
        })];
        return (features, named);
    }

    private static void AssertClose(float[] values, float[] expected)
    {
        float largest = expected.Max(Math.Abs);
        Assert.That(largest, Is.GreaterThan(0));
        for (int n = 0; n < values.Length; n++)
        {
            Assert.That(values[n], Is.EqualTo(expected[n]).Within(1e-5f * largest), $"value {n}");
        }
    }
}
