using GpuSynth.IO;
using GpuSynth.Kernels;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

public sealed class NiftiReadTests
{
    [Test]
    public void EveryType_InBothByteOrders_WithBothHeaders([Values] bool isBigEndian, [Values] bool isTwo, [Values] bool isGzip)
    {
        using TestFolder folder = new();
        foreach ((short code, byte[] voxels, float[] expected) in Types(isBigEndian))
        {
            NiftiBytes bytes = new() { IsBigEndian = isBigEndian, Dim = [3, 2, 1, 2], DataType = code, Voxels = voxels };
            byte[] file = isTwo ? bytes.Two() : bytes.One();
            NiftiImage image = Nifti.ReadImage(folder.Put("a.nii", isGzip ? NiftiBytes.Gzip(file) : file));
            Assert.That(image.Data, Is.EqualTo(expected), $"type {code}");
            Assert.That(image.Shape, Is.EqualTo(VolumeShape.Volume(2, 1, 2)));
        }
    }

    [Test]
    public void Labels_OfEveryType([Values] bool isBigEndian)
    {
        using TestFolder folder = new();
        foreach ((short code, byte[] voxels, float[] expected) in Types(isBigEndian))
        {
            NiftiBytes bytes = new() { IsBigEndian = isBigEndian, Dim = [2, 2, 2], DataType = code, Voxels = voxels };
            string path = folder.Put("a.nii", bytes.One());
            if (expected.All(value => value == MathF.Floor(value) && Math.Abs(value) < 1e9f))
            {
                Assert.That(Nifti.ReadLabels(path).Data.Select(value => (float)value), Is.EqualTo(expected), $"type {code}");
            }
            else
            {
                AssertFails(() => Nifti.ReadLabels(path), "labels are whole numbers", $"type {code}");
            }
        }
    }

    [Test]
    public void Labels_AreExact_WhereFloat32IsNot()
    {
        using TestFolder folder = new();
        int[] values = [16_777_217, int.MaxValue, int.MinValue, -1];
        NiftiBytes bytes = new() { Dim = [2, 2, 2], DataType = 8, Voxels = NiftiBytes.Store(values, false) };
        Assert.That(Nifti.ReadLabels(folder.Put("a.nii", bytes.One())).Data, Is.EqualTo(values));
    }

    [TestCase(2.5f, "holds 2.5")]
    [TestCase(float.NaN, "holds NaN")]
    [TestCase(1e10f, "holds 10000000000")]
    public void AnImageIsNoLabelMap(float value, string expected)
    {
        using TestFolder folder = new();
        NiftiBytes bytes = new() { Dim = [3, 2, 1, 2], DataType = 16, Voxels = NiftiBytes.Store([0, 1, 2, value], false) };
        VolumeFileException? error = Assert.Throws<VolumeFileException>(() => Nifti.ReadLabels(folder.Put("a.nii", bytes.One())));
        Assert.That(error!.Message, Does.Contain("voxel (x 1, y 0, z 1)").And.Contain(expected).And.Contain("a.nii"));
    }

    [TestCase(2.0, 0.5, new float[] { 0.5f, 2.5f, 4.5f, 510.5f })]
    [TestCase(0.0, 7.0, new float[] { 0, 1, 2, 255 })]
    [TestCase(double.NaN, 7.0, new float[] { 0, 1, 2, 255 })]
    [TestCase(double.PositiveInfinity, 7.0, new float[] { 0, 1, 2, 255 })]
    [TestCase(1.0, -1.0, new float[] { -1, 0, 1, 254 })]
    public void Scaling(double slope, double intercept, float[] expected)
    {
        using TestFolder folder = new();
        NiftiBytes bytes = new() { Dim = [2, 2, 2], Slope = slope, Intercept = intercept, Voxels = [0, 1, 2, 255] };
        Assert.That(Nifti.ReadImage(folder.Put("a.nii", bytes.One())).Data, Is.EqualTo(expected));
        Assert.That(Nifti.ReadImage(folder.Put("b.nii", bytes.Two())).Data, Is.EqualTo(expected));
    }

    [Test]
    public void Labels_AreScaledToo_AtTheHeadersPrecision()
    {
        using TestFolder folder = new();
        NiftiBytes bytes = new() { Dim = [2, 2, 2], Slope = 0.1, Voxels = [0, 10, 20, 250] };
        int[] expected = [0, 1, 2, 25];
        Assert.That(Nifti.ReadLabels(folder.Put("a.nii", bytes.One())).Data, Is.EqualTo(expected));
    }

    [TestCase(new long[] { 2, 4, 3 }, "3x4")]
    [TestCase(new long[] { 3, 4, 3, 1 }, "3x4")]
    [TestCase(new long[] { 3, 2, 3, 2 }, "2x3x2")]
    [TestCase(new long[] { 4, 2, 3, 2, 1 }, "2x3x2")]
    [TestCase(new long[] { 7, 2, 3, 2, 1, 1, 1, 1 }, "2x3x2")]
    [TestCase(new long[] { 3, 2, 3, 2, 0, -5 }, "2x3x2")] // Sizes beyond the dimensions mean nothing.
    public void Dimensions(long[] dim, string expected)
    {
        using TestFolder folder = new();
        NiftiImage image = Nifti.ReadImage(folder.Put("a.nii", new NiftiBytes { Dim = dim }.One()));
        Assert.That(image.Shape.ToString(), Is.EqualTo(expected));
        Assert.That(image.Data, Is.EqualTo(Enumerable.Range(0, 12).Select(value => (float)value)), "memory order is kept");
    }

    [TestCase(new long[] { 4, 2, 3, 1, 2 }, "3x2")]
    [TestCase(new long[] { 4, 2, 1, 3, 2 }, "3x1x2")]
    [TestCase(new long[] { 5, 2, 1, 3, 1, 2 }, "3x1x2")]
    [TestCase(new long[] { 7, 2, 3, 1, 1, 1, 1, 2 }, "3x2")]
    public void VolumesAlongAFurtherDimension_AreChannels_AndNoLabelMap(long[] dim, string expected)
    {
        using TestFolder folder = new();
        string path = folder.Put("a.nii.gz", NiftiBytes.Gzip(new NiftiBytes { Dim = dim }.One()));
        NiftiImage image = Nifti.ReadImage(path);
        Assert.That((image.Shape.ToString(), image.Channels), Is.EqualTo((expected, 2)));
        Assert.That(image.Data, Is.EqualTo(Enumerable.Range(0, 12).Select(value => (float)value)), "one channel behind the other");
        NiftiInfo info = Nifti.ReadInfo(path);
        Assert.That((info.Shape.ToString(), info.Channels, info.Geometry), Is.EqualTo((expected, 2, image.Geometry)));
        AssertFails(() => Nifti.ReadLabels(path), $"it holds 2 volumes of {expected} voxels, and a label map is one");
    }

    [Test]
    public void TheBytesDecideAboutGzip_NotTheName()
    {
        using TestFolder folder = new();
        byte[] file = new NiftiBytes().One();
        Assert.That(Nifti.ReadImage(folder.Put("a.nii", NiftiBytes.Gzip(file))).Data, Has.Length.EqualTo(12));
        Assert.That(Nifti.ReadImage(folder.Put("b.nii.gz", file)).Data, Has.Length.EqualTo(12));
    }

    [Test]
    public void Extensions_AreSkipped([Values] bool isGzip)
    {
        using TestFolder folder = new();
        byte[] file = new NiftiBytes { VoxelOffset = 352 + 4096 }.One();
        file[348] = 1;
        file.AsSpan(352, 4096).Fill(0xee);
        Assert.That(Nifti.ReadImage(folder.Put("a.nii", isGzip ? NiftiBytes.Gzip(file) : file)).Data[11], Is.EqualTo(11));
    }

    [TestCase("a.hdr", "a.img")]
    [TestCase("a.HDR", "a.IMG")]
    [TestCase("a.hdr.gz", "a.img.gz")]
    public void Pairs_ByEitherName(string header, string voxels)
    {
        using TestFolder folder = new();
        NiftiBytes bytes = new() { Magic = "ni1\0", VoxelOffset = 0 };
        byte[] Pack(byte[] file) => header.EndsWith("gz", StringComparison.Ordinal) ? NiftiBytes.Gzip(file) : file;
        folder.Put(header, Pack(bytes.HeaderOne()));
        AssertFails(() => Nifti.ReadImage(folder[header]), voxels);
        folder.Put(voxels, Pack(bytes.Voxels));
        Assert.That(Nifti.ReadImage(folder[header]).Data[11], Is.EqualTo(11));
        Assert.That(Nifti.ReadImage(folder[voxels]).Data[11], Is.EqualTo(11));
    }

    [Test]
    public void Sform_IsTheFirstChoice([Values] bool isTwo)
    {
        double[] sform = [-2, 0, 0.5, 10, 0, 3, 0, -20, 0.25, 0, 4, 30];
        NiftiBytes bytes = new() { SformCode = 1, Sform = sform, QformCode = 1, Pixdim = [1, 9, 9, 9] };
        NiftiGeometry geometry = ReadGeometry(isTwo, bytes);
        Assert.That(geometry.ToArray(), Is.EqualTo(sform));
        Assert.That(geometry.Orientation, Is.EqualTo("LAS"));
    }

    [Test]
    public void Qform_IsTheSecond([Values] bool isTwo)
    {
        // A quarter turn about z: x of the voxels runs along y of the body.
        double half = Math.Sqrt(0.5);
        NiftiBytes bytes = new()
        {
            QformCode = 1,
            Quaternion = [0, 0, half],
            QuaternionOffset = [5, 6, 7],
            Pixdim = [-1, 2, 3, 4],
            Sform = [9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 0],
        };
        double[] expected = [0, -3, 0, 5, 2, 0, 0, 6, 0, 0, -4, 7];
        Assert.That(ReadGeometry(isTwo, bytes).ToArray(), Is.EqualTo(expected).Within(1e-6));
        Assert.That(ReadGeometry(isTwo, bytes).Orientation, Is.EqualTo("ALI"));
    }

    [Test]
    public void VoxelSizesAlone_AreTheLast_AndReplaceAFlatForm([Values] bool isTwo, [Values] bool isFlat)
    {
        // A form of zeros, with or without its code: some tools write that.
        NiftiBytes bytes = new() { SformCode = isFlat ? 1 : 0, Pixdim = [0, 2, 0, -4] };
        Assert.That(ReadGeometry(isTwo, bytes).ToArray(), Is.EqualTo(new double[] { 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0 }));
    }

    [TestCase(1, 1000)]
    [TestCase(2, 1)]
    [TestCase(3, 0.001)]
    [TestCase(0, 1)]
    [TestCase(2 + 8, 1)] // Millimetres and seconds.
    public void Units_BecomeMillimetres(int units, double factor)
    {
        NiftiBytes bytes = new() { Units = (byte)units, SformCode = 2, Sform = [1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 1, 4] };
        double[] expected = [factor, 0, 0, 2 * factor, 0, factor, 0, 3 * factor, 0, 0, factor, 4 * factor];
        Assert.That(ReadGeometry(false, bytes).ToArray(), Is.EqualTo(expected));
        Assert.That(ReadGeometry(true, bytes).ToArray(), Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Malformed))]
    public void Malformed_IsOneClearSentence(byte[] file, string expected)
    {
        using TestFolder folder = new();
        string path = folder.Put("bad.nii", file);
        VolumeFileException? error = Assert.Throws<VolumeFileException>(() => Nifti.ReadImage(path));
        Assert.That(error!.Message, Does.StartWith($"Cannot read '{path}': ").And.Contain(expected).And.EndWith("."));
        Assert.That(error.Message, Does.Not.Contain("\n").And.Not.Contain(".."));
        Assert.That(() => Nifti.ReadLabels(path), Throws.TypeOf<VolumeFileException>());
    }

    [Test]
    public void MissingFiles_AreNamed()
    {
        using TestFolder folder = new();
        AssertFails(() => Nifti.ReadImage(folder["a.nii"]), "a.nii': there is no such file");
        AssertFails(() => Nifti.ReadImage(Path.Combine(folder["b"], "a.nii")), "no such file");
        AssertFails(() => Nifti.ReadImage(folder.Root), "it is a folder");
    }

    [Test]
    public void ATruncatedGzip_SaysWhatIsThere_HoweverItWasCut()
    {
        using TestFolder folder = new();
        Random random = new(1);
        byte[] voxels = new byte[100 * 100 * 100];
        random.NextBytes(voxels);
        byte[] whole = new NiftiBytes { Dim = [3, 100, 100, 100], Voxels = voxels }.One();
        byte[] packed = NiftiBytes.Gzip(whole);
        foreach (int length in new[] { 3, 20, 500, packed.Length / 2, packed.Length - 100 })
        {
            VolumeFileException? error = Assert.Throws<VolumeFileException>(
                () => Nifti.ReadImage(folder.Put("a.nii.gz", packed[..length])), $"{length} bytes");
            Assert.That(error!.Message, Does.Contain("truncated").Or.Contain("damaged").Or.Contain("not a NIfTI file"));
        }

        VolumeFileException? shorter = Assert.Throws<VolumeFileException>(
            () => Nifti.ReadImage(folder.Put("a.nii.gz", NiftiBytes.Gzip(whole[..^1]))));
        Assert.That(shorter!.Message, Does.Contain("truncated (1,000,352 bytes expected after unpacking, 1,000,351 found)"));
    }

    [Test]
    public void ADamagedGzip_IsSaid()
    {
        using TestFolder folder = new();
        byte[] voxels = new byte[50 * 50 * 50];
        new Random(1).NextBytes(voxels);
        byte[] packed = NiftiBytes.Gzip(new NiftiBytes { Dim = [3, 50, 50, 50], Voxels = voxels }.One());
        packed[packed.Length / 2] ^= 0x10; // Stored bytes: only the checksum at the end can tell.
        AssertFails(() => Nifti.ReadImage(folder.Put("a.nii.gz", packed)), "gzip compression is damaged");
    }

    [Test]
    public void AHeaderThatLies_GetsNoMemory([Values] bool isGzip)
    {
        using TestFolder folder = new();
        byte[] file = new NiftiBytes { Dim = [3, 1290, 1290, 1290], DataType = 64 }.One();
        string path = folder.Put("a.nii", isGzip ? NiftiBytes.Gzip(file) : file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertFails(() => Nifti.ReadImage(path), "17,173,512,352 bytes expected");
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(isGzip ? 70_000_000 : 1_000_000));
    }

    [Test]
    public void ACompressedVolumeAboveTheFirstAllocation_Grows()
    {
        using TestFolder folder = new();
        byte[] voxels = new byte[300 * 300 * 200];
        voxels[^1] = 7;
        byte[] packed = NiftiBytes.Gzip(new NiftiBytes { Dim = [3, 300, 300, 200], Voxels = voxels }.One());
        int[] labels = Nifti.ReadLabels(folder.Put("a.nii.gz", packed)).Data;
        Assert.That(labels, Has.Length.EqualTo(voxels.Length));
        Assert.That(labels[^1], Is.EqualTo(7));
    }

    [Test]
    public void SharedHippocampus_IsReadWhole()
    {
        string images = TestData.Shared("data", "hippocampus", "images");
        string labels = TestData.Shared("data", "hippocampus", "labels");
        string[] files = [.. Directory.EnumerateFiles(images, "*.nii.gz").Order(StringComparer.Ordinal)];
        Assert.That(files, Has.Length.EqualTo(130));
        foreach (string file in files)
        {
            NiftiImage image = Nifti.ReadImage(file);
            NiftiLabels label = Nifti.ReadLabels(Path.Combine(labels, Path.GetFileName(file)));
            Assert.That(label.Shape, Is.EqualTo(image.Shape));
            Assert.That(label.Geometry, Is.EqualTo(image.Geometry));
            Assert.That(label.Geometry.Spacing, Is.EqualTo((1.0, 1.0, 1.0)));
            Assert.That(label.Data.Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 3)));
            Assert.That(image.Data.All(float.IsFinite) && image.Data.Max() > image.Data.Min(), file);
        }
    }

    private static IEnumerable<TestCaseData> Malformed()
    {
        static TestCaseData Case(string name, byte[] file, string expected) =>
            new TestCaseData(file, expected).SetName("Malformed: " + name);
        byte[] good = new NiftiBytes().One();
        yield return Case("empty", [], "it is empty");
        yield return Case("three bytes", [0x5c, 1, 0], "not a NIfTI file");
        yield return Case("text", "This is no volume at all."u8.ToArray(), "not a NIfTI file");
        yield return Case("empty gzip", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], "not a NIfTI file");
        yield return Case("gzip of text", NiftiBytes.Gzip("This is no volume."u8.ToArray()), "not a NIfTI file");
        yield return Case("half a header", good[..200], "truncated (348 bytes expected, 200 found)");
        yield return Case("no voxels", good[..352], "truncated (364 bytes expected, 352 found)");
        yield return Case("a voxel short", good[..^1], "truncated (364 bytes expected, 363 found)");
        yield return Case("ANALYZE magic", new NiftiBytes { Magic = "\0\0\0\0" }.One(), "magic bytes are 00000000");
        yield return Case("RGB", new NiftiBytes { DataType = 128 }.One(), "type 128 (RGB colour); convert it to one of uint8");
        yield return Case("no type", new NiftiBytes { DataType = 0 }.One(), "type 0 (unknown)");
        yield return Case("complex", new NiftiBytes { DataType = 32 }.One(), "type 32 (complex64)");
        yield return Case("no dimensions", new NiftiBytes { Dim = [0, 1, 1, 1] }.One(), "claims 0 dimensions");
        yield return Case("eight dimensions", new NiftiBytes { Dim = [8, 1, 1, 1] }.One(), "claims 8 dimensions");
        yield return Case("one dimension", new NiftiBytes { Dim = [1, 12] }.One(), "a row of 12 values");
        yield return Case("zero size", new NiftiBytes { Dim = [3, 2, 0, 2] }.One(), "claims 2 x 0 x 2 voxels");
        yield return Case("negative size", new NiftiBytes { Dim = [3, 2, -3, 2] }.One(), "claims 2 x -3 x 2 voxels");
        yield return Case("series", new NiftiBytes { Dim = [5, 2, 1, 1, 2, 3] }.One(), "series of volumes along two axes");
        const long huge = long.MaxValue;
        yield return Case("large", new NiftiBytes { Dim = [3, 32767, 32767, 32767] }.One(), "x 32767 x 32767 voxels, more than");
        yield return Case("huge", new NiftiBytes { Dim = [3, huge, huge, huge] }.Two(), "more than");
        yield return Case("wrapping in 64 bits", new NiftiBytes { Dim = [3, 1L << 32, 1L << 32, 1] }.Two(), "more than");
        foreach (double offset in new[] { 0, -352, 352.5, double.NaN, double.PositiveInfinity })
        {
            byte[] file = new NiftiBytes().One();
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(108), (float)offset);
            yield return Case($"voxels at {offset}", file, "puts the voxels at byte");
        }

        byte[] far = new NiftiBytes().One();
        System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(far.AsSpan(108), 1e9f);
        yield return Case("voxels behind the end", far, "truncated (1,000,000,012 bytes expected, 364 found)");
        const string expected = "truncated (1,000,000,012 bytes expected after unpacking, 364 found)";
        yield return Case("voxels behind the end of gzip", NiftiBytes.Gzip(far), expected);
    }

    private static IEnumerable<(short Code, byte[] Voxels, float[] Expected)> Types(bool isBigEndian)
    {
        yield return (2, NiftiBytes.Store<byte>([0, 1, 200, 255], isBigEndian), [0, 1, 200, 255]);
        yield return (256, NiftiBytes.Store<sbyte>([0, 1, -128, 127], isBigEndian), [0, 1, -128, 127]);
        yield return (4, NiftiBytes.Store<short>([0, 1, -32768, 32767], isBigEndian), [0, 1, -32768, 32767]);
        yield return (512, NiftiBytes.Store<ushort>([0, 1, 256, 65535], isBigEndian), [0, 1, 256, 65535]);
        yield return (8, NiftiBytes.Store([0, 1, -70000, 70000], isBigEndian), [0, 1, -70000, 70000]);
        yield return (768, NiftiBytes.Store<uint>([0, 1, 2, uint.MaxValue], isBigEndian), [0, 1, 2, uint.MaxValue]);
        yield return (1024, NiftiBytes.Store<long>([0, 1, -70000, 1L << 40], isBigEndian), [0, 1, -70000, 1L << 40]);
        yield return (1280, NiftiBytes.Store<ulong>([0, 1, 70000, ulong.MaxValue], isBigEndian), [0, 1, 70000, ulong.MaxValue]);
        yield return (16, NiftiBytes.Store<float>([0, 1, -2.5f, 1e-20f], isBigEndian), [0, 1, -2.5f, 1e-20f]);
        yield return (16, NiftiBytes.Store<float>([0, 1, 17, 530], isBigEndian), [0, 1, 17, 530]);
        yield return (64, NiftiBytes.Store([0, 1, -2.5, 0.1], isBigEndian), [0, 1, -2.5f, 0.1f]);
        yield return (64, NiftiBytes.Store<double>([0, 1, 17, -530], isBigEndian), [0, 1, 17, -530]);
    }

    private static NiftiGeometry ReadGeometry(bool isTwo, NiftiBytes bytes)
    {
        using TestFolder folder = new();
        return Nifti.ReadImage(folder.Put("a.nii", isTwo ? bytes.Two() : bytes.One())).Geometry;
    }
}
