using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

public sealed class LabelMapSetTests
{
    [Test]
    public void WithoutARemap_TheSortedValuesOfAllMapsAreCounted()
    {
        using TestFolder folder = new();
        PutMap(folder, "b.nii.gz", [0, 530, 2, 2]);
        PutMap(folder, "a.nii", [41, 0, -3, 0]);
        PutMap(folder, "c.NII.GZ", [0, 2, 2, 0]);
        folder.Put("notes.txt", [1]);
        folder.Put("d.nii.partial", [1]);
        folder.Put("._a.nii", [1]);

        LabelMapSet set = LabelMapSet.Load(folder.Root);

        Assert.That(string.Join(" ", set.Maps.Select(map => map.FileName)), Is.EqualTo("a.nii b.nii.gz c.NII.GZ"));
        Assert.That(string.Join(" ", set.SourceValues.Select(values => string.Join("+", values))), Is.EqualTo("-3 0 2 41 530"));
        Assert.That(Labels(set), Is.EqualTo("3 1 0 1, 1 4 2 2, 1 2 2 1"));
        Assert.That((set.LabelCount, set.TotalBytes, set.Dimensions), Is.EqualTo((5, 12L, 3)));
    }

    [Test]
    public void ARemap_IsFollowed()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [41, 0, 2, 17]);
        ValueList<LabelGroup> remap = [new LabelGroup(0, [0]), new LabelGroup(1, [41, 2]), new LabelGroup(3, [17, 99])];
        LabelMapSet set = LabelMapSet.Load(folder["a.nii"], remap);
        Assert.That(Labels(set), Is.EqualTo("1 0 1 3"));
        Assert.That(set.LabelCount, Is.EqualTo(4));
        Assert.That(string.Join(" ", set.SourceValues.Select(values => string.Join("+", values))), Is.EqualTo("0 2+41  17+99"));
    }

    [Test]
    public void AValueThatTheRemapLacks_IsNamed_WithItsFileAndTheWayOut()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [0, 0, 0, 0]);
        PutMap(folder, "b.nii", [24, 0, 77, 24]);
        Assert.That(
            () => LabelMapSet.Load(folder.Root, [new LabelGroup(0, [0])]),
            Throws.TypeOf<VolumeFileException>().With.Message.EqualTo(
                $"Cannot read '{folder["b.nii"]}': the recipe's remap does not name its label values 24, 77; " +
                "add them to a group, such as { label: 0, values: [24, 77] }."));
    }

    [Test]
    public void AWrongRemap_IsSaid()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [0, 0, 0, 0]);
        Assert.That(
            () => LabelMapSet.Load(folder.Root, [new LabelGroup(256, [0])]),
            Throws.TypeOf<VolumeFileException>().With.Message.Contains("names label 256; labels are 0 to 255"));
        ValueList<LabelGroup> twice = [new LabelGroup(0, [0, 1]), new LabelGroup(1, [1])];
        AssertFails(() => LabelMapSet.Load(folder.Root, twice), "sends value 1 to labels 0 and 1");
    }

    [Test]
    public void TwoHundredFiftySixLabels_AreTheMost([Values] bool isInOneMap)
    {
        using TestFolder folder = new();
        int[] values = [.. Enumerable.Range(1000, 256)];
        PutMap(folder, "a.nii", values);
        Assert.That(LabelMapSet.Load(folder.Root).LabelCount, Is.EqualTo(256));
        Assert.That(LabelMapSet.Load(folder.Root).Maps[0].Labels, Is.EqualTo(Enumerable.Range(0, 256)));

        if (isInOneMap)
        {
            PutMap(folder, "a.nii", [.. values, 7, 7]);
        }
        else
        {
            PutMap(folder, "b.nii", [7, 7]);
        }

        const string expected = "more than 256 label values, and labels are 0 to 255; group them by the recipe's 'remap'";
        AssertFails(() => LabelMapSet.Load(folder.Root), expected);
        ValueList<LabelGroup> remap = [new LabelGroup(0, [.. values]), new LabelGroup(1, [7])];
        Assert.That(LabelMapSet.Load(folder.Root, remap).LabelCount, Is.EqualTo(2));
    }

    [Test]
    public void TwoDimensions_AreAllowed_ButNotMixed()
    {
        using TestFolder folder = new();
        Nifti.WriteLabels(folder["a.nii"], VolumeShape.Image(2, 2), [0, 1, 1, 0]);
        Assert.That(LabelMapSet.Load(folder.Root).Dimensions, Is.EqualTo(2));
        Nifti.WriteLabels(folder["b.nii"], VolumeShape.Volume(2, 1, 2), [0, 1, 1, 0]);
        AssertFails(() => LabelMapSet.Load(folder.Root), "b.nii': it is 3D");
    }

    [Test]
    public void NoMaps_IsSaid()
    {
        using TestFolder folder = new();
        folder.Put("notes.txt", [1]);
        AssertFails(() => LabelMapSet.Load(folder.Root), "holds no label map");
        AssertFails(() => LabelMapSet.Load(folder["x"]), "no such folder");
        folder.Put("a.nii", [1, 2, 3]);
        AssertFails(() => LabelMapSet.Load(folder.Root), "a.nii");
    }

    [Test]
    public void SharedBrains_BecomeBytes()
    {
        LabelMapSet set = LabelMapSet.Load(TestData.Shared("data", "labelmaps"));
        Assert.That(set.Maps, Has.Count.EqualTo(2));
        Assert.That(set.TotalBytes, Is.EqualTo(2L * 256 * 256 * 256));
        foreach (LabelMap map in set.Maps)
        {
            // FreeSurfer's stored order: to the left, down, to the front; the body's: x is i backwards, y is k, z is j backwards.
            NiftiLabels stored = Nifti.ReadLabels(TestData.Shared("data", "labelmaps", map.FileName));
            Assert.That(stored.Geometry.ToString(), Is.EqualTo("LIA, 1 x 1 x 1 mm"));
            Assert.That(map.Geometry.ToString(), Is.EqualTo("RAS, 1 x 1 x 1 mm"));
            bool isSame = true;
            for (int n = 0; n < stored.Data.Length; n++)
            {
                (int z, int y, int x) = (n >> 16, (n >> 8) & 255, n & 255);
                int from = (y << 16) | ((255 - z) << 8) | (255 - x);
                isSame &= set.SourceValues[map.Labels[n]][0] == stored.Data[from];
            }

            Assert.That(isSame, map.FileName);
        }

        Assert.That(set.SourceValues[0][0], Is.Zero);
        // The white matter of both sides.
        Assert.That(set.SourceValues.Select(values => values[0]), Does.Contain(2).And.Contain(41));
    }

    private static void PutMap(TestFolder folder, string name, int[] values)
    {
        byte[] file = new NiftiBytes
        {
            Dim = [3, values.Length / 2, 1, 2],
            DataType = 8,
            Voxels = NiftiBytes.Store(values, false),
        }.One();
        folder.Put(name, name.EndsWith("z", StringComparison.OrdinalIgnoreCase) ? NiftiBytes.Gzip(file) : file);
    }

    private static string Labels(LabelMapSet set) => string.Join(", ", set.Maps.Select(map => string.Join(" ", map.Labels)));
}
