using System.Buffers.Binary;
using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// Writes scalars and pictures for TensorBoard: a file <c>events.out.tfevents.TIME.HOST.PROCESS</c> of length-prefixed records
/// (TFRecord) that hold <c>Event</c> messages (TensorFlow, core/util/event.proto and core/framework/summary.proto).
/// </summary>
/// <remarks>
/// A run that goes on writes a new file into the same folder. Its first event carries the step from which TensorBoard is to
/// forget what the files before said (SessionLog START), so that steps that were done twice are shown once. Every event
/// reaches the system in one write; a killed process leaves at most a torn last record, which readers stop at.
/// </remarks>
public sealed class TensorBoardWriter : IDisposable
{
    private const int ColourChannels = 3;

    private readonly FileStream stream;
    private readonly TimeProvider clock;

    /// <summary>Opens a new file of events.</summary>
    /// <param name="folder">The run's folder; it must exist.</param>
    /// <param name="resumedAfterStep">The last step that stays valid, for a run that goes on; null for one that begins.</param>
    /// <param name="clock">The time of the events; the system's when null.</param>
    /// <exception cref="GpuSynthException">The folder is missing or not writable, or the disk is full.</exception>
    public TensorBoardWriter(string folder, long? resumedAfterStep = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        this.clock = clock ?? TimeProvider.System;
        (Path, stream) = Create(folder, this.clock.GetUtcNow().ToUnixTimeSeconds());
        try
        {
            Write(Event(0).Put(3, "brain.Event:2"));
            if (resumedAfterStep is long step)
            {
                Write(Event(step + 1).Put(7, new ProtoMessage().Put(1, 1L)));
            }
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The file that is being written.</summary>
    public string Path { get; }

    /// <summary>Writes a number.</summary>
    /// <param name="tag">Its name; a "/" groups: "loss/pull".</param>
    /// <param name="value">The number; TensorBoard keeps it as a float.</param>
    /// <param name="step">The step.</param>
    /// <exception cref="GpuSynthException">The disk is full or the file is not writable any more.</exception>
    public void Scalar(string tag, double value, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        Write(Summary(step, new ProtoMessage().Put(1, tag).Put(2, (float)value)));
    }

    /// <summary>Writes every number of a row: "loss", its parts as "loss/NAME", and the others by their names.</summary>
    /// <exception cref="GpuSynthException">The disk is full or the file is not writable any more.</exception>
    public void Scalars(MetricsRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        foreach ((string name, double value) in row.Values)
        {
            Scalar(MetricNames.IsLossPart(name) ? $"loss/{name}" : name, value, row.Step);
        }
    }

    /// <summary>Writes a picture.</summary>
    /// <param name="tag">Its name.</param>
    /// <param name="png">The bytes of a PNG file.</param>
    /// <param name="step">The step.</param>
    /// <exception cref="GpuSynthException">The disk is full or the file is not writable any more.</exception>
    public void Image(string tag, ReadOnlySpan<byte> png, long step)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        (int width, int height) = PngSize.Of(png);
        ProtoMessage image = new ProtoMessage()
            .Put(1, (long)height).Put(2, (long)width).Put(3, (long)ColourChannels).Put(4, png);
        Write(Summary(step, new ProtoMessage().Put(1, tag).Put(4, image)));
    }

    /// <summary>Takes the events to the disk itself.</summary>
    /// <exception cref="GpuSynthException">The disk is full or the file is not writable any more.</exception>
    public void Flush()
    {
        try
        {
            stream.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw Unwritable(Path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    // Two starts within a second, or two on one machine, must not share a file: the name that exists is passed over.
    private static (string Path, FileStream Stream) Create(string folder, long seconds)
    {
        for (int attempt = 0; ; attempt++)
        {
            string name = string.Create(
                CultureInfo.InvariantCulture,
                $"events.out.tfevents.{seconds}.{Environment.MachineName}.{Environment.ProcessId}.{attempt}");
            string path = System.IO.Path.Combine(folder, name);
            try
            {
                return (path, new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
            }
            catch (IOException) when (File.Exists(path))
            {
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw Unwritable(path, error);
            }
        }
    }

    private static GpuSynthException Unwritable(string path, Exception error) => new(
        $"Cannot write '{path}': {error.Message.TrimEnd('.')}; free some space, check permissions, or choose another folder.",
        error);

    private ProtoMessage Event(long step) => new ProtoMessage()
        .Put(1, clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0)
        .Put(2, step);

    private ProtoMessage Summary(long step, ProtoMessage value) => Event(step).Put(5, new ProtoMessage().Put(1, value));

    // A record: length (8 bytes), its masked checksum (4), the message, its masked checksum (4), all little endian.
    private void Write(ProtoMessage message)
    {
        ReadOnlySpan<byte> bytes = message.Bytes;
        byte[] record = new byte[16 + bytes.Length];
        BinaryPrimitives.WriteInt64LittleEndian(record, bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Crc32C.MaskedOf(record.AsSpan(0, 8)));
        bytes.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + bytes.Length), Crc32C.MaskedOf(bytes));
        try
        {
            stream.Write(record);
        }
        catch (IOException error)
        {
            throw Unwritable(Path, error);
        }
    }
}
