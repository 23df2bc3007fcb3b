using System.Buffers.Binary;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Kernels;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

public sealed class NiftiWriteTests
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(2, 3, 4), VolumeShape.Volume(31, 1, 33), VolumeShape.Volume(33, 40, 29),
        VolumeShape.Image(1, 1), VolumeShape.Image(31, 100),
    ];

    [Test]
    public void TheHeader_IsTheStandards_ByteForByte([Values] bool isLabel)
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(2, 3, 5);
        byte[] expected = new byte[352];
        void Int16(int at, short value) => BinaryPrimitives.WriteInt16LittleEndian(expected.AsSpan(at), value);
        void Float32(int at, float value) => BinaryPrimitives.WriteSingleLittleEndian(expected.AsSpan(at), value);
        BinaryPrimitives.WriteInt32LittleEndian(expected, 348);
        expected[38] = (byte)'r';
        short[] dim = [3, 5, 3, 2, 1, 1, 1, 1];
        for (int n = 0; n < 8; n++)
        {
            Int16(40 + (2 * n), dim[n]);
            Float32(76 + (4 * n), 1);
        }

        Int16(68, (short)(isLabel ? 1002 : 0));
        Int16(70, (short)(isLabel ? 2 : 16));
        Int16(72, (short)(isLabel ? 8 : 32));
        Float32(108, 352);
        Float32(112, 1);
        expected[123] = 2;
        Float32(124, isLabel ? 0 : 1);
        string version = typeof(Nifti).Assembly.GetName().Version!.ToString(3);
        Encoding.ASCII.GetBytes("GpuSynth " + version).CopyTo(expected, 148);
        Int16(252, 1);
        Int16(254, 1);
        float[] offsets = [-2, -1, -0.5f];
        for (int row = 0; row < 3; row++)
        {
            Float32(268 + (4 * row), offsets[row]);
            Float32(280 + (16 * row) + (4 * row), 1);
            Float32(280 + (16 * row) + 12, offsets[row]);
        }

        "n+1\0"u8.CopyTo(expected.AsSpan(344));

        if (isLabel)
        {
            Nifti.WriteLabels(folder["a.nii"], shape, new byte[30]);
        }
        else
        {
            Nifti.WriteImage(folder["a.nii"], shape, new float[30]);
        }

        byte[] file = File.ReadAllBytes(folder["a.nii"]);
        Assert.That(file[..352], Is.EqualTo(expected));
        Assert.That(file, Has.Length.EqualTo(352 + (30 * (isLabel ? 1 : 4))));
    }

    [Test]
    public void RoundTrip([ValueSource(nameof(Shapes))] VolumeShape shape, [Values("a.nii", "a.nii.gz")] string name)
    {
        using TestFolder folder = new();
        Random random = new(7);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle())];
        byte[] labels = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(n => (byte)(n / 7))];
        NiftiGeometry geometry = new([-1.5, 0, 0, 10, 0, 0, 2, -20, 0, 0.5, 0, 30]);

        Nifti.WriteImage(folder[name], shape, image, geometry);
        NiftiImage readImage = Nifti.ReadImage(folder[name]);
        Nifti.WriteLabels(folder[name], shape, labels, geometry);
        NiftiLabels readLabels = Nifti.ReadLabels(folder[name]);

        Assert.That(readImage.Data, Is.EqualTo(image));
        Assert.That(readLabels.Data.Select(value => (byte)value), Is.EqualTo(labels));
        Assert.That(readImage.Shape, Is.EqualTo(shape));
        Assert.That(readLabels.Shape, Is.EqualTo(shape));
        Assert.That(readImage.Geometry, Is.EqualTo(geometry));
        Assert.That(readLabels.Geometry, Is.EqualTo(geometry));
        Assert.That(folder.Names, Is.EqualTo(name));
    }

    [TestCase(2, new[] { 0, 4, 255 })]
    [TestCase(4, new[] { 0, 17, 1035 })]
    [TestCase(4, new[] { 0, -1, 5 })]
    [TestCase(8, new[] { 0, 1, 70000 })]
    public void Labels_AreWrittenWithTheirOwnNumbers_InTheSmallestType(int type, int[] numbers)
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(31, 33, 37); // More than a piece of the writer's.
        byte[] labels = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(n => (byte)(n % 3))];
        foreach (string name in new[] { "a.nii", "a.nii.gz" })
        {
            Nifti.WriteLabels(folder[name], shape, labels, numbers: numbers);
            Assert.That(Nifti.ReadLabels(folder[name]).Data, Is.EqualTo(labels.Select(label => numbers[label])));
        }

        Assert.That(BitConverter.ToInt16(File.ReadAllBytes(folder["a.nii"]), 70), Is.EqualTo(type));
    }

    [Test]
    public void TheQform_SaysWhatTheSformSays()
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(2, 2, 2);
        Random random = new(3);
        for (int trial = 0; trial < 200; trial++)
        {
            NiftiGeometry geometry = trial < 48 ? AxisPermutation(trial) : RandomRotation(random);
            Nifti.WriteLabels(folder["a.nii"], shape, new byte[8], geometry);
            byte[] file = File.ReadAllBytes(folder["a.nii"]);
            Assert.That(file[252], Is.EqualTo(1), "qform_code");
            file[254] = 0; // sform_code: only the qform is left.
            NiftiGeometry read = Nifti.ReadLabels(folder.Put("b.nii", file)).Geometry;
            // Of a unit quaternion b, c and d are stored as float32, and a is what is left to 1: near a half turn its square is
            // as uncertain as they are (1e-7), so a is by 3e-4, and a 2.5 mm axis by twice that. Right angles have no such loss.
            double tolerance = trial < 48 ? 1e-6 : 2 * 3e-4 * 2.5;
            Assert.That(read.ToArray(), Is.EqualTo(geometry.ToArray()).Within(tolerance), $"trial {trial}");
            Assert.That(read.Orientation, Is.EqualTo(geometry.Orientation));
        }
    }

    [Test]
    public void AShear_HasNoQform()
    {
        using TestFolder folder = new();
        NiftiGeometry geometry = new([1, 0.25, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
        Nifti.WriteLabels(folder["a.nii"], VolumeShape.Image(2, 2), new byte[4], geometry);
        byte[] file = File.ReadAllBytes(folder["a.nii"]);
        Assert.That((file[252], file[254]), Is.EqualTo(((byte)0, (byte)1)));
        Assert.That(Nifti.ReadLabels(folder["a.nii"]).Geometry, Is.EqualTo(geometry));
    }

    [Test]
    public void TheSameVolume_GivesTheSameBytes()
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(20, 21, 22);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(n => n % 97 / 97f)];
        Nifti.WriteImage(folder["a.nii.gz"], shape, image);
        Nifti.WriteImage(folder["b.nii.gz"], shape, image);
        byte[] file = File.ReadAllBytes(folder["a.nii.gz"]);
        Assert.That(File.ReadAllBytes(folder["b.nii.gz"]), Is.EqualTo(file));
        Assert.That(file[..8], Is.EqualTo(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0 }), "no name and no time");
    }

    [Test]
    public void Writing_NeedsNoSecondCopy([Values("a.nii", "a.nii.gz")] string name)
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(96, 96, 96);
        float[] image = new float[shape.VoxelCount];
        Nifti.WriteImage(folder[name], shape, image);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Nifti.WriteImage(folder[name], shape, image);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(200_000), "bytes, of 3.5 million written");
    }

    [Test]
    public void SeveralThreads_MayWrite()
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(16, 17, 18);
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, n =>
        {
            byte[] labels = new byte[shape.VoxelCount];
            labels.AsSpan().Fill((byte)n);
            Nifti.WriteLabels(folder[$"{n}.nii.gz"], shape, labels);
        });
        for (int n = 0; n < 32; n++)
        {
            Assert.That(Nifti.ReadLabels(folder[$"{n}.nii.gz"]).Data, Has.All.EqualTo(n));
        }
    }

    [Test]
    public void WrongArguments_AreSaid()
    {
        using TestFolder folder = new();
        Assert.That(
            () => Nifti.WriteImage(folder["a.nii"], VolumeShape.Image(2, 2), new float[5]),
            Throws.ArgumentException.With.Message.Contains("2x2 has 4 voxels, but 5 were given"));
        VolumeShape tooLong = VolumeShape.Image(1, 40000);
        AssertFails(() => Nifti.WriteLabels(folder["a.nii"], tooLong, new byte[40000]), "32767 voxels along an axis");
        string absent = Path.Combine(folder["absent"], "a.nii");
        AssertFails(() => Nifti.WriteImage(absent, VolumeShape.Image(2, 2), new float[4]), "there is no folder");
        Assert.That(folder.Names, Is.EqualTo(""));
    }

    // The 24 ways and their mirror images in which voxel axes can lie along the body's.
    private static NiftiGeometry AxisPermutation(int number)
    {
        string[] orders = ["012", "021", "102", "120", "201", "210"];
        double[] affine = new double[12];
        for (int column = 0; column < 3; column++)
        {
            int row = orders[number % 6][column] - '0';
            affine[(4 * row) + column] = (number / 6 >> column & 1) == 0 ? column + 1 : -(column + 1);
        }

        return new NiftiGeometry(affine);
    }

    private static NiftiGeometry RandomRotation(Random random)
    {
        // Gram-Schmidt on random columns: any rotation, half of them mirrored.
        double[] Column() => [.. Enumerable.Range(0, 3).Select(_ => random.NextDouble() - 0.5)];
        double[][] columns = [Column(), Column(), Column()];
        for (int n = 0; n < 3; n++)
        {
            for (int m = 0; m < n; m++)
            {
                double dot = columns[n].Zip(columns[m], (a, b) => a * b).Sum();
                columns[n] = [.. columns[n].Zip(columns[m], (a, b) => a - (dot * b))];
            }

            double length = Math.Sqrt(columns[n].Sum(a => a * a));
            columns[n] = [.. columns[n].Select(a => a / length)];
        }

        double[] affine = new double[12];
        for (int n = 0; n < 3; n++)
        {
            affine[(4 * n) + 0] = columns[0][n] * 0.8;
            affine[(4 * n) + 1] = columns[1][n] * 1.0;
            affine[(4 * n) + 2] = columns[2][n] * 2.5;
            affine[(4 * n) + 3] = 100 * (random.NextDouble() - 0.5);
        }

        return new NiftiGeometry(affine);
    }
}
