using System.Buffers.Binary;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Reports;

public sealed class TensorBoardWriterTests
{
    private string folder = string.Empty;

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("gpusynth-events-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Scalars_ComeBack()
    {
        string path;
        using (TensorBoardWriter writer = new(folder))
        {
            path = writer.Path;
            writer.Scalar("speed", 8.5, 1);
            writer.Scalars(new MetricsRow(300) { [MetricsRow.Loss] = 0.25, ["pull"] = -1e-3, [MetricsRow.LearningRate] = 1e-4 });
        }

        Assert.That(Path.GetFileName(path), Does.StartWith("events.out.tfevents."));
        List<Dictionary<int, object>> events = Read(path);
        Assert.That(events, Has.Count.EqualTo(5));
        Assert.That(Encoding.UTF8.GetString((byte[])events[0][3]), Is.EqualTo("brain.Event:2"));
        Assert.That((double)events[1][1], Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(600), "wall time");
        (string Tag, float Value, long Step)[] scalars = [.. events.Skip(1).Select(Scalar)];
        Assert.That(scalars, Is.EqualTo(new[]
        {
            ("speed", 8.5f, 1L), ("loss", 0.25f, 300L), ("loss/pull", -1e-3f, 300L), ("learningRate", 1e-4f, 300L),
        }));
    }

    [Test]
    public void APicture_ComesBack()
    {
        using MemoryStream png = new();
        Png.WriteRgb(png, 5, 2, new byte[30]);
        using TensorBoardWriter writer = new(folder);
        writer.Image("samples", png.ToArray(), 7);
        Dictionary<int, object> value = Value(Read(writer.Path)[1]);
        Dictionary<int, object> image = Fields((byte[])value[4]);
        Assert.That(((long)image[1], (long)image[2], (long)image[3]), Is.EqualTo((2L, 5L, 3L)), "height, width, channels");
        Assert.That((byte[])image[4], Is.EqualTo(png.ToArray()));
        Assert.That(() => writer.Image("no picture", "GIF89a"u8, 8), Throws.ArgumentException);
    }

    [Test]
    public void ARunThatGoesOn_WritesANewFile_ThatForgetsLaterSteps()
    {
        using TensorBoardWriter first = new(folder);
        using TensorBoardWriter second = new(folder, resumedAfterStep: 40);
        Assert.That(second.Path, Is.Not.EqualTo(first.Path));
        Dictionary<int, object> start = Read(second.Path)[1];
        Assert.That((long)start[2], Is.EqualTo(41), "TensorBoard drops steps from this one on");
        Assert.That((long)Fields((byte[])start[7])[1], Is.EqualTo(1), "SessionLog.START");
    }

    [Test]
    public void AMissingFolder_IsOneSentence()
    {
        Assert.That(
            () => new TensorBoardWriter(Path.Combine(folder, "none")).Dispose(),
            Throws.TypeOf<GpuSynthException>().With.Message.StartsWith("Cannot write '"));
    }

    private static (string Tag, float Value, long Step) Scalar(Dictionary<int, object> message)
    {
        Dictionary<int, object> value = Value(message);
        return (Encoding.UTF8.GetString((byte[])value[1]), (float)value[2], (long)message[2]);
    }

    private static Dictionary<int, object> Value(Dictionary<int, object> message) =>
        Fields((byte[])Fields((byte[])message[5])[1]);

    // The messages of a file, every record's checksums checked.
    private static List<Dictionary<int, object>> Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        List<Dictionary<int, object>> messages = [];
        for (int at = 0; at < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            byte[] message = bytes[(at + 12)..(at + 12 + length)];
            uint ofLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8));
            uint ofMessage = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length));
            Assert.That(ofLength, Is.EqualTo(Crc32C.MaskedOf(bytes.AsSpan(at, 8))));
            Assert.That(ofMessage, Is.EqualTo(Crc32C.MaskedOf(message)));
            messages.Add(Fields(message));
            at += 16 + length;
        }

        return messages;
    }

    // A decoder of its own: wire types 0 (varint), 1 (double), 2 (bytes), 5 (float).
    private static Dictionary<int, object> Fields(byte[] message)
    {
        Dictionary<int, object> fields = [];
        int at = 0;
        while (at < message.Length)
        {
            ulong key = Varint();
            object value = (int)(key & 7) switch
            {
                0 => (long)Varint(),
                1 => BitConverter.ToDouble(Bytes(8)),
                2 => Bytes((int)Varint()),
                5 => (object)BitConverter.ToSingle(Bytes(4)),
                _ => throw new InvalidDataException("wire type"),
            };
            fields.Add((int)(key >> 3), value);
        }

        return fields;

        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                value |= (ulong)(message[at] & 0x7f) << shift;
                if (message[at++] < 0x80)
                {
                    return value;
                }
            }
        }

        byte[] Bytes(int count)
        {
            at += count;
            return message[(at - count)..at];
        }
    }
}
