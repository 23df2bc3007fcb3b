using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;
using GpuSynth.Kernels;
using GpuSynth.Tests.Components;
using GpuSynth.Tests.IO;

namespace GpuSynth.Tests.Devices;

/// <summary>
/// Every kernel, those of pointwise components alone and in chains of three among them, as the compilers of GPUs see it. None of it needs a
/// GPU.
/// </summary>
public sealed partial class CompiledKernelTests
{
    private static readonly string[] Architectures = ["sm_80", "sm_90"];

    private static readonly string[] Some =
    [
        "SampleTable.StoreKernel", "CoarseDraw.Kernel", "ContrastPeak.Kernel",
        "ChainKernel[Link[Gamma.Drawn],FloatTarget]", "TileKernel[PaintedSource]", "TileKernel[ChainSource[Link[Contrast.Drawn]]]",
    ];

    // Where a distribution, or NVIDIA's own packages, put it.
    private static readonly string?[] Assemblers =
        [Environment.GetEnvironmentVariable("GPUSYNTH_PTXAS"), "/usr/bin/ptxas", "/usr/local/cuda/bin/ptxas"];

    private static IEnumerable<TestCaseData<Type>> Kernels => KernelCatalogue.All
        .Concat(ComponentChains.Of(3).Select(static chain => typeof(ChainKernel<,>).MakeGenericType(ComponentChains.TypeOf(chain), typeof(FloatTarget))))
        .Concat(ComponentMaker.Pointwise.Where(ComponentCatalogue.MayBeLeftOut).Select(static type =>
            typeof(ChainKernel<,>).MakeGenericType(typeof(Maybe<>).MakeGenericType(ComponentCatalogue.LinkOf(type)!), typeof(FloatTarget))))
        .Select(static type => new TestCaseData<Type>(type).SetArgDisplayNames(KernelEntry.NameOf(type)));

    [Test]
    public void TheCatalogue_HasTheKernels()
    {
        string[] names = [.. KernelCatalogue.All.Select(KernelEntry.NameOf)];
        Assert.That(names, Is.SupersetOf(Some));
        Assert.That(names, Is.Unique);
    }

    [TestCaseSource(nameof(Kernels))]
    public void AKernel_IsPlainPtx(Type kernel)
    {
        var emitter = new KernelEmitter();
        EmittedKernel emitted = emitter.Emit(kernel, "the compiler");
        Assert.That(emitted.Directive("target"), Is.EqualTo("sm_80"));
        Assert.That(emitted.Text, Does.Not.Contain(".f64"), "double arithmetic, which GPUs for graphics do at a 64th of the rate");
        Assert.That(emitted.Text, Does.Not.Contain(".local"), "memory of a thread's own");
        Assert.That(emitted.Text, Does.Not.Contain("call"), "a function that was not taken in");
        Assert.That(emitted.SharedBytes, Is.LessThanOrEqualTo(48 * 1024));
    }

    [TestCaseSource(nameof(Kernels))]
    public void AKernel_IsAssembled_WithoutSpills(Type kernel)
    {
        string? assembler = Array.Find(Assemblers, static path => path is not null && File.Exists(path));
        if (assembler is null)
        {
            Assert.Ignore("not run: there is no ptxas here; install a CUDA toolkit, or name it in GPUSYNTH_PTXAS");
        }

        var emitter = new KernelEmitter();
        using var folder = new TestFolder();
        File.WriteAllText(folder["kernel.ptx"], emitter.Emit(kernel, "the compiler").Text);
        foreach (string architecture in Architectures)
        {
            string report = Run(
                assembler, $"-arch={architecture}", "-v", folder["kernel.ptx"], "-o", folder[architecture + ".cubin"]);
            Match spills = Spills().Match(report);
            Assert.That(spills.Success, report);
            Assert.That(spills.Groups.Values.Skip(1).Select(static group => group.Value), Is.All.EqualTo("0"), report);
            int registers = int.Parse(Registers().Match(report).Groups[1].Value, CultureInfo.InvariantCulture);
            Assert.That(registers, Is.LessThanOrEqualTo(128), "two groups of 256 threads fit a multiprocessor");
        }
    }

    [TestCaseSource(nameof(Kernels))]
    public void AKernel_IsOpenClC(Type kernel)
    {
        using var emitter = new OpenClEmitter();
        string source = emitter.Emit(kernel);
        Assert.That(source, Does.Contain("kernel void"));
        Assert.That(source, Does.Not.Contain("double "));
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string report = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, report);
        return report;
    }

    [GeneratedRegex(@"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex Spills();

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Registers();
}
