using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Cli;
using GpuSynth.Tests.Devices;
using GpuSynth.Tests.IO;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Samples of the sizes that people make, on every OpenCL device that is there, beside the host's.</summary>
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.OpenClOrNone))]
public sealed class OpenClDeviceTests(string? device)
{
    // Measured with PoCL 6: nine roundings of the range 0 to 1. OpenCL allows exp and log three ulp, a division two and a half.
    private const double MostError = 5.4e-7;

    // A tie of two scores may fall either way where they are worked out in another order, a voxel in some million.
    private const int VoxelsPerTie = 200_000;

    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(48, 48, 48), VolumeShape.Volume(96, 96, 96), VolumeShape.Volume(17, 31, 40), VolumeShape.Image(128, 128),
    ];

    [OneTimeSetUp]
    public void IsThere()
    {
        if (device is null)
        {
            Assert.Ignore(TestDevices.NoOpenCl);
        }
    }

    [Test]
    public void Samples_AreThoseOfTheHost([ValueSource(nameof(Shapes))] VolumeShape shape) =>
        AssertSame(Options(RecipeFor(shape), shape, batchSize: 2));

    [Test]
    public void LabelMaps_AreReadAsOnTheHost()
    {
        VolumeShape shape = VolumeShape.Volume(40, 40, 40);
        using LabelMapFolder folder = new();
        folder.Put("a.nii", shape, static voxel => (byte)((voxel / 700) % 6));
        folder.Put("b.nii", VolumeShape.Volume(37, 45, 31), static voxel => (byte)((voxel / 90) % 9), spacing: 1.3);
        AssertSame(Options("labelmap-3d", shape, batchSize: 2) with { LabelMaps = folder.Load() });
    }

    // With nothing compiled before: what the compiler has to say goes nowhere, and the wait is announced.
    [Test]
    public void TheTool_SaysThatItCompiles_AndTheCompilerNothing()
    {
        using var folder = new TestFolder();
        Environment.SetEnvironmentVariable("POCL_CACHE_DIR", folder["cache"]);
        try
        {
            ToolRun run = ToolRun.OfProcess(
                "generate", "--device", device!, "--preset", "rasd-2d", "--size", "32", "--count", "1", "--out", folder["run"]);
            Assert.That((run.ExitCode, run.Messages), Is.EqualTo((0, $"compiling the kernels for {device} (once) ...\n")));
        }
        finally
        {
            Environment.SetEnvironmentVariable("POCL_CACHE_DIR", null);
        }
    }

    private void AssertSame(EngineOptions options)
    {
        using SynthesisEngine host = Start(options with { BatchSize = 1 });
        using SynthesisEngine other = Start(options with { Device = device! });
        using var slot = new GuardedSlot(other);
        SampleKey[] keys = [SampleKey.Of(3), new(4, 11)];
        other.GenerateBatch(keys, slot.Memory, DrawnFor(other));
        slot.AssertGuards();
        for (int sample = 0; sample < keys.Length; sample++)
        {
            RenderedSample expected = Sample(host, keys[sample]);
            float[] image = slot.Image(sample).ToArray();
            int different = slot.Label(sample).ToArray().Where((label, voxel) => label != expected.Label[voxel]).Count();
            double error = image.Select((value, voxel) => Math.Abs((double)value - expected.Image[voxel])).Max();
            TestContext.Out.WriteLine($"sample {sample} at {options.Shape}: {different} labels differ, images by {error:g3}");
            Assert.That(different, Is.LessThanOrEqualTo(expected.Label.Length / VoxelsPerTie), $"labels of sample {sample}");
            if (different == 0)
            {
                Assert.That(error, Is.LessThanOrEqualTo(MostError), $"image of sample {sample}");
            }
        }
    }
}
