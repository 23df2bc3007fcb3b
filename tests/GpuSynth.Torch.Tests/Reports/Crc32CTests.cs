using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Reports;

public sealed class Crc32CTests
{
    [Test]
    public void KnownAnswers_OfRfc3720AppendixB4()
    {
        byte[] zeros = new byte[32];
        byte[] ones = [.. Enumerable.Repeat((byte)0xff, 32)];
        byte[] rising = [.. Enumerable.Range(0, 32).Select(n => (byte)n)];
        byte[] falling = [.. Enumerable.Range(0, 32).Select(n => (byte)(31 - n))];
        Assert.Multiple(() =>
        {
            Assert.That(Crc32C.Of(zeros), Is.EqualTo(0x8A9136AAu));
            Assert.That(Crc32C.Of(ones), Is.EqualTo(0x62A8AB43u));
            Assert.That(Crc32C.Of(rising), Is.EqualTo(0x46DD794Eu));
            Assert.That(Crc32C.Of(falling), Is.EqualTo(0x113FDB5Cu));
            Assert.That(Crc32C.Of("123456789"u8), Is.EqualTo(0xE3069283u));
            Assert.That(Crc32C.Of([]), Is.Zero);
        });
    }

    [Test]
    public void TheMask_IsTensorFlows()
    {
        // An event of 24 bytes begins every file of TensorFlow's own writer: its length's checksum stands at bytes 8 to 11.
        byte[] length = [24, 0, 0, 0, 0, 0, 0, 0];
        Assert.That(Crc32C.MaskedOf(length), Is.EqualTo(BitConverter.ToUInt32([0xA3, 0x7F, 0x4B, 0x22])));
    }
}
