using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuSynth.IO;

/// <summary>An array as read from a NumPy archive.</summary>
/// <param name="Shape">Sides, the slowest first.</param>
/// <param name="Type">"|u1", "&lt;i8" or "&lt;f4".</param>
/// <param name="Data">The values' bytes, little endian, in C order.</param>
public sealed record NpzArray(IReadOnlyList<int> Shape, string Type, byte[] Data)
{
    /// <summary>Bytes of a value.</summary>
    public int ValueBytes => Type[2] - '0';

    /// <summary>Number of values.</summary>
    public int Count => Data.Length / ValueBytes;

    /// <summary>One value.</summary>
    /// <param name="n">Its number in C order.</param>
    public double Value(int n) => Type switch
    {
        "|u1" => Data[n],
        "<i8" => BinaryPrimitives.ReadInt64LittleEndian(Data.AsSpan(8 * n)),
        _ => BinaryPrimitives.ReadSingleLittleEndian(Data.AsSpan(4 * n)),
    };
}

/// <summary>
/// Arrays of any name out of a NumPy archive, stored or deflated: uint8, int64 or float32, little endian, C order, npy version 1
/// or 2. A sample of this tool's own is read by <see cref="Npz"/>.
/// </summary>
/// <remarks>Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays".</remarks>
public static partial class NpzArrays
{
    private static readonly string[] Types = ["|u1", "<i8", "<f4"];

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads those of some arrays that are there.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="names">Without ".npy".</param>
    /// <exception cref="VolumeFileException">The file is missing, damaged, or an array is of another form.</exception>
    public static IReadOnlyDictionary<string, NpzArray> Read(string path, IEnumerable<string> names)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(names);
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            var arrays = new Dictionary<string, NpzArray>();
            foreach (string name in names)
            {
                if (archive.GetEntry(name + ".npy") is { } entry)
                {
                    arrays.Add(name, Read(path, name, entry));
                }
            }

            return arrays;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw VolumeFileException.Reading(path, "it is damaged or not an .npz file; fetch or write it again", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(path, error);
        }
    }

    private static NpzArray Read(string path, string name, ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        byte[] prefix = new byte[8];
        stream.ReadExactly(prefix);
        int version = prefix[6];
        if (!prefix.AsSpan(0, 6).SequenceEqual(Magic) || version is not (1 or 2))
        {
            throw VolumeFileException.Reading(path, $"its {name} is no npy array of version 1 or 2; write it again");
        }

        byte[] length = new byte[version == 1 ? 2 : 4];
        stream.ReadExactly(length);
        long textBytes = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(length)
            : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (textBytes > entry.Length)
        {
            throw new InvalidDataException();
        }

        byte[] text = new byte[textBytes];
        stream.ReadExactly(text);
        Match header = Header().Match(Encoding.ASCII.GetString(text));
        string type = header.Groups["type"].Value;
        if (!header.Success || !Types.Contains(type))
        {
            throw VolumeFileException.Reading(
                path, $"its {name} is not an array of uint8, int64 or float32 in C order; write it as one of them");
        }

        int[]? shape = ShapeOf(header.Groups["sizes"].Value);
        // Before anything is allocated: the entry's own length says what there can be.
        long found = entry.Length - prefix.Length - length.Length - textBytes;
        if (shape is null
            || shape.Aggregate((UInt128)(type[2] - '0'), static (product, side) => product * (UInt128)side) != (UInt128)found
            || found > Array.MaxLength)
        {
            throw VolumeFileException.Reading(path, string.Create(
                CultureInfo.InvariantCulture, $"its {name} holds {found:N0} bytes, which its shape does not ask for; write it again"));
        }

        byte[] data = new byte[found];
        stream.ReadExactly(data);
        // ZipArchive does not compare the checksum.
        if (Crc32.Of(data, Crc32.Of(text, Crc32.Of(length, Crc32.Of(prefix)))) != entry.Crc32)
        {
            throw VolumeFileException.Reading(path, $"the checksum of its {name} is wrong; fetch or write it again");
        }

        return new NpzArray(shape, type, data);
    }

    // Null where a size is no number of 1 to 2^31 - 1, or there are more than eight.
    private static int[]? ShapeOf(string sizes)
    {
        int[] shape =
        [
            .. sizes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static size =>
                int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int side) ? side : 0),
        ];
        return shape.Length is > 0 and <= 8 && !shape.Contains(0) ? shape : null;
    }

    [GeneratedRegex(
        @"^\{'descr': '(?<type>[^']*)', 'fortran_order': False, 'shape': \((?<sizes>[\d, ]+)\),? *\}\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Header();
}
