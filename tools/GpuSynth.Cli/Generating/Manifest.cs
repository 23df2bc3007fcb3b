using GpuSynth.IO;

namespace GpuSynth.Cli.Generating;

/// <summary>
/// manifest.jsonl: a line per complete sample, added only after the sample's files are there. A line that a crash tore off is
/// cut, and lines whose files are gone are dropped: their samples are made again. One thread may add while others ask.
/// </summary>
internal sealed class Manifest : IDisposable
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "manifest.jsonl";

    private readonly string path;
    private readonly FileStream stream;
    private readonly HashSet<long> indices;

    private Manifest(string path, FileStream stream, IEnumerable<long> indices) =>
        (this.path, this.stream, this.indices) = (path, stream, [.. indices]);

    /// <summary>Samples in it with numbers from <paramref name="start"/> on, <paramref name="count"/> numbers far.</summary>
    public long CountIn(long start, long count)
    {
        lock (indices)
        {
            return indices.Count(index => index >= start && index - start < count);
        }
    }

    /// <summary>Opens or begins the manifest of a folder.</summary>
    /// <exception cref="GpuSynthException">A line is no entry, or the file cannot be read or written.</exception>
    public static Manifest Open(string folder, SampleFormat format)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            byte[] content = File.Exists(path) ? File.ReadAllBytes(path) : [];
            List<ManifestEntry> entries = Read(path, content);
            Dictionary<long, ManifestEntry> kept = [];
            foreach (ManifestEntry entry in entries.Where(entry => entry.IsComplete(folder, format)))
            {
                kept[entry.Index] = entry;
            }

            long whole = entries.Sum(static entry => entry.Line.Length + 1L);
            if (kept.Count != entries.Count || whole != content.Length)
            {
                Rewrite(path, kept.Values);
            }

            return new Manifest(path, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read), kept.Keys);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, error);
        }
    }

    /// <summary>Whether a sample is complete.</summary>
    public bool Has(long index)
    {
        lock (indices)
        {
            return indices.Contains(index);
        }
    }

    /// <summary>Adds a sample; its files are there. The line is on the disk when this returns.</summary>
    /// <exception cref="GpuSynthException">The line cannot be written.</exception>
    public void Add(ManifestEntry entry)
    {
        long length = stream.Length;
        try
        {
            stream.Write([.. entry.Line.Span, (byte)'\n']);
            stream.Flush(flushToDisk: true);
            lock (indices)
            {
                indices.Add(entry.Index);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Cut(length);
            throw Unusable(path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // What could not be written was reported when it was added.
        }
    }

    private static List<ManifestEntry> Read(string path, byte[] content)
    {
        List<ManifestEntry> entries = [];
        int number = 0;
        for (int start = 0; start < content.Length;)
        {
            number++;
            int length = content.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0)
            {
                // Torn off while it was written: its sample is made again.
                break;
            }

            ManifestEntry entry = ManifestEntry.Parse(content.AsMemory(start, length)) ?? throw new GpuSynthException(
                $"Line {number} of '{path}' describes no sample; "
                + "delete the line (its sample is made again) or choose another folder.");
            entries.Add(entry);
            start += length + 1;
        }

        return entries;
    }

    private static void Rewrite(string path, IEnumerable<ManifestEntry> entries)
    {
        byte[] content = [.. entries.SelectMany(static entry => entry.Line.ToArray().Append((byte)'\n'))];
        AtomicFile.Write(path, content.Length, content, static (stream, bytes) => stream.Write(bytes));
    }

    private static GpuSynthException Unusable(string path, Exception error) => new(
        $"Cannot write '{path}': {error.Message.TrimEnd('.')}; free some space or check the folder", error);

    // A torn line would only be cut by the next run; half a line is nothing for anyone who reads meanwhile.
    private void Cut(long length)
    {
        try
        {
            stream.SetLength(length);
        }
        catch (IOException)
        {
            // The next run cuts it.
        }
    }
}
