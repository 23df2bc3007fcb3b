using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>What the labels of recipes mean: which are one class, and their ranks.</summary>
[CancelAfter(120_000)]
public sealed class SyntheticClassesTests
{
    private const string Noise = "noiseField: { labels: 3, field: { scales: [side/4], std: 1 } }";

    private static readonly TestCaseData<string, int[]>[] Kinds =
    [
        new("rasd-3d", [0, 0, 0, 0]),
        new("tubes-2d", [0, 0, 0, 0, 0, 0, 6, 6]),
        // Background, organs, their parts.
        new("gaussians-3d", [0, .. Enumerable.Repeat(1, 12), .. Enumerable.Repeat(13, 24)]),
        // Air; those of regions and organs, of which hounsfield knows the first to be lung; vessels, the two of bones, the four of lesions, the rim.
        new("ct-3d", [0, 1, .. Enumerable.Repeat(2, 9), 11, 12, 13, 14, 15, 16, 17, 18]),
        // Air; organs share the noise's numbers; parts; core and layer of a shell; two kinds of trees; a lesion; the rim.
        new("mri-3d", [0, .. Enumerable.Repeat(1, 11), .. Enumerable.Repeat(12, 20), 32, 33, 34, 34, 36, 37]),
    ];

    private static readonly TestCaseData<string, string, int[]>[] Written =
    [
        new(Noise, "contrast: { mean: { perLabel: [0.1, { uniform: [0, 1] }] } }", [0, 1, 1]),
        new(Noise, "contrast: { mean: { perLabel: [0.5, 0.1, 0.5] } }", [0, 1, 0]),
        // Names that change places mean nothing, whatever the intensities; label 0 keeps its own.
        new(Noise + "\n  - labelOps: { shuffleChance: 0.5 }", "contrast: { mean: { perLabel: [0.1, 0.5, 0.9] } }", [0, 1, 1]),
        new(Noise + "\n  - labelOps: { compactChance: 0.5 }", "contrast: { mean: { perLabel: [0.1, 0.5, 0.9] } }", [0, 1, 1]),
        new(Noise + "\n  - labelOps: { drop: 0.5 }", "contrast: { mean: { perLabel: [0.1, 0.5, 0.9] } }", [0, 1, 2]),
        new(
            "cells: { radiusOfSide: 0.2, sizeOfRadius: 1, jitterOfRadius: 0, kept: 1, roughnessOfRadius: 0, roughSpacing: side/8, ownLabels: true,"
            + " areWhole: true, background: true }",
            "contrast: { mean: { uniform: [0, 1] } }",
            [0, 1]),
        new(
            "gaussians: { organs: 2, parts: 2, levels: 3, labelEachBlob: 1, sizeOfSide: 0.1, elongation: 1, logWeight: 0, partSize: 0.4,"
            + " anchored: { table: 1, spreadOfSide: 0, sizeSpread: 0 } }",
            "contrast: { mean: { uniform: [0, 1] } }",
            [0, 1, 2, 3, 3, 5, 5, 7, 7, 7, 7, 11, 11, 11, 11]),
        new(
            "gaussians: { organs: 2, parts: 1, levels: 2, labelEachBlob: 0, sizeOfSide: 0.1, elongation: 1, logWeight: 0, partSize: 0.4 }",
            "contrast: { mean: { uniform: [0, 1] } }",
            [0, 1, 2]),
    ];

    [TestCaseSource(nameof(Kinds))]
    public void LabelsOfOneKindAreThoseThatNoImageTellsApart(string preset, int[] expected)
    {
        Recipe recipe = Presets.Get(preset);
        VolumeShape shape = recipe.Dimensions == 2 ? VolumeShape.Image(64, 64) : VolumeShape.Volume(64, 64, 64);
        Assert.That(LabelKinds.Of(recipe.Anatomy, recipe.Appearance, shape), Is.EqualTo(expected));
        Assert.That(expected, Has.Length.EqualTo(LabelTables.Of(recipe.Anatomy, shape, null).TargetCount));
    }

    [TestCaseSource(nameof(Written))]
    public void LawsPerLabelGiveMeaning_AndSoDoBackgroundsLevelsAndAnchors(string anatomy, string appearance, int[] expected)
    {
        Recipe recipe = Parsed(anatomy, appearance);
        int[] kinds = LabelKinds.Of(recipe.Anatomy, recipe.Appearance, VolumeShape.Volume(32, 32, 32));
        Assert.That(kinds.Length >= expected.Length && kinds.Skip(expected.Length).All(kind => kind == expected[^1]), $"{string.Join(' ', kinds)}");
        Assert.That(kinds[..expected.Length], Is.EqualTo(expected));
    }

    [Test]
    public void LabelsOfMapsMeanSomethingEach_WhereverTheyStand()
    {
        Recipe recipe = Presets.Get("labelmap-3d");
        VolumeShape shape = VolumeShape.Volume(32, 32, 32);
        Recipe both = recipe with { Anatomy = [.. Parsed(Noise, "contrast: { mean: 1 }").Anatomy, .. recipe.Anatomy] };
        Assert.That(LabelKinds.Of(both.Anatomy, both.Appearance, shape, mapLabels: 2), Is.EqualTo(new[] { 0, 1, 2 }));
        ObjectiveContext context = TestObjectives.Context with { Recipe = recipe, RankLabels = false };
        Assert.That(new SegmentObjective(context).OutputChannels(7), Is.EqualTo(7));
        Recipe trees = recipe with { Anatomy = [.. recipe.Anatomy, Presets.Get("vessels-3d").Find<Trees>()!] };
        Assert.That(new SegmentObjective(context with { Recipe = trees }).OutputChannels(7), Is.EqualTo(6), "two kinds of trees are one class");
    }

    [TestCase("rasd-3d")]
    [TestCase("rasd-2d")]
    public void WhatCannotBeLearntIsRefused_WithTheWayOut(string preset)
    {
        Recipe recipe = Presets.Get(preset);
        ObjectiveContext context = TestObjectives.Context with { Recipe = recipe, RankLabels = false };
        var error = Assert.Throws<ObjectiveException>(() => _ = new SegmentObjective(context));
        Assert.That(error!.Message, Does.Match($"^The labels of recipe {preset} are exchangeable.*ln K; give --rank-labels.*label maps.*\\.$"));
        Assert.That(new SegmentObjective(context with { RankLabels = true }).OutputChannels(5), Is.EqualTo(5));
    }

    [Test]
    public void RanksWithNothingToRankAreRefused()
    {
        var error = Assert.Throws<GpuSynthException>(() => (TinyRun.Options with { RankLabels = true }).Check());
        Assert.That(error!.Message, Is.EqualTo(
            "Objective rasd-cosine names no labels, so that there are none to rank; leave out --rank-labels, or take segment or multitask."));
        Assert.DoesNotThrow(() => (TinyRun.Options with { RankLabels = true, Objective = "rasd+segment:0.5" }).Check());
    }

    [Test]
    public void RanksAreThoseOfTheMeansInEachSample()
    {
        using DisposeScope scope = NewDisposeScope();
        // Means of the first sample: label 0 has 5, 1 has 1, 3 has 3; of the second: 0 has 1, 3 has 2.
        Tensor labels = tensor(new byte[] { 0, 0, 1, 1, 3, 3, 0, 0, 0, 3, 3, 3 }).reshape(2, 2, 3);
        Tensor image = tensor(new float[] { 4, 6, 0, 2, 1, 5, 0, 1, 2, 1, 2, 3 }).reshape(2, 1, 2, 3);
        byte[] expected = [2, 2, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1];
        Assert.That(Ranks(image, labels), Is.EqualTo(expected));
        Assert.That(Ranks(image.mul(3).add(-7), labels), Is.EqualTo(expected), "of any brightness and contrast");
        Tensor names = tensor(new byte[] { 3, 0, 1, 2 });
        Tensor renamed = names.index_select(0, labels.reshape(-1).to_type(ScalarType.Int64)).reshape(labels.shape);
        Assert.That(Ranks(image, renamed), Is.EqualTo(expected), "whatever the labels' numbers");
        Assert.That(Ranks(image.neg(), labels)[..6], Is.EqualTo(new byte[] { 0, 0, 2, 2, 1, 1 }));
    }

    [Test]
    public void AStepNamesTheMergedLabels()
    {
        using DisposeScope scope = NewDisposeScope();
        var context = TestObjectives.Context with { Recipe = Parsed(Noise, "contrast: { mean: { perLabel: [0, 1] } }"), RankLabels = false };
        using var rig = new StepRig(new SegmentObjective(context));
        Assert.That(rig.Network.Options.OutChannels, Is.EqualTo(2));
        Tensor image = rand([2, 1, 8, 8, 8], dtype: ScalarType.Float32);
        Tensor labels = randint(3, [2, 8, 8, 8], dtype: ScalarType.Byte);
        ObjectiveStep step = rig.Step(new Dictionary<ObjectiveView, Tensor> { [ObjectiveView.Sample] = image }, labels);
        ObjectiveValue value = rig.Backward(step);
        Tensor features = step.Forward(step.Input(ObjectiveView.Sample)).detach();
        ObjectiveValue expected = new SegmentObjective().Backward(features, labels.clamp_max(1), 2, 1);
        Assert.That(value.Loss, Is.EqualTo(expected.Loss).Within(1e-9));
    }

    [Test]
    public void RanksOfNoiseAreLearnt()
    {
        (double first, double last) = StepRig.Trained(StepRig.Images("segment"), 80);
        Assert.That(last, Is.LessThan(0.85 * first));
    }

    private static byte[] Ranks(Tensor image, Tensor labels) => SyntheticClasses.Ranks(image, labels, 4).reshape(-1).data<byte>().ToArray();

    private static Recipe Parsed(string anatomy, string appearance) =>
        RecipeYaml.Parse($"name: test\ndimensions: 3\nanatomy:\n  - {anatomy}\nappearance:\n  - {appearance}\n", "test");
}
