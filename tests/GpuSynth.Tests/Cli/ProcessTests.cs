using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuSynth.Tests.Cli;

// The tool as a process of its own: exit codes, signals, plain output.
[Category("Slow")]
public sealed partial class ProcessTests
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    [Test]
    public void WithoutArgumentsThereIsHelp()
    {
        ToolRun run = ToolRun.OfProcess();
        Assert.That((run.ExitCode, run.Messages), Is.EqualTo((0, string.Empty)));
        Assert.That(run.Data, Does.Contain("gpusynth [command]"));
    }

    [Test]
    public void OutputInAPipeIsPlain()
    {
        using var folder = new IO.TestFolder();
        ToolRun run = ToolRun.OfProcess(
            "generate", "--preset", "rasd-2d", "--size", "33", "--count", "4", "--out", folder["run"], "--json");
        Assert.Multiple(() =>
        {
            Assert.That((run.ExitCode, run.Messages), Is.EqualTo((0, string.Empty)));
            Assert.That(run.Json.GetProperty("written").GetInt32(), Is.EqualTo(4));
        });
        ToolRun devices = ToolRun.OfProcess("devices");
        Assert.That(devices.Data, Does.Contain("host").And.Not.Contain("\u001b"));
    }

    [TestCase(Interrupt, 130)]
    [TestCase(Terminate, 143)]
    public void ASignalLosesNothing(int signal, int code)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("not run: signals of Unix are needed");
        }

        using var folder = new IO.TestFolder();
        string[] args = ["generate", "--preset", "rasd-3d", "--size", "32", "--seed", "5", "--out", folder["run"], "--count"];
        using Process process = ToolRun.Start([.. args, "100000"]);
        var patience = Stopwatch.StartNew();
        while (!File.Exists(folder["run/label_000002.nii.gz"]) && patience.Elapsed.TotalMinutes < 1 && !process.HasExited)
        {
            Thread.Sleep(5);
        }

        Assert.That(Kill(process.Id, signal), Is.Zero);
        ToolRun run = ToolRun.End(process);
        int complete = GenerateFolder.Manifest(folder["run"]).Length;
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(code));
            Assert.That(run.Messages, Does.Contain($"Stopped: {complete} of 100000 samples are complete"));
            Assert.That(GenerateFolder.SampleNames(folder["run"]), Has.Length.EqualTo(2 * complete), "nothing is half there");
        });

        string more = $"{complete + 2}";
        Assert.That(ToolRun.Of([.. args, more]).Messages, Does.Contain($"resuming: {complete} of {more} are there"));
        args[^2] = folder["whole"];
        ToolRun.Of([.. args, more]);
        Assert.That(GenerateFolder.Voxels(folder["run"]), Is.EqualTo(GenerateFolder.Voxels(folder["whole"])));
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
