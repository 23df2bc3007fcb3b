using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

[Category("Host")]
public sealed class PhiloxTests
{
    // The known-answer vectors of Random123 (kat_vectors, philox4x32 10).
    private static readonly uint[][] KnownAnswers =
    [
        [0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
        [
            0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
            0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
        ],
        [
            0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
            0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
        ],
    ];

    [Test]
    public void Block_KnownAnswers([Range(0, 2)] int vector)
    {
        uint[] v = KnownAnswers[vector];
        Assert.That(Philox.Block(v[0], v[1], v[2], v[3], v[4], v[5]), Is.EqualTo(new UInt4(v[6], v[7], v[8], v[9])));
    }

    [Test]
    public void ReferenceBlock_KnownAnswers([Range(0, 2)] int vector)
    {
        uint[] v = KnownAnswers[vector];
        Assert.That(Philox.ReferenceBlock(v[..4], v[4..6]), Is.EqualTo(v[6..]));
    }

    [Test]
    public void Block_EqualsReference_AtManyPlaces()
    {
        for (uint i = 0; i < 500; i++)
        {
            uint[] counter = [i, i * 0x9E3779B9u, ~i, i << 7];
            uint[] key = [i * 31, 0x80000000u | i];
            UInt4 block = Philox.Block(counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
            Assert.That(new[] { block.X, block.Y, block.Z, block.W }, Is.EqualTo(Philox.ReferenceBlock(counter, key)));
        }
    }

    [Test]
    public void At_CountsBlockStreamAndSample()
    {
        var place = new RandomPlace(seed: 0x1122334455667788, sample: 0x99AABBCCDDEEFF00, stream: 0x02000007);
        Assert.That(
            Philox.At(place, 5),
            Is.EqualTo(Philox.Block(5, 0x02000007, 0xDDEEFF00, 0x99AABBCC, 0x55667788, 0x11223344)));
    }
}
