using System.Globalization;
using System.IO.Compression;

namespace GpuSynth.IO;

/// <summary>
/// A NIfTI file opened for reading: its header is read, its voxels follow. Every failure of the file, the disk or the compression
/// becomes a <see cref="VolumeFileException"/> that says how many bytes were expected and how many there are.
/// </summary>
internal sealed class NiftiSource : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private Stream stream;
    private long expected; // Bytes of the whole file, once the header has told.
    private long position; // Bytes taken from the stream, after decompression.

    private NiftiSource(string path)
    {
        Path = path;
        stream = OpenStream(path);
        try
        {
            Header = ReadHeader();
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The file that is being read, for messages.</summary>
    public string Path { get; private set; }

    /// <summary>The header.</summary>
    public NiftiHeader Header { get; }

    /// <summary>Labels that were rounded to a whole number.</summary>
    public long RoundedLabels { get; set; }

    /// <summary>Whether the file is not compressed, so that its length has been checked against the header.</summary>
    public bool IsLengthKnown => stream is FileStream;

    /// <summary>Opens a file and reads its header; of a pair, either name will do.</summary>
    public static NiftiSource Open(string path) => new(PairName(path, ".img", ".hdr"));

    /// <summary>Goes to the first voxel, and checks the length of a file that is not compressed.</summary>
    public void SkipToVoxels(long voxelBytes)
    {
        if (Header.IsPair)
        {
            stream.Dispose();
            Path = PairName(Path, ".hdr", ".img");
            stream = OpenStream(Path);
            position = 0;
        }

        expected = Header.VoxelOffset + voxelBytes;
        if (stream is FileStream file && file.Length < expected)
        {
            throw Truncated(file.Length);
        }

        // Between the header and the voxels there may be extensions; they are for other programs.
        Span<byte> skipped = stackalloc byte[1024];
        while (position < Header.VoxelOffset)
        {
            Read(skipped[..(int)Math.Min(skipped.Length, Header.VoxelOffset - position)]);
        }
    }

    /// <summary>Fills the span with the next bytes.</summary>
    public void Read(Span<byte> to)
    {
        int found = ReadUpTo(to);
        if (found < to.Length)
        {
            throw Truncated(position);
        }
    }

    /// <summary>Reads what is behind the voxels: only at its end does gzip compare its checksum.</summary>
    public void ReadToEnd()
    {
        if (stream is GZipStream)
        {
            Span<byte> rest = stackalloc byte[1024];
            while (ReadUpTo(rest) > 0)
            {
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static Stream OpenStream(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
            if (!file.CanSeek)
            {
                throw VolumeFileException.Reading(path, "it is not an ordinary file; save it to the disk first");
            }

            if (file.Length == 0)
            {
                throw VolumeFileException.Reading(path, "it is empty; copy it again");
            }

            bool isGzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception error)
        {
            file?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw VolumeFileException.Reading(path, error);
            }

            throw;
        }
    }

    // "scan.hdr.gz" for "scan.img.gz"; the name itself where it has another ending. Pairs from other systems may be in capitals.
    private static string PairName(string path, string from, string to)
    {
        string suffix = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[^3..] : "";
        string stem = path[..^suffix.Length];
        if (!stem.EndsWith(from, StringComparison.OrdinalIgnoreCase))
        {
            return path;
        }

        bool isCapitals = stem.EndsWith(from.ToUpperInvariant(), StringComparison.Ordinal);
        return stem[..^from.Length] + (isCapitals ? to.ToUpperInvariant() : to) + suffix;
    }

    private NiftiHeader ReadHeader()
    {
        Span<byte> bytes = stackalloc byte[NiftiHeader.SizeTwo];
        int found = ReadUpTo(bytes[..4]);
        int size = found == 4 ? NiftiHeader.SizeFrom(bytes) : 0;
        if (size == 0)
        {
            throw VolumeFileException.Reading(
                Path,
                PointerReason(bytes[..found])
                    ?? "it is not a NIfTI file (its first bytes are no NIfTI header); name a .nii or .nii.gz file");
        }

        expected = size;
        Read(bytes[4..size]);
        return NiftiHeader.Parse(Path, bytes[..size]);
    }

    // What git-annex (unlocked) and Git LFS leave in the place of a file that has not been fetched: a line of text.
    private static string? PointerReason(ReadOnlySpan<byte> firstFour) =>
        firstFour.SequenceEqual("/ann"u8) ? "it is a pointer of git-annex to a file that is not here; fetch it ('datalad get')"
        : firstFour.SequenceEqual("vers"u8) ? "it is a pointer of Git LFS to a file that is not here; fetch it ('git lfs pull')"
        : null;

    private int ReadUpTo(Span<byte> to)
    {
        try
        {
            int found = stream.ReadAtLeast(to, to.Length, throwOnEndOfStream: false);
            position += found;
            return found;
        }
        catch (InvalidDataException error)
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"behind byte {position:N0} of its content");
            throw VolumeFileException.Reading(Path, $"its gzip compression is damaged {where}; copy it again", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(Path, error);
        }
    }

    private VolumeFileException Truncated(long found)
    {
        string unpacked = stream is GZipStream ? " after unpacking" : "";
        return VolumeFileException.Reading(Path, string.Create(
            CultureInfo.InvariantCulture,
            $"it is truncated ({expected:N0} bytes expected{unpacked}, {found:N0} found); copy it again"));
    }
}
