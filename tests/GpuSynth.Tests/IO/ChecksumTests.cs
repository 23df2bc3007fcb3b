using GpuSynth.IO;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

public sealed class ChecksumTests
{
    // FIPS 180-4's own examples.
    [TestCase("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [TestCase("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void KnownAnswers(string text, string expected)
    {
        using TestFolder folder = new();
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.That(Checksum.Sha256(bytes), Is.EqualTo(expected));
        Assert.That(Checksum.Sha256(folder.Put("a", bytes)), Is.EqualTo(expected));
    }

    [Test]
    public void AMissingFile_IsNamed() =>
        AssertFails(() => Checksum.Sha256("absent"), "'absent': there is no such file");
}
