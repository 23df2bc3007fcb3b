using GpuSynth.Kernels;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Reports;

public sealed class FeatureColoursTests
{
    [Test]
    public void TheFirstColour_FollowsTheGreatestVariance()
    {
        const int voxels = 4000;
        Random random = new(11);
        float[] hidden = [.. Enumerable.Range(0, voxels).Select(_ => (float)random.NextDouble())];
        float[] features = new float[5 * voxels];
        for (int n = 0; n < features.Length; n++)
        {
            // Channel c is a multiple of the hidden number, with a little noise of its own.
            features[n] = ((n / voxels) + 1) * hidden[n % voxels] + (0.01f * (float)random.NextDouble());
        }

        float[] colours = FeatureColours.Of(features, 5);
        Assert.That(colours, Has.Length.EqualTo(3 * voxels).And.All.InRange(0f, 1f));
        double[] red = [.. colours.Take(voxels).Select(value => (double)value)];
        int[] order = [.. Enumerable.Range(0, voxels).OrderBy(n => hidden[n])];
        Assert.That(red[order[voxels / 2]], Is.EqualTo(0.5).Within(0.05), "the middle voxel is half bright");
        Assert.That(red[order[voxels / 4]], Is.EqualTo(0.25).Within(0.05), "brighter with the hidden number, not darker");
    }

    [Test]
    public void FewChannels_NoContrast_AndNaN_AreColoursToo()
    {
        Assert.That(FeatureColours.Of([1, 1, 1, 1], 1), Is.EqualTo(new float[] { .5f, .5f, .5f, .5f, 0, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.That(FeatureColours.Of([float.NaN, 1, 2, 3, 4, 5], 2), Has.All.InRange(0f, 1f));
        Assert.That(() => FeatureColours.Of([1, 2, 3], 2), Throws.ArgumentException);
    }

    [Test]
    public void Slices_AreThoseOfThePreview()
    {
        // Two voxels a side: the middle slices are at index 1; the last row of the array is on top.
        VolumeShape shape = VolumeShape.Cubic(3, 2);
        float[] image = [0, .1f, .2f, .3f, .4f, .5f, .6f, .7f];
        byte[] png = new SlicePicture(shape).Grey(image).Labels(new byte[8]).NextRow().Overlay(image, new byte[8]).ToPng();
        (int width, int height) = PngSize.Of(png);
        // 72 pixels a voxel; three slices of two panels; margins of 8, gaps of 2 and 10.
        Assert.That((width, height), Is.EqualTo((16 + 20 + (3 * ((2 * 144) + 2)), 16 + 10 + (2 * 144))));
        Assert.That(
            () => new SlicePicture(shape).Grey(new float[7]), Throws.ArgumentException.With.Message.Contains("8 values; 7"));
    }

    [Test]
    public void PixelsAreWhereTheyBelong()
    {
        VolumeShape shape = VolumeShape.Image(2, 3);
        byte[] png = new SlicePicture(shape).Colours([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ToPng();
        Assert.That(PngSize.Of(png), Is.EqualTo((16 + (3 * 48), 16 + (2 * 48))));
        byte[] rgb = Decode(png, 16 + (3 * 48));
        Assert.That(rgb[(3 * ((8 * 160) + 8))..(3 * ((8 * 160) + 9))], Is.EqualTo(new byte[] { 255, 0, 0 }), "first voxel: red");
        Assert.That(rgb[(3 * ((60 * 160) + 140))..(3 * ((60 * 160) + 141))], Is.EqualTo(new byte[] { 0, 255, 0 }), "last: green");
    }

    private static byte[] Decode(byte[] png, int width)
    {
        int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using System.IO.Compression.ZLibStream zlib = new(
            new MemoryStream(png, 41, length), System.IO.Compression.CompressionMode.Decompress);
        using MemoryStream rows = new();
        zlib.CopyTo(rows);
        // Every row begins with its filter, which is none.
        return [.. rows.ToArray().Chunk(1 + (3 * width)).SelectMany(row => row.Skip(1))];
    }
}
