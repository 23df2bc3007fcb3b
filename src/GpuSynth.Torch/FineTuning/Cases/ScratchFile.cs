using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using GpuSynth.Planning;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// Prepared cases on the disk: concatenated, written once, then mapped into the address space, where the system keeps in
/// memory what fits. The file has no name from the start (on Windows until it is closed): it is gone when the process ends, even
/// by a crash.
/// </summary>
internal sealed unsafe class ScratchFile : IDisposable
{
    // A multiple of every element's size and of a SIMD register.
    private const int Alignment = 64;

    private readonly string folder;
    private readonly bool isFolderOurs;
    private readonly FileStream stream;
    private MemoryMappedFile? map;
    private MemoryMappedViewAccessor? view;
    private byte* first;

    /// <summary>An empty file in a folder, which is made if it is not there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="bytes">What will be written: refused beforehand where the disk has less.</param>
    /// <exception cref="GpuSynthException">The folder cannot be written, or there is too little space.</exception>
    public ScratchFile(string folder, long bytes)
    {
        this.folder = folder;
        try
        {
            isFolderOurs = !Directory.Exists(folder);
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, $".gpusynth-{Guid.NewGuid():N}.scratch");
            stream = new FileStream(
                path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, 1 << 17, FileOptions.DeleteOnClose);
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }

            long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
            if (free < bytes)
            {
                Dispose();
                throw new GpuSynthException(
                    $"The prepared cases need {ByteCount.Text(bytes)} of disk at '{folder}', for they do not fit the "
                    + $"memory, and {ByteCount.Text(free)} are free; free some space or choose another folder (--out).");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            RemoveFolder();
            throw Unwritable(error);
        }
    }

    /// <summary>Writes values behind the last ones.</summary>
    /// <returns>The byte at which they begin.</returns>
    /// <exception cref="GpuSynthException">The disk is full.</exception>
    public long Append<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        try
        {
            long offset = (stream.Length + Alignment - 1) / Alignment * Alignment;
            stream.Position = offset;
            stream.Write(MemoryMarshal.AsBytes(values));
            stream.Flush();
            return offset;
        }
        catch (IOException error)
        {
            throw Unwritable(error);
        }
    }

    /// <summary>Replaces bytes by those of a table.</summary>
    public void Recode(long offset, int count, ReadOnlySpan<byte> table)
    {
        byte[] piece = new byte[Math.Min(count, 1 << 20)];
        for (int done = 0; done < count; done += piece.Length)
        {
            Span<byte> bytes = piece.AsSpan(0, Math.Min(piece.Length, count - done));
            stream.Position = offset + done;
            stream.ReadExactly(bytes);
            foreach (ref byte value in bytes)
            {
                value = table[value];
            }

            stream.Position = offset + done;
            stream.Write(bytes);
        }

        stream.Flush();
    }

    /// <summary>Ends the writing; the values can be read from now on.</summary>
    public void Map()
    {
        map = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref first);
    }

    /// <summary>Values of the file, valid as long as it is open.</summary>
    public ReadOnlySpan<T> Values<T>(long offset, int count)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(first == null, this);
        return new ReadOnlySpan<T>(first + offset, count);
    }

    public void Dispose()
    {
        if (first != null)
        {
            first = null;
            view!.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        view?.Dispose();
        map?.Dispose();
        stream.Dispose();
        RemoveFolder();
    }

    private void RemoveFolder()
    {
        if (isFolderOurs)
        {
            try
            {
                // Where the run was refused there is nothing in it.
                Directory.Delete(folder);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It holds the run.
            }
        }
    }

    private GpuSynthException Unwritable(Exception error) => new(
        $"Cannot write prepared cases to '{folder}': {error.Message.TrimEnd('.')}; free some space, change its permissions or "
        + "choose another folder (--out).",
        error);
}

/// <summary>The voxels of a case: in memory, or in a scratch file.</summary>
internal readonly struct CaseVoxels<T>
    where T : unmanaged
{
    private readonly T[]? array;
    private readonly ScratchFile? file;
    private readonly long offset;

    public CaseVoxels(T[] array) => (this.array, Count) = (array, array.Length);

    private CaseVoxels(ScratchFile file, long offset, int count) => (this.file, this.offset, Count) = (file, offset, count);

    public int Count { get; }

    public ReadOnlySpan<T> Span => file is null ? array : file.Values<T>(offset, Count);

    /// <summary>The same voxels in a scratch file.</summary>
    public CaseVoxels<T> MovedTo(ScratchFile scratch) => new(scratch, scratch.Append(Span), Count);

    /// <summary>Whether both are the same voxels at the same place.</summary>
    public bool IsSame(CaseVoxels<T> other) => array == other.array && file == other.file && offset == other.offset;

    /// <summary>Replaces bytes by those of a table; before a scratch file is mapped.</summary>
    public void Recode(ReadOnlySpan<byte> table)
    {
        if (file is not null)
        {
            file.Recode(offset, Count, table);
            return;
        }

        foreach (ref byte value in MemoryMarshal.AsBytes(array.AsSpan()))
        {
            value = table[value];
        }
    }
}
