using System.Text.RegularExpressions;
using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>More data than memory: planned from headers, streamed from the disk, the same to the bit; or refused beforehand.</summary>
internal sealed partial class StreamingTests
{
    private static readonly NetworkOptions Small =
        NetworkOptions.SmallUNet3D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 4 };

    [Test]
    public void A_streamed_run_is_the_run_in_memory_to_the_bit()
    {
        using FineTuneFolder folder = WithOddCases();
        (string[] held, string[] heldLines) = Train(folder, "held", null);
        // 5 cases need 81 kB in all, and the largest 103 kB to be worked on.
        (string[] streamed, string[] streamedLines) = Train(folder, "streamed", 150_000);
        Assert.That(heldLines, Has.Some.Contains("held in memory"));
        Assert.That(streamedLines, Has.Some.Contains("prepared once, then streamed from the disk"));
        Assert.That(streamed, Is.EqualTo(held));
        foreach (string name in Directory.EnumerateFiles(folder.Made("held/arms/none_n2_s0/predictions/x")[..^2]).Select(Path.GetFileName)!)
        {
            Assert.That(
                File.ReadAllBytes(folder.Made($"streamed/arms/none_n2_s0/predictions/{name}")),
                Is.EqualTo(File.ReadAllBytes(folder.Made($"held/arms/none_n2_s0/predictions/{name}"))), name);
        }

        Assert.That(
            Directory.EnumerateFiles(folder.Made("streamed/x")[..^2], "*scratch*", SearchOption.AllDirectories), Is.Empty);
        Assert.That(File.ReadAllText(folder.Made("streamed/run.json")), Does.Contain("\"isStreamed\": true"));
    }

    [Test]
    public void A_plan_counts_every_byte_that_its_table_names()
    {
        using var folder = new FineTuneFolder();
        for (int n = 0; n < 4; n++)
        {
            folder.PutAt($"images/c{n}.nii.gz", $"labels/c{n}.nii.gz");
        }

        CaseHeader[] headers = [.. SegmentationDataset.Open(folder.Root).Cases.Select(CaseHeader.Read)];
        const int voxels = 12 * 12 * 12;
        MemoryPlan Of(double spacing, int classes, long memory) =>
            MemoryPlan.Of(headers, 1, new VoxelSpacing(spacing, spacing, spacing), classes, memory);
        MemoryPlan plan = Of(1, 3, 1_000_000);
        Assert.That(plan.HeldBytes, Is.EqualTo((4 * 5 * voxels) + voxels));
        Assert.That(plan.WorkingBytes, Is.EqualTo(17 * voxels), "logits of 3 classes and their weights, labels");
        Assert.That(plan.IsStreamed, Is.False);
        Assert.That(plan.ToString(), Is.EqualTo(
            "4 cases, 36.3 kB when they are prepared, 29.4 kB to work on the largest (c0), of 1 MB of memory: held in memory"));
        Assert.That(Of(1, 3, 100_000).IsStreamed);
        Assert.That(Of(0.5, 3, 1_000_000).WorkingBytes, Is.EqualTo((16 * 8 * voxels) + (9 * voxels)));
        Assert.That(
            () => Of(1, 3, 30_000),
            Throws.TypeOf<DatasetException>().With.Message.EqualTo(
                "Case c0 needs 29.4 kB of memory to be read and tested, beside a fifth for the rest, and there are 30 kB; take a "
                + "coarser --spacing, crop the case, or use a machine with more memory."));
        Assert.That(
            () => Of(0.01, 200, long.MaxValue),
            Throws.TypeOf<DatasetException>().With.Message.Contains("more than the 2,147,483,591 that are worked on at once"));
    }

    [Test]
    public void What_cannot_be_streamed_is_refused_before_anything_is_read_and_leaves_no_folder()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(3);
        // Headers that promise more than there is: reading them would fail in another way.
        foreach (string path in new[] { folder.ImagePath("case_000"), folder.ImagePath("case_001"), folder.ImagePath("case_002") })
        {
            Nifti.WriteImage(path[..^3], VolumeShape.Volume(12, 12, 13), new float[12 * 12 * 13]);
            File.Delete(path);
            byte[] file = File.ReadAllBytes(path[..^3]);
            BitConverter.TryWriteBytes(file.AsSpan(42), (short)1000);
            BitConverter.TryWriteBytes(file.AsSpan(44), (short)1000);
            File.WriteAllBytes(path[..^3], file);
        }

        FineTuneOptions options = Options(folder, "run") with { MemoryBytes = 100_000_000, TestCases = 1 };
        Assert.That(
            () => FineTuneRun.Open(options, _ => { }),
            Throws.TypeOf<DatasetException>().With.Message.StartsWith("Case case_000 needs 156 MB of memory to be read and tested"));
        Assert.That(Directory.Exists(options.OutFolder), Is.False);
    }

    [Test]
    public void A_streamed_run_that_is_refused_later_leaves_no_folder()
    {
        using FineTuneFolder folder = WithOddCases();
        FineTuneOptions options = Options(folder, "run") with { MemoryBytes = 150_000, Patch = [7] };
        Assert.That(
            () => FineTuneRun.Open(options, _ => { }),
            Throws.TypeOf<GpuSynthException>().With.Message.StartsWith("--patch 7: The network's sides are multiples of 2"));
        Assert.That(Directory.Exists(options.OutFolder), Is.False);
    }

    [Test]
    public void A_scratch_file_gives_back_what_was_written_and_has_no_name()
    {
        using var folder = new FineTuneFolder();
        string place = Path.Combine(folder.Root, "scratch");
        using (var file = new ScratchFile(place, 1000))
        {
            float[] floats = [1, 2.5f, -3];
            byte[] bytes = [7, 8, 9, 7, 255];
            CaseVoxels<float> first = new CaseVoxels<float>(floats).MovedTo(file);
            CaseVoxels<byte> second = new CaseVoxels<byte>(bytes).MovedTo(file);
            byte[] table = [.. Enumerable.Range(0, 256).Select(value => (byte)(value == 7 ? 1 : value))];
            second.Recode(table);
            file.Map();
            Assert.That(first.Span.ToArray(), Is.EqualTo(floats));
            Assert.That(second.Span.ToArray(), Is.EqualTo((byte[])[1, 8, 9, 1, 255]));
            Assert.That(OperatingSystem.IsWindows() || !Directory.EnumerateFiles(place).Any());
        }

        Assert.That(Directory.Exists(place), Is.False);
        Assert.That(
            () => new ScratchFile(place, long.MaxValue),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("of disk at").And.Message.Contains("(--out)"));
        Assert.That(Directory.Exists(place), Is.False);
    }

    // Advice about options that a command does not have helps nobody.
    [TestCase("generate")]
    [TestCase("preview")]
    [TestCase("pretrain")]
    [TestCase("finetune")]
    [TestCase("bench")]
    [TestCase("devices")]
    public void Where_the_memory_runs_out_the_ways_out_are_options_of_the_command(string command)
    {
        using var data = new StringWriter();
        using var messages = new StringWriter();
        using var interruption = new Interruption();
        Program.Run([command, "--help"], new Output(data, messages), interruption);
        foreach (Match option in OptionName().Matches(MissingMemory.WayOut(command)))
        {
            Assert.That(data.ToString(), Does.Contain($"{option.Value} "), command);
        }
    }

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex OptionName();

    // Every way through preparation: another orientation, another spacing, numbers with gaps, a label that is left out.
    private static FineTuneFolder WithOddCases()
    {
        var folder = new FineTuneFolder();
        for (int n = 0; n < 5; n++)
        {
            VolumeShape shape = VolumeShape.Volume(13, 14, 15 + (n % 2));
            (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, n);
            double spacing = n == 4 ? 1.2 : 1;
            var geometry = new NiftiGeometry([n == 3 ? -spacing : spacing, 0, 0, 0, 0, spacing, 0, 0, 0, 0, spacing, 0]);
            folder.Put($"c{n}", shape, image, labels, geometry);
            labels[0] = 3;
            Nifti.WriteLabels(folder.LabelPath($"c{n}"), shape, labels, geometry, [0, 40, 5, 9]);
        }

        return folder;
    }

    private static FineTuneOptions Options(FineTuneFolder folder, string name)
    {
        return new FineTuneOptions
        {
            DataFolder = folder.Root, OutFolder = Path.Combine(folder.Root, name), Init = folder.WeightsOf(Small), Compare = true, TrainCases = [2],
            Steps = 3, Validations = 1, Patch = [8], ValidationCases = 1, TestCases = 2, IgnoreLabel = 9,
        };
    }

    private static (string[] Losses, string[] Lines) Train(FineTuneFolder folder, string name, long? memory)
    {
        var lines = new List<string>();
        FineTuneOptions options = Options(folder, name) with { MemoryBytes = memory };
        using FineTuneRun run = FineTuneRun.Open(options, lines.Add);
        run.Run(_ => { }, () => { }, "gpusynth finetune");
        string[] losses =
        [
            .. Directory.EnumerateFiles(options.OutFolder, "metrics.jsonl", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .SelectMany(path => MetricsLog.Read(path))
                .Select(row => $"{row.Step} {row[MetricsRow.Loss]:R} {row[MetricsRow.ValidationDice]:R}"),
        ];
        return (losses, [.. lines]);
    }
}
