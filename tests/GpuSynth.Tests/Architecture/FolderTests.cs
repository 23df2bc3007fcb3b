using System.Reflection;
using NUnit.Framework;

namespace GpuSynth.Tests.Architecture;

// Within a project too, dependencies point one way: whoever goes from folder to folder along the arrows never comes back.
public sealed class FolderTests
{
    private const int MostLines = 350;

    // Arrows of src/GpuSynth that point back today, with the reason. Without them nothing does; one that is no more is struck out here.
    private static readonly Dictionary<string, string> BackInTheEngine = new()
    {
        ["Devices -> Devices/Gpu"] = "the catalogue lists Gpu's backends, and IDevice gives out Gpu's IStreamEvents",
        ["Devices -> Devices/Gpu/Cuda"] = "the catalogue asks the CUDA driver for its devices",
        ["Devices -> Engine"] = "devices run DrawnSample, and take EngineOptions and SlotMemory",
        ["Devices -> Planning"] = "devices declare PlannedBuffer and throw PlanException",
        ["Devices/Gpu -> Devices/Gpu/Cuda"] = "GpuBackends makes the CUDA backend",
        ["Devices/Gpu -> Engine"] = "as Devices -> Engine",
        ["Devices/Gpu -> Planning"] = "as Devices -> Planning",
        ["IO -> Recipes"] = "LabelMapSet groups labels as a recipe remaps them",
        ["Planning -> Engine"] = "SynthesisPlan is made of EngineOptions",
    };

    // Longer files that are known.
    private static readonly string[] LongFiles = ["src/GpuSynth/Devices/Gpu/GpuDevice.cs"];

    [TestCase("GpuSynth.Torch", "src/GpuSynth.Torch")]
    [TestCase("GpuSynth.Cli", "tools/GpuSynth.Cli")]
    public void FoldersPointOneWay(string assembly, string project)
    {
        var arrows = new FolderArrows(Assembly.Load(assembly), project);
        Assert.That(arrows.All.Count(), Is.GreaterThan(5), "arrows were found at all");
        Assert.That(arrows.Circles([]), Is.Empty);
    }

    [Test]
    public void FoldersOfTheEnginePointOneWay_ButForThoseThatAreKnown()
    {
        var arrows = new FolderArrows(Assembly.Load("GpuSynth"), "src/GpuSynth");
        Assert.Multiple(() =>
        {
            Assert.That(arrows.Circles(BackInTheEngine.Keys), Is.Empty, "an arrow that points back and is not known");
            Assert.That(
                BackInTheEngine.Keys.Where(known => arrows.Circles([.. BackInTheEngine.Keys.Except([known])]).Length == 0),
                Is.Empty,
                "arrows that are gone or point back no longer: strike them out above");
        });
    }

    // A circle of three is found, and so is a use that no signature shows.
    [Test]
    public void ArrowsAreThoseOfTheCode()
    {
        var arrows = new FolderArrows(Assembly.Load("GpuSynth.Cli"), "tools/GpuSynth.Cli");
        Assert.Multiple(() =>
        {
            Assert.That(arrows.All, Does.Contain("Generating -> Arguments"), "a field of ChosenSamples");
            Assert.That(arrows.All, Does.Contain(". -> Commands"), "Program only calls static methods of them");
            Assert.That(arrows.All, Has.None.StartsWith("Console -> "));
        });
    }

    [Test]
    public void FilesFitAHead() => Assert.That(
        from folder in (string[])["kernels", "src", "tools", "perf"]
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !path.Contains("/obj/", StringComparison.Ordinal) && !LongFiles.Contains(path)
        let lines = File.ReadLines(file).Count()
        where lines > MostLines
        select $"{path}: {lines} lines",
        Is.Empty);
}
