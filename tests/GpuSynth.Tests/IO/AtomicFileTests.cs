using GpuSynth.IO;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

public sealed class AtomicFileTests
{
    [Test]
    public void Write_ReplacesTheFile_AndLeavesNothingElse()
    {
        using TestFolder folder = new();
        folder.Put("a.txt", [1, 2, 3]);
        folder.Put("a.txt.partial", [9, 9, 9, 9, 9, 9, 9, 9]); // What a killed process left behind.
        AtomicFile.WriteText(folder["a.txt"], "é\n");
        Assert.That(File.ReadAllBytes(folder["a.txt"]), Is.EqualTo(new byte[] { 0xc3, 0xa9, (byte)'\n' }));
        Assert.That(folder.Names, Is.EqualTo("a.txt"));
    }

    [Test]
    public void Write_IsNotSeenBeforeItIsComplete()
    {
        using TestFolder folder = new();
        AtomicFile.Write(folder["a"], 4, folder, static (stream, content) =>
        {
            stream.Write([1, 2, 3, 4]);
            stream.Flush();
            Assert.That(content.Names, Is.EqualTo("a.partial"));
        });
        Assert.That(folder.Names, Is.EqualTo("a"));
    }

    [Test]
    public void AFailure_KeepsTheOldFile_AndPassesOn()
    {
        using TestFolder folder = new();
        folder.Put("a", [1, 2, 3]);
        Assert.That(
            () => AtomicFile.Write(folder["a"], 4, 0, static (stream, _) =>
            {
                stream.Write([7, 7]);
                throw new OperationCanceledException("Ctrl-C");
            }),
            Throws.TypeOf<OperationCanceledException>());
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(folder.Names, Is.EqualTo("a"));
    }

    [Test]
    public void AFullDisk_SaysWhatIsNeededAndFree()
    {
        using TestFolder folder = new();
        folder.Put("a", [1, 2, 3]);
        int code = OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28;
        VolumeFileException? error = Assert.Throws<VolumeFileException>(
            () => AtomicFile.Write(folder["a"], 1_234_567, code, static (_, code) => throw new IOException("No space.", code)));
        const string pattern = @"^Cannot write '.*a': .*full \(up to 1,234,567 bytes are needed, [\d,]+ bytes are free\); .*\.$";
        Assert.That(error!.Message, Does.Match(pattern));
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(folder.Names, Is.EqualTo("a"));
    }

    [Test]
    public void ADeviceWithoutSpace_IsAFullDisk()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Ignore("not run: this system has no /dev/full");
        }

        using TestFolder folder = new();
        folder.Put("a", [1, 2, 3]);
        File.CreateSymbolicLink(folder["a.partial"], "/dev/full");
        AssertFails(() => AtomicFile.WriteText(folder["a"], new string('x', 1000)), "disk is full (up to 1,000 bytes are needed");
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(folder.Names, Is.EqualTo("a"));
    }

    [Test]
    public void AMissingFolder_IsNamed()
    {
        using TestFolder folder = new();
        Assert.That(
            () => AtomicFile.WriteText(Path.Combine(folder["absent"], "a"), "x"),
            Throws.TypeOf<VolumeFileException>().With.Message.Contains($"there is no folder '{folder["absent"]}'; create it"));
    }

    [Test]
    public void AFolderOfThatName_IsSaid_AndStays()
    {
        using TestFolder folder = new();
        Directory.CreateDirectory(folder["a"]);
        AssertFails(() => AtomicFile.WriteText(folder["a"], "x"), "a folder has that name");
        Assert.That(folder.Names, Is.EqualTo("a"));
    }

    [Test]
    public void AnUnwritableFolder_IsNamed()
    {
        using TestFolder folder = new();
        AssertFails(
            () => AtomicFile.Write(folder["a"], 0, 0, static (_, _) => throw new UnauthorizedAccessException()),
            $"may not write to '{folder.Root}'");
    }

    [Test]
    public void APartialFileThatAnotherWriterHolds_IsLeftToIt()
    {
        using TestFolder folder = new();
        using FileStream other = new(folder["a.partial"], FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Assert.That(() => AtomicFile.WriteText(folder["a"], "x"), Throws.TypeOf<VolumeFileException>());
        Assert.That(folder.Names, Is.EqualTo("a.partial"));
    }
}
