using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>
/// The header of a NIfTI-1 (348 bytes) or NIfTI-2 (540 bytes) file: what a reader needs of it, and the writer's NIfTI-1 form.
/// Source: nifti1.h and nifti2.h of the NIfTI Data Format Working Group; offsets below are theirs.
/// </summary>
internal sealed class NiftiHeader
{
    /// <summary>Bytes of a NIfTI-1 header.</summary>
    public const int SizeOne = 348;

    /// <summary>Bytes of a NIfTI-2 header.</summary>
    public const int SizeTwo = 540;

    /// <summary>Where the voxels of a written file start: behind the header and four bytes, "no extension".</summary>
    public const int WrittenVoxelOffset = 352;

    private const short IntentLabel = 1002;
    private const int ScannerAnatomy = 1;
    private const byte Millimetres = 2;

    private NiftiHeader(VolumeShape shape, NiftiType type, NiftiGeometry geometry) =>
        (Shape, Type, Geometry) = (shape, type, geometry);

    /// <summary>Shape in array order [D, H, W] = (dim[3], dim[2], dim[1]): the same order in memory.</summary>
    public VolumeShape Shape { get; }

    /// <summary>Volumes in the file, concatenated: modalities, or points of time.</summary>
    public int Channels { get; private init; } = 1;

    /// <summary>How a voxel is stored.</summary>
    public NiftiType Type { get; }

    /// <summary>Where the volume lies.</summary>
    public NiftiGeometry Geometry { get; }

    /// <summary>Whether the file's numbers are in the other byte order than this machine's.</summary>
    public bool IsSwapped { get; private init; }

    /// <summary>Whether the voxels are in a second file (.img).</summary>
    public bool IsPair { get; private init; }

    /// <summary>Bytes before the first voxel.</summary>
    public long VoxelOffset { get; private init; }

    /// <summary>Factor of a stored value; 1 where the header asks for no scaling.</summary>
    public double Slope { get; private init; } = 1;

    /// <summary>Added to a scaled value; 0 where the header asks for no scaling.</summary>
    public double Intercept { get; private init; }

    /// <summary>Whether the stored values are not yet the values.</summary>
    public bool IsScaled => Slope != 1 || Intercept != 0;

    /// <summary>Bytes of the header whose first four bytes are given, or 0 where they start no NIfTI header.</summary>
    public static int SizeFrom(ReadOnlySpan<byte> firstFour)
    {
        int little = BinaryPrimitives.ReadInt32LittleEndian(firstFour);
        int big = BinaryPrimitives.ReadInt32BigEndian(firstFour);
        return little is SizeOne or SizeTwo ? little : big is SizeOne or SizeTwo ? big : 0;
    }

    /// <summary>Reads a header of 348 or 540 bytes; the path is for messages.</summary>
    public static NiftiHeader Parse(string path, ReadOnlySpan<byte> bytes)
    {
        bool isTwo = bytes.Length == SizeTwo;
        Fields fields = new(bytes, BinaryPrimitives.ReadInt32LittleEndian(bytes) == bytes.Length);
        bool isPair = CheckMagic(path, isTwo ? bytes.Slice(4, 8) : bytes.Slice(344, 4), isTwo);

        Span<long> dim = stackalloc long[8];
        Span<double> pixdim = stackalloc double[8];
        for (int n = 0; n < 8; n++)
        {
            dim[n] = isTwo ? fields.Int64(16 + (8 * n)) : fields.Int16(40 + (2 * n));
            pixdim[n] = isTwo ? fields.Float64(104 + (8 * n)) : fields.Float32(76 + (4 * n));
        }

        VolumeShape shape = ShapeFrom(path, dim, out int channels);
        NiftiType type = NiftiType.Find(path, fields.Int16(isTwo ? 12 : 70));
        (double slope, double intercept) = isTwo
            ? (fields.Float64(176), fields.Float64(184))
            : (fields.Float32(112), fields.Float32(116));
        // The standard: a slope of 0 means that there is no scaling. A slope or intercept that is no number is read the same way.
        bool isScaled = slope != 0 && double.IsFinite(slope) && double.IsFinite(intercept);
        return new NiftiHeader(shape, type, new NiftiGeometry(FormsFrom(fields, dim, pixdim, isTwo)))
        {
            IsSwapped = fields.IsLittleEndian != BitConverter.IsLittleEndian,
            IsPair = isPair,
            Channels = channels,
            VoxelOffset = OffsetFrom(path, isTwo ? fields.Int64(168) : fields.Float32(108), isPair ? 0 : bytes.Length),
            Slope = isScaled ? slope : 1,
            Intercept = isScaled ? intercept : 0,
        };
    }

    /// <summary>The first 352 bytes of a written file, little-endian.</summary>
    public static void Encode(Span<byte> bytes, VolumeShape shape, NiftiGeometry geometry, NiftiType type, bool isLabel)
    {
        bytes.Clear();
        void Int16(Span<byte> to, int at, int value) => BinaryPrimitives.WriteInt16LittleEndian(to[at..], (short)value);
        void Float32(Span<byte> to, int at, double value) => BinaryPrimitives.WriteSingleLittleEndian(to[at..], (float)value);

        BinaryPrimitives.WriteInt32LittleEndian(bytes, SizeOne);
        bytes[38] = (byte)'r'; // "regular": nothing reads it any more, but old ANALYZE readers look for it.
        NiftiForms forms = geometry.Forms ?? FormsOf(geometry, shape);
        for (int n = 0; n < 8; n++)
        {
            Int16(bytes, 40 + (2 * n), (int)forms.WrittenDim(shape)[n]);
            Float32(bytes, 76 + (4 * n), forms.Pixdim[n]);
        }

        Int16(bytes, 68, isLabel ? IntentLabel : 0);
        Int16(bytes, 70, type.Code);
        Int16(bytes, 72, 8 * type.Bytes);
        Float32(bytes, 108, WrittenVoxelOffset);
        Float32(bytes, 112, 1); // scl_slope
        bytes[123] = (byte)forms.Units;
        Float32(bytes, 124, isLabel ? 0 : 1); // cal_max: images are 0 to 1; for labels 0 and 0 leave the window to the viewer.
        Encoding.ASCII.GetBytes("GpuSynth " + typeof(NiftiHeader).Assembly.GetName().Version?.ToString(3), bytes.Slice(148, 80));
        Int16(bytes, 252, forms.QformCode);
        Int16(bytes, 254, forms.SformCode);
        for (int n = 0; n < 6; n++)
        {
            Float32(bytes, 256 + (4 * n), forms.Quatern[n]);
        }

        for (int n = 0; n < 12; n++)
        {
            Float32(bytes, 280 + (4 * n), forms.Rows[n]);
        }

        "n+1\0"u8.CopyTo(bytes[344..]);
    }

    // True for a pair of files, false for a single file.
    private static bool CheckMagic(string path, ReadOnlySpan<byte> magic, bool isTwo)
    {
        if (magic.SequenceEqual(isTwo ? "n+2\0\r\n\u001a\n"u8 : "n+1\0"u8))
        {
            return false;
        }

        if (magic.SequenceEqual(isTwo ? "ni2\0\r\n\u001a\n"u8 : "ni1\0"u8))
        {
            return true;
        }

        throw VolumeFileException.Reading(
            path,
            $"its magic bytes are {Convert.ToHexStringLower(magic)} where NIfTI has \"{(isTwo ? "n+2" : "n+1")}\", " +
            "so it is damaged or an ANALYZE file; convert it to NIfTI");
    }

    private static VolumeShape ShapeFrom(string path, ReadOnlySpan<long> dim, out int channels)
    {
        long dimensions = dim[0];
        if (dimensions is < 1 or > 7)
        {
            throw VolumeFileException.Reading(
                path, $"its header claims {dimensions} dimensions, which are 1 to 7; the file is damaged");
        }

        string sizes = string.Join(" x ", dim.Slice(1, (int)dimensions).ToArray());
        UInt128 voxels = 1;
        foreach (long size in dim.Slice(1, (int)dimensions))
        {
            if (size < 1)
            {
                throw VolumeFileException.Reading(
                    path, $"its header claims {sizes} voxels, and every size is at least 1; the file is damaged");
            }

            // Seven sizes below 2^63 could pass 2^128; what is too many already stays too many.
            voxels = voxels > (UInt128)Array.MaxLength ? voxels : voxels * (UInt128)size;
        }

        if (dimensions == 1)
        {
            throw VolumeFileException.Reading(path, $"it holds a row of {sizes} values; images have 2 dimensions, volumes 3");
        }

        // (x, y, z, t) and (x, y, z, 1, c): concatenated volumes. Of two such axes the header does not tell which is which.
        long volumes = 1;
        for (int n = 4; n <= dimensions; n++)
        {
            if (volumes > 1 && dim[n] > 1)
            {
                throw VolumeFileException.Reading(
                    path, $"it holds {sizes} voxels, series of volumes along two axes; split it into files with one series each");
            }

            volumes *= dim[n];
        }

        if (voxels > (UInt128)Array.MaxLength)
        {
            throw VolumeFileException.Reading(path, string.Create(
                CultureInfo.InvariantCulture,
                $"its header claims {sizes} voxels, more than the {Array.MaxLength:N0} that fit an array"));
        }

        channels = (int)volumes;
        return dimensions == 2 || dim[3] == 1
            ? VolumeShape.Image((int)dim[2], (int)dim[1])
            : VolumeShape.Volume((int)dim[3], (int)dim[2], (int)dim[1]);
    }

    private static long OffsetFrom(string path, double offset, int headerBytes)
    {
        if (offset >= headerBytes && offset <= long.MaxValue / 2 && offset == Math.Floor(offset))
        {
            return (long)offset;
        }

        throw VolumeFileException.Reading(path, string.Create(
            CultureInfo.InvariantCulture,
            $"its header puts the voxels at byte {offset}, which is not behind the header; the file is damaged"));
    }

    private static NiftiForms FormsFrom(Fields fields, ReadOnlySpan<long> dim, ReadOnlySpan<double> pixdim, bool isTwo)
    {
        double[] quatern = new double[6];
        for (int n = 0; n < 6; n++)
        {
            quatern[n] = isTwo ? fields.Float64(352 + (8 * n)) : fields.Float32(256 + (4 * n));
        }

        double[] rows = new double[12];
        for (int n = 0; n < 12; n++)
        {
            rows[n] = isTwo ? fields.Float64(400 + (8 * n)) : fields.Float32(280 + (4 * n));
        }

        return isTwo
            ? new NiftiForms(
                dim.ToArray(), pixdim.ToArray(), quatern, rows, fields.Int32(344), fields.Int32(348), fields.Int32(500))
            : new NiftiForms(
                dim.ToArray(), pixdim.ToArray(), quatern, rows, fields.Int16(252), fields.Int16(254), fields.Byte(123));
    }

    // Both forms say the same, in millimetres; a sheared affine has no qform.
    private static NiftiForms FormsOf(NiftiGeometry geometry, VolumeShape shape)
    {
        (double b, double c, double d, double qfac, bool hasQuaternion) = NiftiQuaternion.Of(geometry);
        return new NiftiForms(
            [shape.Dimensions, shape.Width, shape.Height, shape.Depth, 1, 1, 1, 1],
            [qfac, geometry.Spacing.X, geometry.Spacing.Y, geometry.Spacing.Z, 1, 1, 1, 1],
            [b, c, d, geometry[0, 3], geometry[1, 3], geometry[2, 3]],
            geometry.ToArray(),
            hasQuaternion ? ScannerAnatomy : 0,
            ScannerAnatomy,
            Millimetres);
    }

    // The header's numbers in the file's own byte order.
    private readonly ref struct Fields(ReadOnlySpan<byte> bytes, bool isLittleEndian)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public bool IsLittleEndian { get; } = isLittleEndian;

        public byte Byte(int at) => bytes[at];

        public short Int16(int at) => IsLittleEndian
            ? BinaryPrimitives.ReadInt16LittleEndian(bytes[at..])
            : BinaryPrimitives.ReadInt16BigEndian(bytes[at..]);

        public int Int32(int at) => IsLittleEndian
            ? BinaryPrimitives.ReadInt32LittleEndian(bytes[at..])
            : BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);

        public long Int64(int at) => IsLittleEndian
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes[at..])
            : BinaryPrimitives.ReadInt64BigEndian(bytes[at..]);

        public double Float32(int at) => BitConverter.Int32BitsToSingle(Int32(at));

        public double Float64(int at) => BitConverter.Int64BitsToDouble(Int64(at));
    }
}
