using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Folders of images and labels without a dataset.json.</summary>
internal sealed class FolderPairTests
{
    [TestCase("images", "labels")]
    [TestCase("imagesTr", "labelsTr")]
    public void Nnunets_channels_are_one_case(string images, string labels)
    {
        using FineTuneFolder folder = WithChannels(images, labels);
        SegmentationDataset data = SegmentationDataset.Open(folder.Root);
        Assert.That(data.Cases.Select(one => one.Name), Is.EqualTo((string[])["a", "b"]));
        Assert.That(data.Cases.Select(one => one.ImagePaths.Count), Is.All.EqualTo(2));
    }

    [Test]
    public void A_case_without_a_channel_that_others_have_is_named()
    {
        using FineTuneFolder folder = WithChannels("images", "labels");
        File.Delete(folder.Made("images/b_0000.nii.gz"));
        Complains(folder, "Case b has no channel 0000, which others have: there is '", "no 'b_0000.nii.gz'");
        File.Delete(folder.Made("images/b_0001.nii.gz"));
        var notices = new Notices();
        Assert.That(SegmentationDataset.Open(folder.Root, notices).Cases, Has.Count.EqualTo(1));
        Assert.That(notices.All.Single(), Does.Contain("labels/b.nii.gz' has no image of its name and is left out"));
    }

    // The Decathlon's own names end in digits as well.
    [Test]
    public void Names_that_end_in_four_digits_are_cases_where_the_labels_are_called_so_too()
    {
        using var folder = new FineTuneFolder();
        folder.PutAt("images/case_0001.nii.gz", "labels/case_0001.nii.gz");
        folder.PutAt("images/case_0002.nii.gz", "labels/case_0002.nii.gz");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Select(one => one.Name),
            Is.EqualTo((string[])["case_0001", "case_0002"]));
        File.Move(folder.Made("labels/case_0002.nii.gz"), folder.Made("labels/case.nii.gz"));
        Complains(folder, "case_0002.nii.gz' has no labels", "holds no case_0002.nii.gz");
    }

    [Test]
    public void Folders_below_are_looked_at_where_there_is_nothing_above()
    {
        using var folder = new FineTuneFolder();
        folder.PutAt("images/sub-01/T1w.nii.gz", "labels/sub-01/T1w.nii.gz");
        folder.PutAt("images/sub-02/T1w.nii.gz", "labels/sub-02/T1w.nii.gz");
        folder.PutAt("images/.cache/T1w.nii.gz", "labels/.cache/T1w.nii.gz");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Select(one => one.Name),
            Is.EqualTo((string[])["sub-01_T1w", "sub-02_T1w"]));
        folder.PutAt("images/c.nii.gz", "labels/c.nii.gz");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Select(one => one.Name), Is.EqualTo((string[])["c"]));
    }

    [Test]
    public void A_link_to_nowhere_is_called_that_and_one_to_a_file_is_read([Values("images", "labels")] string where)
    {
        using var folder = new FineTuneFolder();
        folder.PutAt("images/c0.nii.gz", "labels/c0.nii.gz");
        string link = folder.Made($"{where}/c0.nii.gz");
        string kept = folder.Made(".git/annex/SHA256E-s1--x.nii.gz");
        File.Move(link, kept);
        File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, kept));
        Assert.That(SegmentationDataset.Open(folder.Root).Cases, Has.Count.EqualTo(1));
        File.Delete(kept);
        Complains(folder, $"{link}': it is a link", "SHA256E-s1--x.nii.gz' is missing", "git annex get");
    }

    [Test]
    public void A_dataset_json_that_is_a_link_to_nowhere_is_called_that()
    {
        using var folder = new FineTuneFolder();
        File.CreateSymbolicLink(folder.Made("dataset.json"), "nowhere");
        Complains(folder, "dataset.json': it is a link", "'nowhere' is missing");
    }

    private static FineTuneFolder WithChannels(string images, string labels)
    {
        var folder = new FineTuneFolder();
        foreach (string name in new[] { "a", "b" })
        {
            folder.PutAt($"{images}/{name}_0000.nii.gz", $"{labels}/{name}.nii.gz");
            folder.PutAt($"{images}/{name}_0001.nii.gz", $"{labels}/{name}.nii.gz");
        }

        return folder;
    }

    private static void Complains(FineTuneFolder folder, params string[] parts)
    {
        DatasetException? error = Assert.Throws<DatasetException>(() => SegmentationDataset.Open(folder.Root));
        foreach (string part in parts)
        {
            Assert.That(error!.Message, Does.Contain(part).And.EndsWith("."));
        }
    }
}
