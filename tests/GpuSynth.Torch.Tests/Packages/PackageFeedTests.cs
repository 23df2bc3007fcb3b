using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Architecture;

namespace GpuSynth.Torch.Tests.Packages;

/// <summary>
/// The NuGet packages: made from the sources in a folder outside the repository, looked into, and used there by a program of ten
/// lines that knows them from a folder feed only.
/// </summary>
[Category("Slow")]
[CancelAfter(600_000)]
public sealed class PackageFeedTests
{
    private static readonly string[] Projects = ["kernels/GpuSynth.Kernels", "src/GpuSynth", "src/GpuSynth.Torch"];

    private const string Program = """
        using GpuSynth; using GpuSynth.Kernels; using GpuSynth.Recipes; using GpuSynth.Torch;

        var shape = VolumeShape.Volume(7, 9, 11);
        var options = new EngineOptions { Recipe = Presets.Get("rasd-3d"), Shape = shape, Seed = 7, BatchSize = 2 };
        using var ring = new TensorRing(SynthesisPlan.Create(options));
        TensorBatch batch = ring.Acquire();
        ulong sum = 0;
        foreach (float value in batch.Image.data<float>()) { sum = (sum * 31) + BitConverter.SingleToUInt32Bits(value); }
        foreach (byte value in batch.Label.data<byte>()) { sum = (sum * 31) + value; }
        Console.WriteLine($"{string.Join('x', batch.Image.shape)} {sum}");
        ring.Release(batch);
        """;

    private string folder = string.Empty;
    private string version = string.Empty;

    [OneTimeSetUp]
    public void Pack()
    {
        folder = Directory.CreateTempSubdirectory("gpusynth-packages-").FullName;
        // No cache can have it.
        version = $"0.1.0-test.{Guid.NewGuid():n}"[..24];
        // The last one is built with what it needs, and the others lie there then.
        foreach (string project in Projects.Reverse())
        {
            string[] built = project == Projects[^1] ? [] : ["--no-build"];
            Dotnet(
                Repository.Root,
                [
                    "pack", project, "-c", "Release", "-o", Path.Combine(folder, "feed"), "--artifacts-path",
                    Path.Combine(folder, "artifacts"), $"-p:Version={version}", "--nologo", "-v", "q", "-nodeReuse:false", .. built,
                ]);
        }
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(folder, recursive: true);

    [TestCase("GpuSynth.Kernels", "ILGPU", "System.Numerics.Tensors")]
    [TestCase("GpuSynth", "GpuSynth.Kernels", "YamlDotNet")]
    [TestCase("GpuSynth.Torch", "GpuSynth", "TorchSharp")]
    public void APackageSaysWhatItIs(string name, params string[] needed)
    {
        using ZipArchive package = ZipFile.OpenRead(Feed($"{name}.{version}.nupkg"));
        using ZipArchive symbols = ZipFile.OpenRead(Feed($"{name}.{version}.snupkg"));
        XElement metadata = Nuspec(package, name);
        string Of(string key) => metadata.Elements().Single(element => element.Name.LocalName == key).Value;
        string[] dependencies =
        [
            .. metadata.Descendants().Where(static element => element.Name.LocalName == "dependency")
                .Select(static element => element.Attribute("id")!.Value),
        ];
        Assert.Multiple(() =>
        {
            Assert.That((Of("id"), Of("version"), Of("license"), Of("readme")), Is.EqualTo((name, version, "MIT", "README.md")));
            Assert.That(Of("description"), Has.Length.GreaterThan(40));
            Assert.That(Of("tags"), Does.Contain("medical-imaging"));
            Assert.That(metadata.Elements().Select(static element => element.Name.LocalName), Has.None.EqualTo("repository"));
            Assert.That(dependencies, Is.SupersetOf(needed));
            Assert.That(dependencies, Has.None.StartsWith("libtorch"), "a program chooses the one of its system");
            Assert.That(Names(package), Is.SupersetOf(new[] { "README.md", $"lib/net10.0/{name}.dll" }));
            Assert.That(Names(package), Does.Contain($"lib/net10.0/{name}.xml"), "comments");
            Assert.That(Names(symbols), Does.Contain($"lib/net10.0/{name}.pdb"));
        });
    }

    [Test]
    public void AProgramOfTenLines_UsesThem()
    {
        string program = Directory.CreateDirectory(Path.Combine(folder, "program")).FullName;
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(Path.Combine(program, "Program.cs"), Program);
        // The feed beside the sources that this machine has; what these gave before is taken from the cache that is there.
        File.WriteAllText(
            Path.Combine(program, "NuGet.config"),
            "<configuration><packageSources><add key=\"under-test\" value=\"../feed\" /></packageSources></configuration>");
        File.WriteAllText(
            Path.Combine(program, "Program.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestorePackagesPath>../packages</RestorePackagesPath>
                <RestoreFallbackFolders>{cache}</RestoreFallbackFolders>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <NuGetAudit>false</NuGetAudit>
                <NoWarn>NU1603</NoWarn>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="GpuSynth.Torch" Version="{version}" />
                <PackageReference Include="{Libtorch()}" Version="2.10.0" />
              </ItemGroup>
            </Project>
            """);
        Dotnet(program, "build", "-c", "Release", "-o", "out", "--nologo", "-v", "q", "-nodeReuse:false");
        Assert.That(
            Directory.GetDirectories(Path.Combine(folder, "packages")).Select(Path.GetFileName),
            Is.SupersetOf(new[] { "gpusynth", "gpusynth.kernels", "gpusynth.torch" }), "from the feed");
        Assert.That(Dotnet(program, Path.Combine(program, "out", "Program.dll")).Trim(), Is.EqualTo(Expected()));
        Assert.That(Path.Combine(program, "out", "weights", "best-2d.safetensors"), Does.Exist, "weights that are named lie beside the program");
    }

    // The same as the program, by the libraries that the tests are built with.
    private static string Expected()
    {
        var shape = VolumeShape.Volume(7, 9, 11);
        var options = new EngineOptions { Recipe = Presets.Get("rasd-3d"), Shape = shape, Seed = 7, BatchSize = 2 };
        using var ring = new TensorRing(SynthesisPlan.Create(options));
        TensorBatch batch = ring.Acquire();
        ulong sum = 0;
        foreach (float value in batch.Image.data<float>())
        {
            sum = (sum * 31) + BitConverter.SingleToUInt32Bits(value);
        }

        foreach (byte value in batch.Label.data<byte>())
        {
            sum = (sum * 31) + value;
        }

        ring.Release(batch);
        return $"2x1x7x9x11 {sum}";
    }

    // The package that this build of the tool has.
    private static string Libtorch()
    {
        string deps = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "GpuSynth.Torch.Tests.deps.json"));
        int at = deps.IndexOf("\"libtorch-c", StringComparison.Ordinal) + 1;
        return deps[at..deps.IndexOf('"', at)].Split('/')[0];
    }

    private static XElement Nuspec(ZipArchive package, string name)
    {
        using Stream stream = package.GetEntry($"{name}.nuspec")!.Open();
        return XDocument.Load(stream).Root!.Elements().First();
    }

    private static IEnumerable<string> Names(ZipArchive package) => package.Entries.Select(static entry => entry.FullName);

    private static string Dotnet(string inFolder, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = inFolder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, () => output + errors.GetAwaiter().GetResult());
        return output;
    }

    private string Feed(string name) => Path.Combine(folder, "feed", name);
}
