using GpuSynth.IO;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

/// <summary>Labels that a program's resampling has left beside whole numbers.</summary>
public sealed class FloatLabelTests
{
    [Test]
    public void WithinAThousandth_TheyAreRoundedAndTold()
    {
        using TestFolder folder = new();
        NiftiLabels labels = Read(folder, [0, 2.0000002f, 1.9991f, -0.0009f, 14175.0001f, 3, -1, 0, 0, 0, 0, 41.0009f]);
        Assert.That(labels.Data, Is.EqualTo(new[] { 0, 2, 2, 0, 14175, 3, -1, 0, 0, 0, 0, 41 }));
        // 14175.0001 is 14175 in float32 already.
        Assert.That(labels.RoundedVoxels, Is.EqualTo(4));
        var notices = new Notices();
        labels.TellRounding("a.nii", notices);
        labels.TellRounding("b.nii", notices);
        Assert.That(notices.All, Is.EqualTo((string[])
        [
            "'a.nii' holds labels that are not quite whole numbers (4 voxels, within 0.001); they are rounded (and 1 more like this).",
        ]));
    }

    [TestCase(0.5f)]
    [TestCase(1.002f)]
    [TestCase(float.NaN)]
    [TestCase(3e9f)]
    public void Others_AreRefusedWithTheWayOut(float value)
    {
        using TestFolder folder = new();
        float[] values = new float[12];
        values[7] = value;
        AssertFails(
            () => Read(folder, values),
            "labels are whole numbers of 32 bits; check that it is a label map, and resample label maps by nearest neighbours");
    }

    [Test]
    public void WholeNumbers_AreNotTold()
    {
        using TestFolder folder = new();
        NiftiLabels labels = Read(folder, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        var notices = new Notices();
        labels.TellRounding("a.nii", notices);
        Assert.That(notices.All, Is.Empty);
    }

    private static NiftiLabels Read(TestFolder folder, float[] values) => Nifti.ReadLabels(folder.Put(
        "a.nii", new NiftiBytes { DataType = 16, Voxels = NiftiBytes.Store(values, false) }.One()));
}
