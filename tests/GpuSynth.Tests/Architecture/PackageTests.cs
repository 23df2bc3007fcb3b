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

    // The property TorchPackage names one of them; all are the same version.
    [Test]
    public void TorchSharpIsPinned() => Assert.That(
        Versions.Descendants("PackageVersion").Where(IsTorch).Select(entry => entry.Attribute("Version")!.Value),
        Has.Exactly(3).EqualTo("[0.106.0]"));

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
                .Where(entry => !IsTorch(entry))
                .Select(entry => entry.Attribute("Include")!.Value)
                .Where(name => !used.Contains(name)),
            Is.Empty);
        Assert.That(used, Does.Contain("$(TorchPackage)"));
    }

    private static bool IsTorch(XElement entry) =>
        entry.Attribute("Include")!.Value.StartsWith("TorchSharp-", StringComparison.Ordinal);
}
