using System.Globalization;
using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>"gpusynth finetune" on data sets as people have them, from the command line to the prediction.</summary>
internal sealed class CaseTests
{
    [TestCase(48, "crops 1 x 48x48")]
    [TestCase(24, "crops 1 x 32x32")]
    [TestCase(9, "crops 1 x 32x32")]
    public void Images_of_any_width_are_trained_on_with_the_crop_that_the_tool_chooses(int side, string crops)
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Image(side, side);
        for (int n = 0; n < 4; n++)
        {
            byte[] labels = [.. Enumerable.Range(0, side * side).Select(voxel => (byte)(voxel % side < side / 2 ? 1 : 0))];
            folder.Put($"c{n}", shape, [.. labels.Select((label, voxel) => (label * 50f) + (voxel % 7))], labels);
        }

        string weights = SmallNetwork(folder, dimensions: 2);
        (int code, string messages) = Tune(folder, 2, "--init", weights);
        Assert.That(code, Is.Zero, messages);
        Assert.That(messages, Does.Contain(crops));
        NiftiLabels prediction = Nifti.ReadLabels(folder.Made("out/arms/pretrained_n2_s0/predictions/c3.nii.gz"));
        Assert.That(prediction.Shape, Is.EqualTo(shape));
        (code, messages) = Tune(folder, 2, "--init", weights, "--patch", "16", "--out", folder.Made("other"));
        Assert.That((code, messages), Is.EqualTo((1, messages)));
        Assert.That(messages, Does.Contain("--patch 16: 16x16 leaves one voxel at the network's lowest level: take 32x32"));
    }

    [Test]
    public void An_ignored_label_is_trained_measured_and_predicted_nowhere([Values] bool isByOption)
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Cubic(3, 12);
        for (int n = 0; n < 4; n++)
        {
            (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, n);
            // Of the boxes' first slices nobody knows.
            labels.AsSpan(0, 5 * 144).Fill(3);

            folder.Put($"c{n}", shape, image, labels);
        }

        if (!isByOption)
        {
            folder.PutJson("""
                {"labels": {"background": 0, "a": 1, "b": 2, "ignore": 3},
                 "training": ["images/c0", "images/c1", "images/c2", "images/c3"]}
                """);
        }

        string[] option = isByOption ? ["--ignore-label", "3"] : [];
        (int code, string messages) = Tune(folder, 10, ["--init", SmallNetwork(folder, 3), .. option]);
        Assert.That(code, Is.Zero, messages);
        Assert.That(messages, Does.Contain("note: Voxels of label 3 are left out of the loss"));
        NiftiLabels prediction = Nifti.ReadLabels(folder.Made("out/arms/pretrained_n2_s0/predictions/c3.nii.gz"));
        Assert.That(prediction.Data, Has.None.EqualTo(3));
        Assert.That(File.ReadAllText(folder.Made("out/results.json")), Does.Not.Contain("ignore\""));
        // The reported Dice is that of the voxels that are labelled.
        NiftiLabels truth = Nifti.ReadLabels(folder.LabelPath("c3"));
        string row = File.ReadAllLines(folder.Made("out/results.md")).First(line => line.Contains(isByOption ? "label 1" : "| a"));
        double reported = double.Parse(row.Split('|')[5], CultureInfo.InvariantCulture);
        Assert.That(reported, Is.EqualTo(Dice(prediction.Data, truth.Data, 1, 3)).Within(5e-5));
    }

    [Test]
    public void Numbers_with_gaps_are_predicted_with_their_own_numbers()
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Cubic(3, 12);
        for (int n = 0; n < 4; n++)
        {
            (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, n);
            folder.Put($"c{n}", shape, image, labels);
            Nifti.WriteLabels(folder.LabelPath($"c{n}"), shape, labels, numbers: [0, 4, 1035]);
        }

        (int code, string messages) = Tune(folder, 30, "--init", SmallNetwork(folder, 3));
        Assert.That(code, Is.Zero, messages);
        Assert.That(messages, Does.Contain("note: The labels 0, 4, 1035 are trained as classes 0 to 2"));
        NiftiLabels prediction = Nifti.ReadLabels(folder.Made("out/arms/pretrained_n2_s0/predictions/c3.nii.gz"));
        Assert.That(prediction.Data.Distinct(), Is.SubsetOf((int[])[0, 4, 1035]).And.Contains(4));
        string[] rows = File.ReadAllLines(folder.Made("out/results.md"));
        Assert.That(rows, Has.Some.Contains("| label 4 ").And.Some.Contains("| label 1035 "));
        NiftiLabels truth = Nifti.ReadLabels(folder.LabelPath("c3"));
        double reported = double.Parse(rows.First(line => line.Contains("label 4 ")).Split('|')[5], CultureInfo.InvariantCulture);
        Assert.That(reported, Is.EqualTo(Dice(prediction.Data, truth.Data, 4, int.MinValue)).Within(5e-5));
    }

    [TestCase("0", "'0' is not a label number other than 0")]
    [TestCase("x", "'x' is not a label number other than 0")]
    public void An_ignored_label_is_a_number_other_than_the_background(string number, string part)
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        (int code, string messages) = Tune(folder, 1, "--ignore-label", number);
        Assert.That((code, messages), Is.EqualTo((2, messages)));
        Assert.That(messages, Does.Contain(part));
    }

    private static double Dice(int[] prediction, int[] truth, int label, int ignored)
    {
        (int both, int sum) = (0, 0);
        for (int n = 0; n < truth.Length; n++)
        {
            if (truth[n] != ignored)
            {
                both += prediction[n] == label && truth[n] == label ? 1 : 0;
                sum += (prediction[n] == label ? 1 : 0) + (truth[n] == label ? 1 : 0);
            }
        }

        return 2.0 * both / sum;
    }

    // As deep as the tool's own networks, so that sides have to be multiples of 16 and of 8, and narrow.
    private static string SmallNetwork(FineTuneFolder folder, int dimensions)
    {
        string path = folder.Made("weights.safetensors");
        NetworkOptions options = dimensions == 2
            ? NetworkOptions.RasdUNet2D with { Channels = [4, 4, 4, 4, 4], ResidualUnits = 1, OutChannels = 4 }
            : NetworkOptions.SmallUNet3D with { Channels = [8, 8], Strides = [2], ResidualUnits = 1, OutChannels = 8 };
        TorchSharp.torch.manual_seed(1);
        using SegmentationNetwork network = NetworkFactory.Create(options);
        Weights.Save(network, path);
        return path;
    }

    private static (int Code, string Messages) Tune(FineTuneFolder folder, int steps, params string[] more)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        string[] place = more.Contains("--out") ? [] : ["--out", Path.Combine(folder.Root, "out")];
        int code = Program.Run(
            [
                "finetune", "--data", folder.Root, .. place, "--steps", $"{steps}", "--batch", "1", "--validations", "1",
                "--overlap", "0", "--flips", "0", "--turns", "0", "--lr", "0.01", "--validation-cases", "1", "--test-cases", "1",
                .. more,
            ],
            new Output(data, messages),
            interruption);
        return (code, messages.ToString());
    }
}
