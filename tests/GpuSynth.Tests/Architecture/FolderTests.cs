using System.Reflection;
using NUnit.Framework;

namespace GpuSynth.Tests.Architecture;

// Within a project too, dependencies point one way: whoever goes from folder to folder along the arrows never comes back.
public sealed class FolderTests
{
    private const int MostLines = 350;

    // Arrows that point back today, with the reason. Without them nothing does; one that is no more is struck out here.
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["GpuSynth.Cli"] =
        [
            "Benchmarking/Measuring -> Benchmarking/Kernels", // A report compares what the kernels' benchmarks set.
        ],
    };

    [TestCase("GpuSynth", "src/GpuSynth")]
    [TestCase("GpuSynth.Torch", "src/GpuSynth.Torch")]
    [TestCase("GpuSynth.Cli", "tools/GpuSynth.Cli")]
    public void FoldersPointOneWay_ButForThoseThatAreKnown(string assembly, string project)
    {
        var arrows = new FolderArrows(Assembly.Load(assembly), project);
        string[] known = Known.GetValueOrDefault(assembly, []);
        Assert.Multiple(() =>
        {
            Assert.That(arrows.All.Count(), Is.GreaterThan(5), "arrows were found at all");
            Assert.That(arrows.Circles(known), Is.Empty, "an arrow that points back and is not known");
            Assert.That(
                known.Where(arrow => arrows.Circles([.. known.Except([arrow])]).Length == 0),
                Is.Empty,
                "arrows that are gone or point back no longer: strike them out above");
        });
    }

    // A use in a field, and one that no signature shows.
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
        where !path.Contains("/obj/", StringComparison.Ordinal)
        let lines = File.ReadLines(file).Count()
        where lines > MostLines
        select $"{path}: {lines} lines",
        Is.Empty);
}
