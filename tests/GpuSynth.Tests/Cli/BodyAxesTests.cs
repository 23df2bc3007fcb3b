using GpuSynth.Cli;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Cli;

public sealed class BodyAxesTests
{
    [TestCase("RAS")]
    [TestCase("LIA")]
    [TestCase("LPS")]
    [TestCase("PSR")]
    [TestCase("AIL")]
    public void TurnedVoxelsLieWhereTheGeometrySays(string orientation)
    {
        VolumeShape shape = VolumeShape.Volume(2, 3, 4);
        NiftiGeometry geometry = Along(orientation);
        Assert.That(geometry.Orientation, Is.EqualTo(orientation));
        int[] from = [.. Enumerable.Range(0, 24)];
        int[] to = new int[24];
        var axes = new BodyAxes(shape, orientation);
        axes.Turn<int>(from, to);

        // Sorted by place: up first, then front, then right, as the turned array counts.
        int[] expected =
        [
            .. from.Select(voxel => (Voxel: voxel, Place: geometry.ToMillimetres(voxel % 4, voxel / 4 % 3, voxel / 12)))
                .OrderBy(static pair => pair.Place.Z).ThenBy(static pair => pair.Place.Y).ThenBy(static pair => pair.Place.X)
                .Select(static pair => pair.Voxel),
        ];
        Assert.That(to, Is.EqualTo(expected));
    }

    private static NiftiGeometry Along(string orientation)
    {
        double[] affine = new double[12];
        for (int axis = 0; axis < 3; axis++)
        {
            int row = "RLAPSI".IndexOf(orientation[axis], StringComparison.Ordinal) / 2;
            affine[(4 * row) + axis] = "RAS".Contains(orientation[axis], StringComparison.Ordinal) ? 1 : -1;
        }

        return new NiftiGeometry(affine);
    }
}
