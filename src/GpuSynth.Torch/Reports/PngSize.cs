using System.Buffers.Binary;

namespace GpuSynth.Torch.Reports;

/// <summary>How large a PNG picture is, from its header alone.</summary>
internal static class PngSize
{
    private const int HeaderEnd = 24; // Signature (8), length and name of IHDR (8), width and height (8).

    /// <summary>Width and height in pixels.</summary>
    /// <exception cref="ArgumentException">The bytes are not those of a PNG file.</exception>
    public static (int Width, int Height) Of(ReadOnlySpan<byte> png)
    {
        if (png.Length < HeaderEnd || !png.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
        {
            throw new ArgumentException("A picture of a report is given as the bytes of a PNG file.", nameof(png));
        }

        return (BinaryPrimitives.ReadInt32BigEndian(png[16..]), BinaryPrimitives.ReadInt32BigEndian(png[20..]));
    }
}
