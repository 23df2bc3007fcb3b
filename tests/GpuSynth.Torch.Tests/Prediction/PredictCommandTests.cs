using GpuSynth.Torch.Images;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.Tests.Prediction;

/// <summary>"gpusynth predict" in this process: pictures, bad files, wrong use.</summary>
[Category("Slow")]
internal sealed class PredictCommandTests
{
    private PredictFolders folders = null!;

    [OneTimeSetUp]
    public void Train() => folders = PredictFolders.OfPictures();

    [OneTimeTearDown]
    public void Remove() => folders.Dispose();

    [Test]
    public void Pictures_become_pictures_with_the_labels_own_numbers()
    {
        string outFolder = Path.Combine(folders.Root, "out");
        (int code, string data, string messages) =
            PredictFolders.Tool("predict", "--model", folders.Run, "--in", folders.Images, "--out", outFolder, "--json");
        Assert.That(code, Is.Zero, messages);
        JsonNode json = JsonNode.Parse(data)!;
        Assert.That(((string)json["unit"]!, (int)json["cases"]!), Is.EqualTo(("pixels", 4)));
        foreach (string file in Directory.GetFiles(Path.Combine(folders.Arm(0), "predictions")))
        {
            int[] tested = Nifti.ReadLabels(file).Data;
            string name = Path.GetFileName(file)[..^7];
            int[] predicted = VolumeFile.ReadLabels(Path.Combine(outFolder, name + ".png")).Data;
            Assert.That(predicted, Is.EqualTo(tested));
            Assert.That(predicted.Distinct(), Is.SubsetOf((int[])[0, 100, 255]).And.Contains(255));
            JsonNode one = json["predicted"]!.AsArray().Single(one => (string)one!["case"]! == name)!;
            Assert.That((long)one["voxels"]!["label 255"]!, Is.EqualTo(predicted.LongCount(static number => number == 255)));
            Assert.That(File.Exists(Path.Combine(outFolder, "overlays", name + "_overlay.png")));
        }

        Assert.That(
            File.ReadLines(Path.Combine(outFolder, "volumes.csv")).First(), Is.EqualTo("case,label 100 (pixels),label 255 (pixels)"));
    }

    [Test]
    public void Bad_files_are_named_and_the_rest_is_done_in_folders_as_deep()
    {
        string images = Path.Combine(folders.Root, "mixed");
        string outFolder = Path.Combine(folders.Root, "mixed-out");
        Directory.CreateDirectory(Path.Combine(images, "a", "b"));
        File.Copy(Path.Combine(folders.Images, "case_0.png"), Path.Combine(images, "a", "b", "good.png"));
        File.WriteAllText(Path.Combine(images, "broken.png"), "no picture");
        Nifti.WriteImage(Path.Combine(images, "volume.nii"), VolumeShape.Volume(3, 4, 5), new float[60]);
        Nifti.WriteImage(Path.Combine(images, "holes.nii"), VolumeShape.Image(2, 2), [1, float.NaN, 1, 1]);
        Nifti.WriteImage(Path.Combine(images, "image.nii.gz"), VolumeShape.Image(20, 18), new float[360]);
        string[] args = ["predict", "--model", folders.Run, "--in", images, "--out", outFolder, "--no-pictures"];
        (int code, string _, string messages) = PredictFolders.Tool(args);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(messages, Does.Contain("broken is left out: Cannot read '").And.Contain("it is no PNG file")
            .And.Contain("volume.nii' has 3 dimensions, and the networks were trained on 2")
            .And.Contain("holes.nii' holds NaN")
            .And.Contain("2 of 5 cases were predicted, 3 could not be"));
        Assert.That(File.Exists(Path.Combine(outFolder, "a", "b", "good.png")));
        Assert.That(Nifti.ReadLabels(Path.Combine(outFolder, "image.nii.gz")).Shape, Is.EqualTo(VolumeShape.Image(20, 18)));
        Assert.That(Directory.Exists(Path.Combine(outFolder, "overlays")), Is.False);
        Assert.That(PredictFolders.Tool(args).Messages, Does.Contain("resuming: 2 of 5 cases are there"));
        File.Delete(Path.Combine(images, "broken.png"));
        File.Delete(Path.Combine(images, "volume.nii"));
        File.Delete(Path.Combine(images, "holes.nii"));
        Assert.That(PredictFolders.Tool(args).Code, Is.Zero);
    }

    [Test]
    public void Wrong_use_is_one_sentence()
    {
        void Complains(string part, string model, string input, string outFolder, int code = 1)
        {
            (int actual, string _, string messages) =
                PredictFolders.Tool("predict", "--model", model, "--in", input, "--out", Path.Combine(folders.Root, outFolder));
            Assert.That(messages, Does.Contain(part));
            Assert.That(actual, Is.EqualTo(code));
            Assert.That(messages.TrimEnd().Split('\n'), Has.Length.EqualTo(1), messages);
        }

        string empty = Directory.CreateDirectory(Path.Combine(folders.Root, "empty")).FullName;
        Complains("are of a pre-training and know no classes yet; 'gpusynth finetune --init", Path.Combine(folders.Root, "weights.safetensors"), folders.Images, "o1");
        Complains("There is no model '/no/such'", "/no/such", folders.Images, "o1");
        Complains("holds neither arms nor weights.safetensors", empty, folders.Images, "o1");
        Complains("--model names nothing", ",", folders.Images, "o1", code: 2);
        Complains("holds no image (.nii.gz", folders.Run, empty, "o1");
        Complains("There is no file or folder '/no/such'", folders.Run, "/no/such", "o1");
        Complains("lies in the input folder", folders.Run, folders.Images, "images/out");
        Complains("holds other files than a prediction's", folders.Run, folders.Images, "labels");
        Assert.That(Directory.Exists(Path.Combine(folders.Root, "o1")), Is.False);
    }

    [Test]
    public void Predictions_of_another_kind_are_kept()
    {
        string outFolder = Path.Combine(folders.Root, "kept");
        string[] args =
            ["predict", "--model", folders.Run, "--in", Path.Combine(folders.Images, "case_1.png"), "--out", outFolder, "--no-pictures"];
        Assert.That(PredictFolders.Tool([.. args, "--overlap", "0.25"]).Code, Is.Zero);
        (int code, string _, string messages) = PredictFolders.Tool(args);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(messages, Does.Contain("have overlap 0.25, and this one has 0.5; choose another folder (--out)"));
        string record = Path.Combine(outFolder, "predict.json");
        JsonNode root = JsonNode.Parse(File.ReadAllText(record))!;
        root["settings"]!["model"] = "another";
        File.WriteAllText(record, root.ToJsonString());
        Assert.That(PredictFolders.Tool([.. args, "--overlap", "0.25"]).Messages, Does.Contain("are by other networks (by checksum)"));
    }
}
