using GpuSynth.Cli.Cataloguing;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Architecture;
using GpuSynth.Tests.IO;
using NUnit.Framework;

namespace GpuSynth.Tests.Cli;

/// <summary>The page of all components.</summary>
[TestFixture]
public sealed class CatalogueTests
{
    private static IEnumerable<string> Names => ComponentCatalogue.Own.Types.Keys;

    [Test]
    public void ThePage_IsWhatTheCommandMakes()
    {
        string docs = Path.Combine(Repository.Root, "docs");
        Assert.That(
            File.ReadAllText(Path.Combine(docs, "catalogue.md")), Is.EqualTo(CataloguePage.Of(ComponentCatalogue.Own, "catalogue")),
            "make it again: ./gpusynth recipe catalogue --out docs");
        Assert.That(
            Directory.GetFiles(Path.Combine(docs, "catalogue")).Select(static path => Path.GetFileName(path)),
            Is.EquivalentTo(Names.Select(static name => name + ".png")));
        Assert.That(
            Directory.GetFiles(Path.Combine(docs, "catalogue", CataloguePage.PresetFolder)).Select(static path => Path.GetFileNameWithoutExtension(path)),
            Is.EquivalentTo(Presets.Names));
        Assert.That(
            Directory.GetFiles(Path.Combine(docs, "catalogue"), "*", SearchOption.AllDirectories).Sum(static path => new FileInfo(path).Length),
            Is.LessThan(3_000_000));
    }

    // Whoever looks at the page sees what the component does.
    [TestCaseSource(nameof(Names))]
    public void TheExample_ShowsIt(string name)
    {
        ComponentExample example = ComponentExample.Of(ComponentCatalogue.Own, name)!;
        Assert.That(example.On.Components.Select(static one => one.Name), Does.Contain(name));
        byte[] picture = ExamplePicture.Draw(example, ComponentCatalogue.Own);
        if (example.Off is { } off)
        {
            Assert.That(off.Components.Select(static one => one.Name), Does.Not.Contain(name));
            byte[] without = ExamplePicture.Draw(example with { On = off }, ComponentCatalogue.Own);
            Assert.That(picture, Is.Not.EqualTo(without), "with it the sample is another one");
        }
    }

    [Test]
    public void APluginsComponents_AreOnThePageToo()
    {
        using var folder = new TestFolder();
        ToolRun run = ToolRun.Of("recipe", "catalogue", "--out", folder["docs"], "--plugin", PluginTests.Plugin);
        Assert.That((run.ExitCode, run.Messages), Is.EqualTo((0, "")));
        string page = File.ReadAllText(Path.Combine(folder["docs"], "catalogue.md"));
        Assert.That(page, Does.Contain("### sigmoid").And.Contain("A soft threshold").And.Not.Contain("sigmoid.png"));
        Assert.That(File.Exists(Path.Combine(folder["docs"], "catalogue", "blur.png")));
        Assert.That(File.Exists(Path.Combine(folder["docs"], "catalogue", "presets", "rasd-2d.png")));
    }
}
