using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Tests.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using static GpuSynth.Torch.Tests.FineTuning.GeometryFolder;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>
/// Cases whose files disagree about their geometry, as public bug reports of other tools describe them: what is learnt from, what
/// is measured, and what is written lies where the files say.
/// </summary>
internal sealed class GeometryTests
{
    private static readonly long[] Size = [12, 14, 10];

    private static readonly NetworkOptions Small =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 3 };

    private static NiftiBytes Ras => Sform(Size, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

    private static NiftiBytes Las => Sform(Size, -1, 0, 0, 90, 0, 1, 0, -100, 0, 0, 1, -60);

    private static NiftiBytes Lps => Sform(Size, -1, 0, 0, 90, 0, -1, 0, -87, 0, 0, 1, -60);

    // Image LAS, its labels stored LPS: the same places, the array backwards along y.
    [Test]
    public void Labels_stored_backwards_come_to_the_voxels_of_their_image()
    {
        using var folder = new GeometryFolder();
        (float[] image, byte[] labels) = Ball(1);
        folder.Put("one", image, Las, BackwardsY(labels, 12, 14), Lps);
        folder.Put("two", image, Las, labels, Las);
        SegmentationCase one = folder.Read("one");
        Assert.That(one.FileLabels.ToArray(), Is.EqualTo(labels));
        Assert.That(folder.Notices.All, Is.EqualTo((string[])
        [
            $"'{folder.LabelPath("one")}' has another grid than its image (orientation LPS for LAS); its labels are brought onto the "
                + "image's grid by both files' affines, nearest neighbour.",
        ]));
        Assert.That(folder.Read("two").FileLabels.ToArray(), Is.EqualTo(labels));
        Assert.That(folder.Notices.All, Has.Count.EqualTo(1), "the same grid is no news");
    }

    [Test]
    public void Labels_of_another_spacing_and_extent_are_resampled_and_told()
    {
        using var folder = new GeometryFolder();
        (float[] image, byte[] labels) = Ball(2);
        // Every second voxel of x, y and z, of twice the size: its middle lies a half voxel further. Then two slices are cut off.
        byte[] coarse = [.. Enumerable.Range(0, 6 * 7 * 4).Select(n =>
            labels[(2 * (n / 42) * 12 * 14) + (2 * (n / 6 % 7) * 12) + (2 * (n % 6))])];
        folder.Put("one", image, Ras, coarse, Sform([6, 7, 4], 2, 0, 0, 0.5, 0, 2, 0, 0.5, 0, 0, 2, 0.5));
        byte[] expected = [.. Enumerable.Range(0, labels.Length).Select(n =>
        {
            (int z, int y, int x) = (n / 168, n / 12 % 14, n % 12);
            return z >= 8 ? (byte)0 : coarse[(z / 2 * 42) + (y / 2 * 6) + (x / 2)];
        })];
        Assert.That(folder.Read("one").FileLabels.ToArray(), Is.EqualTo(expected));
        Assert.That(folder.Notices.All.Single(), Does.Contain(
            "(spacing 2 x 2 x 2 mm for 1 x 1 x 1 mm, 6 x 7 x 4 voxels for 12 x 14 x 10, its middle 1 mm away)"));
        Assert.That(folder.Notices.All.Single(), Does.Contain("; 20% of the image lie outside and are background."));
    }

    [Test]
    public void Labels_a_little_aside_are_told_and_rounding_is_not()
    {
        using var folder = new GeometryFolder();
        (float[] image, byte[] labels) = Ball(3);
        folder.Put("one", image, Ras, labels, Sform(Size, 1, 0, 0, 0.0004, 0, 1, 0, 0, 0, 0, 1, 0));
        Assert.That(folder.Read("one").FileLabels.ToArray(), Is.EqualTo(labels));
        Assert.That(folder.Notices.All, Is.Empty);
        folder.Put("one", image, Ras, labels, Sform(Size, 1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 1, 0));
        Assert.That(
            folder.Read("one").FileLabels.ToArray(),
            Is.EqualTo(Enumerable.Range(0, labels.Length).Select(n => n % 12 < 2 ? (byte)0 : labels[n - 2])));
        Assert.That(folder.Notices.All.Single(), Does.Contain("(its middle 2 mm away)").And.Contains("16.67% of the image"));
    }

    [Test]
    public void Labels_elsewhere_are_refused_with_both_extents()
    {
        using var folder = new GeometryFolder();
        (float[] image, byte[] labels) = Ball(4);
        folder.Put("one", image, Ras, labels, Las);
        Assert.That(Assert.Throws<DatasetException>(() => folder.Read("one"))!.Message, Is.EqualTo(
            $"'{folder.LabelPath("one")}' lies elsewhere than its image '{folder.ImagePath("one")}': the labels cover "
            + "x 78.5 to 90.5, y -100.5 to -86.5, z -60.5 to -50.5 mm, the image x -0.5 to 11.5, y -0.5 to 13.5, z -0.5 to 9.5 mm; "
            + "correct the header of the one that is wrong."));
    }

    [Test]
    public void Without_a_form_voxel_numbers_count_and_what_does_not_fit_is_told()
    {
        using var folder = new GeometryFolder();
        (float[] image, byte[] labels) = Ball(5);
        var none = new NiftiBytes { Dim = [3, .. Size], Pixdim = [0, 1, 1, 2.5] };
        folder.Put("one", image, none, labels, none);
        Assert.That(folder.Read("one").FileLabels.ToArray(), Is.EqualTo(labels));
        Assert.That(folder.Notices.All, Is.Empty);

        folder.Put("one", image, Lps, labels, new NiftiBytes { Dim = [3, .. Size], Pixdim = [0, 1, 1, 1] });
        Assert.That(folder.Read("one").FileLabels.ToArray(), Is.EqualTo(labels));
        Assert.That(folder.Notices.All.Single(), Does.StartWith(
            $"'{folder.LabelPath("one")}' does not say where it lies (it has neither a qform nor an sform); its "));
        folder.Put("one", image, none, labels, new NiftiBytes { Dim = [3, .. Size], Pixdim = [0, 1, 1, 1] });
        folder.Read("one");
        Assert.That(folder.Notices.All, Has.Count.EqualTo(2));
        Assert.That(folder.Notices.All[1], Does.Contain("has voxels of 1 x 1 x 1 mm, and its image 2.5 x 1 x 1 mm"));

        folder.Put("one", image, none, labels, new NiftiBytes { Dim = [3, 14, 12, 10] });
        Assert.That(
            Assert.Throws<DatasetException>(() => folder.Read("one"))!.Message,
            Does.Contain("10x14x12 voxels, but its labels").And.Contains("10x12x14").And.EndsWith("bring both onto one grid."));
    }

    // A registration has written an sform into the image; the labels have the scanner's place alone. Where both have an sform it
    // is what counts.
    [Test]
    public void Labels_that_share_the_qform_of_their_image_are_its_voxels([Values(0, 1)] int sformCode)
    {
        using var folder = new GeometryFolder();
        (float[] image, byte[] labels) = Ball(7);
        var moved = new NiftiBytes
        {
            Dim = [3, .. Size], QformCode = 1, SformCode = 2, QuaternionOffset = [-10, -20, -30],
            Sform = [1, 0, 0, 5, 0, 1, 0, -7, 0, 0, 1, 3],
        };
        var scanner = new NiftiBytes
        {
            Dim = [3, .. Size], QformCode = 1, SformCode = sformCode, QuaternionOffset = [-10, -20, -30],
            Sform = [1, 0, 0, 6, 0, 1, 0, -7, 0, 0, 1, 3],
        };
        folder.Put("one", image, moved, labels, scanner);
        byte[] aside = [.. Enumerable.Range(0, labels.Length).Select(n => n % 12 == 0 ? (byte)0 : labels[n - 1])];
        Assert.That(folder.Read("one").FileLabels.ToArray(), Is.EqualTo(sformCode == 0 ? labels : aside));
        Assert.That(folder.Notices.All[^1], Does.Contain(sformCode == 0
            ? $"have the same qform, and '{folder.ImagePath("one")}' alone an sform, which differs (its middle "
            : "has another grid than its image (its middle 1 mm away)"));
    }

    [Test]
    public void Images_without_a_form_among_others_are_told()
    {
        using var folder = new GeometryFolder();
        for (int n = 0; n < 3; n++)
        {
            (float[] image, byte[] labels) = Ball(n);
            NiftiBytes header = n == 1 ? new NiftiBytes { Dim = [3, .. Size] } : Ras;
            folder.Put($"c{n}", image, header, labels, header);
        }

        folder.ReadAll();
        Assert.That(folder.Notices.All.Single(), Is.EqualTo(
            $"1 of 3 images have neither a qform nor an sform, such as '{folder.ImagePath("c1")}'; their axes are taken to run right, "
            + "front and up."));
    }

    // The same volume stored RAS and LPS: the same to the network, and predictions that lie at the same millimetres.
    [Test]
    public void Cases_of_mixed_orientation_are_one_to_the_network_and_predictions_return_to_the_files_grid()
    {
        using var folder = new GeometryFolder();
        (float[] image, byte[] labels) = Ball(6);
        NiftiBytes lps = Sform(Size, -1, 0, 0, 11, 0, -1, 0, 13, 0, 0, 1, 0);
        folder.Put("ras", image, Ras, labels, Ras);
        folder.Put("lps", Turned(image, 12, 14), lps, Turned(labels, 12, 14), lps);
        SegmentationCase ras = folder.Read("ras");
        SegmentationCase other = folder.Read("lps");
        Assert.That(other.FileLabels.ToArray(), Is.EqualTo(Turned(labels, 12, 14)));
        foreach (double spacing in new[] { 1, 1.4 })
        {
            ras = folder.Read("ras");
            other = folder.Read("lps");
            ras.Prepare(new VoxelSpacing(spacing, spacing, spacing), IntensityScale.ZScore);
            other.Prepare(new VoxelSpacing(spacing, spacing, spacing), IntensityScale.ZScore);
            Assert.That(other.Image.ToArray(), Is.EqualTo(ras.Image.ToArray()).Within(1e-5));
            Assert.That(other.Labels.ToArray(), Is.EqualTo(ras.Labels.ToArray()));
            TorchSharp.torch.manual_seed(3);
            using SegmentationNetwork network = NetworkFactory.Create(Small);
            network.eval();
            var window = new SlidingWindow(network, 3, VolumeShape.Cubic(3, 16), 0, TorchSharp.torch.CPU);
            byte[] prediction = window.PredictFile(ras);
            Assert.That(prediction.Distinct().Count(), Is.GreaterThan(1), "not one label alone");
            Assert.That(window.PredictFile(other), Is.EqualTo(Turned(prediction, 12, 14)));
            Assert.That(other.ToPrepared(window.PredictFile(other)), Is.EqualTo(ras.ToPrepared(prediction)));
        }

        Assert.That(folder.Notices.All, Is.Empty);
    }

    // A voxel's edges follow its axis: x up, y to the left, z to the back.
    [Test]
    public void Spacing_and_shape_follow_the_bodys_axes()
    {
        using var folder = new GeometryFolder();
        NiftiBytes header = Sform([2, 3, 4], 0, -1.5, 0, 5, 0, 0, -2, 6, 1, 0, 0, 7);
        folder.Put("one", new float[24], header, new byte[24], header);
        SegmentationCase one = folder.Read("one");
        one.Prepare(one.CanonicalSpacing, IntensityScale.ZScore);
        Assert.That(one.FileSpacing, Is.EqualTo(new VoxelSpacing(2, 1.5, 1)));
        Assert.That(one.Spacing, Is.EqualTo(new VoxelSpacing(1, 2, 1.5)));
        Assert.That((one.FileShape, one.Shape), Is.EqualTo((VolumeShape.Volume(4, 3, 2), VolumeShape.Volume(2, 4, 3))));
        Assert.That(one.HasLateralAxis);
    }

    // Codes 1 and 2 with forms that differ; 0 and 0; an image (x, y, 1): predictions have the image's header fields.
    [Test]
    public void Predictions_have_their_images_forms_and_shape([Values("differ", "zero", "image")] string what)
    {
        using var folder = new GeometryFolder();
        (double sine, double cosine) = Math.SinCos(0.3);
        long[] size = what == "image" ? [12, 14, 1] : Size;
        NiftiBytes header = what == "differ"
            ? new NiftiBytes
            {
                Dim = [3, .. size], QformCode = 1, SformCode = 2, QuaternionOffset = [-10, -20, -30],
                Sform = [cosine, -sine, 0, 5, sine, cosine, 0, -7, 0, 0, 1, 3],
            }
            : what == "zero"
            ? new NiftiBytes { Dim = [3, .. size], Pixdim = [1, 1, 1, 2.5] }
            : Sform(size, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0);
        for (int n = 0; n < 3; n++)
        {
            (float[] image, byte[] labels) = Ball(n);
            int slice = what == "image" ? 5 * 12 * 14 : 0;
            int count = (int)(size[0] * size[1] * size[2]);
            folder.Put($"c{n}", image[slice..(slice + count)], header, labels[slice..(slice + count)], header);
        }

        SegmentationData data = folder.ReadAll();
        NetworkOptions options = what == "image" ? Small with { Dimensions = 2 } : Small;
        using SegmentationNetwork network = NetworkFactory.Create(options);
        network.eval();
        var patch = VolumeShape.Cubic(options.Dimensions, 16);
        new TestEvaluation(network, data, patch, new FineTuneOptions { DataFolder = folder.Root, OutFolder = folder.Root })
            .Run(folder.Root, default);

        byte[] image2 = File.ReadAllBytes(folder.ImagePath("c2"));
        string path = Path.Combine(folder.Root, "predictions", "c2.nii.gz");
        using var unpacked = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(
            File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress))
        {
            gzip.CopyTo(unpacked);
        }

        byte[] written = unpacked.ToArray();
        short[] dim = [.. Enumerable.Range(0, 8).Select(n => BitConverter.ToInt16(written, 40 + (2 * n)))];
        Assert.That(dim, Is.EqualTo((short[])[3, (short)size[0], (short)size[1], (short)size[2], 1, 1, 1, 1]));
        Assert.That(written[76..92], Is.EqualTo(image2[76..92]), "qfac and voxel sizes");
        Assert.That(written[123], Is.EqualTo(image2[123]), "units");
        Assert.That(written[252..328], Is.EqualTo(image2[252..328]), "both forms and their codes");
        Assert.That(folder.Notices.All.Count(notice => notice.Contains("by its qform (code 1)", StringComparison.Ordinal)),
            Is.EqualTo(what == "differ" ? 1 : 0));
    }

    [TestCase(24, 16, "32x32")]
    [TestCase(20, 16, "32x32")]
    [TestCase(48, 16, "48x48")]
    [TestCase(5, 1, "5x5")]
    public void The_usual_crop_of_a_small_image_is_one_that_the_network_takes(int side, int multiple, string expected)
    {
        Assert.That($"{FineTuneRun.DefaultPatch(VolumeShape.Image(side, side), multiple)}", Is.EqualTo(expected));
        var plan = WindowPlan.Of(VolumeShape.Image(10, 10), VolumeShape.Image(32, 32), 16, 0.5);
        Assert.That(plan.Window, Is.EqualTo(VolumeShape.Image(16, 32)), "two voxels at the lowest level");
        Assert.That(plan.Origins.Single(), Is.EqualTo((int[])[0, -3, -11]));
    }

    [Test]
    public void Float_labels_are_rounded_and_told_once()
    {
        using var folder = new GeometryFolder();
        for (int n = 0; n < 4; n++)
        {
            (float[] image, byte[] labels) = Ball(n);
            folder.Put($"c{n}", image, Ras, labels, Ras);
            folder.PutLabels($"c{n}", [.. labels.Select(label => label == 2 ? MathF.BitIncrement(2) : label)], Ras);
        }

        SegmentationData data = folder.ReadAll();
        Assert.That(data.Test[0].FileLabels.ToArray(), Is.EqualTo(Ball(3).Labels));
        Assert.That(folder.Notices.All.Single(), Does.Contain("not quite whole numbers").And.EndsWith("(and 3 more like this)."));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_link_to_nowhere_is_told()
    {
        using var folder = new GeometryFolder();
        for (int n = 0; n < 3; n++)
        {
            (float[] image, byte[] labels) = Ball(n);
            folder.Put($"c{n}", image, Ras, labels, Ras);
        }

        File.Delete(folder.ImagePath("c1"));
        File.CreateSymbolicLink(folder.ImagePath("c1"), "../.git/annex/objects/x.nii");
        Assert.That(
            Assert.Throws<DatasetException>(() => folder.ReadAll())!.Message,
            Does.Contain("c1.nii': it is a link whose target '../.git/annex/objects/x.nii' is missing; fetch it ('datalad get'"));
    }

    [Test]
    public void Cases_without_a_label_are_counted_and_all_of_them_refused()
    {
        using var folder = new GeometryFolder();
        for (int n = 0; n < 4; n++)
        {
            (float[] image, byte[] labels) = Ball(n);
            folder.Put($"c{n}", image, Ras, n == 0 ? labels : new byte[labels.Length], Ras);
        }

        folder.ReadAll();
        Assert.That(folder.Notices.All, Is.EqualTo((string[])
        [
            $"3 of 4 cases have no labelled voxel on their image's grid, such as '{folder.LabelPath("c1")}'; they are background alone.",
        ]));
        folder.Put("c0", Ball(0).Image, Ras, new byte[Ball(0).Labels.Length], Ras);
        Assert.That(
            Assert.Throws<DatasetException>(() => folder.ReadAll())!.Message,
            Does.StartWith("None of the 2 training cases holds a labelled voxel"));
    }
}
