using GpuSynth.Torch.Images;
using System.Buffers.Binary;
using System.IO.Compression;
using BitMiracle.LibTiff.Classic;

namespace GpuSynth.Torch.Tests.Images;

/// <summary>
/// PNG and TIFF files of a test's own making: bytes put together here, and one picture of 16 x 16 pixels that other programs
/// (ImageMagick, by its marks) wrote in three formats. Source: CPython's test data, python.png, python.tiff and python.ppm.
/// </summary>
internal static class PictureFiles
{
    private const string Png16 =
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAMAAAAoLQ9TAAAAIGNIUk0AAHomAACAhAAA+gAAAIDoAAB1MAAA6mAAADqYAAAXcJy6UTwAAAHFUE"
        + "xURQAAAE6NwEqGujxxnjdolgAAAAAAAAAAAAAAAAAAAE6PxEyKv0iFtkN9rT10oTlsljZmkAAAAAAAAFKRxv3dSvnVPgAAADJghwAAAP3VNgAA"
        + "ADVokgAAAOzORQAAADZpkxsxRQAAAAAAAOLDRf3ZQQAAAEaBsjZnkQAAAPLhbv3pav3LG0N9rhwyS/Xjb/PBGkB1oz1zogAAAMKaEgAAAAAAAA"
        + "AAAAAAAAAAAOjHPevFNOvCKuu+Ieu7GMabEgAAAAAAAAAAAAAAAAAAAAAAAAAAAP3eTgAAAAAAAAAAAAAAAPHQP/rTOf3SL/rHGcCXEgAAAAAA"
        + "AAAAAAAAAAAAAAAAAEiDtER+rUB4p0yKvP///0V/r0F5qD50ojpvmzZplEmFt0aAsUJ7qj51oztwnTdqljhsl0+NwUuIu0R9rUB4pj1zoDltmf"
        + "/iVVCPw0yJvEiEtT10of/eS//aQU2LvkaAsDtwnP/aQv/WN//TLUqHuUeBskN8qz92pf/XOP/PI//mYf/jV//fTf/bQv/TLv/PJP/rbP/nYf/b"
        + "Q//XOf/MHDpwnP/nYv/jWP/fTv/TL//bRP/XOv/TMP/QJf/YOv/UMP/QJpJJAAIAAABWdFJOUwCv7feSCwMoQRV+oKGjp6qqSBi994IKtkPtJP"
        + "dPiD22XExHa/dG96pOpvf311uzwm/3S3o0CCE8NaqpqampeSACCRMSLB73QBwFAUzM99h7Ox1CRTgf+DIQcQAAAAFiS0dEWgO7paIAAAD1SURB"
        + "VBjTY2AAAkamsPAIZhZWNgYoiIyKjomNi2dnhQkkJCYlp6TGc3CCeVzcPLx8/AJp8fGCQiC+cHpGWGZWdk48UCBXRFSMIS+/IDqmMA7IF5coKp"
        + "aUYihJKE1KLkuNlxaXkS2vqJRjqKquqZVXUBRU4lBWqausV2VQy8xS19DUamhsaq5radVWYtCJKdTVa2tvbOrobGnt0udgMDDsNmrr6e3r6Oxv"
        + "7eoyNmEwNTO3APItraxtbG3tOOwZHBydnHv7JkycNLmLw8LFFeJ6twlTpk6L0nb3cPT0Agt4+/hO6/LzD3CGec400CJIKTgk1BTIBgBAYkJ/yC"
        + "2b5QAAACV0RVh0ZGF0ZTpjcmVhdGUAMjAxNC0wMS0yNlQyMDo1OTozNyswMjowMPuaB3cAAAAldEVYdGRhdGU6bW9kaWZ5ADIwMTQtMDEtMjZU"
        + "MjA6NTk6MDArMDI6MDDB74amAAAAAElFTkSuQmCC";

    private const string Tiff16 =
        "SUkqAAgEAAAAAAAAAAAAAAAAAAAAAAAATo3Ar0qGuu1Ig7T/RH6t/0B4p/88cZ73N2iWkgAAAAsAAAADAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAEyKvP//////RX+v/0F5qP8+dKL/Om+b/zZplP8AAAAoAAAACwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABJhbf/RoCx/0J7qv8+"
        + "daP/O3Cd/zdqlv82aZT/AAAAQQAAABUAAAAAAAAAAAAAAAAAAAAATo/EfkyKv6BIhbahQ32toz10oac5bJaqNmaQqjhsl/82aZT/NmmU/wAAAE"
        + "gAAAAYAAAAAAAAAAAAAAAAUpHGvU+Nwf9LiLv/SIO0/0R9rf9AeKb/PXOg/zltmf82aZT/NmmU/zZplP8AAABI/+JV//3dSvf51T6CAAAAClCP"
        + "w/9Mibz/SIS1/0V/r/9Beaj/PXSh/zpvm/82aZT/NmmU/zZplP8yYIe2AAAAQ//eS///2kH//dU27QAAACRNi77/SYW3/0aAsP9Ce6r/PnWj/z"
        + "twnP83apb/NmmU/zVokvcyYIe2AAAAT+zORYj/2kL//9Y3///TLf8AAAA9Soe5/0eBsv9DfKv/P3al/zZpk7YbMUVcAAAATAAAAEgAAABHAAAA"
        + "QeLDRWv92UH3/9c4///TLf//zyP/AAAARkaBsvdEfa3/QHim/zZnkaoAAABO8uFupv3pavf/5mH//+NX///fTf//20L//9c4///TLv//zyT//c"
        + "sb9wAAAEdDfa7XQXmo/z10of8cMktb9eNvs//rbP//52H//+NX///fTf//20P//9c5///TLv//zyT//8wc//PBGsIAAABBQHWjbz1zovc6cJz/"
        + "AAAAS//rbP//52L//+NY///fTv//20P//9c5///TL///zyT//8wc///MHP/CmhJ6AAAANAAAAAgAAAAhAAAAPAAAADX/52L//+NY///fTv/oxz"
        + "2q68U0qevCKqnrviGp67sYqeu7GKnGmxJ5AAAAQQAAACAAAAACAAAACQAAABMAAAAS/+NY///fTv//20T//9c6///TMP//0CX//8wc/wAAAEEA"
        + "AAA1AAAALAAAAB4AAAALAAAAAAAAAAAAAAAAAAAAAP3eTvf/20T//9g6///UMP//0Cb///////3LG/cAAABAAAAAHAAAAAkAAAAFAAAAAQAAAA"
        + "AAAAAAAAAAAAAAAADx0D9M+tM5zP3SL/f/0Cb//8wc//rHGdjAlxJ7AAAAOwAAABIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAA"
        + "AB0AAAA1AAAAQgAAAEcAAABFAAAAOAAAAB8AAAAIAAAAAAAAAAAAAAAAEQAAAQMAAQAAABAAAAABAQMAAQAAABAAAAACAQMABAAAANoEAAADAQ"
        + "MAAQAAAAEAAAAGAQMAAQAAAAIAAAAKAQMAAQAAAAEAAAANAQIADAAAACIFAAARAQQAAQAAAAgAAAASAQMAAQAAAAEAAAAVAQMAAQAAAAQAAAAW"
        + "AQMAAQAAAIAAAAAXAQQAAQAAAAAEAAAcAQMAAQAAAAEAAAApAQMAAgAAAAAAAQA+AQUAAgAAABIFAAA/AQUABgAAAOIEAABSAQMAAQAAAAIAAA"
        + "AAAAAACAAIAAgACAAACtej/////4DhelT/////AM3MTP////8AmpmZ/////4BmZib/////8ChcD/////+AGw1Q/////wBYOVT/////cHl0aG9u"
        + "LnRpZmYA";

    private const string Ppm16 =
        "UDYKMTYgMTYKMjU1CgAAAAAAAAAAAAAAAE6NwEqGukiDtER+rUB4pzxxnjdolgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEyKvP///0V/r0"
        + "F5qD50ojpvmzZplAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEmFt0aAsUJ7qj51oztwnTdqljZplAAAAAAAAAAAAAAAAAAAAAAAAE6PxEyK"
        + "v0iFtkN9rT10oTlsljZmkDhslzZplDZplAAAAAAAAAAAAAAAAAAAAFKRxk+NwUuIu0iDtER9rUB4pj1zoDltmTZplDZplDZplAAAAP/iVf3dSv"
        + "nVPgAAAFCPw0yJvEiEtUV/r0F5qD10oTpvmzZplDZplDZplDJghwAAAP/eS//aQf3VNgAAAE2LvkmFt0aAsEJ7qj51oztwnDdqljZplDVokjJg"
        + "hwAAAOzORf/aQv/WN//TLQAAAEqHuUeBskN8qz92pTZpkxsxRQAAAAAAAAAAAAAAAOLDRf3ZQf/XOP/TLf/PIwAAAEaBskR9rUB4pjZnkQAAAP"
        + "Lhbv3pav/mYf/jV//fTf/bQv/XOP/TLv/PJP3LGwAAAEN9rkF5qD10oRwyS/Xjb//rbP/nYf/jV//fTf/bQ//XOf/TLv/PJP/MHPPBGgAAAEB1"
        + "oz1zojpwnAAAAP/rbP/nYv/jWP/fTv/bQ//XOf/TL//PJP/MHP/MHMKaEgAAAAAAAAAAAAAAAAAAAP/nYv/jWP/fTujHPevFNOvCKuu+Ieu7GO"
        + "u7GMabEgAAAAAAAAAAAAAAAAAAAAAAAP/jWP/fTv/bRP/XOv/TMP/QJf/MHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP3eTv/bRP/YOv/U"
        + "MP/QJv////3LGwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPHQP/rTOf3SL//QJv/MHPrHGcCXEgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

    /// <summary>The picture as PNG with a palette and transparency.</summary>
    public static byte[] OthersPng => Convert.FromBase64String(Png16);

    /// <summary>The picture as TIFF with alpha in eight strips.</summary>
    public static byte[] OthersTiff => Convert.FromBase64String(Tiff16);

    /// <summary>The picture's red, green and blue, pixel by pixel.</summary>
    public static byte[] OthersColours => Convert.FromBase64String(Ppm16)[13..];

    /// <summary>A PNG file: rows of samples, each packed into its bits; every row has another filter.</summary>
    public static byte[] Png(int width, int height, int depth, int type, int[] samples, byte[]? palette = null, bool isInterlaced = false)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)type, (byte)(isInterlaced ? 1 : 0));
        Chunk(file, "IHDR"u8, header);
        if (palette is not null)
        {
            Chunk(file, "PLTE"u8, palette);
        }

        int channels = samples.Length / (width * height);
        using var raw = new MemoryStream();
        (int, int, int, int)[] passes = isInterlaced
            ? [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
            : [(0, 0, 1, 1)];
        foreach ((int top, int left, int rowStep, int columnStep) in passes)
        {
            byte[]? above = null;
            for (int y = top; y < height && left < width; y += rowStep)
            {
                var bits = new List<bool>();
                for (int x = left; x < width; x += columnStep)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        for (int bit = depth - 1; bit >= 0; bit--)
                        {
                            bits.Add((samples[(((y * width) + x) * channels) + c] >> bit & 1) == 1);
                        }
                    }
                }

                byte[] row = new byte[(bits.Count + 7) / 8];
                for (int n = 0; n < bits.Count; n++)
                {
                    row[n / 8] |= (byte)(bits[n] ? 0x80 >> (n % 8) : 0);
                }

                above ??= new byte[row.Length];
                int filter = y % 5;
                raw.WriteByte((byte)filter);
                int apart = Math.Max(1, depth * channels / 8);
                for (int n = 0; n < row.Length; n++)
                {
                    (int a, int b, int c) = (n < apart ? 0 : row[n - apart], above[n], n < apart ? 0 : above[n - apart]);
                    int p = a + b - c;
                    int nearest = new[] { a, b, c }.MinBy(value => Math.Abs(p - value));
                    raw.WriteByte((byte)(row[n] - new[] { 0, a, b, (a + b) / 2, nearest }[filter]));
                }

                above = row;
            }
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(raw.ToArray());
        }

        // In two pieces, as most programs do.
        byte[] all = packed.ToArray();
        Chunk(file, "IDAT"u8, all[..(all.Length / 2)]);
        Chunk(file, "IDAT"u8, all[(all.Length / 2)..]);
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>A big-endian TIFF file of one uncompressed strip, byte by byte.</summary>
    public static byte[] Tiff(int width, int height, int bits, int format, byte[] bigEndian, int samples = 1, int photometric = 1)
    {
        (int Tag, int Type, int Count, int Value)[] entries =
        [
            (256, 3, 1, width), (257, 3, 1, height), (258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, photometric),
            (273, 4, 1, 8 + 2 + (12 * 10) + 4), (277, 3, 1, samples), (278, 3, 1, height), (279, 4, 1, bigEndian.Length),
            (339, 3, 1, format),
        ];
        byte[] file = new byte[8 + 2 + (12 * entries.Length) + 4 + bigEndian.Length];
        "MM\0*\0\0\0\u0008"u8.CopyTo(file);
        BinaryPrimitives.WriteInt16BigEndian(file.AsSpan(8), (short)entries.Length);
        foreach ((int n, (int tag, int type, int count, int value)) in entries.Index())
        {
            Span<byte> entry = file.AsSpan(10 + (12 * n));
            BinaryPrimitives.WriteInt16BigEndian(entry, (short)tag);
            BinaryPrimitives.WriteInt16BigEndian(entry[2..], (short)type);
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], count);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], type == 3 ? value << 16 : value);
        }

        bigEndian.CopyTo(file, file.Length - bigEndian.Length);
        return file;
    }

    /// <summary>A TIFF file by LibTiff: grey values of 16 bits, in tiles or strips, compressed, of one page or several.</summary>
    public static void WriteTiff(
        string path, int width, int height, ushort[][] pages, Compression compression, bool isTiled, string? description = null)
    {
        using var file = BitMiracle.LibTiff.Classic.Tiff.Open(path, "w");
        foreach (ushort[] page in pages)
        {
            file.SetField(TiffTag.IMAGEWIDTH, width);
            file.SetField(TiffTag.IMAGELENGTH, height);
            file.SetField(TiffTag.BITSPERSAMPLE, 16);
            file.SetField(TiffTag.SAMPLESPERPIXEL, 1);
            file.SetField(TiffTag.PHOTOMETRIC, Photometric.MINISBLACK);
            file.SetField(TiffTag.COMPRESSION, compression);
            if (description is not null)
            {
                file.SetField(TiffTag.IMAGEDESCRIPTION, description);
            }

            if (isTiled)
            {
                file.SetField(TiffTag.TILEWIDTH, 16);
                file.SetField(TiffTag.TILELENGTH, 16);
                for (int y = 0; y < height; y += 16)
                {
                    for (int x = 0; x < width; x += 16)
                    {
                        byte[] tile = new byte[16 * 16 * 2];
                        for (int n = 0; n < 256; n++)
                        {
                            (int row, int column) = (y + (n / 16), x + (n % 16));
                            ushort value = row < height && column < width ? page[(row * width) + column] : (ushort)0;
                            BitConverter.TryWriteBytes(tile.AsSpan(2 * n), value);
                        }

                        file.WriteTile(tile, x, y, 0, 0);
                    }
                }
            }
            else
            {
                file.SetField(TiffTag.ROWSPERSTRIP, 3);
                for (int y = 0; y < height; y++)
                {
                    file.WriteScanline([.. page.Skip(y * width).Take(width).SelectMany(BitConverter.GetBytes)], y);
                }
            }

            file.WriteDirectory();
        }
    }

    private static void Chunk(Stream file, ReadOnlySpan<byte> name, byte[] content)
    {
        byte[] both = [.. name, .. content];
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(four, content.Length);
        file.Write(four);
        file.Write(both);
        uint crc = uint.MaxValue;
        foreach (byte value in both)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(four, ~crc);
        file.Write(four);
    }
}
