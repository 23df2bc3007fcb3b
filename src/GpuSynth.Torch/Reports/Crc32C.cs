using System.Numerics;

namespace GpuSynth.Torch.Reports;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), which TensorFlow's records carry, and their masked form of it.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    /// <summary>
    /// The checksum as a record stores it: rotated and shifted, because the checksum of a string that holds its own checksum is
    /// a constant (TensorFlow, core/lib/hash/crc32c.h).
    /// </summary>
    public static uint MaskedOf(ReadOnlySpan<byte> bytes)
    {
        uint crc = Of(bytes);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }
}
