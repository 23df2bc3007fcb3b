using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

/// <summary>Labels that change places in a flip: from pairs of stored values to output labels, whatever a folder holds.</summary>
public sealed class LateralLabelTests
{
    [TestCase(2, 41)]
    [TestCase(13, 52)]
    [TestCase(17, 53)]
    [TestCase(20, 56)]
    [TestCase(26, 58)]
    [TestCase(39, 71)]
    [TestCase(75, 76)]
    [TestCase(78, 79)]
    [TestCase(108, 117)]
    [TestCase(138, 139)]
    [TestCase(421, 426)]
    [TestCase(1000, 2000)]
    [TestCase(1035, 2035)]
    [TestCase(1200, 2200)]
    [TestCase(3007, 4007)]
    [TestCase(5001, 5002)]
    [TestCase(8103, 8203)]
    [TestCase(11175, 12175)]
    [TestCase(13100, 14100)]
    [TestCase(13175, 14175)]
    public void FreeSurfersPairs_BothWays(int left, int right)
    {
        Assert.That(FreeSurferLabels.PartnerOf(left), Is.EqualTo(right));
        Assert.That(FreeSurferLabels.PartnerOf(right), Is.EqualTo(left));
    }

    [Test]
    public void FreeSurfersNumbers_HaveOnePartnerOrNone()
    {
        int pairs = 0;
        for (int value = -10; value < 20000; value++)
        {
            if (FreeSurferLabels.PartnerOf(value) is { } partner)
            {
                Assert.That(FreeSurferLabels.PartnerOf(partner), Is.EqualTo(value));
                Assert.That(partner, Is.Not.EqualTo(value));
                pairs++;
            }
        }

        Assert.That(pairs % 2, Is.Zero);
        foreach (int middle in new[] { 0, 14, 15, 16, 24, 72, 77, 80, 85, 251, 255 })
        {
            Assert.That(FreeSurferLabels.PartnerOf(middle), Is.Null);
            Assert.That(FreeSurferLabels.IsKnown(middle));
        }

        Assert.That(FreeSurferLabels.IsKnown(7123), Is.False);
    }

    [Test]
    public void SparseNumbers_AreExchanged_AndAMissingPartnerBecomesALabel()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [0, 2, 41, 16, 14175, 1001, 0, 0]);
        PutMap(folder, "b.nii", [0, 2, 41, 2001, 30, 7123, 0, 0]);
        LabelMapSet set = RecipeLabelMaps.Load(Flipping(LateralPairs.FreeSurfer), folder.Root);
        int[] values = [.. set.SourceValues.Select(one => one[0])];
        Assert.That(values, Is.EqualTo((int[])[0, 2, 16, 30, 41, 62, 1001, 2001, 7123, 13175, 14175]));
        int[] partners = [.. LateralExchange.Table(LateralPairs.FreeSurfer, set.SourceValues).Take(11).Select(label => values[label])];
        Assert.That(partners, Is.EqualTo((int[])[0, 41, 16, 62, 2, 30, 2001, 1001, 7123, 14175, 13175]));
        Assert.That(set.Notices.All, Is.EqualTo((string[])
        [
            $"No label map in '{folder.Root}' holds 62 (of 30), 13175 (of 14175): flipped samples do, so there are labels for it.",
            $"The label maps in '{folder.Root}' hold values that are not FreeSurfer's, such as 7123: they keep their label in flipped "
                + "samples; name their pairs in a list of lateralPairs if they have a side.",
        ]));

        // Without a flip the labels are those of the files.
        Recipe still = Flipping(LateralPairs.FreeSurfer, flip: 0);
        Assert.That(RecipeLabelMaps.Load(still, folder.Root).LabelCount, Is.EqualTo(9));
        Assert.That(RecipeLabelMaps.Load(still, folder.Root).Notices.All, Is.Empty);
    }

    [Test]
    public void AMapWithoutAForm_IsTold_WhereItIsFlipped()
    {
        using TestFolder folder = new();
        folder.Put("a.nii", new NiftiBytes().One());
        string[] told = [.. RecipeLabelMaps.Load(Flipping(LateralPairs.None), folder.Root).Notices.All];
        Assert.That(told, Is.EqualTo((string[])
        [
            $"'{folder["a.nii"]}' has neither a qform nor an sform; its width is taken to run from left to right.",
        ]));
        Assert.That(RecipeLabelMaps.Load(Flipping(LateralPairs.None, flip: 0), folder.Root).Notices.All, Is.Empty);
    }

    [Test]
    public void Groups_AreExchangedAsGroups()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [0, 2, 41, 3, 42, 16, 0, 0]);
        ValueList<LabelGroup> sides = [new(0, [0]), new(1, [2, 3]), new(2, [42, 41]), new(3, [16])];
        LabelMapSet set = RecipeLabelMaps.Load(Flipping(LateralPairs.FreeSurfer, sides), folder.Root);
        Assert.That(LateralExchange.Table(LateralPairs.FreeSurfer, set.SourceValues).Take(4), Is.EqualTo((byte[])[0, 2, 1, 3]));

        // Both sides in one group: the group stays.
        ValueList<LabelGroup> tissues = [new(0, [0, 16]), new(1, [2, 41]), new(2, [3, 42])];
        set = RecipeLabelMaps.Load(Flipping(LateralPairs.FreeSurfer, tissues), folder.Root);
        Assert.That(LateralExchange.Table(LateralPairs.FreeSurfer, set.SourceValues).Take(3), Is.EqualTo((byte[])[0, 1, 2]));
    }

    [Test]
    public void PairsThatDoNotFitTheRemap_AreNamed()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [0, 2, 2, 3, 42, 16, 0, 0]);
        Fails([new(0, [0, 16]), new(1, [2]), new(2, [3]), new(3, [42])], "A flip makes value 41 of value 2");
        Fails([new(0, [0, 16]), new(1, [2, 3]), new(2, [41]), new(3, [42])], "would take label 1 apart");
        Fails([new(0, [0, 16]), new(1, [2, 3]), new(2, [41, 42, 24])], "would take label 2 apart");
        Fails([new(0, [2]), new(1, [0, 16, 3, 42]), new(2, [41])], "Label 0 is also what lies outside a map");

        void Fails(ValueList<LabelGroup> remap, string expected) => Assert.That(
            () => RecipeLabelMaps.Load(Flipping(LateralPairs.FreeSurfer, remap), folder.Root),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains(expected));
    }

    [Test]
    public void TooManyLabels_WithTheirPartners_AreRefused()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [0, 0, .. Enumerable.Range(1000, 200)]);
        Assert.That(LabelMapSet.Load(folder.Root).LabelCount, Is.EqualTo(201));
        AssertFails(
            () => RecipeLabelMaps.Load(Flipping(LateralPairs.FreeSurfer), folder.Root), "more than 256 label values");
    }

    [Test]
    public void MapsWithoutALabel_AreCounted_AndRefusedWhereThereIsNoOther()
    {
        using TestFolder folder = new();
        PutMap(folder, "a.nii", [0, 0]);
        PutMap(folder, "c.nii", [0, 0]);
        AssertFails(() => LabelMapSet.Load(folder.Root), "none of its 2 label maps holds a label but the background");
        AssertFails(() => LabelMapSet.Load(folder["a.nii"]), "it holds no label but the background");
        PutMap(folder, "b.nii", [0, 7]);
        Assert.That(LabelMapSet.Load(folder.Root).Notices.All, Is.EqualTo((string[])
        [
            $"2 of 3 label maps in '{folder.Root}' hold no label but the background, such as 'a.nii'.",
        ]));

        // Everything remapped to the background is no label either.
        AssertFails(() => LabelMapSet.Load(folder.Root, [new LabelGroup(0, [0, 7])]), "none of its 3 label maps");
    }

    private static Recipe Flipping(LateralPairs pairs, ValueList<LabelGroup>? remap = null, double flip = 1)
    {
        Recipe preset = Presets.Get("labelmap-3d");
        var anatomy = preset.Find<LabelMapAnatomy>()!;
        return preset.With(anatomy with { Flip = flip, LateralPairs = pairs, Remap = remap });
    }

    private static void PutMap(TestFolder folder, string name, int[] values) => folder.Put(name, new NiftiBytes
    {
        Dim = [3, values.Length / 2, 1, 2],
        DataType = 8,
        SformCode = 1,
        Sform = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
        Voxels = NiftiBytes.Store(values, false),
    }.One());
}
