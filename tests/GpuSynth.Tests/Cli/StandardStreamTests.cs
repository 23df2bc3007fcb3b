using System.Diagnostics;

namespace GpuSynth.Tests.Cli;

// Standard streams that are full, closed or no longer read: the tool as a process of its own, in a shell that closes them.
[Category("Slow")]
public sealed class StandardStreamTests
{
    private static readonly string[] Commands =
    [
        "", "--help", "--version", "recipe show rasd-3d", "recipe list", "recipe list --json", "recipe schema", "generate --help",
        "devices --json", "generate --preset rasd-2d --size 33 --count 1 --out {0} --json",
    ];

    [OneTimeSetUp]
    public void OnUnix()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("not run: /dev/full and a shell that closes streams are needed");
        }
    }

    [Test]
    public void AFullOutput_IsASentence([ValueSource(nameof(Commands))] string command) => Assert.That(
        Run(command, "> /dev/full"),
        Is.EqualTo((1, string.Empty, "gpusynth: The standard output takes no more (No space left on device): send it to where there is room.\n")));

    [Test]
    public void AClosedOutput_IsASentence([ValueSource(nameof(Commands))] string command) => Assert.That(
        Run(command, ">&-"),
        Is.EqualTo((1, string.Empty, "gpusynth: The standard output is closed: leave it open, or send it to a file or to /dev/null.\n")));

    // The reader has gone before the tool has anything to say.
    [Test]
    public void AReaderThatHasEnough_IsNoError() => Assert.That(
        Run("recipe schema", "| (exec <&-; sleep 1)", "echo code $? >&2"), Is.EqualTo((0, string.Empty, "code 0\n")));

    [TestCase("2>&-")]
    [TestCase("2> /dev/full")]
    public void MessagesThatNobodyTakes_DisturbNothing(string end)
    {
        (int code, string data, _) = Run("generate --preset rasd-2d --size 33 --count 2 --out {0}", end);
        Assert.That(code, Is.Zero);
        Assert.That(data, Does.StartWith("2 samples written"));
        Assert.That(Run("nonsense", end), Is.EqualTo((2, string.Empty, string.Empty)));
        Assert.That(Run("recipe list", $">&- {end}"), Is.EqualTo((1, string.Empty, string.Empty)));
    }

    // What the runtime has opened since in place of a closed stream is not written to: the files are whole.
    [Test]
    public void FilesAreWholeWhereBothAreClosed()
    {
        using var folder = new IO.TestFolder();
        const string generate = "$gpusynth generate --preset rasd-2d --size 33 --count 3 --out";
        using Process shell = ToolRun.StartInShell($"{generate} {folder["closed"]} >&- 2>&- <&-; {generate} {folder["open"]}");
        Assert.That(ToolRun.End(shell).ExitCode, Is.Zero);
        Assert.That(GenerateFolder.Voxels(folder["closed"]), Is.EqualTo(GenerateFolder.Voxels(folder["open"])));
        Assert.That(GenerateFolder.Manifest(folder["closed"]), Has.Length.EqualTo(3));
    }

    private static (int Code, string Data, string Messages) Run(string command, string end, string then = "")
    {
        using var folder = new IO.TestFolder();
        string run = $"$gpusynth {string.Format(null, command, folder["run"])}";
        using Process shell = ToolRun.StartInShell(then.Length > 0 ? $"({run}; {then}) {end}" : $"{run} {end}");
        ToolRun result = ToolRun.End(shell);
        return (result.ExitCode, result.Data, result.Messages);
    }
}
