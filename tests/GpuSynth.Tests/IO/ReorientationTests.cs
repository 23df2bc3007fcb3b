using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.IO;

/// <summary>The body's axes: every voxel keeps its value and its millimetres, and the way back is exact.</summary>
public sealed class ReorientationTests
{
    private static readonly VolumeShape Volume = VolumeShape.Volume(3, 4, 5);
    private static readonly VolumeShape Image = VolumeShape.Image(4, 5);

    private static IEnumerable<int> Orientations => Enumerable.Range(0, 48);

    [Test]
    public void AVolume_InEveryOrientation_ComesToRas_AndBack([ValueSource(nameof(Orientations))] int number)
    {
        NiftiGeometry geometry = Along(number, oblique: 0);
        var axes = Reorientation.ToCanonical(Volume, geometry);
        Assert.That(axes.Geometry.Orientation, Is.EqualTo("RAS"));
        Assert.That(axes.IsIdentity, Is.EqualTo(geometry.Orientation == "RAS"));
        AssertSamePlaces(Volume, geometry, axes);
    }

    [Test]
    public void AnObliqueVolume_StaysOblique([ValueSource(nameof(Orientations))] int number)
    {
        NiftiGeometry geometry = Along(number, oblique: 0.4);
        var axes = Reorientation.ToCanonical(Volume, geometry);
        Assert.That(axes.Geometry.Orientation, Is.EqualTo("RAS"));
        Assert.That(Math.Abs(axes.Geometry[0, 1] / axes.Geometry.Spacing.Y), Is.EqualTo(Math.Sin(0.4)).Within(1e-9));
        AssertSamePlaces(Volume, geometry, axes);
    }

    // The plane stays: its axes in the body's order, both forwards.
    [Test]
    public void AnImage_IsTurnedInItsPlane([ValueSource(nameof(Orientations))] int number)
    {
        NiftiGeometry geometry = Along(number, oblique: 0);
        var axes = Reorientation.ToCanonical(Image, geometry);
        string plane = axes.Geometry.Orientation[..2];
        Assert.That(plane, Is.AnyOf("RA", "RS", "AS"));
        char across = geometry.Orientation[2];
        Assert.That(axes.Geometry.Orientation[2], Is.EqualTo(across));
        Assert.That(axes.Shape.Dimensions, Is.EqualTo(2));
        AssertSamePlaces(Image, geometry, axes);
    }

    [Test]
    public void WhatIsRasAlready_IsTheSameArrayAndGeometry()
    {
        NiftiGeometry geometry = NiftiGeometry.Isotropic(Volume);
        var axes = Reorientation.ToCanonical(Volume, geometry);
        byte[] labels = new byte[60];
        Assert.That(axes.Apply(labels), Is.SameAs(labels));
        Assert.That(axes.Undo(labels), Is.SameAs(labels));
        Assert.That(axes.Geometry, Is.SameAs(geometry));
        byte[] other = new byte[59];
        Assert.That(
            () => Reorientation.ToCanonical(Volume, Along(47, 0)).Apply(other),
            Throws.ArgumentException.With.Message.Contains("60 voxels, but 59"));
    }

    private static void AssertSamePlaces(VolumeShape shape, NiftiGeometry geometry, Reorientation axes)
    {
        int[] stored = [.. Enumerable.Range(0, (int)shape.VoxelCount)];
        int[] turned = axes.Apply(stored);
        Assert.That(axes.Undo(turned), Is.EqualTo(stored));
        Assert.That(axes.Shape.VoxelCount, Is.EqualTo(shape.VoxelCount));
        for (int n = 0; n < turned.Length; n++)
        {
            (double x, double y, double z) = Place(axes.Shape, axes.Geometry, n);
            (double fx, double fy, double fz) = Place(shape, geometry, turned[n]);
            Assert.That(new[] { x, y, z }, Is.EqualTo(new[] { fx, fy, fz }).Within(1e-9), $"voxel {n}");
        }
    }

    private static (double X, double Y, double Z) Place(VolumeShape shape, NiftiGeometry geometry, int voxel) =>
        geometry.ToMillimetres(voxel % shape.Width, voxel / shape.Width % shape.Height, voxel / shape.Width / shape.Height);

    // Six orders of the axes times eight directions, voxels of 1.5 x 2 x 2.5 mm, turned about z by an angle.
    private static NiftiGeometry Along(int number, double oblique)
    {
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        int[] order = orders[number % 6];
        int signs = number / 6;
        double[] affine = new double[12];
        for (int axis = 0; axis < 3; axis++)
        {
            double[] direction = new double[3];
            direction[order[axis]] = (((signs >> axis) & 1) == 1 ? -1 : 1) * (1.5 + (0.5 * axis));
            (double sine, double cosine) = Math.SinCos(oblique);
            affine[axis] = (cosine * direction[0]) - (sine * direction[1]);
            affine[4 + axis] = (sine * direction[0]) + (cosine * direction[1]);
            affine[8 + axis] = direction[2];
        }

        (affine[3], affine[7], affine[11]) = (10, -20, 30);
        return new NiftiGeometry(affine);
    }
}
