using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.IO;

public sealed class PreviewSheetTests
{
    [Test]
    public void EveryLabel_HasItsOwnColour_AndNeighboursDiffer()
    {
        Assert.That(Enumerable.Range(0, 256).Select(label => PreviewSheet.ColourOf((byte)label, true)), Is.Unique);
        for (int label = 1; label < 256; label++)
        {
            (byte r, byte g, byte b) = PreviewSheet.ColourOf((byte)label, false);
            (byte r0, byte g0, byte b0) = PreviewSheet.ColourOf((byte)(label - 1), false);
            Assert.That(Math.Abs(r - r0) + Math.Abs(g - g0) + Math.Abs(b - b0), Is.GreaterThan(100), $"label {label}");
        }

        Assert.That(PreviewSheet.ColourOf(0, true), Is.EqualTo(((byte)0, (byte)0, (byte)0)));
        Assert.That(PreviewSheet.ColourOf(0, false), Is.Not.EqualTo(((byte)0, (byte)0, (byte)0)));
    }

    [Test]
    public void AnImage_IsShownWhole_FromItsFirstRow()
    {
        // Two by two voxels, enlarged 128 times: the first row on top, NaN black, values beyond 0 to 1 cut.
        Picture picture = Draw(VolumeShape.Image(2, 2), [1, 0.5f, float.NaN, 7], [0, 1, 2, 3]);
        Assert.That((picture.Width, picture.Height), Is.EqualTo((16 + 256 + 2 + 256 + 16, picture.Top + 256 + 16)));
        byte[] expected = [255, 128, 0, 255];
        for (int n = 0; n < 4; n++)
        {
            (int x, int y) = (16 + (255 * (n % 2)), picture.Top + (255 * (n / 2)));
            Assert.That(picture.At(x, y).R, Is.EqualTo(expected[n]));
            Assert.That(picture.At(x + 256 + 2, y), Is.EqualTo(PreviewSheet.ColourOf((byte)n, false)));
        }
    }

    [Test]
    public void AVolume_IsShownInItsMiddleSlices_FrontAndTopUp()
    {
        VolumeShape shape = VolumeShape.Volume(4, 4, 4);
        byte[] labels = [.. Enumerable.Range(0, 64).Select(n => (byte)n)]; // Label = 16 z + 4 y + x.
        Picture picture = Draw(shape, new float[64], labels);
        byte LabelAt(int slice, int column, int row)
        {
            int left = 16 + 256 + 2 + (slice * (256 + 2 + 256 + 14));
            (byte, byte, byte) colour = picture.At(left + (64 * column), picture.Top + (64 * row));
            return (byte)Enumerable.Range(0, 64).Single(label => PreviewSheet.ColourOf((byte)label, false) == colour);
        }

        for (int row = 0; row < 4; row++)
        {
            for (int column = 0; column < 4; column++)
            {
                Assert.That(LabelAt(0, column, row), Is.EqualTo(32 + (4 * (3 - row)) + column), "axial: z 2, y from the front");
                Assert.That(LabelAt(1, column, row), Is.EqualTo((16 * (3 - row)) + 8 + column), "coronal: y 2, z from the top");
                Assert.That(LabelAt(2, column, row), Is.EqualTo((16 * (3 - row)) + (4 * column) + 2), "sagittal: x 2");
            }
        }
    }

    [Test]
    public void LargeAndUnevenShapes_Fit([Values(1, 3, 100, 513, 1500)] int height, [Values(1, 2, 700)] int width)
    {
        VolumeShape shape = VolumeShape.Image(height, width);
        Picture picture = Draw(shape, new float[shape.VoxelCount], new byte[shape.VoxelCount]);
        Assert.That(Math.Max((picture.Width - 34) / 2, picture.Height - picture.Top - 16), Is.InRange(200, 700));
    }

    [Test]
    public void ANewRow_MakesTheSheetLonger_AndTextIsDrawn()
    {
        using TestFolder folder = new();
        PreviewSheet sheet = new(VolumeShape.Image(64, 64), "rasd-2d, ä\u4e2d");
        int before = sheet.Height;
        sheet.Add("sample 0", new float[4096], new byte[4096]);
        int one = sheet.Height;
        sheet.Add(new string('M', 1000), new float[4096], new byte[4096]);
        Assert.That((one - before) is > 256 and < 320 && sheet.Height - one is > 256 and < 320);
        sheet.Save(folder["a.png"]);
        byte[] rgb = PngTests.Decode(File.ReadAllBytes(folder["a.png"]), out int width, out _);
        Assert.That(rgb.AsSpan(0, 3 * width * 60).ToArray().Max(), Is.GreaterThan(200), "the title");
        Assert.That(() => sheet.Add("x", new float[3], new byte[4096]), Throws.ArgumentException);
    }

    private static Picture Draw(VolumeShape shape, float[] image, byte[] labels)
    {
        using TestFolder folder = new();
        PreviewSheet sheet = new(shape, "title");
        sheet.Add("sample", image, labels);
        sheet.Save(folder["a.png"]);
        byte[] rgb = PngTests.Decode(File.ReadAllBytes(folder["a.png"]), out int width, out int height);
        Assert.That((width, height), Is.EqualTo((sheet.Width, sheet.Height)));
        return new Picture(rgb, width, height);
    }

    // Above the slices: margin, title, headings, caption.
    private sealed record Picture(byte[] Rgb, int Width, int Height)
    {
        public int Top => 16 + 21 + 10 + 20 + 6 + 20;

        public (byte R, byte G, byte B) At(int x, int y)
        {
            int at = 3 * ((Width * y) + x);
            return (Rgb[at], Rgb[at + 1], Rgb[at + 2]);
        }
    }
}
