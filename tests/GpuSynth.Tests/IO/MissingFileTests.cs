using GpuSynth.IO;
using GpuSynth.Recipes;
using static GpuSynth.Tests.IO.FileErrors;

namespace GpuSynth.Tests.IO;

/// <summary>Links to nowhere, as DataLad and git-annex leave them for files that have not been fetched.</summary>
[Platform(Exclude = "Win")]
public sealed class MissingFileTests
{
    private const string Target = "../.git/annex/objects/aa/bb/SHA256E-s1--x.nii/SHA256E-s1--x.nii";

    [Test]
    public void ALinkToNowhere_IsToldWithItsTargetAndTheWayOut()
    {
        using TestFolder folder = new();
        File.CreateSymbolicLink(folder["a.nii"], Target);
        string expected = $"a.nii': it is a link whose target '{Target}' is missing; fetch it ('datalad get'";
        AssertFails(() => Nifti.ReadImage(folder["a.nii"]), expected);
        AssertFails(() => Nifti.ReadLabels(folder["a.nii"]), expected);
        AssertFails(() => LabelMapSet.Load(folder.Root), expected);
        AssertFails(() => LabelMapSet.Load(folder["a.nii"]), expected);
        File.CreateSymbolicLink(folder["recipe.yaml"], Target);
        Assert.That(
            () => RecipeYaml.Read(folder["recipe.yaml"]),
            Throws.TypeOf<RecipeException>().With.Message.Contains($"it is a link whose target '{Target}' is missing"));
    }

    [Test]
    public void AFolderThatIsALinkToNowhere_IsTheOneThatIsNamed()
    {
        using TestFolder folder = new();
        Directory.CreateSymbolicLink(folder["maps"], "elsewhere");
        string path = Path.Combine(folder["maps"], "a.nii");
        AssertFails(() => Nifti.ReadImage(path), $"a.nii': '{folder["maps"]}' is a link whose target 'elsewhere' is missing");
        AssertFails(() => LabelMapSet.Load(folder["maps"]), "maps': it is a link whose target 'elsewhere' is missing");
    }

    [Test]
    public void OtherPaths_HaveNoSuchReason()
    {
        using TestFolder folder = new();
        folder.Put("a.nii", new NiftiBytes().One());
        File.CreateSymbolicLink(folder["b.nii"], folder["a.nii"]);
        Assert.That(Nifti.ReadImage(folder["b.nii"]).Data, Has.Length.EqualTo(12), "a link that leads somewhere");
        foreach (string name in new[] { "a.nii", "b.nii", "c.nii", "no/c.nii" })
        {
            Assert.That(MissingFile.LinkReason(folder[name]), Is.Null, name);
        }

        AssertFails(() => Nifti.ReadImage(folder["c.nii"]), "there is no such file; check the path");
    }

    [TestCase("/annex/objects/SHA256E-s1--x.nii.gz\n", "a pointer of git-annex to a file that is not here; fetch it ('datalad get')")]
    [TestCase("version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS to a file that is not here")]
    public void APointerInPlaceOfAFile_IsTold(string text, string expected)
    {
        using TestFolder folder = new();
        folder.Put("a.nii", System.Text.Encoding.ASCII.GetBytes(text));
        AssertFails(() => Nifti.ReadImage(folder["a.nii"]), expected);
    }
}
