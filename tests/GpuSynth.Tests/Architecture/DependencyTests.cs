using System.Reflection;
using System.Xml.Linq;
using GpuSynth.Kernels;
using ILGPU;
using NUnit.Framework;

namespace GpuSynth.Tests.Architecture;

// Dependencies point one way: Kernels <- GpuSynth <- Torch <- Cli, and GpuSynth <- Native.
public sealed class DependencyTests
{
    private static readonly Assembly Kernels = typeof(VolumeShape).Assembly;
    private static readonly Assembly Engine = typeof(GpuSynthException).Assembly;

    [Test]
    public void KernelsKnowNothingOfWhoRunsThem()
    {
        Assert.Multiple(() =>
        {
            Assert.That(NamesOf(Kernels), Has.None.StartsWith("GpuSynth"));
            Assert.That(NamesOf(Kernels), Has.None.Contains("Yaml"));
            Assert.That(ProjectsOf("kernels/GpuSynth.Kernels/GpuSynth.Kernels.csproj"), Is.Empty);
        });
    }

    [Test]
    public void KernelsReadNoFilesAndNoClock()
    {
        Assert.That(
            NamesOf(Kernels),
            Has.None.EqualTo("System.IO.FileSystem").And.None.EqualTo("System.Net.Http").And.None.EqualTo("System.Console"));
    }

    [Test]
    public void TheEngineKnowsNothingOfTheTool()
    {
        string[] projects = ["GpuSynth.Kernels"];
        Assert.Multiple(() =>
        {
            Assert.That(
                NamesOf(Engine).Where(name => name.StartsWith("GpuSynth", StringComparison.Ordinal)),
                Is.SubsetOf(projects));
            Assert.That(NamesOf(Engine), Has.None.StartsWith("System.CommandLine").And.None.StartsWith("Spectre"));
            Assert.That(NamesOf(Engine), Has.None.StartsWith("TorchSharp"));
            Assert.That(ProjectsOf("src/GpuSynth/GpuSynth.csproj"), Is.EqualTo(projects));
        });
    }

    [Test]
    public void TrainingKnowsTheEngineOnly()
    {
        string[] projects = ["GpuSynth"];
        Assert.That(ProjectsOf("src/GpuSynth.Torch/GpuSynth.Torch.csproj"), Is.EqualTo(projects));
    }

    // What a host loads must not bring torch or the tool with it.
    [Test]
    public void TheAbiKnowsTheEngineOnly()
    {
        string[] projects = ["GpuSynth"];
        Assert.Multiple(() =>
        {
            Assert.That(ProjectsOf("src/GpuSynth.Native/GpuSynth.Native.csproj"), Is.EqualTo(projects));
            Assert.That(NamesOf(typeof(GpuSynth.Native.Exports).Assembly), Has.None.StartsWith("GpuSynth.Torch").And.None.EqualTo("ILGPU"));
        });
    }

    [Test]
    public void TheToolKnowsTheEngineAndTraining()
    {
        string[] projects = ["GpuSynth", "GpuSynth.Torch"];
        Assert.That(ProjectsOf("tools/GpuSynth.Cli/GpuSynth.Cli.csproj"), Is.EqualTo(projects));
    }

    private static IEnumerable<string> NamesOf(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

    private static IEnumerable<string> ProjectsOf(string project) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
}
