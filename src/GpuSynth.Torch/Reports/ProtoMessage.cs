using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// A protocol buffer message under construction: only the wire forms that TensorBoard's events use. A field that has its default
/// value may be left out by the caller, as proto3 writers do.
/// </summary>
internal sealed class ProtoMessage
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private readonly ArrayBufferWriter<byte> buffer = new();

    /// <summary>The message's bytes so far.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.WrittenSpan;

    /// <summary>An integer or an enumeration.</summary>
    public ProtoMessage Put(int field, long value)
    {
        Key(field, Varint);
        PutVarint((ulong)value);
        return this;
    }

    /// <summary>A double.</summary>
    public ProtoMessage Put(int field, double value)
    {
        Key(field, Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
        return this;
    }

    /// <summary>A float.</summary>
    public ProtoMessage Put(int field, float value)
    {
        Key(field, Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
        return this;
    }

    /// <summary>Text.</summary>
    public ProtoMessage Put(int field, string text) => Put(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A message within this one.</summary>
    public ProtoMessage Put(int field, ProtoMessage message) => Put(field, message.Bytes);

    /// <summary>Bytes.</summary>
    public ProtoMessage Put(int field, ReadOnlySpan<byte> bytes)
    {
        Key(field, Delimited);
        PutVarint((ulong)bytes.Length);
        buffer.Write(bytes);
        return this;
    }

    private void Key(int field, int wireType) => PutVarint((ulong)((field << 3) | wireType));

    private void PutVarint(ulong value)
    {
        Span<byte> to = buffer.GetSpan(10);
        int length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[length++] = (byte)(value | 0x80);
        }

        to[length++] = (byte)value;
        buffer.Advance(length);
    }
}
