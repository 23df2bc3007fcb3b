using System.Buffers.Binary;

namespace GpuSynth.Torch.Images;

// "Exif", two zeros, then as a TIFF file: byte order, 42, where the directory begins; it has a count, and entries of 12 bytes: tag, type,
// count, value. Source: CIPA DC-008, "Exchangeable image file format", section 4.6.

/// <summary>How a camera was held: 1 upright, 2 to 8 mirrored or turned.</summary>
internal static class ExifOrientation
{
    private const int Tag = 0x0112;
    private const int EntryLength = 12;

    /// <summary>The orientation that an APP1 marker tells; 1 where it tells none.</summary>
    public static int Of(ReadOnlySpan<byte> marker)
    {
        if (!marker.StartsWith("Exif\0\0"u8) || marker.Length < 14)
        {
            return 1;
        }

        ReadOnlySpan<byte> body = marker[6..];
        bool isLittle = body.StartsWith("II"u8);
        uint start = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) : BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        if (start > body.Length - 2)
        {
            return 1;
        }

        int entries = Short(body[(int)start..], isLittle);
        for (int n = 0, at = (int)start + 2; n < entries && at + EntryLength <= body.Length; n++, at += EntryLength)
        {
            if (Short(body[at..], isLittle) == Tag)
            {
                return Short(body[(at + 8)..], isLittle) is int said and >= 2 and <= 8 ? said : 1;
            }
        }

        return 1;
    }

    private static int Short(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
