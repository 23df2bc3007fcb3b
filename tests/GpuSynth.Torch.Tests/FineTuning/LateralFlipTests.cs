using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Crops mirrored along left and right exchange the labels of both sides.</summary>
internal sealed class LateralFlipTests
{
    [TestCase("left hippocampus", "right hippocampus")]
    [TestCase("kidney_left", "kidney_right")]
    [TestCase("Left-Putamen", "right putamen")]
    [TestCase("lungLeft", "lungRight")]
    [TestCase("ctx-lh-cuneus", "ctx-rh-cuneus")]
    public void Pairs_are_found_by_their_names(string left, string right)
    {
        var notices = new Notices();
        Assert.That(
            LateralNames.Exchange(["background", right, "liver", left], notices), Is.EqualTo((byte[])[0, 3, 2, 1]));
        Assert.That(notices.All, Is.Empty);
    }

    [Test]
    public void A_side_without_a_partner_is_told_and_other_names_are_not()
    {
        var notices = new Notices();
        Assert.That(LateralNames.Exchange(["background", "cleft lip", "bright spot", "label 3"], notices), Is.Null);
        Assert.That(notices.All, Is.Empty);
        Assert.That(LateralNames.Exchange(["background", "left atrium"], notices), Is.Null);
        Assert.That(notices.All.Single(), Does.StartWith(
            "The label 'left atrium' is named after a side and has no partner on the other"));
    }

    // Label 1 lies left of label 2 in every crop, mirrored or not; without names the mirror puts it on the right.
    [Test]
    public void A_mirrored_crop_keeps_left_on_the_left([Values] bool isNamed)
    {
        SegmentationCase one = Case(axes: new NiftiGeometry([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]));
        int onTheRight = OnTheRight(one, isNamed ? [0, 2, 1] : null);
        Assert.That(onTheRight, isNamed ? Is.Zero : Is.InRange(1, 39));
    }

    // An image of a sagittal plane has no such axis: the front is never exchanged with the back.
    [Test]
    public void A_sagittal_image_exchanges_nothing()
    {
        SegmentationCase one = Case(axes: new NiftiGeometry([0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0]));
        Assert.That(one.HasLateralAxis, Is.False);
        Assert.That(OnTheRight(one, [0, 2, 1]), Is.InRange(1, 39));
    }

    private static int OnTheRight(SegmentationCase one, byte[]? exchange)
    {
        VolumeShape patch = VolumeShape.Image(8, 8);
        var augmentation = Augmentation.None with { FlipProbability = 0.5 };
        var source = new CropSource([one], seed: 4, batch: 1, patch, augmentation, exchange);
        float[] image = new float[64];
        byte[] labels = new byte[64];
        int count = 0;
        for (int step = 0; step < 40; step++)
        {
            source.Fill(step, image, labels);
            count += Array.IndexOf(labels, (byte)1) % 8 > Array.IndexOf(labels, (byte)2) % 8 ? 1 : 0;
            Assert.That(labels.Count(label => label == 1), Is.EqualTo(4));
        }

        return count;
    }

    // Two squares of 2 x 2 voxels in an image of 8 x 8.
    private static SegmentationCase Case(NiftiGeometry axes)
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Image(8, 8);
        byte[] labels = new byte[64];
        foreach (int n in new[] { 17, 18, 25, 26 })
        {
            (labels[n], labels[n + 4]) = (1, 2);
        }

        folder.Put("one", shape, [.. labels.Select(label => (float)label)], labels, axes);
        var files = new CaseFiles("one", folder.ImagePath("one"), folder.LabelPath("one"));
        SegmentationCase one = SegmentationCase.Read(files, new Notices());
        one.Prepare(one.CanonicalSpacing, IntensityScale.ZScore);
        return one;
    }
}
