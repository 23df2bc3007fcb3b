using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuSynth.Tests;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Training;

/// <summary>The command as a process of its own, killed and interrupted.</summary>
[CancelAfter(600_000)]
[Category("Slow")]
public sealed partial class PretrainProcessTests
{
    private const int Steps = 40;
    private const int Interrupt = 2;

    [Test]
    public void KilledAtAnyMomentAndResumed_TheLossesAreThoseOfARunThatWasNot()
    {
        using var folder = new TinyRun();
        Assert.That(End(Start(Tiny(folder["whole"]))).ExitCode, Is.Zero);
        string[] whole = TinyRun.Losses(folder["whole"]);
        Assert.That(whole, Has.Length.EqualTo(Steps).And.Unique);
        // At other places on every machine; that any place will do is the point.
        var random = new Random();
        string[] first = Tiny(folder["killed"]);
        string[] again = ["--out", folder["killed"], "--resume"];
        int kills = 0;
        while (kills < 5)
        {
            using Process process = Start(File.Exists(folder["killed/run.json"]) ? again : first);
            long rows = Rows(folder["killed"]);
            long target = rows + random.Next(0, 8);
            while (!process.HasExited && Rows(folder["killed"]) < target)
            {
                Thread.Sleep(1);
            }

            Thread.Sleep(random.Next(0, 60));
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            kills++;
        }

        (int code, string messages) = End(Start(File.Exists(folder["killed/run.json"]) ? again : first));
        Assert.That(code, Is.Zero, messages);
        Assert.That(TinyRun.Losses(folder["killed"]), Is.EqualTo(whole));
    }

    [Test]
    public void CtrlCWritesACheckpoint_AndResumesToTheBit()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("not run: signals of Unix are needed");
        }

        using var folder = new TinyRun();
        using Process process = Start([.. Tiny(folder["run"], 100_000), "--schedule", "constant"]);
        while (!process.HasExited && Rows(folder["run"]) < 2)
        {
            Thread.Sleep(5);
        }

        Assert.That(Kill(process.Id, Interrupt), Is.Zero);
        (int code, string messages) = End(process);
        long steps = Rows(folder["run"]);
        Assert.That(code, Is.EqualTo(130));
        Assert.That(messages, Does.Contain($"Stopped: {steps} of 100000 steps are done and saved"));
        Assert.That(folder.Names("run"), Has.Some.EqualTo($"step_{steps:000000}.safetensors"));
        (code, messages) = End(Start(["--out", folder["run"], "--resume", "--steps", $"{steps + 2}"]));
        Assert.That(code, Is.Zero, messages);
        Assert.That(
            End(Start([.. Tiny(folder["whole"], steps + 2), "--schedule", "constant", "--warmup", "1000"])).ExitCode,
            Is.Zero);
        Assert.That(TinyRun.Losses(folder["run"]), Is.EqualTo(TinyRun.Losses(folder["whole"])));
    }

    private static string[] Tiny(string folder, long steps = Steps) =>
    [
        "--out", folder, "--size", "32x16x16", "--channels", "4,8", "--steps", $"{steps}", "--checkpoint-every", "3",
        "--seed", "5", "--threads", "1",
    ];

    private static long Rows(string folder)
    {
        string path = Path.Combine(folder, MetricsLog.FileName);
        return File.Exists(path) ? MetricsLog.Read(path).Count : 0;
    }

    private static Process Start(string[] args) =>
        ChildProcess.Start("dotnet", [typeof(GpuSynth.Cli.ToolContext).Assembly.Location, "pretrain", .. args]);

    private static (int ExitCode, string Messages) End(Process process)
    {
        Task<string> messages = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, messages.GetAwaiter().GetResult());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
