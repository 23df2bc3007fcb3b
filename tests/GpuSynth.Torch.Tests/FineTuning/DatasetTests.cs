using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Folders of labelled cases, and what is said of bad ones.</summary>
internal sealed class DatasetTests
{
    [Test]
    public void Pairs_are_sorted_by_name_and_hidden_files_are_none()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        File.WriteAllText(Path.Combine(folder.Root, "images", "._case_000.nii.gz"), "x");
        File.WriteAllText(Path.Combine(folder.Root, "images", "readme.txt"), "x");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Select(one => one.Name),
            Is.EqualTo((string[])["case_000", "case_001", "case_002"]));
    }

    [Test]
    public void Decathlon_json_names_cases_and_labels()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(2);
        File.WriteAllText(Path.Combine(folder.Root, "dataset.json"), """
            {"labels": {"0": "background", "1": "front", "2": "back"}, "training": [
              {"image": "./images/case_001.nii.gz", "label": "./labels/case_001.nii.gz"},
              {"image": "./images/case_000.nii.gz", "label": "./labels/case_000.nii.gz"}], "test": ["./imagesTs/x.nii.gz"]}
            """);
        SegmentationDataset data = SegmentationDataset.Open(folder.Root);
        Assert.That(data.Labels!.Names, Is.EqualTo((string[])["background", "front", "back"]));
        Assert.That(data.Cases.Select(one => one.Name), Is.EqualTo((string[])["case_000", "case_001"]));
        Assert.That(File.Exists(data.Cases[0].LabelPath));
    }

    [Test]
    public void Missing_folders_pairs_and_labels_are_one_sentence_each()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(1);
        string empty = Directory.CreateDirectory(Path.Combine(folder.Root, "empty")).FullName;
        Complains(() => SegmentationDataset.Open(Path.Combine(folder.Root, "no")), "is not there");
        Complains(() => SegmentationDataset.Open(empty), "neither the folders");
        Directory.CreateDirectory(Path.Combine(empty, "images"));
        Directory.CreateDirectory(Path.Combine(empty, "labels"));
        Complains(() => SegmentationDataset.Open(empty), "no pairs");
        File.Delete(folder.LabelPath("case_000"));
        Complains(() => SegmentationDataset.Open(folder.Root), "has no labels");
    }

    [Test]
    public void Split_of_130_is_90_10_30_and_of_few_leaves_one_each()
    {
        CaseFiles[] cases = [.. Enumerable.Range(0, 130).Select(n => new CaseFiles($"{n:000}", "i", "l"))];
        DataSplit split = DataSplit.Of(cases);
        Assert.That((split.Training.Count, split.Validation.Count, split.Test.Count), Is.EqualTo((90, 10, 30)));
        Assert.That((split.Training[^1].Name, split.Validation[0].Name, split.Test[0].Name), Is.EqualTo(("089", "090", "100")));
        split = DataSplit.Of(cases[..3]);
        Assert.That((split.Training.Count, split.Validation.Count, split.Test.Count), Is.EqualTo((1, 1, 1)));
        Complains(() => DataSplit.Of(cases[..2]), "cannot be split");
        Complains(() => DataSplit.Of(cases, 100, 30), "cannot be split");
    }

    [Test]
    public void Labels_elsewhere_and_values_that_are_no_numbers_are_named()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        VolumeShape small = VolumeShape.Volume(2, 3, 4);
        var far = new NiftiGeometry([1, 0, 0, 50, 0, 1, 0, 0, 0, 0, 1, 0]);
        Nifti.WriteLabels(folder.LabelPath("case_001"), small, new byte[24], far);
        Complains(() => Read(folder), "case_001.nii.gz' lies elsewhere than its image");
        Nifti.WriteLabels(folder.LabelPath("case_001"), small, new byte[24]);
        float[] image = new float[24];
        image[7] = float.NaN;
        Nifti.WriteImage(folder.ImagePath("case_001"), small, image);
        Complains(() => Read(folder), "NaN");
    }

    [Test]
    public void Labels_that_no_training_case_has_are_named()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        VolumeShape shape = VolumeShape.Volume(2, 3, 4);
        byte[] labels = new byte[24];
        labels[3] = 7;
        folder.Put("case_002", shape, new float[24], labels);
        Complains(() => Read(folder), "case_002.nii.gz' holds the label 7, and the training cases only 0, 1, 2");
    }

    [Test]
    public void Preparation_is_the_identity_at_the_median_spacing_and_resamples_others()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        VolumeShape shape = VolumeShape.Volume(6, 6, 6);
        (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, 5);
        folder.Put("case_003", shape, image, labels, NiftiGeometry.Isotropic(shape, 2));
        SegmentationData data = Read(folder);
        Assert.That(data.Spacing, Is.EqualTo(new VoxelSpacing(1, 1, 1)));
        float[] first = data.Training[0].Image.ToArray();
        Assert.That(first.Average(), Is.Zero.Within(1e-4));
        Assert.That(first.Average(value => value * value), Is.EqualTo(1).Within(1e-3));
        Assert.That(data.Test[0].Shape, Is.EqualTo(VolumeShape.Volume(12, 12, 12)));
        Assert.That(data.Test[0].FileShape, Is.EqualTo(shape));
    }

    [Test]
    public void Resampling_keeps_a_ramp_and_returns_to_the_grid()
    {
        VolumeShape shape = VolumeShape.Volume(3, 5, 8);
        var one = new VoxelSpacing(1, 1, 1);
        var half = new VoxelSpacing(0.5, 0.5, 0.5);
        float[] ramp = [.. Enumerable.Range(0, 120).Select(n => (float)(n % 8))];
        VolumeShape fine = one.Resized(shape, half);
        Assert.That(fine, Is.EqualTo(VolumeShape.Volume(6, 10, 16)));
        float[] finer = Resampling.Linear(ramp, shape, fine, one, half);
        Assert.That(finer.Take(4), Is.EqualTo((float[])[0, 0.25f, 0.75f, 1.25f]).Within(1e-6));
        float[] back = Resampling.Linear(finer, fine, shape, half, one);
        Assert.That(back.Skip(1).Take(6), Is.EqualTo(ramp.Skip(1).Take(6)).Within(1e-6));
        byte[] labels = [.. Enumerable.Range(0, 120).Select(n => (byte)(n % 3))];
        Assert.That(
            Resampling.Nearest(Resampling.Nearest(labels, shape, fine, one, half), fine, shape, half, one), Is.EqualTo(labels));
    }

    [Test]
    public void Intensity_scales_are_read_from_text()
    {
        Assert.That(IntensityScale.TryParse("hu:-100:300", out IntensityScale? window));
        float[] values = [-200, -100, 100, 300, 1000];
        window!.Apply(values);
        Assert.That(values, Is.EqualTo((float[])[0, 0, 0.5f, 1, 1]));
        Assert.That(window.ToString(), Is.EqualTo("hu:-100:300"));
        Assert.That(IntensityScale.TryParse("zscore-nonzero", out IntensityScale? standard));
        values = [0, 1, 3, 0];
        standard!.Apply(values);
        Assert.That(values, Is.EqualTo((float[])[0, -1, 1, 0]));
        values = [4, 4];
        IntensityScale.ZScore.Apply(values);
        Assert.That(values, Is.EqualTo((float[])[0, 0]));
        foreach (string bad in new[] { "", "hu", "hu:3:1", "hu:a:b", "minmax" })
        {
            Assert.That(IntensityScale.TryParse(bad, out _), Is.False, bad);
        }
    }

    [Test]
    public void Spacing_is_read_from_text()
    {
        Assert.That(VoxelSpacing.TryParse("2.5x1x0.5", out VoxelSpacing spacing));
        Assert.That(spacing, Is.EqualTo(new VoxelSpacing(2.5, 1, 0.5)));
        Assert.That(VoxelSpacing.TryParse("1.5", out spacing) && spacing.Depth == 1.5);
        foreach (string bad in new[] { "", "0", "1x-1x1", "1x1x1x1", "a" })
        {
            Assert.That(VoxelSpacing.TryParse(bad, out _), Is.False, bad);
        }
    }

    private static SegmentationData Read(FineTuneFolder folder)
    {
        SegmentationDataset data = SegmentationDataset.Open(folder.Root);
        var options = new FineTuneOptions { DataFolder = folder.Root, OutFolder = Path.Combine(folder.Root, "out") };
        return SegmentationData.Read(data, DataSplit.Of(data.Cases, 1, 1), options, new Notices());
    }

    private static void Complains(Func<object> act, string part)
    {
        DatasetException? error = Assert.Throws<DatasetException>(() => act());
        Assert.That(error!.Message, Does.Contain(part).And.EndsWith("."));
    }
}
