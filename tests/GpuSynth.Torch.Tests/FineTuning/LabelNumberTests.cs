using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Labels with any numbers, with numbers that are left out, and cases without any.</summary>
internal sealed class LabelNumberTests
{
    private static readonly VolumeShape Shape = VolumeShape.Volume(3, 4, 5);

    [Test]
    public void Numbers_with_gaps_become_classes_in_their_order_whatever_comes_first()
    {
        using var folder = new FineTuneFolder();
        Put(folder, "a", 0, 1035, 4);
        Put(folder, "b", 0, 17);
        Put(folder, "c", 0, 4, 17, 1035);
        Put(folder, "d", 1035, 0);
        var notices = new Notices();
        using SegmentationData data = Read(folder, notices);
        Assert.That(data.Labels.Numbers, Is.EqualTo((int[])[0, 4, 17, 1035]));
        Assert.That(data.LabelNames, Is.EqualTo((string[])["background", "label 4", "label 17", "label 1035"]));
        Assert.That(data.Training[0].Labels[..3].ToArray(), Is.EqualTo((byte[])[0, 3, 1]));
        Assert.That(data.Test[0].FileLabels[..2].ToArray(), Is.EqualTo((byte[])[3, 0]));
        Assert.That(data.Labels.ToNumbers([0, 3, 1, 2]), Is.EqualTo((int[])[0, 1035, 4, 17]));
        Assert.That(notices.All, Has.Some.EqualTo(
            "The labels 0, 4, 17, 1035 are trained as classes 0 to 3; predictions are written with the labels' own numbers."));
    }

    [TestCase(3)]
    [TestCase(-1)]
    [TestCase(1)]
    public void An_ignored_number_is_no_class(int ignored)
    {
        using var folder = new FineTuneFolder();
        foreach (string name in new[] { "a", "b", "c" })
        {
            Put(folder, name, 0, 2, ignored, 5);
        }

        var notices = new Notices();
        using SegmentationData data = Read(folder, notices, ignored);
        Assert.That(data.Labels.Numbers, Is.EqualTo((int[])[0, 2, 5]));
        Assert.That(data.Training[0].Labels[..4].ToArray(), Is.EqualTo((byte[])[0, 1, LabelClasses.Ignored, 2]));
        Assert.That(data.Training[0].LabelledVoxels, Is.EqualTo(2), "nobody has labelled what is left out");
        Assert.That(notices.All, Has.Some.Contains($"Voxels of label {ignored} are left out of the loss"));
    }

    [Test]
    public void The_ignore_label_of_a_dataset_json_is_no_class_and_the_option_adds_another()
    {
        using var folder = new FineTuneFolder();
        foreach (string name in new[] { "a", "b", "c" })
        {
            Put(folder, name, 0, 2, 9, 1);
        }

        folder.PutJson("""
            {"labels": {"background": 0, "one": 1, "two": 2, "ignore": 9}, "training": ["images/a", "images/b", "images/c"]}
            """);
        using SegmentationData data = Read(folder);
        Assert.That(data.LabelNames, Is.EqualTo((string[])["background", "one", "two"]));
        Assert.That(data.Training[0].Labels[..4].ToArray(), Is.EqualTo((byte[])[0, 2, LabelClasses.Ignored, 1]));
        using SegmentationData both = Read(folder, ignored: 1);
        Assert.That(both.LabelNames, Is.EqualTo((string[])["background", "two"]));
        Assert.That(both.Training[0].Labels[..4].ToArray(),
            Is.EqualTo((byte[])[0, 1, LabelClasses.Ignored, LabelClasses.Ignored]));
    }

    [Test]
    public void Resampling_keeps_what_is_left_out()
    {
        using var folder = new FineTuneFolder();
        Put(folder, "a", 0, 1);
        Put(folder, "b", 0, 1);
        Nifti.WriteImage(folder.ImagePath("c"), Shape, Image(), NiftiGeometry.Isotropic(Shape, 2));
        byte[] labels = new byte[60];
        (labels[7], labels[8]) = (1, 9);
        Nifti.WriteLabels(folder.LabelPath("c"), Shape, labels, NiftiGeometry.Isotropic(Shape, 2));
        using SegmentationData data = Read(folder, ignored: 9);
        Assert.That(data.Test[0].Shape, Is.EqualTo(VolumeShape.Volume(6, 8, 10)));
        Assert.That(data.Test[0].Labels.ToArray().Count(label => label == LabelClasses.Ignored), Is.EqualTo(8));
        Assert.That(data.Test[0].Labels.ToArray().Count(label => label == 1), Is.EqualTo(8));
        Assert.That(data.Test[0].LabelledVoxels, Is.EqualTo(8));
    }

    [Test]
    public void A_number_that_the_data_set_does_not_name_is_refused_with_the_file()
    {
        using var folder = new FineTuneFolder();
        Put(folder, "a", 0, 1);
        Put(folder, "b", 0, 7);
        Put(folder, "c", 0, 1);
        folder.PutJson("""{"labels": {"background": 0, "one": 1}, "training": ["images/a", "images/b", "images/c"]}""");
        Complains(folder, null, "b.nii.gz' holds the label 7, and dataset.json names the labels 0, 1", "--ignore-label 7");
        using SegmentationData data = Read(folder, ignored: 7);
        Assert.That(data.Classes, Is.EqualTo(2));
    }

    [Test]
    public void Negative_numbers_and_those_of_no_training_case_are_refused_with_the_way_out()
    {
        using var folder = new FineTuneFolder();
        Put(folder, "a", 0, 1);
        Put(folder, "b", 0, 1);
        Put(folder, "c", 0, 1, 2);
        Complains(folder, null, "c.nii.gz' holds the label 2, and the training cases only 0, 1", "--ignore-label 2");
        Put(folder, "c", 0, -1000);
        Complains(folder, null, "c.nii.gz' holds the label -1000, and labels count from 0", "--ignore-label -1000");
    }

    [Test]
    public void More_labels_than_a_network_is_trained_on_are_refused()
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Volume(4, 8, 9);
        int[] numbers = [.. Enumerable.Range(0, 288)];
        foreach (string name in new[] { "a", "b", "c" })
        {
            folder.Put(name, shape, new float[288], new byte[288]);
            Nifti.WriteImage(folder.LabelPath(name), shape, [.. numbers.Select(number => (float)Math.Min(number, 254))]);
        }

        using (SegmentationData data = Read(folder))
        {
            Assert.That(data.Classes, Is.EqualTo(255));
            Assert.That(data.Training[0].Labels[254], Is.EqualTo(254));
        }

        Nifti.WriteImage(folder.LabelPath("b"), shape, [.. numbers.Select(number => (float)number)]);
        Complains(folder, null, "b.nii.gz' holds the label 255, one more than the 255 labels");
    }

    [Test]
    public void Cases_without_labels_are_counted_and_training_without_any_is_refused()
    {
        using var folder = new FineTuneFolder();
        Put(folder, "a", 0, 1);
        Put(folder, "b");
        Put(folder, "c", 0, 1);
        Put(folder, "d");
        var notices = new Notices();
        using (SegmentationData data = Read(folder, notices))
        {
            Assert.That(notices.All.Single(), Does.StartWith("2 of 4 cases have no labelled voxel").And.Contains("b.nii.gz'"));
        }

        Put(folder, "a");
        Complains(folder, null, "None of the 2 training cases holds a labelled voxel", "a.nii.gz' first");
        Put(folder, "a", 0, 3);
        Complains(folder, 3, "None of the 2 training cases holds a labelled voxel");
    }

    [Test]
    public void A_named_label_that_no_training_case_has_is_told()
    {
        using var folder = new FineTuneFolder();
        Put(folder, "a", 0, 1);
        Put(folder, "b", 0, 1);
        Put(folder, "c", 0, 1, 2);
        folder.PutJson("""
            {"labels": {"background": 0, "one": 1, "two": 2}, "training": ["images/a", "images/b", "images/c"]}
            """);
        var notices = new Notices();
        using SegmentationData data = Read(folder, notices);
        Assert.That(notices.All.Single(), Is.EqualTo("No training case has two, which cannot be learned from them."));
    }

    [Test]
    public void A_labelled_voxel_is_found_by_its_number_in_array_order()
    {
        using var folder = new FineTuneFolder();
        Put(folder, "a", 0, 1, 9, 0, 1, 1);
        Put(folder, "b", 0, 1);
        Put(folder, "c", 0, 1);
        using SegmentationData data = Read(folder, ignored: 9);
        SegmentationCase one = data.Training[0];
        int[] places = [.. Enumerable.Range(0, one.LabelledVoxels).Select(number =>
        {
            int[] at = one.LabelledVoxel(number);
            return (((at[0] * Shape.Height) + at[1]) * Shape.Width) + at[2];
        })];
        Assert.That(places, Is.EqualTo((int[])[1, 4, 5]));
    }

    private static float[] Image() => [.. Enumerable.Range(0, 60).Select(n => n % 13f)];

    // The first voxels have these numbers, all others 0.
    private static void Put(FineTuneFolder folder, string name, params int[] numbers)
    {
        folder.Put(name, Shape, Image(), new byte[60]);
        float[] labels = new float[60];
        for (int n = 0; n < numbers.Length; n++)
        {
            labels[n] = numbers[n];
        }

        Nifti.WriteImage(folder.LabelPath(name), Shape, labels);
    }

    private static SegmentationData Read(FineTuneFolder folder, Notices? notices = null, int? ignored = null)
    {
        SegmentationDataset data = SegmentationDataset.Open(folder.Root);
        var options = new FineTuneOptions
        {
            DataFolder = folder.Root, OutFolder = Path.Combine(folder.Root, "out"), IgnoreLabel = ignored,
        };
        return SegmentationData.Read(data, DataSplit.Of(data.Cases, 1, 1), options, notices ?? new Notices());
    }

    private static void Complains(FineTuneFolder folder, int? ignored, params string[] parts)
    {
        DatasetException? error = Assert.Throws<DatasetException>(() => Read(folder, ignored: ignored).Dispose());
        foreach (string part in parts)
        {
            Assert.That(error!.Message, Does.Contain(part).And.EndsWith("."));
        }
    }
}
