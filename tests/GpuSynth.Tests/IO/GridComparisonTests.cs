using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.IO;

/// <summary>Two grids: the same, or what differs in words; and labels brought from one to the other.</summary>
public sealed class GridComparisonTests
{
    private static readonly VolumeShape Shape = VolumeShape.Volume(4, 5, 6);

    private static NiftiGeometry One => new([1, 0, 0, 10, 0, 1, 0, 20, 0, 0, 1, 30]);

    [TestCase(0, true)]
    [TestCase(0.0009, true)]
    [TestCase(0.0011, false)]
    public void AThousandthOfAVoxel_IsTheSamePlace(double shift, bool isSame)
    {
        NiftiGeometry other = new([1, 0, 0, 10 + shift, 0, 1, 0, 20, 0, 0, 1, 30]);
        Assert.That(GridComparison.Of(Shape, One, Shape, other).IsSame, Is.EqualTo(isSame));
    }

    [Test]
    public void WhatDiffers_IsNamed()
    {
        // The same places, backwards along y.
        NiftiGeometry flipped = new([1, 0, 0, 10, 0, -1, 0, 24, 0, 0, 1, 30]);
        Assert.That(Difference(Shape, flipped), Is.EqualTo("orientation RPS for RAS"));

        // Voxels of twice the size around the same middle.
        NiftiGeometry coarse = new([2, 0, 0, 10.5, 0, 2, 0, 20, 0, 0, 2, 30.5]);
        Assert.That(
            Difference(VolumeShape.Volume(2, 3, 3), coarse),
            Is.EqualTo("spacing 2 x 2 x 2 mm for 1 x 1 x 1 mm, 3 x 3 x 2 voxels for 6 x 5 x 4"));

        NiftiGeometry aside = new([1, 0, 0, 13, 0, 1, 0, 24, 0, 0, 1, 30]);
        Assert.That(Difference(Shape, aside), Is.EqualTo("its middle 5 mm away"));
        Assert.That(
            Difference(VolumeShape.Volume(4, 5, 8), One), Is.EqualTo("8 x 5 x 4 voxels for 6 x 5 x 4, its middle 1 mm away"));

        (double sine, double cosine) = Math.SinCos(Math.PI / 18);
        NiftiGeometry turned = new([cosine, -sine, 0, 10, sine, cosine, 0, 20, 0, 0, 1, 30]);
        Assert.That(Difference(Shape, turned), Does.StartWith("turned by 10 degrees, its middle "));
        Assert.That(
            GridComparison.Extent(Shape, flipped), Is.EqualTo("x 9.5 to 15.5, y 19.5 to 24.5, z 29.5 to 33.5 mm"));
    }

    // Every permutation and flip is exact: the labels at the image's voxels, wherever the label file keeps them.
    [Test]
    public void ATurnedGrid_IsBroughtBackExactly([Range(0, 47)] int number)
    {
        int[] labels = [.. Enumerable.Range(1, 120)];
        (VolumeShape shape, NiftiGeometry geometry) = Turned(number);
        // The turned file's labels, by hand: that of each of its voxels at the place where it lies.
        int[] stored = new int[120];
        for (int n = 0; n < 120; n++)
        {
            (double x, double y, double z) = geometry.ToMillimetres(
                n % shape.Width, n / shape.Width % shape.Height, n / shape.Width / shape.Height);
            stored[n] = labels[((((int)Math.Round(z - 30) * 5) + (int)Math.Round(y - 20)) * 6) + (int)Math.Round(x - 10)];
        }

        int[] found = VoxelMap.Of(One, geometry).Nearest<int>(Shape, stored, shape, out long inside);
        Assert.That(found, Is.EqualTo(labels));
        Assert.That(inside, Is.EqualTo(120));
    }

    [Test]
    public void CoarseLabels_ComeToEveryVoxelThatTheyCover()
    {
        // Two voxels of 3 mm over six of 1 mm.
        VolumeShape fine = VolumeShape.Image(1, 6);
        NiftiGeometry coarse = new([3, 0, 0, 11, 0, 1, 0, 20, 0, 0, 1, 30]);
        int[] found = VoxelMap.Of(One, coarse).Nearest<int>(fine, [7, 8], VolumeShape.Image(1, 2), out long inside);
        Assert.That(found, Is.EqualTo((int[])[7, 7, 7, 8, 8, 8]));
        Assert.That(inside, Is.EqualTo(6));

        // A voxel in the middle between two takes the next one, whatever rounding does to the half.
        NiftiGeometry half = new([1, 0, 0, 9.5 + 1e-9, 0, 1, 0, 20, 0, 0, 1, 30]);
        found = VoxelMap.Of(One, half).Nearest<int>(fine, [1, 2, 3, 4, 5, 6], fine, out inside);
        Assert.That(found, Is.EqualTo((int[])[2, 3, 4, 5, 6, 0]));
        Assert.That(inside, Is.EqualTo(5));
    }

    [Test]
    public void ElsewhereIsNothing()
    {
        NiftiGeometry far = new([1, 0, 0, 100, 0, 1, 0, 20, 0, 0, 1, 30]);
        int[] labels = [.. Enumerable.Repeat(3, 120)];
        Assert.That(VoxelMap.Of(One, far).Nearest<int>(Shape, labels, Shape, out long inside), Is.All.Zero);
        Assert.That(inside, Is.Zero);
    }

    private static string Difference(VolumeShape shape, NiftiGeometry other)
    {
        var comparison = GridComparison.Of(Shape, One, shape, other);
        Assert.That(comparison.IsSame, Is.False);
        return comparison.Difference;
    }

    // The places of One in another order and direction of the axes.
    private static (VolumeShape Shape, NiftiGeometry Geometry) Turned(int number)
    {
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        int[] sizes = [6, 5, 4];
        int[] order = orders[number % 6];
        double[] affine = new double[12];
        double[] origin = [10, 20, 30];
        for (int axis = 0; axis < 3; axis++)
        {
            bool isBackward = ((number / 6) >> axis & 1) == 1;
            affine[(4 * order[axis]) + axis] = isBackward ? -1 : 1;
            origin[order[axis]] += isBackward ? sizes[order[axis]] - 1 : 0;
        }

        (affine[3], affine[7], affine[11]) = (origin[0], origin[1], origin[2]);
        return (VolumeShape.Volume(sizes[order[2]], sizes[order[1]], sizes[order[0]]), new NiftiGeometry(affine));
    }
}
