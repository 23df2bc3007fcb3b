using System.Text.Json;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;

namespace GpuSynth.Tests.Components;

/// <summary>Every component as text: its keys in a recipe, and what it drew in the manifest.</summary>
public sealed class ComponentTextTests
{
    private static IEnumerable<TestCaseData<Type>> All =>
        ComponentMaker.All.Select(static type => new TestCaseData<Type>(type).SetArgDisplayNames(ComponentMaker.NameOf(type)));

    [TestCaseSource(nameof(All))]
    public void ARecipe_ReadsBackEqual(Type type)
    {
        foreach ((Component component, ulong _) in ComponentSamples.Draws(type))
        {
            Recipe recipe = With(component);
            string text = RecipeYaml.Write(recipe);
            Recipe back = RecipeYaml.Parse(text, "written");
            Assert.That(back, Is.EqualTo(recipe), text);
            Assert.That(back.Components, Does.Contain(component));
        }
    }

    [TestCaseSource(nameof(All))]
    public void WhatIsDrawn_ReadsBackEqual(Type type)
    {
        foreach ((Component component, ulong sample) in ComponentSamples.Draws(type))
        {
            var drawn = new DrawnSample(new RowLayout([component], ComponentRow.Facts));
            drawn.Draw(1, SampleKey.Of((long)sample));
            JsonElement json = JsonDocument.Parse(Json.Of(drawn)).RootElement;
            foreach (RecordedNumber number in RecordedNumber.Of(drawn.Layout))
            {
                Assert.That(Numbers(json.GetProperty(number.Name), number.Kind), Is.EqualTo(number.Values(drawn)), number.Name);
            }
        }

        static float[] Numbers(JsonElement value, RecordedKind kind) => kind switch
        {
            RecordedKind.Flag => [value.GetBoolean() ? 1 : 0],
            RecordedKind.LabelMap => [value.GetString()![^1] - '0'],
            _ when value.ValueKind == JsonValueKind.Array => [.. value.EnumerateArray().Select(static one => one.GetSingle())],
            _ => [value.GetSingle()],
        };
    }

    // A recipe with a component: each has its place, and what must be there beside it.
    private static Recipe With(Component component)
    {
        // Sides are known of label maps; a background of its own is not painted over them. Soft borders are those of Gaussian blobs.
        string preset = component switch { LabelOps => "synthseg-3d", SoftContrast => "gaussians-3d", _ => "rasd-3d" };
        Recipe bare = new("one", 3, [Presets.Get(preset).Anatomy[0]], [new Contrast(0), new Normalise(0)]);
        return !component.IsAnatomy ? bare.With(component)
            : bare with { Anatomy = component.Begins ? [component] : [.. bare.Anatomy, component] };
    }
}
