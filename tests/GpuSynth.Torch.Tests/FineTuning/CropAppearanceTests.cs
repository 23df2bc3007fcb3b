using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Crops that are changed by a recipe's appearance.</summary>
public sealed class CropAppearanceTests
{
    private static readonly VolumeShape Patch = VolumeShape.Image(24, 20);

    private static float[] Crop => [.. Enumerable.Range(0, 24 * 20).Select(static n => -1.5f + (3 * MathF.Sin(n * 0.11f)))];

    // Between the crop's own scale and the engine's there is a line, and nothing else.
    [Test]
    public void ACropIsWhatTheEngineMakesOfIt_WithTheMeanAndTheDeviationThatItHad()
    {
        Recipe recipe = Presets.Get("mri-2d");
        using var appearance = new CropAppearance(new AppearanceChange(recipe, 1), seed: 4, Patch);
        float[] changed = Crop, again = Crop, other = Crop, own = Crop;
        appearance.Apply(changed, 6);
        appearance.Apply(again, 6);
        appearance.Apply(other, 7);
        Assert.That(changed, Is.EqualTo(again).And.Not.EqualTo(other).And.Not.EqualTo(Crop));
        Assert.That(changed.Average(), Is.EqualTo(Crop.Average()).Within(1e-3));
        Assert.That(Deviation(changed), Is.EqualTo(Deviation(Crop)).Within(1e-3));

        (float least, float most) = (own.Min(), own.Max());
        own = [.. own.Select(value => (value - least) / (most - least))];
        using var engine = new SynthesisEngine(SynthesisPlan.Create(new EngineOptions { Recipe = recipe.OnImages(), Shape = Patch, Seed = 4, AreImagesGiven = true }));
        engine.Augment(new SampleKey(6, 6), own, engine.CreateDrawn());
        double mean = own.Average(), deviation = Deviation(own);
        Assert.That(changed, Is.EqualTo(own.Select(value => (float)(Crop.Average() + (Deviation(Crop) * (value - mean) / deviation)))).Within(1e-4));
    }

    [Test]
    public void AShareOfTheCropsIsChanged_AndAnEvenOneIsNot()
    {
        using var some = new CropAppearance(new AppearanceChange(Presets.Get("rasd-2d"), 0.25), seed: 1, Patch);
        int changed = Enumerable.Range(0, 400).Count(number =>
        {
            float[] crop = Crop;
            some.Apply(crop, number);
            return !crop.SequenceEqual(Crop);
        });
        Assert.That(changed, Is.InRange(60, 140), "100 of 400, with a standard deviation of 9");
        float[] even = [.. Enumerable.Repeat(2f, 24 * 20)];
        using var all = new CropAppearance(new AppearanceChange(Presets.Get("rasd-2d"), 1), seed: 1, Patch);
        all.Apply(even, 0);
        Assert.That(even, Is.All.EqualTo(2f));
    }

    [Test]
    public void WhatDoesNotFitCrops_IsSaidBeforeAnythingIsTrained()
    {
        Assert.That(() => new AppearanceChange(Presets.Get("ct-3d")).PlanOf(0, VolumeShape.Volume(8, 8, 8)), Throws.TypeOf<GpuSynthException>().With.Message.Contains("has intensities in HU"));
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        FineTuneOptions options = Options(folder, "wrong") with { Appearance = new AppearanceChange(Presets.Get("rasd-2d")) };
        Assert.That(() => FineTuneRun.Open(options, static _ => { }), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("makes samples of 2 dimensions"));
    }

    // It is a setting of its results: those of other crops are never gone on with, and runs of none have no such setting.
    [Test]
    public void ItIsASettingOfTheArms()
    {
        using FineTuneFolder folder = FineTuneFolder.WithCases(7);
        FineTuneOptions with = Options(folder, "with") with { Appearance = new AppearanceChange(Presets.Get("rasd-3d"), 1) }, without = Options(folder, "without");
        double[] changed = Losses(with), plain = Losses(without);
        Assert.That(changed, Has.Length.EqualTo(3).And.Not.EqualTo(plain));
        Assert.That(() => FineTuneRun.Open(with with { Appearance = null }, static _ => { }), Throws.TypeOf<GpuSynthException>().With.Message.Contains("appearance"));
        JsonNode settings = JsonNode.Parse(File.ReadAllText(Path.Combine(without.OutFolder, "arms", "none_n2_s0", ArmResult.FileName)))!["settings"]!;
        Assert.That(settings["appearance"], Is.Null);
        Assert.That(File.ReadAllText(Path.Combine(with.OutFolder, "report.html")), Does.Contain("with probability 1 by the appearance of rasd-3d"));
    }

    private static double Deviation(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    private static FineTuneOptions Options(FineTuneFolder folder, string name) => new()
    {
        DataFolder = folder.Root, OutFolder = Path.Combine(folder.Root, name), TrainCases = [2], Steps = 3, ValidationCases = 2, TestCases = 2, Patch = [16], Levels = new([4, 8], [2]),
    };

    private static double[] Losses(FineTuneOptions options)
    {
        using FineTuneRun run = FineTuneRun.Open(options, static _ => { });
        run.Run(static _ => { }, static () => { }, "finetune");
        return
        [
            .. File.ReadLines(Path.Combine(options.OutFolder, "arms", "none_n2_s0", "metrics.jsonl")).Select(static line => (double)JsonNode.Parse(line)!["loss"]!),
        ];
    }
}
