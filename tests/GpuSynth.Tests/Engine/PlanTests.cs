using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>What a plan declares, and the sentences of those that it refuses.</summary>
public sealed class PlanTests
{
    private static readonly VolumeShape Small = VolumeShape.Volume(16, 16, 16);

    [Test]
    public void APlan_DeclaresEveryByte(
        [Values("rasd-3d", "rasd-2d")] string preset, [Values(1, 4)] int batchSize, [Values(1, 2, 3)] int threads)
    {
        VolumeShape shape = preset == "rasd-3d" ? VolumeShape.Volume(33, 31, 100) : VolumeShape.Image(96, 100);
        var plan = SynthesisPlan.Create(Options(preset, shape, batchSize, threads));
        Assert.That(plan.WorkspaceBytes, Is.EqualTo(plan.Buffers.Sum(buffer => buffer.Bytes)));
        Assert.That(plan.Buffers.Select(buffer => buffer.Name), Is.Unique);
        Assert.That(
            plan.Buffers,
            Is.All.Matches<PlannedBuffer>(buffer => buffer is { Bytes: > 0, Name.Length: > 0, Purpose.Length: > 0 }));
        Assert.That((plan.ImageBytesPerSample, plan.LabelBytesPerSample), Is.EqualTo((4 * shape.VoxelCount, shape.VoxelCount)));
        Assert.That(plan.SlotBytes, Is.EqualTo(batchSize * 5 * shape.VoxelCount));
        Assert.That(plan.Threads, Is.EqualTo(threads));
        Assert.That(plan.LabelCount, Is.EqualTo(preset == "rasd-3d" ? 2 : 3));
    }

    [Test]
    public void TheWorkspace_Is32MegabytesAtMost_At128Cubed([Values(1, 2)] int batchSize, [Values(1, 2)] int threads)
    {
        var plan = SynthesisPlan.Create(Options("rasd-3d", VolumeShape.Cubic(3, 128), batchSize, threads));
        TestContext.Out.WriteLine($"batch {batchSize}, threads {threads}: {ByteCount.Text(plan.WorkspaceBytes)}");
        Assert.That(plan.WorkspaceBytes, Is.LessThan(32_000_000));
        Assert.That(plan.LabelCount, Is.EqualTo(8));
    }

    [Test]
    public void ZeroThreads_AreAllCores() =>
        Assert.That(SynthesisPlan.Create(Options("rasd-3d", Small, threads: 0)).Threads, Is.EqualTo(Environment.ProcessorCount));

    [Test]
    public void AnUnknownDevice_IsAnsweredWithTheReasonAndThoseThereAre()
    {
        DeviceInfo[] devices = [.. DeviceCatalogue.List()];
        string names = string.Join(", ", devices.Where(static device => device.CanGenerate).Select(static device => device.Name));
        Assert.That(
            () => SynthesisPlan.Create(Options("rasd-3d", Small) with { Device = "opencl:99" }),
            Throws.TypeOf<PlanException>().With.Message.StartsWith("There is no device opencl:99 on this machine")
                .And.Message.EndsWith($"here is: {names}.")
                .And.Message.Contains(devices.Any(static device => device.Kind == "opencl") ? "; " : " OpenCL "));
    }

    [Test]
    public void OtherDimensions_AreRefused()
    {
        AssertRefused(
            Options("rasd-3d", VolumeShape.Image(16, 16)),
            "Recipe rasd-3d makes samples of 3 dimensions, but the size 16x16 has 2.");
        AssertRefused(Options("rasd-2d", Small), "Recipe rasd-2d makes samples of 2 dimensions, but the size 16x16x16 has 3.");
    }

    [Test]
    public void MissingLabelMaps_AreNamed() => AssertRefused(
        Options("labelmap-3d", Small),
        "Recipe labelmap-3d draws from label maps and was given none; name their folder with --labels DIR.");

    [Test]
    public void LabelMapsOfOtherDimensions_AreRefused()
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", VolumeShape.Image(4, 4), voxel => (byte)(voxel % 2));
        AssertRefused(
            Options("labelmap-3d", Small) with { LabelMaps = folder.Load() },
            "The label maps have 2 dimensions, but the size 16x16x16 has 3; take a recipe of 2 dimensions, or volumes.");
    }

    [Test]
    public void TooManyLabels_AreCounted() => AssertRefused(
        Options("rasd-3d", VolumeShape.Volume(4096, 1, 1)),
        "Recipe rasd-3d has 256 labels at 4096x1x1, and a label map holds at most 255; "
        + "use a smaller first axis or a fixed number of labels.");

    [Test]
    public void HugeSizes_SayHowMuchMemoryTheyTake()
    {
        Assert.That(
            () => SynthesisPlan.Create(Options("rasd-3d", VolumeShape.Volume(128, 1 << 20, 1 << 20))),
            Throws.TypeOf<PlanException>()
                .With.Message.StartsWith("A sample of 128x1048576x1048576 takes 703.7 TB of memory, and this machine has ")
                .And.Message.EndsWith("; use a smaller size or batch."));
        Assert.That(
            () => SynthesisPlan.Create(Options("rasd-2d", VolumeShape.Image(512, int.MaxValue), batchSize: 1000)),
            Throws.TypeOf<PlanException>()
                .With.Message.StartsWith("A batch of 1000 samples of 512x2147483647 takes 5.5 PB of memory"));
        Assert.That(
            () => SynthesisPlan.Create(Options("rasd-3d", VolumeShape.Volume(32, int.MaxValue, int.MaxValue))),
            Throws.TypeOf<PlanException>().With.Message.Contains("PB of memory"));
    }

    // Planning looks, and takes nothing: what it allocates is a small part of the sample that it plans.
    [Test]
    public void APlan_AllocatesLittleItself([Values("1x1000000", "1000000x1", "1x1x1000000")] string size)
    {
        int[] axes = [.. size.Split('x').Select(int.Parse)];
        VolumeShape shape = axes.Length == 3
            ? VolumeShape.Volume(axes[0], axes[1], axes[2])
            : VolumeShape.Image(axes[0], axes[1]);
        Recipe recipe = RecipeFor(shape);
        recipe = recipe.With(recipe.Find<NoiseAnatomy>()! with { Labels = SideMeasure.Of(2) });
        long before = GC.GetAllocatedBytesForCurrentThread();
        long bytes;
        try
        {
            bytes = SynthesisPlan.Create(Options(recipe, shape)).SlotBytes;
        }
        catch (PlanException refused)
        {
            Assert.That(refused.Message, Does.Contain("use a smaller size"));
            bytes = 5 * shape.VoxelCount;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Out.WriteLine(
            $"{size}: {ByteCount.Text(allocated)} allocated to plan a sample of "
            + $"{ByteCount.Text(bytes)}");
        Assert.That(allocated, Is.LessThan(bytes));
    }

    [Test]
    public void WrongCounts_AreRefused()
    {
        AssertRefused(Options("rasd-3d", Small, batchSize: 0), "A batch of 0 samples cannot be made; the least is 1.");
        AssertRefused(Options("rasd-3d", Small, batchSize: -2), "A batch of -2 samples cannot be made; the least is 1.");
        AssertRefused(
            Options("rasd-3d", Small, threads: -1),
            "-1 threads cannot be started; give 1 to 1024, or 0 for one per core.");
        AssertRefused(
            Options("rasd-3d", Small, threads: 1025),
            "1025 threads cannot be started; give 1 to 1024, or 0 for one per core.");
    }

    private static void AssertRefused(EngineOptions options, string sentence) =>
        Assert.That(() => SynthesisPlan.Create(options), Throws.TypeOf<PlanException>().With.Message.EqualTo(sentence));
}
