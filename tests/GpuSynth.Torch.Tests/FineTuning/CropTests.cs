using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Crops: drawn by place, cut as drawn.</summary>
internal sealed class CropTests
{
    private static readonly Augmentation Strong =
        new() { FlipProbability = 0.5, QuarterTurnProbability = 0.9, IntensityProbability = 1 };

    [Test]
    public void Crops_hold_the_voxels_of_their_box([Range(0, 40)] int number)
    {
        SegmentationCase one = Case();
        VolumeShape patch = VolumeShape.Volume(6, 9, 16);
        var random = new PlaceRandom(5, (ulong)number, PlaceRandom.CropStream);
        DrawnCrop drawn = DrawnCrop.Draw(one, patch, Strong, ref random);
        float[] image = new float[patch.VoxelCount];
        byte[] labels = new byte[image.Length];
        drawn.Apply(one, patch, image, labels);
        // What is inside the case is found in the crop once each; the rest is 0.
        var expected = new List<float>();
        int[] extent = new int[3];
        for (int axis = 0; axis < 3; axis++)
        {
            extent[drawn.Axes[axis]] = DrawnCrop.Side(patch, axis);
        }

        float[] values = one.Image.ToArray();
        for (int n = 0; n < values.Length; n++)
        {
            int[] at = [n / (one.Shape.Height * one.Shape.Width), n / one.Shape.Width % one.Shape.Height, n % one.Shape.Width];
            if (Enumerable.Range(0, 3).All(axis => (uint)(at[axis] - drawn.Origin[axis]) < (uint)extent[axis]))
            {
                expected.Add((values[n] * drawn.Scale) + drawn.Shift);
            }
        }

        expected.AddRange(Enumerable.Repeat(0f, image.Length - expected.Count));
        Assert.That(image.Order(), Is.EqualTo(expected.Order()));
        Assert.That(drawn.Axes.Order(), Is.EqualTo((int[])[0, 1, 2]));
    }

    [Test]
    public void Crops_are_a_function_of_their_number()
    {
        SegmentationCase one = Case();
        DrawnCrop[] drawn = [.. new ulong[] { 7, 7, 8 }.Select(number =>
        {
            var random = new PlaceRandom(1, number, PlaceRandom.CropStream);
            return DrawnCrop.Draw(one, VolumeShape.Cubic(3, 4), Strong, ref random);
        })];
        Assert.That(drawn[0].Origin, Is.EqualTo(drawn[1].Origin));
        Assert.That(drawn[0].Shift, Is.EqualTo(drawn[1].Shift).And.Not.EqualTo(drawn[2].Shift));
    }

    [Test]
    public void The_centre_crop_of_a_larger_patch_pads_on_both_sides()
    {
        SegmentationCase one = Case();
        VolumeShape patch = VolumeShape.Volume(10, 14, 16);
        float[] image = new float[patch.VoxelCount];
        DrawnCrop.Centre(one.Shape, patch).Apply(one, patch, image, new byte[image.Length]);
        Assert.That(image[(((1 * 14) + 1) * 16) + 1], Is.EqualTo(one.Image[0]));
        Assert.That(image[0], Is.Zero);
    }

    // n = 40,000 turns and flips of probability 0.2: within five standard deviations of 0.002.
    [Test]
    public void Augmentations_come_with_their_probabilities_n4e4()
    {
        SegmentationCase one = Case();
        (int turned, int flipped) = (0, 0);
        const int n = 40_000;
        for (int number = 0; number < n; number++)
        {
            var random = new PlaceRandom(3, (ulong)number, PlaceRandom.CropStream);
            DrawnCrop drawn = DrawnCrop.Draw(one, VolumeShape.Cubic(3, 4), new Augmentation { FlipProbability = 0 }, ref random);
            turned += !drawn.Axes.SequenceEqual([0, 1, 2]) || drawn.IsReversed.Any(axis => axis) ? 1 : 0;
            random = new PlaceRandom(3, (ulong)number, PlaceRandom.CropStream);
            drawn = DrawnCrop.Draw(one, VolumeShape.Cubic(3, 4), new Augmentation { QuarterTurnProbability = 0 }, ref random);
            flipped += drawn.IsReversed[1] ? 1 : 0;
        }

        Assert.That(turned / (double)n, Is.EqualTo(0.2).Within(0.01));
        Assert.That(flipped / (double)n, Is.EqualTo(0.2).Within(0.01));
    }

    [Test]
    public void A_shuffle_is_a_permutation_and_its_beginning_is_nested()
    {
        var random = new PlaceRandom(2, 0, PlaceRandom.SubsetStream);
        int[] order = random.Shuffled(90);
        Assert.That(order.Order(), Is.EqualTo(Enumerable.Range(0, 90)));
        Assert.That(order, Is.Not.Ordered);
    }

    private static SegmentationCase Case()
    {
        using var folder = new FineTuneFolder();
        VolumeShape shape = VolumeShape.Volume(8, 12, 13);
        (float[] image, byte[] labels) = FineTuneFolder.Sample(shape, 1);
        folder.Put("one", shape, image, labels);
        var files = new CaseFiles("one", folder.ImagePath("one"), folder.LabelPath("one"));
        SegmentationCase one = SegmentationCase.Read(files, new Notices());
        one.Prepare(one.FileSpacing, IntensityScale.ZScore);
        return one;
    }
}
