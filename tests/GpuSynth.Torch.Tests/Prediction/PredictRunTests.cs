using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Prediction;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Prediction;

/// <summary>Predictions of volumes by tiny networks.</summary>
[Category("Slow")]
internal sealed class PredictRunTests
{
    private PredictFolders folders = null!;

    [OneTimeSetUp]
    public void Train() => folders = PredictFolders.Of3D();

    [OneTimeTearDown]
    public void Remove() => folders.Dispose();

    // The last two are turned and oblique, with other voxels than the networks see: header and voxels are the same to the byte.
    [Test]
    public void What_the_fine_tuning_predicted_is_predicted_again_on_one_thread_and_on_two()
    {
        string[] tested = Directory.GetFiles(Path.Combine(folders.Arm(0), "predictions"));
        Assert.That(tested.Select(Path.GetFileName), Is.EquivalentTo((string[])["case_003.nii.gz", "case_004.nii.gz"]));
        foreach (int threads in (int[])[1, 2])
        {
            PredictOptions options = folders.Options($"same-{threads}", folders.Arm(0)) with { Threads = threads };
            PredictFolders.Predict(options);
            foreach (string file in tested)
            {
                Assert.That(
                    File.ReadAllBytes(Path.Combine(options.OutFolder, Path.GetFileName(file))), Is.EqualTo(File.ReadAllBytes(file)), file);
                Assert.That(Nifti.ReadLabels(file).Data.Distinct().Count(), Is.GreaterThan(1), "more than background");
            }
        }

        foreach (string file in Directory.GetFiles(Path.Combine(folders.Root, "same-1"), "*.nii.gz"))
        {
            Assert.That(File.ReadAllBytes(file.Replace("same-1", "same-2", StringComparison.Ordinal)), Is.EqualTo(File.ReadAllBytes(file)));
        }
    }

    [Test]
    public void The_table_counts_in_millilitres_and_a_deleted_label_map_is_made_again()
    {
        PredictOptions options = folders.Options("table", folders.Arm(0)) with { HasPictures = true };
        Assert.That(PredictFolders.Predict(options).Unit, Is.EqualTo("ml"));
        string table = File.ReadAllText(Path.Combine(options.OutFolder, "volumes.csv"));
        string[] lines = table.TrimEnd().Split('\n');
        Assert.That(lines[0], Is.EqualTo("case,label 1 (ml),label 2 (ml)"));
        Assert.That(lines, Has.Length.EqualTo(6));
        NiftiLabels last = Nifti.ReadLabels(Path.Combine(options.OutFolder, "case_004.nii.gz"));
        double[] volumes = [.. lines[^1].Split(',').Skip(1).Select(static text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        double voxel = 1.5 * 1.5 * 0.75 / 1000;
        Assert.That(volumes, Is.EqualTo((double[])[last.Data.Count(static one => one == 1) * voxel, last.Data.Count(static one => one == 2) * voxel]).Within(1e-5));
        Assert.That(File.Exists(Path.Combine(options.OutFolder, "overlays", "case_004_overlay.png")));

        string folder = File.Exists(folders.Arm(0)) ? Path.GetDirectoryName(folders.Arm(0))! : folders.Arm(0);
        MeasuredBlock block = MeasuredBlock.OfFile(Path.Combine(folder, ModelCard.FileName)).Single(static one => one.Key != "test");
        Assert.That(block.Markdown, Does.Contain("### Predicted: 5 cases").And.Contain("| label 2 |"));

        string deleted = Path.Combine(options.OutFolder, "case_002.nii.gz");
        string kept = Path.Combine(options.OutFolder, "case_001.nii.gz");
        (byte[] before, DateTime written) = (File.ReadAllBytes(deleted), File.GetLastWriteTimeUtc(kept));
        File.Delete(deleted);
        PredictRun again = PredictFolders.Predict(options);
        Assert.That((again.FoundCount, again.CaseCount), Is.EqualTo((4, 5)));
        Assert.That(File.ReadAllBytes(deleted), Is.EqualTo(before));
        Assert.That(File.GetLastWriteTimeUtc(kept), Is.EqualTo(written));
        Assert.That(File.ReadAllText(Path.Combine(options.OutFolder, "volumes.csv")), Is.EqualTo(table));
    }

    // Mean of the two networks' softmax, in double precision.
    [Test]
    public void Folds_of_an_arm_are_averaged()
    {
        string run = Path.Combine(folders.Root, "folds");
        for (int fold = 0; fold < 2; fold++)
        {
            string arm = Directory.CreateDirectory(Path.Combine(run, "arms", $"none_n2_s0_f{fold}")).FullName;
            File.Copy(Path.Combine(folders.Arm(fold), "weights.safetensors"), Path.Combine(arm, "weights.safetensors"));
            File.WriteAllText(Path.Combine(arm, "result.json"), "{\"bestValidationDice\": 0.5}");
        }

        PredictOptions options = folders.Options("averaged", run);
        PredictRun done = PredictFolders.Predict(options);
        Assert.That(done.Networks, Has.Count.EqualTo(2));
        var models = PredictionModels.Find([run], null, _ => { });
        string path = Path.Combine(folders.Images, "case_000.nii.gz");
        var one = SegmentationCase.ReadUnlabelled(new CaseFiles("case_000", path, string.Empty), new Notices());
        one.Prepare(models.Task.VoxelSpacing, models.Task.IntensityScale);
        int voxels = (int)one.Shape.VoxelCount;
        double[] sums = new double[3 * voxels];
        var alone = new List<int[]>();
        foreach (GpuSynth.Torch.Networks.SegmentationNetwork network in models.Load(TorchSharp.torch.CPU))
        {
            using (network)
            {
                var window = new SlidingWindow(network, 3, models.Task.PatchShape, 0.5, TorchSharp.torch.CPU);
                using NativeFloats logits = window.Logits(one);
                float[] values = logits.Span.ToArray();
                alone.Add(Largest([.. values.Select(static value => (double)value)], voxels));
                for (int n = 0; n < voxels; n++)
                {
                    double total = Enumerable.Range(0, 3).Sum(label => Math.Exp(values[(label * voxels) + n]));
                    for (int label = 0; label < 3; label++)
                    {
                        sums[(label * voxels) + n] += Math.Exp(values[(label * voxels) + n]) / total;
                    }
                }
            }
        }

        int[] predicted = Nifti.ReadLabels(Path.Combine(options.OutFolder, "case_000.nii.gz")).Data;
        Assert.That(predicted, Is.EqualTo(Largest(sums, voxels)));
        Assert.That(alone[0], Is.Not.EqualTo(alone[1]), "the networks differ");
    }

    [Test]
    public void The_arm_with_the_best_validation_is_taken_and_said()
    {
        var said = new List<string>();
        string best = new[] { folders.Arm(0), folders.Arm(1) }.MaxBy(static arm =>
            (double)JsonNode.Parse(File.ReadAllText(Path.Combine(arm, "result.json")))!["bestValidationDice"]!)!;
        string name = Path.GetFileName(best);
        var models = PredictionModels.Find([folders.Run], null, said.Add);
        Assert.That(models.Files, Is.EqualTo((string[])[Path.Combine(best, "weights.safetensors")]));
        Assert.That(said.Single(), Does.Contain($"has 2 arms; {name} is taken, its validation Dice of 0."));
        string other = Path.GetFileName(folders.Arm(best == folders.Arm(0) ? 1 : 0));
        Assert.That(PredictionModels.Find([folders.Run], other, said.Add).Files.Single(), Does.Contain(other));
        Assert.That(
            () => PredictionModels.Find([folders.Run], "x", said.Add),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("holds no complete arm 'x'; there are pretrained_n"));
        Assert.That(
            () => PredictionModels.Find([best, best], null, said.Add),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("is there twice"));
    }

    [Test]
    public void The_weights_say_all_that_a_prediction_needs()
    {
        TaskDescription task = PredictionModels.Find([folders.Arm(0)], null, _ => { }).Task;
        Assert.That(TaskDescription.FromJson(task.ToJson())!.ToJson(), Is.EqualTo(task.ToJson()));
        Assert.That(task.Numbers, Is.EqualTo((int[])[0, 1, 2]));
        Assert.That((task.Dimensions, task.Intensity, task.Overlap), Is.EqualTo((3, "zscore", 0.5)));
        Assert.That(task.PatchShape, Is.EqualTo(VolumeShape.Cubic(3, 8)));
        Assert.That(task.Spacing, Is.EqualTo((double[])[1, 1, 1]).Within(1e-6));
        Assert.That(TaskDescription.FromJson("{}"), Is.Null);
        Assert.That(TaskDescription.FromJson(task.ToJson().Replace("zscore", "other", StringComparison.Ordinal)), Is.Null);
        Assert.That(task.Difference(task with { Overlap = 0 }), Is.Null);
        Assert.That(task.Difference(task with { Intensity = "hu:0:1" }), Is.EqualTo("another range of values"));
    }

    private static int[] Largest(double[] scores, int voxels) =>
    [
        .. Enumerable.Range(0, voxels).Select(n => Enumerable.Range(0, 3).MaxBy(label => scores[(label * voxels) + n])),
    ];
}
