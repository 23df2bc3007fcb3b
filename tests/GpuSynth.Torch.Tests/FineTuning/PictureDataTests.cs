using GpuSynth.Torch.Images;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Folders and a dataset.json of PNG files.</summary>
internal sealed class PictureDataTests
{
    // The image of one form, its labels of another.
    [Test]
    public void Pictures_are_cases_whose_labels_keep_their_numbers()
    {
        using FineTuneFolder folder = Pictures("images/c{0}.png", "labels/c{0}.png");
        Nifti.WriteLabels(
            folder.Made("labels/c0.nii.gz"), Kernels.VolumeShape.Image(16, 12), VolumeFile.ReadLabels(folder.Made("labels/c0.png")).Data
                .Select(static number => (byte)number).ToArray());
        File.Delete(folder.Made("labels/c0.png"));
        var notices = new Notices();
        SegmentationDataset dataset = SegmentationDataset.Open(folder.Root, notices);
        using var data = SegmentationData.Read(
            dataset, DataSplit.Of(dataset.Cases, 1, 1), new FineTuneOptions { DataFolder = folder.Root, OutFolder = "none" }, notices);
        Assert.That(data.Labels.Numbers, Is.EqualTo((int[])[0, 255]));
        Assert.That((data.Dimensions, data.Channels), Is.EqualTo((2, 1)));
        Assert.That(data.Spacing, Is.EqualTo(new VoxelSpacing(1, 1, 1)));
        Assert.That(data.Training[0].Labels.ToArray(), Is.EqualTo(Expected().Select(static number => (byte)(number / 255))));
    }

    [Test]
    public void Nnunets_channels_may_be_pictures()
    {
        using FineTuneFolder folder = Pictures("imagesTr/c{0}_0000.png", "labelsTr/c{0}.png");
        foreach (int n in (int[])[0, 1, 2])
        {
            File.Copy(folder.Made($"imagesTr/c{n}_0000.png"), folder.Made($"imagesTr/c{n}_0001.png"));
        }

        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Select(static one => one.ImagePaths.Count), Is.EqualTo((int[])[2, 2, 2]));
        File.Delete(folder.Made("imagesTr/c1_0001.png"));
        Assert.That(
            () => SegmentationDataset.Open(folder.Root),
            Throws.TypeOf<DatasetException>().With.Message.Contains("and no 'c1_0001.png'; add it"));
        folder.PutJson("{\"labels\": {\"background\": 0, \"vessel\": 255}, \"training\": [{\"image\": \"imagesTr/c0\", \"label\": \"labelsTr/c0\"}]}");
        CaseFiles described = SegmentationDataset.Open(folder.Root).Cases.Single();
        Assert.That(described.ImagePaths.Select(Path.GetFileName), Is.EqualTo((string[])["c0_0000.png", "c0_0001.png"]));
        Assert.That(Path.GetFileName(described.LabelPath), Is.EqualTo("c0.png"));
    }

    private static int[] Expected() =>
        [.. Enumerable.Range(0, 16 * 12).Select(static n => n % 12 is > 3 and < 8 && n / 12 > 5 ? 255 : 0)];

    private static FineTuneFolder Pictures(string image, string label)
    {
        var folder = new FineTuneFolder();
        for (int n = 0; n < 3; n++)
        {
            int[] labels = Expected();
            Png.WriteNumbers(
                folder.Made(string.Format(System.Globalization.CultureInfo.InvariantCulture, image, n)), 12, 16,
                [.. labels.Select((number, at) => (number / 2) + (at % 7))]);
            Png.WriteNumbers(folder.Made(string.Format(System.Globalization.CultureInfo.InvariantCulture, label, n)), 12, 16, labels);
        }

        return folder;
    }
}
