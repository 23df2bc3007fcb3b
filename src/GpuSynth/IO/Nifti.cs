using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>
/// Reads and writes NIfTI files. Read: NIfTI-1 and NIfTI-2, one file (.nii) or a pair (.hdr and .img), compressed by gzip or not
/// (the bytes decide, not the name), either byte order, all real number types, scaled by the header's slope and intercept.
/// Written: NIfTI-1, one little-endian file, compressed when its name ends in .gz. Safe from several threads at once.
/// </summary>
/// <remarks>
/// NIfTI's dimensions (x, y, z) run fastest first, this library's axes [D, H, W] fastest last: the same memory, and nothing is
/// ever transposed or turned. A file of one slice is an image, whether its header says 2 or 3 dimensions; volumes along a fourth or
/// fifth dimension are the channels of an image [C, D, H, W].
/// Source: nifti1.h and nifti2.h of the NIfTI Data Format Working Group.
/// </remarks>
public static partial class Nifti
{
    private const int ChunkVoxels = 1 << 14;

    // How far from a whole number a label may be stored: the rounding of a program's interpolation, never a mixture of labels.
    private const double LabelTolerance = 1e-3;

    // The length of a compressed file says nothing about its content: memory for it starts here and at most doubles what has
    // already arrived, so that a header that lies about its size gets no more than that.
    private const int FirstVoxels = 1 << 24;

    private delegate void VoxelConverter<TTo>(NiftiSource source, ReadOnlySpan<byte> stored, Span<TTo> to, long firstVoxel);

    /// <summary>Reads an image; every stored type becomes float32, after the header's scaling in double precision.</summary>
    /// <exception cref="VolumeFileException">The file is missing, truncated, damaged, or no NIfTI file that is read.</exception>
    public static NiftiImage ReadImage(string path) => Read(path, static (header, source) =>
    {
        VoxelConverter<float> converter = header.Type.Name switch
        {
            "uint8" => ToFloat<byte>,
            "int8" => ToFloat<sbyte>,
            "int16" => ToFloat<short>,
            "uint16" => ToFloat<ushort>,
            "int32" => ToFloat<int>,
            "uint32" => ToFloat<uint>,
            "int64" => ToFloat<long>,
            "uint64" => ToFloat<ulong>,
            "float32" => ToFloat<float>,
            _ => ToFloat<double>,
        };
        return new NiftiImage(header.Shape, ReadVoxels(source, converter), header.Geometry) { Channels = header.Channels };
    });

    /// <summary>Reads what a header says of the voxels, and none of them.</summary>
    /// <exception cref="VolumeFileException">The file is missing, or no NIfTI file that is read.</exception>
    public static NiftiInfo ReadInfo(string path) =>
        Read(path, static (header, _) => new NiftiInfo(header.Shape, header.Channels, header.Geometry));

    /// <summary>
    /// Reads a label map: whole numbers, whatever type they are stored in. What a program's resampling left within 0.001 of one
    /// (2.0000002) is rounded and counted.
    /// </summary>
    /// <exception cref="VolumeFileException">As <see cref="ReadImage"/>, or a value is not a whole number of 32 bits.</exception>
    public static NiftiLabels ReadLabels(string path) => Read(path, static (header, source) =>
    {
        if (header.Channels > 1)
        {
            throw VolumeFileException.Reading(
                source.Path,
                $"it holds {header.Channels} volumes of {header.Shape} voxels, and a label map is one; save one volume with all labels");
        }

        VoxelConverter<int> converter = header.Type.Name switch
        {
            "uint8" => ToLabel<byte>,
            "int8" => ToLabel<sbyte>,
            "int16" => ToLabel<short>,
            "uint16" => ToLabel<ushort>,
            "int32" => ToLabel<int>,
            "uint32" => ToLabel<uint>,
            "int64" => ToLabel<long>,
            "uint64" => ToLabel<ulong>,
            "float32" => ToLabel<float>,
            _ => ToLabel<double>,
        };
        int[] labels = ReadVoxels(source, converter);
        return new NiftiLabels(header.Shape, labels, header.Geometry) { RoundedVoxels = source.RoundedLabels };
    });

    private static T Read<T>(string path, Func<NiftiHeader, NiftiSource, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using NiftiSource source = NiftiSource.Open(path);
        return read(source.Header, source);
    }

    private static T[] ReadVoxels<T>(NiftiSource source, VoxelConverter<T> convert)
    {
        NiftiHeader header = source.Header;
        long count = header.Shape.VoxelCount * header.Channels;
        int size = header.Type.Bytes;
        source.SkipToVoxels(count * size);
        byte[] buffer = new byte[ChunkVoxels * size];
        T[] data = new T[source.IsLengthKnown ? count : Math.Min(count, FirstVoxels)];
        for (long done = 0; done < count;)
        {
            int wanted = (int)Math.Min(ChunkVoxels, count - done);
            Span<byte> chunk = buffer.AsSpan(0, wanted * size);
            source.Read(chunk);
            if (header.IsSwapped)
            {
                Swap(chunk, size);
            }

            if (done + wanted > data.Length)
            {
                Array.Resize(ref data, (int)Math.Min(count, 2L * data.Length));
            }

            convert(source, chunk, data.AsSpan((int)done, wanted), done);
            done += wanted;
        }

        source.ReadToEnd();
        return data;
    }

    private static void Swap(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                Span<short> two = MemoryMarshal.Cast<byte, short>(bytes);
                BinaryPrimitives.ReverseEndianness(two, two);
                break;
            case 4:
                Span<int> four = MemoryMarshal.Cast<byte, int>(bytes);
                BinaryPrimitives.ReverseEndianness(four, four);
                break;
            case 8:
                Span<long> eight = MemoryMarshal.Cast<byte, long>(bytes);
                BinaryPrimitives.ReverseEndianness(eight, eight);
                break;
        }
    }

    private static void ToFloat<T>(NiftiSource source, ReadOnlySpan<byte> stored, Span<float> to, long firstVoxel)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(stored);
        if (!source.Header.IsScaled)
        {
            for (int n = 0; n < to.Length; n++)
            {
                to[n] = float.CreateTruncating(values[n]);
            }

            return;
        }

        (double slope, double intercept) = (source.Header.Slope, source.Header.Intercept);
        for (int n = 0; n < to.Length; n++)
        {
            to[n] = (float)((double.CreateTruncating(values[n]) * slope) + intercept);
        }
    }

    private static void ToLabel<T>(NiftiSource source, ReadOnlySpan<byte> stored, Span<int> to, long firstVoxel)
        where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(stored);
        (bool isScaled, double slope, double intercept) = (source.Header.IsScaled, source.Header.Slope, source.Header.Intercept);
        for (int n = 0; n < to.Length; n++)
        {
            double value = double.CreateTruncating(values[n]);
            if (isScaled)
            {
                // Rounded to the header's own precision: 10 times a slope of 0.1f is 1, not 1.0000000149.
                value = (float)((value * slope) + intercept);
            }

            // The conversion saturates and makes 0 of a NaN: a value that is no 32-bit integer differs from it.
            int label = (int)value;
            if (label != value)
            {
                double nearest = Math.Round(value);
                label = (int)nearest;
                if (label != nearest || !(Math.Abs(value - nearest) <= LabelTolerance))
                {
                    throw NotALabel(source, value, firstVoxel + n);
                }

                source.RoundedLabels++;
            }

            to[n] = label;
        }
    }

    private static VolumeFileException NotALabel(NiftiSource source, double value, long voxel)
    {
        VolumeShape shape = source.Header.Shape;
        (long row, long x) = Math.DivRem(voxel, shape.Width);
        (long z, long y) = Math.DivRem(row, shape.Height);
        return VolumeFileException.Reading(source.Path, string.Create(
            CultureInfo.InvariantCulture,
            $"voxel (x {x}, y {y}, z {z}) holds {value}, and labels are whole numbers of 32 bits; ")
            + "check that it is a label map, and resample label maps by nearest neighbours, not linearly");
    }
}
