using System.Text.Json;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Images of several channels: 4D files, and nnU-Net's case_0000 and case_0001.</summary>
internal sealed class ChannelTests
{
    private static readonly NetworkOptions Small =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };

    [Test]
    public void One_file_of_two_channels_and_two_files_of_one_are_the_same_data([Values] bool isFive)
    {
        using FineTuneFolder series = WithSeries(3, isFive);
        using FineTuneFolder files = WithFiles(3);
        var notices = new Notices();
        using SegmentationData one = Read(series, notices);
        using SegmentationData two = Read(files);
        Assert.That((one.Channels, two.Channels), Is.EqualTo((2, 2)));
        for (int n = 0; n < 3; n++)
        {
            SegmentationCase first = All(one)[n];
            Assert.That(first.Image.ToArray(), Is.EqualTo(All(two)[n].Image.ToArray()));
            Assert.That(first.Labels.ToArray(), Is.EqualTo(All(two)[n].Labels.ToArray()));
            // Every channel has a range of its own: the second is the first's negative, however large.
            int voxels = (int)first.Shape.VoxelCount;
            Assert.That(first.Image.Length, Is.EqualTo(2 * voxels));
            float[] image = first.Image.ToArray();
            Assert.That(image[..voxels].Zip(image[voxels..], (a, b) => a + b), Is.All.EqualTo(0).Within(1e-5));
        }

        Assert.That(notices.All.Single(), Is.EqualTo(
            "The 2 volumes of a file are the network's input channels: channel 0, channel 1."));
    }

    [Test]
    public void A_crop_has_the_same_place_in_every_channel()
    {
        using FineTuneFolder folder = WithSeries(3);
        using SegmentationData data = Read(folder);
        VolumeShape patch = VolumeShape.Volume(4, 5, 6);
        var source = new CropSource(data.Training, 3, 2, patch, new Augmentation { IntensityProbability = 0 });
        float[] images = new float[2 * 2 * 120];
        source.Fill(5, images, new byte[2 * 120]);
        for (int crop = 0; crop < 2; crop++)
        {
            float[] first = images[(crop * 240)..((crop * 240) + 120)];
            float[] second = images[((crop * 240) + 120)..((crop * 240) + 240)];
            Assert.That(first, Is.Not.All.Zero);
            Assert.That(first.Zip(second, (a, b) => a + b), Is.All.EqualTo(0).Within(1e-5));
        }
    }

    [Test]
    public void Other_numbers_of_channels_and_other_grids_are_named()
    {
        using FineTuneFolder folder = WithSeries(3);
        VolumeShape shape = VolumeShape.Cubic(3, 12);
        (float[] image, byte[] _) = FineTuneFolder.Sample(shape, 1);
        folder.PutSeries("images/c1.nii", shape, [image, image, image]);
        Complains(folder, "c1.nii' has 3 channels and '", "c0.nii' 2");
        using FineTuneFolder files = WithFiles(3);
        Nifti.WriteImage(files.Made("images/c1_0001.nii"), VolumeShape.Volume(12, 12, 11), new float[12 * 12 * 11]);
        Complains(files, "c1_0001.nii' has another grid than '", "12x12x11 voxels for 12x12x12");
        Nifti.WriteImage(files.Made("images/c1_0001.nii"), shape, image, NiftiGeometry.Isotropic(shape, 1.5));
        Complains(files, "c1_0001.nii' has another grid than '", "1.5");
    }

    [Test]
    public void A_label_map_of_several_volumes_is_refused_by_name_and_one_of_one_is_read()
    {
        using FineTuneFolder folder = WithSeries(3);
        VolumeShape shape = VolumeShape.Cubic(3, 12);
        (float[] _, byte[] labels) = FineTuneFolder.Sample(shape, 1);
        float[] values = [.. labels.Select(label => (float)label)];
        folder.PutSeries("labels/c1.nii", shape, [values]);
        using (SegmentationData data = Read(folder))
        {
            Assert.That(All(data)[1].Labels.ToArray(), Is.EqualTo(labels));
        }

        folder.PutSeries("labels/c1.nii", shape, [values, values]);
        Assert.That(
            () => Read(folder),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("labels/c1.nii': it holds 2 volumes of 12x12x12 voxels"));
    }

    [Test]
    public void Names_that_do_not_fit_the_channels_are_told_and_the_files_decide()
    {
        using FineTuneFolder folder = WithSeries(3);
        folder.PutJson("""{"modality": {"0": "MRI"}, "training": ["images/c0", "images/c1", "images/c2"]}""");
        var notices = new Notices();
        using SegmentationData data = Read(folder, notices);
        Assert.That(data.ChannelNames, Is.EqualTo((string[])["channel 0", "channel 1"]));
        Assert.That(notices.All, Has.Some.Contains("names 1 channels (MRI), and '").And.Some.Contains("has 2, all of which are read"));
    }

    // The same image in every channel gives what it gave in one.
    [TestCase(2, false)]
    [TestCase(4, false)]
    [TestCase(2, true)]
    public void Weights_of_one_channel_are_taken_for_every_channel(int channels, bool isSwin)
    {
        NetworkOptions options = isSwin ? NetworkOptions.SwinUnetr(12) : Small;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        manual_seed(3);
        using SegmentationNetwork pretrained = NetworkFactory.Create(options);
        Dictionary<string, Tensor> state = Weights.State(pretrained).ToDictionary(static e => e.Name, static e => e.Tensor);
        using SegmentationNetwork one = FineTuneModel.Create(options, 3);
        using SegmentationNetwork several = FineTuneModel.Create(options with { InChannels = channels }, 3);
        FineTuneModel.LoadPretrained(one, state);
        WeightTransfer transfer = FineTuneModel.LoadPretrained(several, state);
        Assert.That(transfer.Repeated, Has.Count.EqualTo(isSwin ? 3 : 2), "convolution and shortcut; Swin's patches as well");
        Assert.That(transfer.ToString(), Does.Contain("; for every channel: "));
        Dictionary<string, Tensor> own = Weights.State(several).ToDictionary(static e => e.Name, static e => e.Tensor);
        foreach (string head in one.HeadNames)
        {
            own[head].copy_(Weights.State(one).First(entry => entry.Name == head).Tensor);
        }

        long side = isSwin ? 32 : 8; // With twice the depth: two voxels at the lowest level.
        Tensor image = randn([1, 1, 2 * side, side, side]);
        one.eval();
        several.eval();
        Tensor expected = one.call(image);
        Tensor found = several.call(image.expand(1, channels, 2 * side, side, side));
        Assert.That((found - expected).abs().max().ToDouble(), Is.LessThan(1e-4 * expected.abs().max().ToDouble()));
    }

    [Test]
    public void A_run_names_its_channels_and_its_weights_load_in_a_network_of_as_many()
    {
        using FineTuneFolder folder = WithFiles(4);
        folder.PutJson("""
            {"channel_names": {"0": "T2", "1": "ADC"}, "labels": {"background": 0, "a": 1, "b": 2},
             "training": ["images/c0", "images/c1", "images/c2", "images/c3"]}
            """);
        string weights = folder.Made("weights.safetensors");
        manual_seed(9);
        using (SegmentationNetwork network = NetworkFactory.Create(Small))
        {
            Weights.Save(network, weights);
        }

        var options = new FineTuneOptions
        {
            DataFolder = folder.Root, OutFolder = folder.Made("run"), Init = weights, Steps = 2, Validations = 1, Patch = [12],
        };
        using (FineTuneRun run = FineTuneRun.Open(options, _ => { }))
        {
            Assert.That(run.Notices.All, Has.Some.Contains("has one input channel and the images have 2: its first convolutions'"));
            run.Run(_ => { }, () => { }, "gpusynth finetune");
        }

        JsonElement results = JsonDocument.Parse(File.ReadAllText(folder.Made("run/results.json"))).RootElement;
        Assert.That(results.GetProperty("channels").EnumerateArray().Select(name => name.GetString()),
            Is.EqualTo((string[])["T2", "ADC"]));
        Assert.That(File.ReadAllText(folder.Made("run/run.json")), Does.Contain("\"T2\""));
        Assert.That(File.ReadAllText(folder.Made("run/report.html")), Does.Contain("channels T2, ADC"));
        using SafeTensorsFile file = SafeTensors.Read(folder.Made("run/arms/pretrained_n2_s0/weights.safetensors"));
        var trained = NetworkOptions.FromJson(file.Metadata[Weights.NetworkKey]);
        Assert.That(trained, Is.EqualTo(Small with { InChannels = 2 }));
        using SegmentationNetwork again = FineTuneModel.Create(trained, 3);
        Assert.That(() => Weights.LoadStrict(again, file.Tensors, "file"), Throws.Nothing);
    }

    [Test]
    public void Weights_of_another_number_of_channels_are_refused()
    {
        using FineTuneFolder folder = WithFiles(4);
        string weights = folder.Made("weights.safetensors");
        using (SegmentationNetwork network = NetworkFactory.Create(Small with { InChannels = 3 }))
        {
            Weights.Save(network, weights);
        }

        var options = new FineTuneOptions { DataFolder = folder.Root, OutFolder = folder.Made("run"), Init = weights };
        Assert.That(
            () => FineTuneRun.Open(options, _ => { }),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("with 3 input channels, and the images of").And.Message.Contains("have 2"));
    }

    private static SegmentationCase[] All(SegmentationData data) => [.. data.Training, .. data.Validation, .. data.Test];

    private static FineTuneFolder WithSeries(int cases, bool isFive = false)
    {
        var folder = new FineTuneFolder();
        for (int n = 0; n < cases; n++)
        {
            (VolumeShape shape, float[] image) = PutLabels(folder, n);
            folder.PutSeries($"images/c{n}.nii", shape, [image, [.. image.Select(value => -3 * value)]], isFive);
        }

        return folder;
    }

    private static FineTuneFolder WithFiles(int cases)
    {
        var folder = new FineTuneFolder();
        for (int n = 0; n < cases; n++)
        {
            (VolumeShape shape, float[] image) = PutLabels(folder, n);
            Nifti.WriteImage(folder.Made($"images/c{n}_0000.nii"), shape, image);
            Nifti.WriteImage(folder.Made($"images/c{n}_0001.nii"), shape, [.. image.Select(value => -3 * value)]);
        }

        return folder;
    }

    private static (VolumeShape Shape, float[] Image) PutLabels(FineTuneFolder folder, int n)
    {
        VolumeShape shape = VolumeShape.Cubic(3, 12);
        (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, n);
        Nifti.WriteLabels(folder.Made($"labels/c{n}.nii"), shape, labels);
        return (shape, image);
    }

    private static SegmentationData Read(FineTuneFolder folder, Notices? notices = null)
    {
        SegmentationDataset data = SegmentationDataset.Open(folder.Root);
        var options = new FineTuneOptions { DataFolder = folder.Root, OutFolder = Path.Combine(folder.Root, "out") };
        return SegmentationData.Read(data, DataSplit.Of(data.Cases, 1, 1), options, notices ?? new Notices());
    }

    private static void Complains(FineTuneFolder folder, params string[] parts)
    {
        DatasetException? error = Assert.Throws<DatasetException>(() => Read(folder).Dispose());
        foreach (string part in parts)
        {
            Assert.That(error!.Message, Does.Contain(part).And.EndsWith("."));
        }
    }
}
