using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using NUnit.Framework;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Recipes;

/// <summary>The presets against the published method, number for number.</summary>
[TestFixture]
public sealed class PresetTests
{
    [Test]
    public void NamesAreThese() => Assert.That(
        Presets.Names, Is.EqualTo(["rasd-3d", "rasd-2d", "labelmap-3d", "synthseg-3d", "tubes-2d", "vessels-3d", "ct-2d", "ct-3d", "gaussians-3d", "mri-2d", "mri-3d",
            "anatomix-3d", "cornucopia-3d", "gaussians-soft-3d"]));

    [TestCase("rasd-3d", 3, 16)]
    [TestCase("rasd-2d", 2, 32)]
    public void RasdAnatomyIsThePublishedOne(string name, int dimensions, int labelDivisor)
    {
        Recipe recipe = Presets.Get(name);
        Assert.That(recipe.Name, Is.EqualTo(name));
        Assert.That(recipe.Dimensions, Is.EqualTo(dimensions));
        NoiseAnatomy anatomy = recipe.Find<NoiseAnatomy>()!;
        Assert.That(anatomy.Labels, Is.EqualTo(SideMeasure.SideOver(labelDivisor)));
        Assert.That(anatomy.Field, Is.EqualTo(
            new NoiseGrids([SideMeasure.SideOver(8), SideMeasure.SideOver(4)], new UniformLaw(0, 1))));
        Assert.That(anatomy.Displacement, Is.EqualTo(new ShiftGrids(
            [SideMeasure.SideOver(16), SideMeasure.SideOver(8), SideMeasure.SideOver(4)], new UniformLaw(0, 1.0 / 16))));
    }

    [TestCase("rasd-3d")]
    [TestCase("rasd-2d")]
    [TestCase("labelmap-3d")]
    public void AppearanceIsThePublishedOne(string name)
    {
        Recipe recipe = Presets.Get(name);
        Component[] published =
        [
            new Contrast(new UniformLaw(0, 1)),
            new Bias(new UniformLaw(0.01, 0.1), new UniformLaw(16, 32), 83),
            new Noise(new UniformLaw(0.05, 0.4)),
            new Blur(new UniformLaw(0, 1), 7),
            new Normalise(1e-6),
            new Gamma(new UniformLaw(0.5, 1.5)),
        ];
        Assert.That(recipe.Appearance, Is.EqualTo(published));
        Assert.That(Bias.FwhmPerSigma, Is.EqualTo(2.355));
    }

    [Test]
    public void LabelMapAnatomyHasSynthSegsRanges()
    {
        Recipe recipe = Presets.Get("labelmap-3d");
        Assert.That(recipe.Dimensions, Is.EqualTo(3));
        Assert.That(recipe.Anatomy, Has.Count.EqualTo(1));
        Assert.That(recipe.Anatomy[0], Is.EqualTo(new LabelMapAnatomy(
            RotationDegrees: new UniformLaw(-15, 15),
            Scaling: new UniformLaw(0.8, 1.2),
            Shear: new UniformLaw(-0.012, 0.012),
            TranslationOfSide: new UniformLaw(-0.05, 0.05),
            Flip: 0,
            Deformation: new ShiftGrids(
                [SideMeasure.SideOver(16), SideMeasure.SideOver(8), SideMeasure.SideOver(4)], new UniformLaw(0, 0.02)),
            VoxelSpacingMillimetres: null,
            Remap: null)));
    }

    [TestCase("rasd-3d", 64, 4, new[] { 8, 16 }, new[] { 4, 8, 16 })]
    [TestCase("rasd-3d", 96, 6, new[] { 12, 24 }, new[] { 6, 12, 24 })]
    [TestCase("rasd-3d", 100, 6, new[] { 12, 25 }, new[] { 6, 12, 25 })]
    [TestCase("rasd-3d", 128, 8, new[] { 16, 32 }, new[] { 8, 16, 32 })]
    [TestCase("rasd-3d", 256, 16, new[] { 32, 64 }, new[] { 16, 32, 64 })]
    [TestCase("rasd-3d", 3, 2, new[] { 1, 1 }, new[] { 1, 1, 1 })]
    [TestCase("rasd-2d", 64, 2, new[] { 8, 16 }, new[] { 4, 8, 16 })]
    [TestCase("rasd-2d", 96, 3, new[] { 12, 24 }, new[] { 6, 12, 24 })]
    [TestCase("rasd-2d", 100, 3, new[] { 12, 25 }, new[] { 6, 12, 25 })]
    [TestCase("rasd-2d", 128, 4, new[] { 16, 32 }, new[] { 8, 16, 32 })]
    [TestCase("rasd-2d", 256, 8, new[] { 32, 64 }, new[] { 16, 32, 64 })]
    [TestCase("rasd-2d", 512, 16, new[] { 64, 128 }, new[] { 32, 64, 128 })]
    public void LabelsAndScalesFollowTheSide(string name, int side, int labels, int[] field, int[] displacement)
    {
        NoiseAnatomy anatomy = Presets.Get(name).Find<NoiseAnatomy>()!;
        Assert.That(anatomy.LabelCount(side), Is.EqualTo(labels));
        Assert.That(anatomy.Field.ScalesInVoxels(side), Is.EqualTo(field));
        Assert.That(anatomy.Displacement!.ScalesInVoxels(side), Is.EqualTo(displacement));
    }

    [Test]
    public void TextIsCommentedAndIsTheRecipe([ValueSource(typeof(Presets), nameof(Presets.Names))] string name)
    {
        string text = Presets.Text(name);
        Assert.That(RecipeYaml.Parse(text, name), Is.EqualTo(Presets.Get(name)));
        Assert.That(text, Does.Contain("arXiv 2602.12317").Or.Contain("SynthSeg").Or.Contain("Murray").Or.Contain("ICLR").Or.Contain("synth.py"));
        Assert.That(text.Split('\n').Count(line => line.Contains('#')), Is.GreaterThan(10));
        Assert.That(text.Split('\n').Max(line => line.Length), Is.LessThanOrEqualTo(130));
    }

    [TestCase("rasd3d", "; did you mean rasd-3d?")]
    [TestCase("labelmap", "; did you mean labelmap-3d?")]
    [TestCase("xyz", "")]
    public void AnUnknownNameIsRefused(string name, string nearest)
    {
        string sentence = $"there is no preset '{name}'; the presets are {string.Join(", ", Presets.Names)}{nearest}";
        Assert.That(() => Presets.Get(name), Throws.TypeOf<GpuSynthException>().With.Message.EqualTo(sentence));
        Assert.That(() => Presets.Text(name), Throws.TypeOf<GpuSynthException>().With.Message.EqualTo(sentence));
    }

    [Test]
    public void AnyRecipeTakesLabelMaps()
    {
        Recipe recipe = Presets.Get("rasd-3d").Without<Noise>();
        Recipe withMaps = recipe.WithLabelMaps();
        Assert.That(withMaps.Anatomy, Is.EqualTo(Presets.Get("labelmap-3d").Anatomy));
        Assert.That(withMaps with { Anatomy = recipe.Anatomy }, Is.EqualTo(recipe));
        Assert.That(withMaps.WithLabelMaps(), Is.SameAs(withMaps));
        Assert.That(Presets.Get("rasd-2d").WithLabelMaps().Anatomy, Is.EqualTo(withMaps.Anatomy));
    }

    // Label 12 of ct-3d is dense bone; of label maps it is whatever they say. Label 0 is the air around in both.
    [Test]
    public void OnLabelMaps_KeysThatNameThePresetsOwnLabelsAreLeftOut()
    {
        Recipe bodies = Presets.Get("ct-3d").WithLabelMaps();
        Assert.That(bodies.Find<Hounsfield>()!.Given!.Single().Label, Is.Zero);
        Assert.That(bodies.Appearance.Skip(1), Is.EqualTo(Presets.Get("ct-3d").Appearance.Skip(1)));
        Recipe vessels = Presets.Get("vessels-3d");
        Recipe others = vessels.WithLabelMaps();
        Assert.That(others.Find<Contrast>(), Is.EqualTo(new Contrast(vessels.Find<Contrast>()!.Mean)));
        Assert.That(vessels.Appearance.OfType<Mottle>().Count(), Is.EqualTo(4));
        Assert.That(others.Appearance.OfType<Mottle>().Select(static one => (one.Only, one.Except)), Is.EqualTo(new[] { ((ValueList<int>?)null, (ValueList<int>?)null) }));
    }

    [Test]
    public void EveryLabelThatAKeyNames_HasToBeThere()
    {
        Recipe regions = Presets.Get("rasd-3d") with { Anatomy = [new NoiseAnatomy(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(6)], 1), null)] };
        var mottle = new Mottle([SideMeasure.Of(4)], 1, 0.1);
        Refused(new Contrast(1) { Apart = [1, 4], ApartBy = 0.1 }, null, "appearance[0].contrast.apart: the anatomies make no label 4; name one of 0 to 3");
        Refused(new Contrast(1) { Apart = [1], ApartBy = 0.1, ApartFrom = [9] }, null, "appearance[0].contrast.apartFrom: the anatomies make no label 9");
        Refused(new Contrast(1), mottle with { Only = [3, 200] }, "appearance[1].mottle.only: the anatomies make no label 200");
        Refused(new Contrast(1), mottle with { Except = [4] }, "appearance[1].mottle.except: the anatomies make no label 4");
        Refused(new Hounsfield(null, [new(7, HounsfieldClasses.Organs)], 0, 1, 2), null, "appearance[0].hounsfield.given: the anatomies make no label 7");

        void Refused(Component first, Component? second, string sentence) => Assert.That(
            () => SynthesisPlan.Create(Options(regions with { Appearance = second is null ? [first] : [first, second] }, VolumeShape.Cubic(3, 8))),
            Throws.TypeOf<PlanException>().With.Message.Contains(sentence));
    }
}
