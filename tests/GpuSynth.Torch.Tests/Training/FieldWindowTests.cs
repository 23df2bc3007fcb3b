using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Training;
using TorchSharp;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>Windows of larger samples: the voxels of the samples, at a place that all views of an item share.</summary>
[CancelAfter(120_000)]
public sealed class FieldWindowTests
{
    private static readonly VolumeShape Field = VolumeShape.Volume(40, 12, 9);

    private static PretrainOptions Options => TinyRun.Options with { Field = Field };

    [Test]
    public void EveryPlaceOfTheFieldIsAsLikely_AndNoneLiesOutside()
    {
        var windows = new FieldWindows(VolumeShape.Image(20, 13), VolumeShape.Image(16, 13), seed: 5);
        const int Items = 5000;
        int[][] origins = [.. Enumerable.Range(0, Items).Select(n => windows.OriginOf(n))];
        Assert.That(origins.All(static origin => origin[1] == 0), "as wide as the field");
        int[] counts = [.. Enumerable.Range(0, 5).Select(place => origins.Count(origin => origin[0] == place))];
        Assert.That(counts.Sum(), Is.EqualTo(Items));
        // Of a binomial of 1/5: a standard deviation of 28.
        Assert.That(counts, Is.All.InRange((Items / 5) - 140, (Items / 5) + 140));
        Assert.That(new FieldWindows(VolumeShape.Image(20, 13), VolumeShape.Image(16, 13), seed: 6).OriginOf(0).Concat(windows.OriginOf(1)),
            Is.Not.EqualTo(windows.OriginOf(0).Concat(windows.OriginOf(0))));
    }

    [Test]
    public void TheNetworkIsGivenTheSamplesOwnVoxels_InAllViews([Values("rasd-cosine", "anatomix", "multitask")] string objective)
    {
        PretrainOptions options = Options with { Objective = objective, RankLabels = objective == "multitask" };
        using Objective made = options.CreateObjective();
        using var source = new ViewSource(options, made.Views, torch.CPU);
        using DisposeScope scope = torch.NewDisposeScope();
        source.Start(6);
        ViewBatch views = source.Acquire();
        var windows = new FieldWindows(Field, options.Shape, options.Seed);
        Assert.That(views.FirstItem, Is.EqualTo(6));
        foreach (ObjectiveView view in made.Views.Where(static view => view.Recipe is null))
        {
            using var engine = new SynthesisEngine(SynthesisPlan.Create(new EngineOptions
            {
                Recipe = view.IsClean ? options.Recipe.Clean() : options.Recipe, Shape = Field, Seed = options.Seed, Threads = 1,
            }));
            float[] image = new float[Field.VoxelCount];
            byte[] labels = new byte[Field.VoxelCount];
            for (int n = 0; n < options.Batch; n++)
            {
                long item = views.FirstItem + n;
                engine.Generate(view.KeyOf(item), image, labels, engine.CreateDrawn());
                using torch.Tensor ownImage = views.Tensors[view].Image.select(0, n).contiguous(), ownLabels = views.Tensors[view].Labels.select(0, n).contiguous();
                Assert.That(MemoryMarshal.Cast<byte, float>(ownImage.bytes).ToArray(), Is.EqualTo(Cut(image, windows.OriginOf(item), options.Shape)));
                Assert.That(ownLabels.bytes.ToArray(), Is.EqualTo(Cut(labels, windows.OriginOf(item), options.Shape)));
            }
        }

        Assert.That(views.Shown.Image.shape, Is.EqualTo(new long[] { 2, 1, 32, 8, 8 }), "pictures are of windows too");
        source.Release(views);
    }

    [Test]
    public void AStoppedRunOfWindowsIsResumed_ToTheBit([Values("rasd-cosine", "multitask")] string objective, [Values(false, true)] bool isDistinct) =>
        ResumedRun.AssertToTheBit(
            Options with { Objective = objective, RankLabels = objective == "multitask", Distinct = isDistinct ? 3 : null }, stop: 3);

    [Test]
    public void TheFolderSaysWhatTheNetworkWasGiven()
    {
        using var folder = new TinyRun();
        folder.TrainWhole(Options, "run");
        Assert.That(File.ReadAllText(folder["run/MODEL_CARD.md"]), Does.Contain("- Samples: windows of 32 x 8 x 8, at random places of samples of 40 x 12 x 9,"));
        Assert.That(File.ReadAllText(folder["run/run.json"]), Does.Contain("\"field\": \"40x12x9\""));
        Assert.That(
            () => PretrainRun.Resume(folder["run"], static before => before with { Field = null }, Assert.Fail),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("begun with field 40x12x9, and its 6 steps cannot be done again with none"));
    }

    private static T[] Cut<T>(T[] whole, int[] origin, VolumeShape window) =>
    [
        .. from z in Enumerable.Range(origin[0], window.Depth)
           from y in Enumerable.Range(origin[1], window.Height)
           from x in Enumerable.Range(origin[2], window.Width)
           select whole[(((z * Field.Height) + y) * Field.Width) + x],
    ];
}
