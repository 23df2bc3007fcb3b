using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.IO;

/// <summary>Both forms of a header: which one is used, and that a file written with a read geometry says the same.</summary>
public sealed class NiftiFormsTests
{
    private const double Sine = 0.2955202066613396; // Of 0.3 rad, and its cosine.
    private const double Cosine = 0.955336489125606;

    // Moved by a registration: turned by 0.3 rad about z, and shifted.
    private static readonly double[] Moved = [Cosine, -Sine, 0, 5, Sine, Cosine, 0, -7, 0, 0, 1, 3];

    [Test]
    public void EveryPairOfCodes_IsKept_AndTheSformIsUsedWhereItsCodeIsAboveZero(
        [Range(0, 5)] int qformCode, [Range(0, 5)] int sformCode)
    {
        using TestFolder folder = new();
        var bytes = new NiftiBytes
        {
            QformCode = qformCode,
            SformCode = sformCode,
            Quaternion = [0, 0, 1],
            QuaternionOffset = [-10, -20, -30],
            Pixdim = [-1, 1, 2, 2.5, 7, 0, 0, 0],
            Sform = Moved,
            Units = 10,
        };
        NiftiGeometry geometry = Nifti.ReadImage(folder.Put("a.nii", bytes.One())).Geometry;
        // A half turn about z, with qfac -1: x and y backwards, z too.
        double[] scanner = [-1, 0, 0, -10, 0, -2, 0, -20, 0, 0, -2.5, -30];
        double[] expected = sformCode > 0 ? Moved : qformCode > 0 ? scanner : [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2.5, 0];
        Assert.That(geometry.ToArray(), Is.EqualTo(expected).Within(1e-6));
        Assert.That(geometry.IsPlaced, Is.EqualTo(qformCode + sformCode > 0));
        Assert.That((geometry.Forms!.QformCode, geometry.Forms.SformCode), Is.EqualTo((qformCode, sformCode)));

        VolumeShape shape = VolumeShape.Volume(2, 3, 2);
        Nifti.WriteLabels(folder["b.nii"], shape, new byte[12], geometry);
        AssertSameForms(folder, "a.nii", "b.nii");
        Nifti.WriteImage(folder["c.nii"], shape, new float[12], geometry);
        AssertSameForms(folder, "a.nii", "c.nii");
        Assert.That(Nifti.ReadLabels(folder["b.nii"]).Geometry, Is.EqualTo(geometry));
    }

    // (x, y, 1) stays three-dimensional; a fourth dimension of one volume stays, one of several volumes is not the labels'.
    [TestCase(new long[] { 2, 4, 3 })]
    [TestCase(new long[] { 3, 4, 3, 1 })]
    [TestCase(new long[] { 4, 4, 3, 1, 1 })]
    [TestCase(new long[] { 3, 2, 3, 2 })]
    [TestCase(new long[] { 5, 2, 3, 2, 1, 1 })]
    public void TheShapeAsStored_IsKept(long[] dim)
    {
        using TestFolder folder = new();
        NiftiImage image = Nifti.ReadImage(folder.Put("a.nii", new NiftiBytes { Dim = dim }.One()));
        Nifti.WriteLabels(folder["b.nii"], image.Shape, new byte[12], image.Geometry);
        byte[] written = File.ReadAllBytes(folder["b.nii"]);
        short[] stored = [.. Enumerable.Range(0, 8).Select(n => BitConverter.ToInt16(written, 40 + (2 * n)))];
        short[] expected = [.. dim.Concat(Enumerable.Repeat(1L, 8 - dim.Length)).Select(size => (short)size)];
        Assert.That(stored, Is.EqualTo(expected));
    }

    [Test]
    public void AnotherShape_WithAFilesGeometry_IsItsOwn()
    {
        using TestFolder folder = new();
        NiftiImage image = Nifti.ReadImage(folder.Put("a.nii", new NiftiBytes().One()));
        Nifti.WriteLabels(folder["b.nii"], VolumeShape.Image(5, 6), new byte[30], image.Geometry);
        Assert.That(Nifti.ReadLabels(folder["b.nii"]).Shape, Is.EqualTo(VolumeShape.Image(5, 6)));
    }

    // Of NIfTI-2 the numbers become float32, no more; metres stay metres in the file and are millimetres in memory.
    [TestCase(1, 1000)]
    [TestCase(3, 0.001)]
    public void Units_AreKeptInTheFile(int units, double factor)
    {
        using TestFolder folder = new();
        var bytes = new NiftiBytes
        {
            Units = (byte)units, SformCode = 4, QformCode = 2, Sform = [0.5, 0, 0, 1, 0, 0.25, 0, 2, 0, 0, 0.125, 3],
            Pixdim = [1, 0.5, 0.25, 0.125], QuaternionOffset = [1, 2, 3],
        };
        NiftiGeometry two = Nifti.ReadImage(folder.Put("two.nii", bytes.Two())).Geometry;
        Assert.That(two.Spacing, Is.EqualTo((0.5 * factor, 0.25 * factor, 0.125 * factor)));
        Assert.That(two.Forms!.Qform, Is.EqualTo(two.Forms.Sform));
        Nifti.WriteLabels(folder["a.nii"], VolumeShape.Volume(2, 3, 2), new byte[12], two);
        folder.Put("one.nii", bytes.One());
        AssertSameForms(folder, "one.nii", "a.nii");
        Assert.That(Nifti.ReadLabels(folder["a.nii"]).Geometry, Is.EqualTo(two));
    }

    [TestCase(1, 0, 0, new double[] { 2, 0, 0, 0, -3, 0, 0, 0, -4 })]
    [TestCase(0, 1, 0, new double[] { -2, 0, 0, 0, 3, 0, 0, 0, -4 })]
    [TestCase(0, 0, 1, new double[] { -2, 0, 0, 0, -3, 0, 0, 0, 4 })]
    [TestCase(0.7071068, 0.7071068, 0, new double[] { 0, 3, 0, 2, 0, 0, 0, 0, -4 })]
    public void AHalfTurn_InAnyDirection(double b, double c, double d, double[] expected)
    {
        foreach (int qfac in new[] { -1, 0, 1 })
        {
            using TestFolder folder = new();
            var bytes = new NiftiBytes { QformCode = 1, Quaternion = [b, c, d], Pixdim = [qfac, 2, 3, 4] };
            NiftiGeometry geometry = Nifti.ReadImage(folder.Put("a.nii", bytes.One())).Geometry;
            double[] found = [.. Enumerable.Range(0, 9).Select(n => geometry[n / 3, n % 3])];
            // qfac turns the third axis; 0 is read as 1.
            double[] turned = [.. expected.Select((value, n) => n % 3 == 2 && qfac < 0 ? -value : value)];
            Assert.That(found, Is.EqualTo(turned).Within(1e-6), $"qfac {qfac}");
        }
    }

    [Test]
    public void TheSignOfAVoxelSize_MeansNothing()
    {
        using TestFolder folder = new();
        var bytes = new NiftiBytes { QformCode = 1, Pixdim = [1, -2, -3, 4] };
        Assert.That(
            Nifti.ReadImage(folder.Put("a.nii", bytes.One())).Geometry.ToArray(),
            Is.EqualTo(new double[] { 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0 }));
    }

    // Of an image some programs write two columns only.
    [Test]
    public void AnSformOfAPlane_IsCompletedAcrossIt()
    {
        using TestFolder folder = new();
        var bytes = new NiftiBytes
        {
            Dim = [3, 4, 3, 1], SformCode = 2, Sform = [0, 0, 0, 1, 2, 0, 0, 5, 0, 3, 0, 7], Pixdim = [1, 2, 3, 4],
        };
        NiftiGeometry geometry = Nifti.ReadImage(folder.Put("a.nii", bytes.One())).Geometry;
        Assert.That(geometry.ToArray(), Is.EqualTo(new double[] { 0, 0, 4, 1, 2, 0, 0, 5, 0, 3, 0, 7 }));
        Assert.That(geometry.Orientation, Is.EqualTo("ASR"));
    }

    [Test]
    public void FormsThatDiffer_AreTold_ByNameAndDistance()
    {
        using TestFolder folder = new();
        var bytes = new NiftiBytes
        {
            Dim = [3, 2, 3, 2], QformCode = 1, SformCode = 2, QuaternionOffset = [0, 0, 0],
            Sform = [1, 0, 0, 3, 0, 1, 0, 4, 0, 0, 1, 0],
        };
        Assert.That(Told(bytes), Is.EqualTo((string[])
        [
            $"'{folder["a.nii"]}' lies up to 5 mm elsewhere by its qform (code 1) than by its sform (code 2); the sform is used.",
        ]));

        // Rounding is not told, nor a form that is not there.
        Assert.That(Told(new NiftiBytes { QformCode = 1, SformCode = 1, Sform = [1, 0, 0, 0.05, 0, 1, 0, 0, 0, 0, 1, 0] }), Is.Empty);
        Assert.That(Told(new NiftiBytes { QformCode = 0, SformCode = 1, Sform = Moved }), Is.Empty);
        Assert.That(Told(new NiftiBytes { QformCode = 1, SformCode = 1 }), Is.Empty, "a flat sform");

        IReadOnlyList<string> Told(NiftiBytes file)
        {
            var notices = new Notices();
            NiftiImage image = Nifti.ReadImage(folder.Put("a.nii", file.One()));
            image.Geometry.Forms!.Tell(folder["a.nii"], image.Shape, notices);
            return notices.All;
        }
    }

    // pixdim, xyzt_units, both codes, the quaternion with its offsets, and the sform: byte by byte.
    private static void AssertSameForms(TestFolder folder, string one, string two)
    {
        byte[] first = File.ReadAllBytes(folder[one]);
        byte[] second = File.ReadAllBytes(folder[two]);
        Assert.That(second[76..108], Is.EqualTo(first[76..108]), "pixdim");
        Assert.That(second[123], Is.EqualTo(first[123]), "xyzt_units");
        Assert.That(second[252..328], Is.EqualTo(first[252..328]), "forms");
    }
}
