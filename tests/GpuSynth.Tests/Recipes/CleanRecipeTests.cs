using System.Text.Json;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using NUnit.Framework;

namespace GpuSynth.Tests.Recipes;

/// <summary>A recipe without degradation: what is left draws what it drew before.</summary>
[TestFixture]
public sealed class CleanRecipeTests
{
    private static readonly string[] Names = [.. Presets.Names.Where(static name => Presets.Get(name).Find<LabelMapAnatomy>() is null)];

    [TestCaseSource(nameof(Names))]
    public void ASampleHasTheLabelsAndTheNumbersOfTheOneWithNoise(string name)
    {
        Recipe recipe = Presets.Get(name), clean = recipe.Clean();
        Assert.That(
            recipe.Appearance.Count, Is.GreaterThan(clean.Appearance.Count), "every preset has something that takes away from an image");
        VolumeShape shape = VolumeShape.Cubic(recipe.Dimensions, recipe.Dimensions == 3 ? 24 : 48);
        (byte[] labels, Dictionary<string, string> drawn, float[] image) = Sample(recipe, shape);
        (byte[] ofClean, Dictionary<string, string> left, float[] cleanImage) = Sample(clean, shape);
        Assert.That(ofClean, Is.EqualTo(labels));
        Assert.That(cleanImage, Is.Not.EqualTo(image));
        foreach ((string number, string value) in left)
        {
            Assert.That(drawn, Does.ContainKey(number).WithValue(value), number);
        }
    }

    private static (byte[] Labels, Dictionary<string, string> Drawn, float[] Image) Sample(Recipe recipe, VolumeShape shape)
    {
        using var engine = new SynthesisEngine(SynthesisPlan.Create(
            new EngineOptions { Recipe = recipe, Shape = shape, BatchSize = 1, Seed = 5, Threads = 1 }));
        (float[] image, byte[] labels) = (new float[shape.VoxelCount], new byte[shape.VoxelCount]);
        DrawnSample drawn = engine.CreateDrawn();
        engine.Generate(new SampleKey(3, 8), image, labels, drawn);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            drawn.WriteJson(writer);
        }

        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        string[] others = ["measured", "leftOut"];
        return (
            labels,
            json.RootElement.EnumerateObject().Where(one => !others.Contains(one.Name)).ToDictionary(
                static one => one.Name, static one => one.Value.GetRawText()),
            image);
    }
}
