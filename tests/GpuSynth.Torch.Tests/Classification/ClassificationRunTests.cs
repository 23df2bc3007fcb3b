using System.IO.Compression;
using System.Text;
using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.Classification;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.Classification;

/// <summary>Whole runs on small images of two classes: a bright left half, a bright right half.</summary>
[Category("Slow")]
internal sealed class ClassificationRunTests
{
    private static readonly NetworkOptions Small = NetworkOptions.SmallUNet3D with
    {
        Dimensions = 2, Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4,
    };

    private string root = string.Empty;

    [SetUp]
    public void MakeFolder() => root = Directory.CreateTempSubdirectory("gpusynth-classes-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(root, recursive: true);

    [Test]
    public void All_protocols_find_what_is_plain_resume_and_do_not_depend_on_threads()
    {
        WriteImages(patients: 10);
        ClassificationOptions options = Options("one");
        (int arms, string[] notices) = Run(options);
        Assert.That(arms, Is.EqualTo(16), "two initialisations, four protocols, two shares");
        Assert.That(notices, Has.Some.Contains("by patient, which is the name's part"));
        foreach (string name in new[] { "run.json", "results.json", "results.md", "report.html", "MODEL_CARD.md" })
        {
            Assert.That(new FileInfo(Path.Combine(options.OutFolder, name)).Length, Is.Positive, name);
        }

        ClassificationArm probe = Arm(options, "pretrained_linear_100pc_s0");
        Assert.That(probe.TestMetrics.Auc, Is.EqualTo(1));
        Assert.That(Arm(options, "pretrained_linear_50pc_s0").TrainImages, Is.EqualTo(14));
        string kept = Probabilities(options);

        // An arm without its result is done again, the others are not.
        File.Delete(Path.Combine(options.OutFolder, "arms", "none_full_50pc_s0", "result.json"));
        Assert.That(Run(options).Arms, Is.EqualTo(1));
        Assert.That(Probabilities(options), Is.EqualTo(kept));

        int threads = TorchSharp.torch.get_num_threads();
        try
        {
            TorchSharp.torch.set_num_threads(threads == 3 ? 2 : 3);
            ClassificationOptions again = Options("two");
            Run(again);
            Assert.That(Probabilities(again), Is.EqualTo(kept));
        }
        finally
        {
            TorchSharp.torch.set_num_threads(threads);
        }

        // The probe's weights, as a classifier, say what the probe said.
        string[] images = [.. probe.Test.Select(one => Directory.GetFiles(Path.Combine(root, "data"), one.Name + ".nii.gz", SearchOption.AllDirectories).Single())];
        string table = Path.Combine(root, "table.csv");
        string model = Path.Combine(options.OutFolder, "arms", "pretrained_linear_100pc_s0");
        Assert.That(ClassifierPrediction.IsClassifier(model), Is.True);
        File.WriteAllText(Path.Combine(root, "bad.nii.gz"), "no image");
        (string Name, string Path)[] inputs = [.. images.Select(static path => (path, path)), ("bad", Path.Combine(root, "bad.nii.gz"))];
        Assert.That(ClassifierPrediction.Run(model, inputs, table).Single().Name, Is.EqualTo("bad"));
        List<string> said = [];
        Assert.That(ClassifierPrediction.Find([options.OutFolder], "pretrained_linear_100pc_s0", said.Add), Is.EqualTo(model));
        string? best = ClassifierPrediction.Find([options.OutFolder], null, said.Add);
        Assert.That(best, Does.StartWith(Path.Combine(options.OutFolder, "arms")));
        Assert.That(said.Single(), Does.Contain(Path.GetFileName(best!)).And.Contain("--arm"));
        Assert.That(
            () => ClassifierPrediction.Find([options.OutFolder], "other", said.Add),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("pretrained_linear_100pc_s0"));
        Assert.That(ClassifierPrediction.Find([root], null, said.Add), Is.Null);
        string[] lines = File.ReadAllLines(table);
        Assert.That(lines[0], Is.EqualTo("name,p(left),p(right)"));
        double[] predicted = [.. lines.Skip(1).Select(static line => double.Parse(line.Split(',')[2], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.That(predicted, Is.EqualTo(probe.Test.Select(static one => one.Probabilities[1])).Within(2e-4));
    }

    [Test]
    public void No_patient_is_in_two_parts_and_smaller_shares_lie_in_larger_ones()
    {
        string[] patients = [.. Enumerable.Range(0, 60).Select(static n => $"p{n / 3}")];
        int[] classOf = [.. Enumerable.Range(0, 60).Select(static n => n / 30)];
        string[] parts = ImageSplit.Parts(patients, classOf, ["a", "b"], 5);
        Assert.That(patients.Zip(parts).Distinct().Count(), Is.EqualTo(20));
        Assert.That(parts.Zip(classOf).Distinct().Count(), Is.EqualTo(6), "every class in every part");
        Assert.That(ImageSplit.Parts(patients, classOf, ["a", "b"], 6), Is.Not.EqualTo(parts));
        int[] few = ImageSplit.Shots(classOf, 1, 0), more = ImageSplit.Shots(classOf, 20, 0);
        Assert.That(few, Has.Length.EqualTo(4), "two of each class");
        Assert.That(more, Has.Length.EqualTo(12));
        Assert.That(few, Is.SubsetOf(more));
    }

    [Test]
    public void Resizing_keeps_a_ramp_when_it_grows_and_the_mean_when_it_shrinks()
    {
        float[] ramp = [.. Enumerable.Range(0, 8).Select(static n => (float)n)];
        float[] grown = ImageResize.Linear(ramp, 1, VolumeShape.Image(1, 8), VolumeShape.Image(1, 16));
        Assert.That(grown[7], Is.EqualTo(3.25f).Within(1e-6));
        float[] shrunk = ImageResize.Linear([0, 4, 0, 4, 0, 4, 0, 4], 1, VolumeShape.Image(1, 8), VolumeShape.Image(1, 4));
        Assert.That(shrunk[1], Is.EqualTo(2f).Within(1e-6));
        Assert.That(ClassifierTrainer.Mirrored([1, 2, 3, 4], 2, new ImagePreparation(["a", "b"], [2, 2], 1, "zscore", false)),
            Is.EqualTo(new float[] { 2, 1, 4, 3 }));
    }

    [Test]
    public void A_file_of_MedMnist_is_read_and_several_labels_are_refused()
    {
        string path = Path.Combine(root, "small.npz");
        WriteNpz(path, labels: 1, CompressionLevel.Optimal, version: 2);
        FoundImage[] found = ClassificationData.Find(path);
        Assert.That(found, Has.Length.EqualTo(12));
        Assert.That((found[1].ClassName, found[1].Part, found[1].Channels, found[1].Shape),
            Is.EqualTo(("1", "train", 3, VolumeShape.Image(2, 2))));
        Assert.That(found[0].Read(), Is.EqualTo(new float[] { 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11 }), "channels first");
        WriteNpz(path, labels: 2, CompressionLevel.NoCompression, version: 1);
        Assert.That(Assert.Throws<Torch.FineTuning.DatasetException>(() => ClassificationData.Find(path))!.Message,
            Does.Contain("2 labels for each image"));
    }

    [Test]
    public void Data_that_cannot_be_learnt_are_one_sentence()
    {
        string Complaint() => Assert.Catch<GpuSynthException>(() => ClassificationRun.Open(Options("run")).Dispose())!.Message;
        Put("left", "a_0", 0);
        Put("left", "b_0", 1);
        Assert.That(Complaint(), Does.Contain("holds one class, 'left'"));
        Put("right", "c_0", 1);
        Assert.That(Complaint(), Does.Contain("'right'").And.Contain("single image"));
        Directory.Delete(Path.Combine(root, "data"), recursive: true);
        foreach (string part in new[] { "train", "test" })
        {
            foreach (string name in new[] { "left", "right" })
            {
                Put(Path.Combine(part, name), $"{part}{name}1", 1);
                Put(Path.Combine(part, name), $"{part}{name}2", 2);
            }
        }

        Assert.That(Complaint(), Does.Contain("no validation images"));
        File.WriteAllText(Path.Combine(root, "data", "test", "left", "broken.nii"), "no image");
        Assert.That(Complaint(), Does.Contain("broken.nii"));
        Assert.That(Directory.Exists(Path.Combine(root, "run")), Is.False);
    }

    [Test]
    public void Weights_of_another_dimension_are_one_sentence()
    {
        WriteImages(patients: 5);
        ClassificationOptions options = Options("run") with { Init = WeightsOf(Small with { Dimensions = 3 }, "deep") };
        Assert.That(Assert.Catch<GpuSynthException>(() => ClassificationRun.Open(options).Dispose())!.Message,
            Does.Contain("has 2 dimensions and the network 3"));
    }

    [TestCase(2, "'dance' is not of linear|knn", "--task", "classification", "--protocol", "linear,dance")]
    [TestCase(2, "'0' is not of P[,P...]", "--task", "classification", "--fractions", "0")]
    [TestCase(2, "--pool is for classification", "--pool", "all")]
    [TestCase(2, "--patch is for segmentation", "--task", "classification", "--patch", "32")]
    [TestCase(1, "neither a folder nor an .npz", "--task", "classification")]
    public void Wrong_use_is_one_sentence(int expected, string part, params string[] extra)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        int code = Program.Run(
            ["finetune", "--data", Path.Combine(root, "none"), "--out", Path.Combine(root, "run"), .. extra],
            new Output(data, messages), interruption);
        Assert.That(messages.ToString(), Does.Contain(part));
        Assert.That(code, Is.EqualTo(expected));
    }

    private static (int Arms, string[] Notices) Run(ClassificationOptions options)
    {
        int arms = 0;
        using ClassificationRun run = ClassificationRun.Open(options);
        run.Run(_ => { }, () => arms++, "gpusynth finetune");
        return (arms, [.. run.Notices.All]);
    }

    private static ClassificationArm Arm(ClassificationOptions options, string name) =>
        ClassificationArm.Read(Path.Combine(options.OutFolder, "arms", name, "result.json"))!;

    private static string Probabilities(ClassificationOptions options) => string.Join(
        '\n',
        Directory.GetDirectories(Path.Combine(options.OutFolder, "arms")).Order(StringComparer.Ordinal)
            .Select(path => Arm(options, Path.GetFileName(path)))
            .Select(static arm => arm.Chosen + string.Join(' ', arm.Test.SelectMany(static one => one.Probabilities).Select(static p => $"{p:R}"))));

    private ClassificationOptions Options(string name) => new()
    {
        DataFolder = Path.Combine(root, "data"),
        OutFolder = Path.Combine(root, name),
        Init = WeightsOf(Small, "weights"),
        Compare = true,
        Protocols = ["linear", "knn", "full", "lp-ft"],
        Fractions = [50, 100],
        Steps = 3,
        Validations = 2,
        Batch = 4,
        Rates = [1e-3, 1e-2],
        PoolAll = true,
        Flips = 0,
    };

    private string WeightsOf(NetworkOptions options, string name)
    {
        string path = Path.Combine(root, name + ".safetensors");
        if (!File.Exists(path))
        {
            TorchSharp.torch.manual_seed(9);
            using SegmentationNetwork network = NetworkFactory.Create(options);
            Weights.Save(network, path);
        }

        return path;
    }

    private void WriteImages(int patients)
    {
        for (int n = 0; n < 2 * patients; n++)
        {
            for (int slice = 0; slice < 2; slice++)
            {
                Put(n % 2 == 0 ? "left" : "right", $"patient{n}_slice{slice}", (2 * n) + slice);
            }
        }
    }

    // A square whose own side is bright; its rows end in a stripe, so that pooled features tell the sides apart.
    private void Put(string folder, string name, int seed)
    {
        var random = new Random(seed);
        float[] image = new float[10 * 9];
        for (int n = 0; n < image.Length; n++)
        {
            bool isBright = folder.EndsWith("left", StringComparison.Ordinal) ? n % 9 < 4 : n % 2 == 0;
            image[n] = (isBright ? 100 : 0) + random.Next(10);
        }

        string path = Path.Combine(root, "data", folder, name + ".nii.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Nifti.WriteImage(path, VolumeShape.Image(10, 9), image);
    }

    // Two by two pixels of three colours, four images of each part, classes in turn.
    private static void WriteNpz(string path, int labels, CompressionLevel level, byte version)
    {
        using FileStream file = File.Create(path);
        using var archive = new ZipArchive(file, ZipArchiveMode.Create);
        foreach (string part in new[] { "train", "val", "test" })
        {
            Add(part + "_images", "4, 2, 2, 3", [.. Enumerable.Range(0, 48).Select(static n => (byte)n)]);
            Add(part + "_labels", $"4, {labels}", [.. Enumerable.Range(0, 4 * labels).Select(static n => (byte)(n % 2))]);
        }

        void Add(string name, string shape, byte[] data)
        {
            using Stream entry = archive.CreateEntry(name + ".npy", level).Open();
            byte[] text = Encoding.ASCII.GetBytes($"{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}\n");
            entry.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', version, 0]);
            entry.Write(version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length));
            entry.Write(text);
            entry.Write(data);
        }
    }
}
