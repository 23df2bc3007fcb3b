using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>A sample as read from an .npz file.</summary>
/// <param name="Shape">Voxels in array order.</param>
/// <param name="Image">Values [D, H, W] or [H, W].</param>
/// <param name="Label">Labels [D, H, W] or [H, W].</param>
public sealed record NpzSample(VolumeShape Shape, float[] Image, byte[] Label);

/// <summary>
/// Samples as NumPy archives: <c>image.npy</c> ('&lt;f4') and <c>label.npy</c> ('|u1'), both [D, H, W] or [H, W], npy version
/// 1.0, in a zip file. Entries are stored, not compressed, as numpy.savez does: the noise of an image leaves little to gain, the
/// write is as fast as the disk, readers can map the arrays, and the bytes depend on no version of a compressor. Nor on a clock:
/// every entry is dated 1980, zip's first day. Safe from several threads at once.
/// </summary>
/// <remarks>Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays".</remarks>
public static partial class Npz
{
    private const string ImageEntry = "image.npy";
    private const string LabelEntry = "label.npy";

    // The entries' names, sizes and two npy headers of 128 bytes: an upper bound, for the message of a full disk.
    private const int OverheadBytes = 1024;

    private const int PrefixBytes = 10; // Magic, version, and the length of the text behind them.

    private static readonly DateTimeOffset ZipEpoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static ReadOnlySpan<byte> MagicAndVersion => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    /// <summary>Writes one sample.</summary>
    /// <param name="path">The file; its folder must exist. It appears complete or not at all.</param>
    /// <param name="shape">Voxels in array order.</param>
    /// <param name="image">Values [D, H, W] or [H, W].</param>
    /// <param name="label">Labels [D, H, W] or [H, W].</param>
    /// <exception cref="VolumeFileException">The file cannot be written.</exception>
    public static void Write(string path, VolumeShape shape, ReadOnlySpan<float> image, ReadOnlySpan<byte> label)
    {
        if (image.Length != shape.VoxelCount || label.Length != shape.VoxelCount)
        {
            throw new ArgumentException(
                $"A sample of {shape} has {shape.VoxelCount} voxels; {image.Length} values, {label.Length} labels were given.");
        }

        Sample sample = new(shape, image, label);
        AtomicFile.Write(path, OverheadBytes + (5L * image.Length), sample, static (stream, content) =>
        {
            using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
            using (Stream entry = CreateEntry(archive, ImageEntry))
            {
                WriteHeader(entry, "<f4", content.Shape);
                Nifti.WriteLittleEndian(entry, content.Image);
            }

            using (Stream entry = CreateEntry(archive, LabelEntry))
            {
                WriteHeader(entry, "|u1", content.Shape);
                entry.Write(content.Label);
            }
        });
    }

    /// <summary>Reads a sample that <see cref="Write"/> or numpy.savez (C order, the same names and types) wrote.</summary>
    /// <exception cref="VolumeFileException">The file is missing, damaged, or holds something else.</exception>
    public static NpzSample Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            (VolumeShape shape, byte[] image) = ReadArray(path, archive, ImageEntry, "<f4", bytesPerVoxel: 4);
            (VolumeShape labelShape, byte[] label) = ReadArray(path, archive, LabelEntry, "|u1", bytesPerVoxel: 1);
            if (labelShape != shape)
            {
                throw VolumeFileException.Reading(
                    path, $"its image is {shape} and its label {labelShape}; write the sample again");
            }

            float[] values = new float[shape.VoxelCount];
            for (int n = 0; n < values.Length; n++)
            {
                values[n] = BinaryPrimitives.ReadSingleLittleEndian(image.AsSpan(4 * n));
            }

            return new NpzSample(shape, values, label);
        }
        catch (InvalidDataException error)
        {
            throw VolumeFileException.Reading(path, "it is damaged or not an .npz file; write the sample again", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(path, error);
        }
    }

    private static Stream CreateEntry(ZipArchive archive, string name)
    {
        ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = ZipEpoch;
        // Otherwise the permissions that this system gives to new files.
        entry.ExternalAttributes = 0;
        return entry.Open();
    }

    private static void WriteHeader(Stream stream, string type, VolumeShape shape)
    {
        string sizes = shape.Dimensions == 3
            ? string.Create(CultureInfo.InvariantCulture, $"{shape.Depth}, {shape.Height}, {shape.Width}")
            : string.Create(CultureInfo.InvariantCulture, $"{shape.Height}, {shape.Width}");
        string text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}), }}";
        // The array starts at a multiple of 64 bytes of the entry; the text ends in a line feed.
        int textBytes = ((PrefixBytes + text.Length + 1 + 63) / 64 * 64) - PrefixBytes;
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)textBytes);
        stream.Write(MagicAndVersion);
        stream.Write(length);
        stream.Write(Encoding.ASCII.GetBytes(text.PadRight(textBytes - 1) + "\n"));
    }

    private static (VolumeShape Shape, byte[] Data) ReadArray(
        string path, ZipArchive archive, string name, string type, int bytesPerVoxel)
    {
        ZipArchiveEntry entry = archive.GetEntry(name)
            ?? throw VolumeFileException.Reading(path, $"it holds no {name}; write the sample again");
        using Stream stream = entry.Open();
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        stream.ReadExactly(prefix);
        byte[] text = new byte[BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..])];
        stream.ReadExactly(text);
        Match match = HeaderPattern().Match(Encoding.ASCII.GetString(text));
        if (!prefix[..8].SequenceEqual(MagicAndVersion) || !match.Success || match.Groups["type"].Value != type)
        {
            throw VolumeFileException.Reading(
                path, $"its {name} is not an array of type {type} in C order; write the sample again");
        }

        // Before anything is allocated: the entry's own length says what there can be.
        long found = entry.Length - PrefixBytes - text.Length;
        if (!TryParseShape(match.Groups["sizes"].Value, out VolumeShape shape)
            || (UInt128)shape.Depth * (UInt128)shape.Height * (UInt128)shape.Width * (UInt128)bytesPerVoxel != (UInt128)found
            || found > Array.MaxLength)
        {
            throw VolumeFileException.Reading(path, string.Create(
                CultureInfo.InvariantCulture,
                $"its {name} holds {found:N0} bytes, which its shape does not ask for; write the sample again"));
        }

        byte[] data = new byte[found];
        stream.ReadExactly(data);
        // ZipArchive does not compare the checksum of a stored entry.
        if (Crc32.Of(data, Crc32.Of(text, Crc32.Of(prefix))) != entry.Crc32)
        {
            throw VolumeFileException.Reading(path, $"the checksum of its {name} is wrong; write the sample again");
        }

        return (shape, data);
    }

    private static bool TryParseShape(string sizes, out VolumeShape shape)
    {
        shape = default;
        List<int> axes = [];
        foreach (string size in sizes.Split(", "))
        {
            if (!int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int axis) || axis < 1)
            {
                return false;
            }

            axes.Add(axis);
        }

        shape = axes.Count == 3 ? VolumeShape.Volume(axes[0], axes[1], axes[2]) : VolumeShape.Image(axes[0], axes[1]);
        return true;
    }

    [GeneratedRegex(
        @"^\{'descr': '(?<type>[^']*)', 'fortran_order': False, 'shape': \((?<sizes>\d+(, \d+){1,2})\), \}\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex HeaderPattern();

    private readonly ref struct Sample(VolumeShape shape, ReadOnlySpan<float> image, ReadOnlySpan<byte> label)
    {
        public readonly VolumeShape Shape = shape;
        public readonly ReadOnlySpan<float> Image = image;
        public readonly ReadOnlySpan<byte> Label = label;
    }
}
