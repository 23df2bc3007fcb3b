using System.Security.Cryptography;

namespace GpuSynth.IO;

/// <summary>Checksums as the manifest writes them: SHA-256 in lowercase hexadecimal, 64 characters.</summary>
public static class Checksum
{
    /// <summary>The checksum of a file's bytes; the file is streamed, not loaded.</summary>
    /// <exception cref="VolumeFileException">The file cannot be read.</exception>
    public static string Sha256(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            // The hash reads in pieces of its own; a second buffer would only copy.
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(path, error);
        }
    }

    /// <summary>The checksum of bytes in memory.</summary>
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
