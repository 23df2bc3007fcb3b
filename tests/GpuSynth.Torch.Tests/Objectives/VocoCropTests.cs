using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Where crops lie, how much of them lies in base crops, and what is cut out.</summary>
public sealed class VocoCropTests
{
    // Its sides are multiples of four.
    private static NetworkOptions Network => TinyRun.Options.Network with { Channels = [4, 8, 8], Strides = [2, 2] };

    [Test]
    public void ACropInTheMiddleOfFourHasAQuarterInEach()
    {
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(64, 192, 192), 16);
        Assert.That((grid.Height, grid.Width, grid.Top, grid.Left), Is.EqualTo((64, 64, 0, 0)));
        float[] labels = grid.Overlaps(new CropPlace(64 - 32, 64 - 32));
        Assert.That(labels, Is.EqualTo(new[] { .25f, .25f, 0, .25f, .25f, 0, 0, 0, 0 }));
    }

    [Test]
    public void ACropThatIsABaseCropIsThatOne_AndEveryCropLiesInTheGrid()
    {
        // 100 = 2 + 3 x 32 + 2; 54 = 3 + 3 x 16 + 3.
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(32, 100, 54), 16);
        Assert.That((grid.Height, grid.Width, grid.Top, grid.Left), Is.EqualTo((32, 16, 2, 3)));
        for (int k = 0; k < CropGrid.Count; k++)
        {
            Assert.That(grid.Overlaps(grid.Bases[k]), Is.EqualTo(Enumerable.Range(0, CropGrid.Count).Select(n => n == k ? 1f : 0f)));
        }

        var random = new PlaceRandom(1, 2, PlaceRandom.CropPlaceStream);
        HashSet<int> rows = [];
        for (int n = 0; n < 2000; n++)
        {
            CropPlace place = grid.Draw(ref random);
            rows.Add(place.Y);
            Assert.That(place.Y, Is.InRange(2, 2 + 64));
            Assert.That(place.X, Is.InRange(3, 3 + 32));
            Assert.That(grid.Overlaps(place).Sum(), Is.EqualTo(1).Within(1e-6));
        }

        Assert.That(rows, Has.Count.EqualTo(65), "both ends are drawn");
    }

    [TestCase(4, 23, 30, "4x23x30 has no room for them: take 24 or more")]
    [TestCase(8, 30, 11, "8x30x11 has no room for them: take 12 or more")]
    public void AShapeWithoutRoomIsRefused(int depth, int height, int width, string says)
    {
        using SegmentationNetwork network = NetworkFactory.Create(Network);
        using var objective = new VocoObjective(
            TestObjectives.Context with { Name = "voco", Shape = VolumeShape.Volume(depth, height, width) });
        Assert.That(() => objective.Begin(network, 3), Throws.TypeOf<ObjectiveException>().With.Message.Contains(says));
    }

    [Test]
    public void AShapeOfTheLeastSideIsTaken([Values(4, 8)] int depth)
    {
        int side = depth == 4 ? 24 : 12;
        using SegmentationNetwork network = NetworkFactory.Create(Network);
        CropGrid grid = CropGrid.Of(VolumeShape.Volume(depth, side, side), network.SideMultiple);
        Assert.That(() => network.CheckShape(VolumeShape.Volume(depth, grid.Height, grid.Width)), Throws.Nothing);
        Assert.That(grid.Height, Is.EqualTo(side / 3));
    }

    [Test]
    public void BaseCropsTileTheImage_AndFlipsTurnSomeOfThemOver()
    {
        using DisposeScope scope = NewDisposeScope();
        CropGrid grid = CropGrid.Of(VolumeShape.Image(12, 18), 2);
        var crops = new VocoCrops(grid, 2);
        Tensor image = arange(12 * 18, dtype: ScalarType.Float32).reshape(1, 1, 12, 18);
        (int Over, int Across, int Base) seen = default;
        for (ulong item = 0; item < 200; item++)
        {
            PlaceRandom places = new(1, item, PlaceRandom.CropPlaceStream), flips = new(1, item, PlaceRandom.CropFlipStream);
            float[] labels = new float[18];
            Tensor[] cut = crops.Cut(image, ref places, ref flips, labels);
            Assert.That(cut, Has.Length.EqualTo(11));
            for (int k = 0; k < 9; k++)
            {
                Tensor expected = image.narrow(2, k / 3 * 4, 4).narrow(3, k % 3 * 6, 6), own = cut[k];
                bool isOver = own[0, 0, 0, 0].item<float>() > own[0, 0, 3, 0].item<float>();
                bool isAcross = own[0, 0, 0, 0].item<float>() > own[0, 0, 0, 5].item<float>();
                Tensor back = isOver ? own.flip(2) : own;
                Assert.That((isAcross ? back.flip(3) : back).data<float>().ToArray(), Is.EqualTo(expected.data<float>().ToArray()));
                seen = (seen.Over + (isOver ? 1 : 0), seen.Across + (isAcross ? 1 : 0), seen.Base + 1);
            }

            var again = new PlaceRandom(1, item, PlaceRandom.CropPlaceStream);
            Assert.That(labels, Is.EqualTo(grid.Overlaps(grid.Draw(ref again)).Concat(grid.Overlaps(grid.Draw(ref again)))));
        }

        // n = 1800, p = 0.2: 360 with a standard deviation of 17.
        Assert.That(seen.Over, Is.InRange(360 - 68, 360 + 68));
        Assert.That(seen.Across, Is.InRange(360 - 68, 360 + 68));
    }
}
