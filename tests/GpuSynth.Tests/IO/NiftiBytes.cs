using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuSynth.Tests.IO;

/// <summary>NIfTI files made by hand from the standard's offsets: shares nothing with the code under test.</summary>
internal sealed class NiftiBytes
{
    public bool IsBigEndian { get; init; }

    public long[] Dim { get; init; } = [3, 2, 3, 2];

    public short DataType { get; init; } = 2;

    public double[] Pixdim { get; init; } = [1, 1, 1, 1];

    public double VoxelOffset { get; init; } = 352;

    public double Slope { get; init; } = 1;

    public double Intercept { get; init; }

    public byte Units { get; init; } = 2;

    public int QformCode { get; init; }

    public int SformCode { get; init; }

    public double[] Quaternion { get; init; } = [0, 0, 0];

    public double[] QuaternionOffset { get; init; } = [0, 0, 0];

    public double[] Sform { get; init; } = new double[12];

    public string Magic { get; init; } = "n+1\0";

    public byte[] Voxels { get; init; } = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    public byte[] One()
    {
        byte[] file = new byte[(int)VoxelOffset + Voxels.Length];
        byte[] header = HeaderOne();
        header.CopyTo(file, 0);
        Voxels.CopyTo(file, (int)VoxelOffset);
        return file;
    }

    public byte[] HeaderOne()
    {
        byte[] header = new byte[348];
        Put32(header, 0, 348);
        for (int n = 0; n < Dim.Length; n++)
        {
            Put16(header, 40 + (2 * n), (short)Dim[n]);
        }

        Put16(header, 70, DataType);
        for (int n = 0; n < Pixdim.Length; n++)
        {
            PutFloat(header, 76 + (4 * n), Pixdim[n]);
        }

        PutFloat(header, 108, VoxelOffset);
        PutFloat(header, 112, Slope);
        PutFloat(header, 116, Intercept);
        header[123] = Units;
        Put16(header, 252, (short)QformCode);
        Put16(header, 254, (short)SformCode);
        for (int n = 0; n < 3; n++)
        {
            PutFloat(header, 256 + (4 * n), Quaternion[n]);
            PutFloat(header, 268 + (4 * n), QuaternionOffset[n]);
        }

        for (int n = 0; n < 12; n++)
        {
            PutFloat(header, 280 + (4 * n), Sform[n]);
        }

        for (int n = 0; n < 4; n++)
        {
            header[344 + n] = (byte)Magic[n];
        }

        return header;
    }

    public byte[] Two()
    {
        const int offset = 544;
        byte[] file = new byte[offset + Voxels.Length];
        Put32(file, 0, 540);
        "n+2\0\r\n\u001a\n"u8.CopyTo(file.AsSpan(4));
        Put16(file, 12, DataType);
        for (int n = 0; n < Dim.Length; n++)
        {
            Put64(file, 16 + (8 * n), Dim[n]);
        }

        for (int n = 0; n < Pixdim.Length; n++)
        {
            PutDouble(file, 104 + (8 * n), Pixdim[n]);
        }

        Put64(file, 168, offset);
        PutDouble(file, 176, Slope);
        PutDouble(file, 184, Intercept);
        Put32(file, 344, QformCode);
        Put32(file, 348, SformCode);
        for (int n = 0; n < 3; n++)
        {
            PutDouble(file, 352 + (8 * n), Quaternion[n]);
            PutDouble(file, 376 + (8 * n), QuaternionOffset[n]);
        }

        for (int n = 0; n < 12; n++)
        {
            PutDouble(file, 400 + (8 * n), Sform[n]);
        }

        Put32(file, 500, Units);
        Voxels.CopyTo(file, offset);
        return file;
    }

    /// <summary>Values of a stored type as bytes in a byte order.</summary>
    public static byte[] Store<T>(T[] values, bool isBigEndian)
        where T : unmanaged
    {
        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray();
        if (isBigEndian == BitConverter.IsLittleEndian)
        {
            int size = bytes.Length / values.Length;
            for (int n = 0; n < bytes.Length; n += size)
            {
                Array.Reverse(bytes, n, size);
            }
        }

        return bytes;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private void Put16(byte[] to, int at, short value)
    {
        if (IsBigEndian)
        {
            BinaryPrimitives.WriteInt16BigEndian(to.AsSpan(at), value);
        }
        else
        {
            BinaryPrimitives.WriteInt16LittleEndian(to.AsSpan(at), value);
        }
    }

    private void Put32(byte[] to, int at, int value)
    {
        if (IsBigEndian)
        {
            BinaryPrimitives.WriteInt32BigEndian(to.AsSpan(at), value);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(to.AsSpan(at), value);
        }
    }

    private void Put64(byte[] to, int at, long value)
    {
        if (IsBigEndian)
        {
            BinaryPrimitives.WriteInt64BigEndian(to.AsSpan(at), value);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(to.AsSpan(at), value);
        }
    }

    private void PutFloat(byte[] to, int at, double value) => Put32(to, at, BitConverter.SingleToInt32Bits((float)value));

    private void PutDouble(byte[] to, int at, double value) => Put64(to, at, BitConverter.DoubleToInt64Bits(value));
}
