using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.IO;

public sealed class NiftiGeometryTests
{
    [Test]
    public void Isotropic_IsCentred()
    {
        NiftiGeometry geometry = NiftiGeometry.Isotropic(VolumeShape.Volume(5, 4, 3), 2);
        Assert.That(geometry.ToMillimetres(1, 1.5, 2), Is.EqualTo((0.0, 0.0, 0.0)));
        Assert.That(geometry.ToMillimetres(2, 1.5, 2), Is.EqualTo((2.0, 0.0, 0.0)));
        Assert.That(geometry.Spacing, Is.EqualTo((2.0, 2.0, 2.0)));
        Assert.That(geometry.ToString(), Is.EqualTo("RAS, 2 x 2 x 2 mm"));
    }

    [Test]
    public void ToVoxel_IsTheInverse()
    {
        NiftiGeometry geometry = new([-1.5, 0.2, 0.1, 10, 0.3, 0.1, 2, -20, 0, 0.5, -0.4, 30]);
        (double x, double y, double z) = geometry.ToMillimetres(3, -4, 5.5);
        (double i, double j, double k) = geometry.ToVoxel(x, y, z);
        Assert.That(new[] { i, j, k }, Is.EqualTo(new[] { 3, -4, 5.5 }).Within(1e-12));
        Assert.That(geometry[1, 3], Is.EqualTo(-20));
        Assert.That(geometry.Spacing.X, Is.EqualTo(Math.Sqrt((1.5 * 1.5) + (0.3 * 0.3))).Within(1e-12));
    }

    [Test]
    public void Equality_IsByValue()
    {
        NiftiGeometry one = NiftiGeometry.Isotropic(VolumeShape.Image(4, 4));
        NiftiGeometry same = NiftiGeometry.Isotropic(VolumeShape.Image(4, 4));
        Assert.That(same, Is.EqualTo(one));
        Assert.That(same.GetHashCode(), Is.EqualTo(one.GetHashCode()));
        Assert.That(NiftiGeometry.Isotropic(VolumeShape.Image(4, 4), 2), Is.Not.EqualTo(one));
    }

    [Test]
    public void Nonsense_IsRefused()
    {
        Assert.That(() => new NiftiGeometry([1, 0, 0]), Throws.ArgumentException);
        Assert.That(() => new NiftiGeometry(new double[12]), Throws.ArgumentException);
        Assert.That(() => new NiftiGeometry([double.NaN, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), Throws.ArgumentException);
        VolumeShape shape = VolumeShape.Image(2, 2);
        Assert.That(() => NiftiGeometry.Isotropic(shape, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => NiftiGeometry.Isotropic(shape, double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => NiftiGeometry.Isotropic(shape)[3, 0], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => NiftiGeometry.Isotropic(shape)[0, -1], Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
