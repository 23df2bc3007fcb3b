using System.Text.Json;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Architecture;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.IO;
using NUnit.Framework;

namespace GpuSynth.Tests.Cli;

/// <summary>Components of another assembly: in recipes, schema, list and benchmarks as if they were the engine's.</summary>
[TestFixture]
public sealed class PluginTests
{
    private const string Text = """
        name: offset
        dimensions: 3
        anatomy:
          - noiseField: { labels: 3, field: { scales: [side/2], std: 1 } }
        appearance:
          - contrast: { mean: { uniform: [0, 1] } }
        """;

    internal static readonly string Plugin = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "GpuSynth.TestPlugin", new DirectoryInfo(AppContext.BaseDirectory).Name, "GpuSynth.TestPlugin.dll"));

    [Test]
    public void ARecipeNamesItsComponents()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["mine.yaml"], Text + "\n  - offset: { amount: 0.25 }");
        ToolRun known = ToolRun.Of("recipe", "check", folder["mine.yaml"], "--plugin", Plugin);
        Assert.That((known.ExitCode, known.Messages), Is.EqualTo((0, "")));
        ToolRun explained = ToolRun.Of("recipe", "explain", folder["mine.yaml"], "--size", "9", "--plugin", Plugin);
        Assert.That(explained.Data, Does.Match(@"\n +offset +1 +1 "));
        ToolRun unknown = ToolRun.Of("recipe", "check", folder["mine.yaml"]);
        Assert.That(unknown.ExitCode, Is.EqualTo(1));
        Assert.That(unknown.Messages, Does.Contain("line 7: appearance[1].offset: unknown component; known here: bias, blur, contrast"));
    }

    [Test]
    public void WhatIsWrongWithItsKeysIsNamed()
    {
        ComponentCatalogue components = ComponentFile.Load(Plugin);
        Assert.That(
            () => RecipeYaml.Parse(Text + "\n  - offset: { amount: 2 }", "mine", components),
            Throws.TypeOf<RecipeException>().With.Message.Contains("line 7: appearance[1].offset.amount: 2 > 1 maximum (allowed: -1 to 1)"));
        Recipe alone = RecipeYaml.Parse(Text + "\n  - offset", "mine", components);
        Assert.That(alone.Appearance[1].ToString(), Does.Contain("0.5"));
        Assert.That(RecipeYaml.Parse(RecipeYaml.Write(alone), "again", components), Is.EqualTo(alone));
    }

    // 1 / (1 + e^(8 (1/2 - I))) of the normalised image, on the host and as one kernel of a device.
    [Test]
    public void ThePagesComponent_DoesWhatItSays([Values("host", "ilgpu-cpu")] string device)
    {
        ComponentCatalogue components = ComponentFile.Load(Plugin);
        const string Normalised = Text + "\n  - normalise: { epsilon: 1e-6 }";
        Recipe without = RecipeYaml.Parse(Normalised, "without", components);
        Recipe with = RecipeYaml.Parse(Normalised + "\n  - sigmoid: { centre: 0.5, gain: 8 }", "with", components);
        VolumeShape shape = VolumeShape.Volume(5, 7, 17);
        float[] before = Rendering.Sample(Rendering.Options(without, shape), SampleKey.Of(3)).Image;
        float[] after = Rendering.Sample(
            Rendering.Options(with, shape) with { Device = device, Components = components }, SampleKey.Of(3)).Image;
        for (int voxel = 0; voxel < before.Length; voxel++)
        {
            Assert.That(after[voxel], Is.EqualTo(1 / (1 + Math.Exp(8 * (0.5 - before[voxel])))).Within(3e-7));
        }
    }

    [Test]
    public void ThePage_ShowsTheFile()
    {
        string code = File.ReadAllText(Path.Combine(Repository.Root, "tests", "GpuSynth.TestPlugin", "Sigmoid.cs"));
        Assert.That(File.ReadAllText(Path.Combine(Repository.Root, "docs", "component.md")), Does.Contain("```csharp\n" + code + "```\n"));
    }

    [Test]
    public void ItsSamplesAreMade()
    {
        ComponentCatalogue components = ComponentFile.Load(Plugin);
        Recipe without = RecipeYaml.Parse(Text, "without", components);
        Recipe with = RecipeYaml.Parse(
            Text + "\n  - offset: { amount: 0.25 }\n  - offset\n  - offset: { amount: 1, chance: 0 }", "with", components);
        VolumeShape shape = VolumeShape.Volume(9, 7, 33);
        float[] before = Rendering.Sample(Rendering.Options(without, shape), SampleKey.Of(3)).Image;
        float[] after = Rendering.Sample(Rendering.Options(with, shape), SampleKey.Of(3)).Image;
        Assert.That(after, Is.EqualTo(before.Select(static value => value + 0.25f + 0.5f)));
    }

    [Test]
    public void ListAndSchemaHaveItBesideTheEnginesOwn()
    {
        JsonElement[] own = [.. ToolRun.Of("recipe", "components", "--json").Json.EnumerateArray()];
        JsonElement[] all = [.. ToolRun.Of("recipe", "components", "--json", "--plugin", Plugin).Json.EnumerateArray()];
        Assert.That(own.Select(Name), Is.SupersetOf(ComponentCatalogue.Own.Types.Keys));
        Assert.That(all.Select(Name).Except(own.Select(Name)), Is.EquivalentTo(["offset", "sigmoid"]));
        JsonElement offset = all.Single(static one => Name(one) == "offset");
        JsonElement key = offset.GetProperty("keys").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(offset.GetProperty("list").GetString(), Is.EqualTo("appearance"));
            Assert.That(offset.GetProperty("says").GetString(), Is.EqualTo("Adds a number."));
            Assert.That(offset.GetProperty("source").GetString(), Is.EqualTo("a test"));
            Assert.That(offset.GetProperty("bytesPerVoxel").GetDouble(), Is.EqualTo(8));
            Assert.That(offset.GetProperty("flopPerVoxel").GetDouble(), Is.EqualTo(1));
            Assert.That(key.GetProperty("key").GetString(), Is.EqualTo("amount"));
            Assert.That(offset.GetProperty("takesChance").GetBoolean());
            Assert.That(own.Single(static one => Name(one) == "contrast").GetProperty("takesChance").GetBoolean(), Is.False);
            Assert.That(ToolRun.Of("recipe", "components").Messages, Does.Contain("may have the key chance"));
            Assert.That(key.GetProperty("allowed").GetString(), Is.EqualTo("-1 to 1"));
            Assert.That(key.GetProperty("required").GetBoolean(), Is.False);
            Assert.That(key.GetProperty("default").GetDouble(), Is.EqualTo(0.5));
            Assert.That(
                own.Single(static one => Name(one) == "contrast").GetProperty("bytesPerVoxel").GetDouble(), Is.EqualTo(5), "a label read, an intensity written");
            Assert.That(
                own.Single(static one => Name(one) == "blur").GetProperty("flopPerVoxel").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(ToolRun.Of("recipe", "components").Data, Does.Contain("field.scales: 1 to 4096 voxels").And.Contain("SynthSeg"));
        });
        JsonElement schema = ToolRun.Of("recipe", "schema", "--plugin", Plugin).Json.GetProperty("$defs").GetProperty("offset");
        Assert.That(schema.GetProperty("properties").GetProperty("amount").GetProperty("default").GetDouble(), Is.EqualTo(0.5));

        static string Name(JsonElement component) => component.GetProperty("name").GetString()!;
    }

    [Test]
    public void ItIsTimed()
    {
        ToolRun tool = ToolRun.Of(
            "bench", "kernels", "--filter", "offset", "--size", "8", "--threads", "1", "--json", "--plugin", Plugin);
        Assert.That(tool.ExitCode, Is.Zero, tool.Messages);
        JsonElement run = tool.Json;
        Assert.That(run.GetProperty("results").EnumerateArray().Single().GetProperty("name").GetString(), Is.EqualTo("offset"));
    }

    [Test]
    public void AFileThatIsNoneIsNamedInOneSentence()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["text.dll"], "not an assembly");
        AssertRefused(folder["text.dll"], "it is no .NET assembly for this machine; name a dll that was built of a C# project");
        AssertRefused(folder["none.dll"], "there is no such file");
        AssertRefused(folder.Root, "it is a folder; name the dll in it");
        string other = typeof(TestAttribute).Assembly.Location;
        AssertRefused(other, "it holds no component: no record in it has [Component(name, stream)]");

        static void AssertRefused(string path, string reason)
        {
            ToolRun run = ToolRun.Of("recipe", "components", "--plugin", path);
            Assert.That(run.Messages.Trim(), Is.EqualTo($"gpusynth: Cannot take components from '{path}': {reason}."));
            Assert.That((run.ExitCode, run.Data), Is.EqualTo((1, "")));
        }
    }

    [Test]
    public void TheSameFileTwiceIsOne() =>
        Assert.That(ComponentFile.Load(Plugin, Plugin).Types, Has.Count.EqualTo(ComponentCatalogue.Own.Types.Count + 2));
}
