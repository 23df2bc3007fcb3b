using System.Buffers.Binary;
using System.Text;
using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

public sealed class SafeTensorsTests
{
    [Test]
    public void EveryType_RoundTrips()
    {
        using var scope = NewDisposeScope();
        using MemoryStream stream = new();
        (string, Tensor)[] tensors =
        [
            ("byte", Filled([3], ScalarType.Byte)), ("half", Filled([2, 2], ScalarType.Float16)),
            ("float", Filled([2, 3], ScalarType.Float32)), ("long", Filled([], ScalarType.Int64)),
            ("double", Filled([1, 1, 2], ScalarType.Float64)), ("brain", Filled([5], ScalarType.BFloat16)),
            ("int", Filled([2], ScalarType.Int32)), ("empty \"quoted\" ø", Filled([0, 4], ScalarType.Float32)),
        ];
        Dictionary<string, string> metadata = new() { ["format"] = "pt", ["ø"] = "\"sha256\":\"" };
        SafeTensors.Write(stream, tensors, metadata, checksum: true);
        stream.Position = 0;
        using SafeTensorsFile file = SafeTensors.Read(stream, "memory");
        Assert.That(file.Metadata["format"], Is.EqualTo("pt"));
        Assert.That(file.Metadata["ø"], Is.EqualTo("\"sha256\":\""));
        Assert.That(file.Tensors, Has.Count.EqualTo(tensors.Length));
        foreach ((string name, Tensor tensor) in tensors)
        {
            Tensor read = file.Tensors[name];
            Assert.That(read.dtype, Is.EqualTo(tensor.dtype), name);
            Assert.That(read.shape, Is.EqualTo(tensor.shape), name);
            Assert.That(read.bytes.SequenceEqual(tensor.bytes), name);
        }
    }

    [Test]
    public void Transposed_IsWrittenInTheOrderOfItsShape()
    {
        using var scope = NewDisposeScope();
        using MemoryStream stream = new();
        Tensor tensor = Filled([2, 3], ScalarType.Byte);
        SafeTensors.Write(stream, [("t", tensor.transpose(0, 1))]);
        byte[] bytes = stream.ToArray();
        Assert.That(bytes[^6..], Is.EqualTo(new byte[] { 1, 4, 2, 5, 3, 6 }));
        Assert.That((bytes.Length - 6) % 8, Is.Zero);
    }

    [Test]
    public void AnyFlippedByte_IsFound()
    {
        byte[] bytes = Sample(checksum: true);
        Read(bytes, requireChecksum: true).Dispose();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 1;
            Assert.That(() => Read(damaged, requireChecksum: true), Throws.InstanceOf<CheckpointException>(), $"byte {i}");
        }
    }

    [Test]
    public void AnyTruncation_IsFound()
    {
        byte[] bytes = Sample(checksum: false);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.That(() => Read(bytes[..length]), Throws.InstanceOf<CheckpointException>(), $"{length} bytes");
        }

        Assert.That(
            () => Read(bytes[..^3]),
            Throws.InstanceOf<CheckpointException>().With.Message.EqualTo(
                $"Cannot read 'memory': it ends after {bytes.Length - 3} of {bytes.Length} bytes; "
                + "copy it again or use an older one."));
        Assert.That(
            () => Read([.. bytes, 7]),
            Throws.InstanceOf<CheckpointException>().With.Message.Contains("1 bytes after its last tensor"));
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "does not fill")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "does not fill")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "starts at byte 4")]
    [TestCase("""{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,1]}}""", 1, "of type F8")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1]}}""", 1, "lacks its dtype")]
    [TestCase("""{"a":{"dtype":"U8","shape":[9999999999999],"data_offsets":[0,9999999999999]}}""", 1, "does not fill")]
    [TestCase("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":3}""", 2, "twice")]
    [TestCase(
        """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""",
        3,
        "starts")]
    [TestCase("""["a"]""", 0, "not that of a safetensors file")]
    [TestCase("""{"a":3}""", 0, "lacks its dtype")]
    [TestCase("""{"__metadata__":{"step":3}}""", 0, "not that of a safetensors file")]
    public void WrongHeader_IsRefused(string header, int dataBytes, string sentence)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        Assert.That(() => Read(bytes), Throws.InstanceOf<CheckpointException>().With.Message.Contains(sentence));
    }

    [Test]
    public void ForeignFiles_AreRefused()
    {
        Assert.That(
            () => Read([.. Enumerable.Repeat((byte)0x80, 100)]),
            Throws.InstanceOf<CheckpointException>().With.Message.Contains("not a safetensors file"));
        Assert.That(
            () => SafeTensors.Read("nowhere.safetensors"),
            Throws.InstanceOf<CheckpointException>().With.Message.EqualTo(
                "Cannot read 'nowhere.safetensors': there is no such file; check the path."));
    }

    private static byte[] Sample(bool checksum)
    {
        using var scope = NewDisposeScope();
        using MemoryStream stream = new();
        SafeTensors.Write(
            stream,
            [("weight", Filled([2, 2], ScalarType.Float32)), ("step", Filled([], ScalarType.Int64))],
            new Dictionary<string, string> { ["step"] = "12" },
            checksum);
        return stream.ToArray();
    }

    private static SafeTensorsFile Read(byte[] bytes, bool requireChecksum = false) =>
        SafeTensors.Read(new MemoryStream(bytes), "memory", requireChecksum);

    private static Tensor Filled(long[] shape, ScalarType type)
    {
        Tensor tensor = empty(shape, type);
        Span<byte> bytes = tensor.bytes;
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i + 1);
        }

        return tensor;
    }
}
