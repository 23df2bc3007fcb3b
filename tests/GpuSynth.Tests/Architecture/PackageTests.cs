using System.Xml.Linq;
using NUnit.Framework;

namespace GpuSynth.Tests.Architecture;

// Versions of packages stand in Directory.Packages.props and nowhere else.
public sealed class PackageTests
{
    private static readonly XDocument Versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));

    [TestCase("ILGPU")]
    [TestCase("ILGPU.Algorithms")]
    public void IlgpuIsPinned(string package) => Assert.That(
        Versions.Descendants("PackageVersion").Single(entry => entry.Attribute("Include")?.Value == package)
            .Attribute("Version")?.Value,
        Is.EqualTo("[1.5.3]"));

    // The property LibtorchPackage names the native half; every one of them is the version that TorchSharp is written for.
    [Test]
    public void TorchIsPinned() => Assert.Multiple(() =>
    {
        Assert.That(VersionsOf(static name => name == "TorchSharp"), Is.EqualTo(["[0.107.0]"]));
        Assert.That(VersionsOf(IsLibtorch), Has.Count.EqualTo(6).And.All.EqualTo("[2.10.0]"));
    });

    [Test]
    public void NoProjectNamesAVersion() => Assert.That(
        from file in Directory.EnumerateFiles(Repository.Root, "*.*proj", SearchOption.AllDirectories)
        from reference in XDocument.Load(file).Descendants("PackageReference")
        where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null
        select $"{Path.GetFileName(file)}: {reference.Attribute("Include")?.Value}",
        Is.Empty);

    [Test]
    public void EveryPackageIsUsed()
    {
        HashSet<string> used =
        [
            .. from file in Directory.EnumerateFiles(Repository.Root, "*.*proj", SearchOption.AllDirectories)
               from reference in XDocument.Load(file).Descendants("PackageReference")
               select reference.Attribute("Include")!.Value,
        ];
        Assert.That(
            Versions.Descendants("PackageVersion")
                .Where(entry => !IsLibtorch(entry.Attribute("Include")!.Value))
                .Select(entry => entry.Attribute("Include")!.Value)
                .Where(name => !used.Contains(name)),
            Is.Empty);
        Assert.That(used, Does.Contain("$(LibtorchPackage)"));
    }

    private static List<string> VersionsOf(Func<string, bool> isWanted) =>
    [
        .. Versions.Descendants("PackageVersion").Where(entry => isWanted(entry.Attribute("Include")!.Value))
            .Select(static entry => entry.Attribute("Version")!.Value),
    ];

    private static bool IsLibtorch(string name) => name.StartsWith("libtorch-", StringComparison.Ordinal);
}
