using GpuSynth.Tests.IO;
using GpuSynth.Torch.Images;
using BitMiracle.LibTiff.Classic;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.Tests.Images;

/// <summary>Images and label maps as PNG and TIFF.</summary>
public sealed class PictureReadTests
{
    private static readonly byte[] Palette = [10, 20, 30, 0, 0, 0, 255, 128, 64, 7, 7, 7];
    private static readonly (int Width, int Height)[] Sizes = [(1, 1), (3, 2), (19, 13)];
    private static readonly bool[] Interlaced = [false, true];
    private static readonly Compression[] Compressions =
        [Compression.NONE, Compression.LZW, Compression.DEFLATE, Compression.PACKBITS];

    [TestCase(1, 0)]
    [TestCase(2, 0)]
    [TestCase(4, 0)]
    [TestCase(8, 0)]
    [TestCase(16, 0)]
    [TestCase(8, 2)]
    [TestCase(16, 2)]
    [TestCase(8, 4)]
    [TestCase(16, 4)]
    [TestCase(8, 6)]
    [TestCase(16, 6)]
    public void EveryFormOfPng_GivesItsValues(int depth, int type)
    {
        using TestFolder folder = new();
        (int stored, int kept) = type switch { 2 => (3, 3), 4 => (2, 1), 6 => (4, 3), _ => (1, 1) };
        foreach (bool isInterlaced in Interlaced)
        {
            foreach ((int width, int height) in Sizes)
            {
                var random = new Random(depth + type);
                int[] samples = [.. Enumerable.Range(0, width * height * stored).Select(_ => random.Next(1 << depth))];
                File.WriteAllBytes(folder["a.png"], PictureFiles.Png(width, height, depth, type, samples, isInterlaced: isInterlaced));
                NiftiImage image = VolumeFile.ReadImage(folder["a.png"]);
                Assert.That((image.Shape, image.Channels), Is.EqualTo((VolumeShape.Image(height, width), kept)));
                Assert.That(image.Data, Is.EqualTo(Enumerable.Range(0, kept).SelectMany(channel =>
                    samples.Chunk(stored).Select(pixel => (float)pixel[channel]))));
                Assert.That(image.Remark, type >= 4 ? Is.EqualTo("has an alpha channel, which is left out") : Is.Null);
                Assert.That(VolumeFile.ReadInfo(folder["a.png"]).Channels, Is.EqualTo(kept));
            }
        }
    }

    [Test]
    public void APalette_IsNumbersAsLabelsAndColoursAsAnImage()
    {
        using TestFolder folder = new();
        File.WriteAllBytes(folder["a.png"], PictureFiles.Png(3, 1, 2, 3, [2, 0, 3], Palette));
        Assert.That(VolumeFile.ReadLabels(folder["a.png"]).Data, Is.EqualTo((int[])[2, 0, 3]));
        NiftiImage image = VolumeFile.ReadImage(folder["a.png"]);
        Assert.That(image.Channels, Is.EqualTo(3));
        Assert.That(image.Data, Is.EqualTo((float[])[255, 10, 7, 128, 20, 7, 64, 30, 7]));
        File.WriteAllBytes(folder["grey.png"], PictureFiles.Png(2, 1, 1, 3, [1, 0], [9, 9, 9, 200, 200, 200]));
        Assert.That(VolumeFile.ReadImage(folder["grey.png"]).Data, Is.EqualTo((float[])[200, 9]));
        Assert.That(VolumeFile.ReadInfo(folder["grey.png"]).Channels, Is.EqualTo(1));
    }

    // The TIFF's transparent pixels keep colours that the PPM has not.
    [Test]
    public void WhatOtherProgramsWrote_IsThePicture()
    {
        using TestFolder folder = new();
        File.WriteAllBytes(folder["a.png"], PictureFiles.OthersPng);
        File.WriteAllBytes(folder["a.tiff"], PictureFiles.OthersTiff);
        float[] expected = [.. Enumerable.Range(0, 3).SelectMany(static channel =>
            PictureFiles.OthersColours.Chunk(3).Select(pixel => (float)pixel[channel]))];
        Assert.That(VolumeFile.ReadImage(folder["a.png"]).Data, Is.EqualTo(expected));
        NiftiImage tiff = VolumeFile.ReadImage(folder["a.tiff"]);
        Assert.That(tiff.Data, Is.EqualTo(expected));
        Assert.That(tiff.Remark, Does.Contain("alpha"));
    }

    [Test]
    public void AByteOrder_AndNumbersOfEveryKindAreRead()
    {
        using TestFolder folder = new();
        float[] Read(int bits, int format, byte[] bytes, int count, int photometric = 1)
        {
            File.WriteAllBytes(folder["a.tif"], PictureFiles.Tiff(count, 1, bits, format, bytes, photometric: photometric));
            return VolumeFile.ReadImage(folder["a.tif"]).Data;
        }

        Assert.That(Read(16, 1, [1, 2, 255, 254], 2), Is.EqualTo((float[])[258, 65534]));
        Assert.That(Read(16, 2, [255, 254], 1), Is.EqualTo((float[])[-2]));
        Assert.That(Read(8, 2, [255, 127], 2), Is.EqualTo((float[])[-1, 127]));
        Assert.That(Read(32, 1, [0, 1, 0, 0], 1), Is.EqualTo((float[])[65536]));
        Assert.That(Read(32, 2, [255, 255, 255, 255], 1), Is.EqualTo((float[])[-1]));
        Assert.That(Read(32, 3, [0xC0, 0x20, 0, 0], 1), Is.EqualTo((float[])[-2.5f]));
        Assert.That(Read(64, 3, [0xC0, 0x04, 0, 0, 0, 0, 0, 0], 1), Is.EqualTo((float[])[-2.5f]));
        Assert.That(Read(1, 1, [0b1010_0000], 4), Is.EqualTo((float[])[1, 0, 1, 0]));
        Assert.That(Read(1, 1, [0b1010_0000], 4, photometric: 0), Is.EqualTo((float[])[0, 1, 0, 1]), "white is zero");
    }

    [Test]
    public void TilesStripsAndCompressions_GiveTheSame([Values] bool isTiled)
    {
        using TestFolder folder = new();
        ushort[] pixels = [.. Enumerable.Range(0, 21 * 35).Select(static n => (ushort)(n * 83))];
        foreach (Compression compression in Compressions)
        {
            PictureFiles.WriteTiff(folder["a.tif"], 35, 21, [pixels], compression, isTiled);
            NiftiImage image = VolumeFile.ReadImage(folder["a.tif"]);
            Assert.That(image.Shape, Is.EqualTo(VolumeShape.Image(21, 35)));
            Assert.That(image.Data, Is.EqualTo(pixels.Select(static value => (float)value)), compression.ToString());
        }
    }

    [TestCase("ImageJ=1.54f\nimages=3\nslices=3\n", true)]
    [TestCase("{\"shape\": [3, 4, 5]}", true)]
    [TestCase("ImageJ=1.54f\nimages=3\nframes=3\n", false)]
    [TestCase("ImageJ=1.54f\nimages=3\nslices=3\nchannels=2\n", false)]
    [TestCase("{\"shape\": [3, 5, 4]}", false)]
    [TestCase(null, false)]
    public void Pages_AreAVolumeWhereTheFileSaysSo(string? description, bool isVolume)
    {
        using TestFolder folder = new();
        ushort[][] pages =
        [
            .. Enumerable.Range(0, 3).Select(static z => Enumerable.Range(0, 20).Select(n => (ushort)((100 * z) + n)).ToArray()),
        ];
        PictureFiles.WriteTiff(folder["a.tif"], 5, 4, pages, Compression.NONE, isTiled: false, description);
        if (isVolume)
        {
            NiftiImage image = VolumeFile.ReadImage(folder["a.tif"]);
            Assert.That(image.Shape, Is.EqualTo(VolumeShape.Volume(3, 4, 5)));
            Assert.That(image.Data, Is.EqualTo(pages.SelectMany(static page => page).Select(static value => (float)value)));
        }
        else
        {
            Complains(folder["a.tif"], "holds 3 pages and does not say that they are the slices of one volume");
        }
    }

    [Test]
    public void APicture_LiesNowhereAndHasPixelsOfOne()
    {
        using TestFolder folder = new();
        Png.WriteNumbers(folder["a.PNG"], 3, 2, [0, 1, 2, 3, 4, 255]);
        NiftiInfo info = VolumeFile.ReadInfo(folder["a.PNG"]);
        Assert.That(info.Geometry.IsPlaced, Is.False);
        Assert.That(info.Geometry.Spacing, Is.EqualTo((1.0, 1.0, 1.0)));
        Assert.That(Reorientation.ToCanonical(info.Shape, info.Geometry).IsIdentity);
    }

    [TestCase(255)]
    [TestCase(256)]
    [TestCase(65535)]
    public void WrittenNumbers_AreReadBack(int most)
    {
        using TestFolder folder = new();
        int[] numbers = [0, most, 3, 1, 2, 3];
        Png.WriteNumbers(folder["a.png"], 2, 3, numbers);
        Assert.That(VolumeFile.ReadLabels(folder["a.png"]).Data, Is.EqualTo(numbers));
        Assert.That(File.ReadAllBytes(folder["a.png"])[24], Is.EqualTo(most > 255 ? 16 : 8), "bits");
        Assert.That(() => Png.WriteNumbers(folder["b.png"], 1, 1, [65536]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void WhatIsNotRead_IsOneSentence()
    {
        using TestFolder folder = new();
        byte[] colour = PictureFiles.Png(2, 2, 8, 2, [.. Enumerable.Range(0, 12)]);
        File.WriteAllBytes(folder["colour.png"], colour);
        Assert.That(
            () => VolumeFile.ReadLabels(folder["colour.png"]),
            Throws.TypeOf<VolumeFileException>().With.Message.Contains("save the labels as grey values or as a picture with a palette"));
        File.WriteAllBytes(folder["cut.png"], colour[..^30]);
        Complains(folder["cut.png"], "is damaged (it ends at byte");
        byte[] wrong = (byte[])colour.Clone();
        wrong[20] ^= 1;
        File.WriteAllBytes(folder["wrong.png"], wrong);
        Complains(folder["wrong.png"], "a checksum in it is wrong");
        File.WriteAllBytes(folder["short.png"], PictureFiles.Png(2, 2000, 8, 0, [.. new int[4000]])[..^12]);
        Complains(folder["short.png"], "before its last part");
        File.WriteAllBytes(folder["outside.png"], PictureFiles.Png(1, 1, 8, 3, [4], Palette));
        Complains(folder["outside.png"], "a pixel has colour 4, and its palette has 4");
        File.WriteAllText(folder["text.png"], "no picture");
        Complains(folder["text.png"], "it is no PNG file");
        File.WriteAllText(folder["text.tif"], "no picture");
        Complains(folder["text.tif"], "it is no TIFF file that is read");
        Complains(folder["none.png"], "there is no such file");
        Complains(folder["none.tif"], "there is no such file");
        File.WriteAllBytes(folder["half.tif"], PictureFiles.Tiff(2, 2, 16, 3, new byte[8]));
        Complains(folder["half.tif"], "have 16 bits of type IEEEFP");
        File.WriteAllBytes(folder["cut.tif"], PictureFiles.Tiff(2, 2, 8, 1, new byte[4])[..^3]);
        Complains(folder["cut.tif"], "is damaged");
        File.WriteAllBytes(folder["half-label.tif"], PictureFiles.Tiff(1, 1, 32, 3, [0x3F, 0, 0, 0]));
        Assert.That(
            () => VolumeFile.ReadLabels(folder["half-label.tif"]),
            Throws.TypeOf<VolumeFileException>().With.Message.Contains("pixel (x 0, y 0) holds 0.5"));
    }

    private static void Complains(string path, string part) => Assert.That(
        () => VolumeFile.ReadImage(path), Throws.TypeOf<VolumeFileException>().With.Message.Contains(part));
}
