using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using NUnit.Framework;

namespace GpuSynth.Tests.Architecture;

// Versions of packages stand in Directory.Packages.props and nowhere else.
public sealed class PackageTests
{
    private static readonly XDocument Versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));

    // What starts tests and what reads them while they compile: nothing refers to these.
    private static readonly string[] Runners = ["Microsoft.NET.Test.Sdk", "NUnit", "NUnit3TestAdapter", "NUnit.Analyzers"];

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
        Assert.That(
            File.ReadAllText(Path.Combine(Repository.Root, "src/GpuSynth.Torch/GpuSynth.Torch.csproj")),
            Does.Contain("<PackageReference Include=\"$(LibtorchPackage)\""));
    });

    [Test]
    public void NoProjectNamesAVersion() => Assert.That(
        from file in Directory.EnumerateFiles(Repository.Root, "*.*proj", SearchOption.AllDirectories)
        from reference in XDocument.Load(file).Descendants("PackageReference")
        where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null
        select $"{Path.GetFileName(file)}: {reference.Attribute("Include")?.Value}",
        Is.Empty);

    // By code, that is: what a project names and no assembly refers to is there for show.
    [Test]
    public void EveryPackageIsUsed()
    {
        HashSet<string> used =
        [
            .. Directory.EnumerateFiles(AppContext.BaseDirectory, "GpuSynth*.dll").SelectMany(ReferencesOf), .. Runners,
        ];
        Assert.That(
            Versions.Descendants("PackageVersion").Select(static entry => entry.Attribute("Include")!.Value)
                .Where(name => !IsLibtorch(name) && !used.Contains(AssemblyOf(name))),
            Is.Empty);
    }

    [Test]
    public void EveryPackageSaysWhatItIsFor()
    {
        string[] explained =
        [
            .. from comment in Versions.DescendantNodes().OfType<XComment>()
               from entry in comment.ElementsAfterSelf("PackageVersion").Take(1)
               select entry.Attribute("Include")!.Value,
        ];
        Assert.That(
            Versions.Descendants("PackageVersion").Select(static entry => entry.Attribute("Include")!.Value)
                .Where(name => !IsLibtorch(name) && !Runners.Contains(name) && !explained.Contains(name)),
            Is.Empty);
    }

    private static IEnumerable<string> ReferencesOf(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name))];
    }

    private static string AssemblyOf(string package) => package == "NUnit" ? "nunit.framework" : package;

    private static List<string> VersionsOf(Func<string, bool> isWanted) =>
    [
        .. Versions.Descendants("PackageVersion").Where(entry => isWanted(entry.Attribute("Include")!.Value))
            .Select(static entry => entry.Attribute("Version")!.Value),
    ];

    private static bool IsLibtorch(string name) => name.StartsWith("libtorch-", StringComparison.Ordinal);
}
