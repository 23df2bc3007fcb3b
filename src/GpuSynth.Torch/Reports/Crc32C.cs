namespace GpuSynth.Torch.Reports;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), which TensorFlow's records carry, and their masked form of it.</summary>
internal static class Crc32C
{
    private static readonly uint[] Table = CreateTable();

    /// <summary>The checksum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
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

    private static uint[] CreateTable()
    {
        uint[] table = new uint[256];
        for (uint n = 0; n < table.Length; n++)
        {
            uint crc = n;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? 0x82F63B78 ^ (crc >> 1) : crc >> 1;
            }

            table[n] = crc;
        }

        return table;
    }
}
