using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Windows over volumes.</summary>
internal sealed class WindowTests
{
    [Test]
    public void A_volume_near_the_patch_is_one_padded_window()
    {
        var plan = WindowPlan.Of(VolumeShape.Volume(36, 50, 35), VolumeShape.Volume(32, 48, 32), 8, 0.75);
        Assert.That(plan.Window, Is.EqualTo(VolumeShape.Volume(40, 56, 40)));
        Assert.That(plan.Origins, Is.EqualTo((int[][])[[-2, -3, -2]]));
    }

    [Test]
    public void Windows_cover_every_voxel_and_lie_inside([Values(0, 0.5, 0.75)] double overlap, [Values(49, 64, 101)] int side)
    {
        VolumeShape volume = VolumeShape.Volume(side, 20, 16);
        var plan = WindowPlan.Of(volume, VolumeShape.Cubic(3, 32), 16, overlap);
        Assert.That(plan.Window, Is.EqualTo(VolumeShape.Volume(32, 32, 16)));
        bool[] seen = new bool[side];
        foreach (int[] origin in plan.Origins)
        {
            Assert.That(origin[0], Is.InRange(0, side - 32));
            Array.Fill(seen, true, origin[0], 32);
        }

        Assert.That(seen, Has.All.True);
        Assert.That(plan.Origins.Count, Is.EqualTo((int)Math.Ceiling((side - 32) / Math.Floor(32 * (1 - overlap))) + 1));
    }

    [Test]
    public void Weights_are_largest_in_the_middle_and_never_nothing()
    {
        var plan = WindowPlan.Of(VolumeShape.Volume(64, 64, 64), VolumeShape.Cubic(3, 9), 3, 0.5);
        float[] weights = plan.Weights();
        Assert.That(weights.Max(), Is.EqualTo(weights[weights.Length / 2]).And.EqualTo(1f));
        Assert.That(weights.Min(), Is.EqualTo(1e-3f));
    }

    [Test]
    public void Images_are_windowed_in_two_axes()
    {
        var plan = WindowPlan.Of(VolumeShape.Image(100, 30), VolumeShape.Image(32, 32), 8, 0.5);
        Assert.That(plan.Window, Is.EqualTo(VolumeShape.Image(32, 32)));
        Assert.That(plan.Origins.Select(origin => origin[0]), Has.All.Zero);
    }

    [TestCase(36, 50, 36, 8, "32x48x32")]
    [TestCase(3, 5, 300, 8, "8x8x96")]
    [TestCase(36, 50, 37, 32, "32x64x32")]
    [TestCase(5, 8, 11, 8, "16x16x16")]
    [TestCase(4, 24, 24, 8, "8x24x24")]
    [TestCase(20, 24, 30, 32, "64x64x64")]
    public void The_usual_patch_is_near_the_median(int depth, int height, int width, int multiple, string expected) =>
        Assert.That($"{FineTuneRun.DefaultPatch(VolumeShape.Volume(depth, height, width), multiple)}", Is.EqualTo(expected));

    // Whatever the images' sizes: the network takes the crop that is chosen for them, and the windows of the test.
    [Test]
    public void The_usual_patch_and_its_windows_fit_the_network([Range(1, 72)] int side, [Values(1, 5, 24)] int other)
    {
        using SegmentationNetwork flat = new ResidualUNet(Tiny(2));
        using SegmentationNetwork deep = new ResidualUNet(Tiny(3));
        foreach ((SegmentationNetwork network, VolumeShape shape) in new[]
        {
            (flat, VolumeShape.Image(side, side)), (flat, VolumeShape.Image(side, other)),
            (deep, VolumeShape.Volume(other, side, side)), (deep, VolumeShape.Volume(side, other, side)),
        })
        {
            VolumeShape patch = FineTuneRun.DefaultPatch(shape, network.SideMultiple);
            Assert.That(() => network.CheckShape(patch), Throws.Nothing, $"crop {patch} for {shape}");
            VolumeShape window = WindowPlan.Of(shape, patch, network.SideMultiple, 0.5).Window;
            Assert.That(() => network.CheckShape(window), Throws.Nothing, $"window {window} for {shape}");
            var tiny = shape.Dimensions == 2 ? VolumeShape.Image(3, 2) : VolumeShape.Volume(1, 3, 2);
            window = WindowPlan.Of(tiny, patch, network.SideMultiple, 0.5).Window;
            Assert.That(() => network.CheckShape(window), Throws.Nothing, $"window {window} for {tiny} and crops of {patch}");
        }
    }

    private static NetworkOptions Tiny(int dimensions) => new()
    {
        Dimensions = dimensions, Channels = [2, 2, 2, 2, 2], Strides = [2, 2, 2, 2], ResidualUnits = 0, OutChannels = 2,
    };
}
