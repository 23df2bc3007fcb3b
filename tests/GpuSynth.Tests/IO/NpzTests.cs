using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Kernels;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

public sealed class NpzTests
{
    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Volume(3, 5, 7), VolumeShape.Volume(1, 1, 1), VolumeShape.Image(31, 100)];

    [Test]
    public void RoundTrip([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        using TestFolder folder = new();
        (float[] image, byte[] label) = Sample(shape);
        Npz.Write(folder["a.npz"], shape, image, label);
        NpzSample read = Npz.Read(folder["a.npz"]);
        Assert.That(read.Shape, Is.EqualTo(shape));
        Assert.That(read.Image, Is.EqualTo(image));
        Assert.That(read.Label, Is.EqualTo(label));
        Assert.That(folder.Names, Is.EqualTo("a.npz"));
    }

    [Test]
    public void TheEntries_AreNpyVersionOne_Stored_AndOfNoTime()
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(2, 1, 3);
        Npz.Write(folder["a.npz"], shape, [0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]);
        using ZipArchive archive = ZipFile.OpenRead(folder["a.npz"]);
        Assert.That(string.Join(" ", archive.Entries.Select(entry => entry.FullName)), Is.EqualTo("image.npy label.npy"));
        string[] types = ["<f4", "|u1"];
        for (int n = 0; n < 2; n++)
        {
            ZipArchiveEntry entry = archive.Entries[n];
            using MemoryStream bytes = new();
            using (Stream stream = entry.Open())
            {
                stream.CopyTo(bytes);
            }

            string text = $"{{'descr': '{types[n]}', 'fortran_order': False, 'shape': (2, 1, 3), }}";
            byte[] header = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(text.PadRight(117)), (byte)'\n'];
            byte[] data = n == 0 ? NiftiBytes.Store<float>([0, 1, 2, 3, 4, 5], false) : [5, 4, 3, 2, 1, 0];
            Assert.That(bytes.ToArray(), Is.EqualTo((byte[])[.. header, .. data]));
            Assert.That(entry.CompressedLength, Is.EqualTo(entry.Length), "stored");
            Assert.That(entry.LastWriteTime.DateTime, Is.EqualTo(new DateTime(1980, 1, 1)));
        }
    }

    [Test]
    public void TheSameSample_GivesTheSameBytes()
    {
        using TestFolder folder = new();
        (float[] image, byte[] label) = Sample(VolumeShape.Image(9, 9));
        Npz.Write(folder["a.npz"], VolumeShape.Image(9, 9), image, label);
        Npz.Write(folder["b.npz"], VolumeShape.Image(9, 9), image, label);
        Assert.That(File.ReadAllBytes(folder["a.npz"]), Is.EqualTo(File.ReadAllBytes(folder["b.npz"])));
    }

    [Test]
    public void Damage_IsOneClearSentence()
    {
        using TestFolder folder = new();
        Npz.Write(folder["a.npz"], VolumeShape.Image(9, 9), new float[81], new byte[81]);
        byte[] good = File.ReadAllBytes(folder["a.npz"]);
        byte[] reshaped = [.. good];
        int at = good.AsSpan().IndexOf("(9, 9)"u8);
        reshaped[at + 1] = (byte)'8'; // Its checksum is that of the other text, too.
        byte[] flipped = [.. good];
        flipped[300] ^= 1;
        foreach (byte[] bad in new byte[][] { good[..50], good[..^10], [], [1, 2, 3], reshaped, flipped })
        {
            AssertFails(() => Npz.Read(folder.Put("b.npz", bad)), $"Cannot read '{folder["b.npz"]}'");
        }

        AssertFails(() => Npz.Read(folder["absent"]), "no such file");
        Assert.That(() => Npz.Write(folder["c"], VolumeShape.Image(9, 9), new float[80], new byte[81]), Throws.ArgumentException);
    }

    [Test]
    public void NumPy_ReadsIt_WhereThereIsNumPy()
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(3, 5, 7);
        (float[] image, byte[] label) = Sample(shape);
        Npz.Write(folder["a.npz"], shape, image, label);
        const string script = """
            import sys
            try:
                import numpy
            except ImportError:
                sys.exit(77)
            d = numpy.load(sys.argv[1])
            image, label = d['image'], d['label']
            print(image.dtype.str, image.shape, label.dtype.str, label.shape, label[2, 4, 6], repr(float(image[2, 4, 6])))
            """;
        (int exitCode, string output) = Python(script, folder["a.npz"]);
        if (exitCode != 0)
        {
            Assert.Ignore("not run: there is no python3 with numpy");
        }

        string value = ((double)image[^1]).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(output.Trim(), Is.EqualTo($"<f4 (3, 5, 7) |u1 (3, 5, 7) {label[^1]} {value}"));
    }

    // ./test names one that has numpy.
    private static (int ExitCode, string Output) Python(string script, string argument)
    {
        string program = Environment.GetEnvironmentVariable("GPUSYNTH_PYTHON") ?? "python3";
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(program, ["-c", script, argument])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            string output = process!.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }

    private static (float[] Image, byte[] Label) Sample(VolumeShape shape)
    {
        Random random = new(5);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle())];
        byte[] label = new byte[shape.VoxelCount];
        random.NextBytes(label);
        return (image, label);
    }
}
