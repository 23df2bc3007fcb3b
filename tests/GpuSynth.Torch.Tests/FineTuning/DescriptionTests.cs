using System.Text;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>dataset.json as it is found in the wild: what is harmless is read, what is not is named with its entry.</summary>
internal sealed class DescriptionTests
{
    private const string One = """{"image": "imagesTr/c0.nii.gz", "label": "labelsTr/c0.nii.gz"}""";

    [TestCase("""{"0": "background", "1": "a", "2": "b"}""", "0 background, 1 a, 2 b")]
    [TestCase("""{"background": 0, "a": 1, "b": 2}""", "0 background, 1 a, 2 b")]
    [TestCase("""{"background": "0", "a": "1", "b": " 2 "}""", "0 background, 1 a, 2 b")]
    [TestCase("""{"background": 0.0, "a": [1], "b": ["2"]}""", "0 background, 1 a, 2 b")]
    [TestCase("""["background", "a", "b"]""", "0 background, 1 a, 2 b")]
    [TestCase("""{"a": 1, "b": 2}""", "0 background, 1 a, 2 b")]
    [TestCase("""{"0": 0, "1": 1, "2": "2"}""", "0 background, 1 label 1, 2 2")]
    [TestCase("""{"0": "background", "1": null, "2": ""}""", "0 background, 1 label 1, 2 label 2")]
    [TestCase("""{"0": "bg", "4": "d", "17": "q", "1035": "z"}""", "0 bg, 4 d, 17 q, 1035 z")]
    [TestCase("""{"background": 0, "a": 1, "b": 2, "ignore": 3}""", "0 background, 1 a, 2 b; without 3")]
    [TestCase("""{"0": "background", "1": "a", "255": "Ignore"}""", "0 background, 1 a; without 255")]
    [TestCase("""{"background": 0, "a": 1, "ignore": -1}""", "0 background, 1 a; without -1")]
    public void Labels_of_any_layout_are_read(string labels, string expected)
    {
        using FineTuneFolder folder = WithCase();
        folder.PutJson($$"""{"labels": {{labels}}, "training": [{{One}}]}""");
        LabelClasses read = SegmentationDataset.Open(folder.Root).Labels!;
        string text = string.Join(", ", read.Numbers.Zip(read.Names, (number, name) => $"{number} {name}"));
        Assert.That(
            read.IgnoredNumbers.Count > 0 ? $"{text}; without {string.Join(", ", read.IgnoredNumbers)}" : text,
            Is.EqualTo(expected));
    }

    [TestCase(
        """{"background": 0, "whole": [1, 2], "core": [2]}""",
        "the label \"whole\": [1, 2] is a region of 2 labels",
        "\"labels\": {\"background\": 0, \"label 1\": 1, \"label 2\": 2}")]
    [TestCase("""{"background": 0, "kidney": [1, 2, 3], "tumour": 2}""", "\"kidney\": [1, 2, 3] is a region of 3", "\"label 3\": 3")]
    [TestCase("""{"background": 0, "a": "one"}""", "the label \"a\" has the text \"one\"", "a whole number")]
    [TestCase("""{"background": 0, "a": 1.5}""", "the label \"a\" has the number 1.5", "a whole number")]
    [TestCase("""{"background": 0, "a": true}""", "the label \"a\" has true", "a whole number")]
    [TestCase("""{"background": 0, "a": {"value": 1}}""", "the label \"a\" has an object", "a whole number")]
    [TestCase("""{"0": "background", "1": ["a", "b"]}""", "label 1 is called the list [\"a\", \"b\"]", "a text")]
    [TestCase("""{"background": 0, "a": 1, "b": 1}""", "\"a\" and \"b\" the same number 1", "correct one")]
    [TestCase("""{"0": "background", "1": "a", "1": "b"}""", "\"a\" and \"b\" the same number 1", "correct one")]
    [TestCase("""{"1": 2, "2": 1}""", "the label \"1\": 2 has two numbers", "a name and a number")]
    [TestCase("""{"background": 0}""", "names 0 labels besides the background", "a network")]
    [TestCase("""{"ignore": 0, "a": 1}""", "calls label 0 \"ignore\"", "another number")]
    [TestCase("""{"background": 0, "a": -2}""", "the label \"a\" the number -2", "count from 0")]
    [TestCase("\"liver\"", "\"labels\" is the text \"liver\"", "{\"background\": 0, \"organ\": 1}")]
    public void A_label_that_cannot_be_read_is_named_with_the_way_out(string labels, string what, string wayOut)
    {
        using FineTuneFolder folder = WithCase();
        folder.PutJson($$"""{"labels": {{labels}}, "training": [{{One}}]}""");
        Complains(folder, "dataset.json'", what, wayOut);
    }

    private static readonly (string Name, Encoding Encoding)[] Encodings =
    [
        ("UTF-8 with a mark", new UTF8Encoding(true)), ("UTF-8", new UTF8Encoding(false)),
        ("UTF-16 with a mark", new UnicodeEncoding(false, true)), ("UTF-16", new UnicodeEncoding(false, false)),
        ("UTF-16 big-endian with a mark", new UnicodeEncoding(true, true)), ("big-endian", new UnicodeEncoding(true, false)),
        ("UTF-32 with a mark", new UTF32Encoding(false, true)), ("Latin-1", Encoding.Latin1),
    ];

    [Test]
    public void The_text_may_be_in_any_encoding_with_a_byte_order_mark_comments_and_trailing_commas([Range(0, 7)] int at)
    {
        using FineTuneFolder folder = WithCase();
        string json = $$"""
            { // As a person writes it.
              "labels": {"0": "background", "1": "Hüfte", "2": "b",},
              "training": [{{One}},], /* all of it */
            }
            """;
        File.WriteAllText(Path.Combine(folder.Root, "dataset.json"), json, Encodings[at].Encoding);
        SegmentationDataset data = SegmentationDataset.Open(folder.Root);
        Assert.That(data.Labels!.Names[1], Is.EqualTo("Hüfte"), Encodings[at].Name);
        Assert.That(data.Cases.Single().Name, Is.EqualTo("c0"));
    }

    [TestCase("""["./imagesTr/c0.nii.gz"]""", """["labelsTr/c0.nii.gz"]""", false)]
    [TestCase("\"imagesTr\\\\c0.nii.gz\"", "\".\\\\labelsTr\\\\c0.nii.gz\"", false)]
    [TestCase("\"./imagesTr//c0.nii.gz\"", "\"./labelsTr/../labelsTr/c0.nii.gz\"", false)]
    [TestCase("\" imagesTr/c0.nii.gz \"", "\"labelsTr/c0.nii.gz\\n\"", false)]
    [TestCase("\"imagesTr/c0\"", "\"labelsTr/c0\"", false)]
    [TestCase("\"imagesTr/c0.nii\"", "\"labelsTr/c0.nii\"", false)]
    [TestCase("\"/home/x/Task01/imagesTr/c0.nii.gz\"", "\"/home/x/Task01/labelsTr/c0.nii.gz\"", true)]
    [TestCase("\"C:\\\\data\\\\Task01\\\\imagesTr\\\\c0.nii.gz\"", "\"C:\\\\data\\\\Task01\\\\labelsTr\\\\c0.nii.gz\"", true)]
    [TestCase("\"Task01/imagesTr/c0.nii.gz\"", "\"Task01/labelsTr/c0.nii.gz\"", true)]
    [TestCase("\"c0.nii.gz\"", "\"c0.nii.gz\"", true)]
    public void Paths_of_any_system_lead_to_the_file_beside_it(string image, string label, bool isTold)
    {
        using FineTuneFolder folder = WithCase();
        folder.PutJson($$"""{"training": [{"image": {{image}}, "label": {{label}}, "fold": 0}]}""");
        var notices = new Notices();
        CaseFiles one = SegmentationDataset.Open(folder.Root, notices).Cases.Single();
        Assert.That(Path.GetRelativePath(folder.Root, one.ImagePath), Is.EqualTo(Path.Combine("imagesTr", "c0.nii.gz")));
        Assert.That(Path.GetRelativePath(folder.Root, one.LabelPath), Is.EqualTo(Path.Combine("labelsTr", "c0.nii.gz")));
        Assert.That(notices.All, isTold ? Has.Exactly(1).Contains("which is not there; '") : Is.Empty);
    }

    [TestCase("\"imagesTr/c0.nii.gz\"")]
    [TestCase("\"/elsewhere/imagesTr/c0.nii.gz\"")]
    public void A_plain_path_has_its_labels_beside_it(string entry)
    {
        using FineTuneFolder folder = WithCase();
        folder.PutJson($$"""{"training": [{{entry}}]}""");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Single().LabelPath, Does.EndWith(Path.Combine("labelsTr", "c0.nii.gz")));
    }

    [TestCase("null", "entry 2 of \"training\" is null")]
    [TestCase("7", "entry 2 of \"training\" is the number 7")]
    [TestCase("\"scans/c0.nii.gz\"", "entry 2 of \"training\" is the text \"scans/c0.nii.gz\", from which its labels' name")]
    [TestCase("{}", "entry 2 of \"training\" has no \"image\" (it is empty)")]
    [TestCase("""{"image": "imagesTr/c0.nii.gz", "mask": "m.nii.gz"}""", "has no \"label\" (it has \"image\", \"mask\")")]
    [TestCase("""{"image": [], "label": "labelsTr/c0.nii.gz"}""", "entry 2 of \"training\" has the list [] for an \"image\"")]
    [TestCase("""{"image": 3, "label": "labelsTr/c0.nii.gz"}""", "entry 2 of \"training\" has the number 3 for an \"image\"")]
    [TestCase("""{"image": "imagesTr/c0.nii.gz", "label": ["a", "b"]}""", "has the list [\"a\", \"b\"] for a \"label\"")]
    [TestCase("""{"image": "imagesTr/c9.nii.gz", "label": "labelsTr/c0.nii.gz"}""", "names the image 'imagesTr/c9.nii.gz', which is not there")]
    [TestCase("""{"image": "imagesTr/c0.nii.gz", "label": "labelsTr/c9.nii.gz"}""", "names the labels 'labelsTr/c9.nii.gz', which is not there")]
    [TestCase("""{"image": "imagesTr", "label": "labelsTr/c0.nii.gz"}""", "names the image 'imagesTr', which is a folder")]
    [TestCase("""{"image": "imagesTr/c1.mha", "label": "labelsTr/c0.nii.gz"}""", "'imagesTr/c1.mha', which is not called .nii")]
    [TestCase("""{"image": "labelsTr/c0.nii.gz", "label": "labelsTr/c0.nii.gz"}""", "both as an image and as its labels")]
    public void An_entry_that_cannot_be_read_is_named(string entry, string what)
    {
        using FineTuneFolder folder = WithCase();
        File.WriteAllText(folder.Made("imagesTr/c1.mha"), "x");
        folder.PutJson($$"""{"training": [{{One}}, {{entry}}]}""");
        Complains(folder, what, "dataset.json': entry 2 of \"training\"");
    }

    [TestCase("{", "is not JSON (line 1, byte 2")]
    [TestCase("{\n \"training\": [}", "is not JSON (line 2, byte 15")]
    [TestCase("", "is not JSON")]
    [TestCase("\"training\"", "holds the text \"training\" where a dataset.json has an object")]
    [TestCase("{}", "has no \"training\"")]
    [TestCase("""{"training": []}""", "\"training\" is empty")]
    [TestCase("""{"training": 4}""", "\"training\" is the number 4")]
    [TestCase("""{"file_ending": ".png", "numTraining": 3}""", "says \"file_ending\": \".png\", and NIfTI")]
    public void What_is_no_data_set_is_named(string json, string what)
    {
        using var folder = new FineTuneFolder();
        folder.PutJson(json);
        Complains(folder, what);
    }

    [Test]
    public void Hidden_files_other_lists_and_other_counts_are_told_and_left_out()
    {
        using FineTuneFolder folder = WithCase();
        File.WriteAllText(folder.Made("imagesTr/._c0.nii.gz"), "x");
        folder.PutJson($$"""
            {"numTraining": 2, "training": [{"image": "./imagesTr/._c0.nii.gz", "label": "./labelsTr/._c0.nii.gz"}, {{One}}],
             "validation": [{{One}}], "test": ["./imagesTs/x.nii.gz"]}
            """);
        var notices = new Notices();
        Assert.That(SegmentationDataset.Open(folder.Root, notices).Cases, Has.Count.EqualTo(1));
        Assert.That(notices.All, Has.Some.Contains("names the hidden file './imagesTr/._c0.nii.gz' and is left out"));
        Assert.That(notices.All, Has.Some.Contains("lists 1 cases in \"validation\", which are left out"));
        Assert.That(notices.All, Has.Some.Contains("\"numTraining\": 2, and 1 cases were found"));
    }

    [Test]
    public void The_root_may_be_the_list_and_members_may_be_in_capitals()
    {
        using FineTuneFolder folder = WithCase();
        folder.PutJson($"[{One}]");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases, Has.Count.EqualTo(1));
        folder.PutJson("""{"Training": [{"Image": "imagesTr/c0.nii.gz", "LABEL": "labelsTr/c0.nii.gz"}]}""");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases, Has.Count.EqualTo(1));
    }

    [Test]
    public void Nnunet_2_without_a_list_takes_the_folders_and_their_channels()
    {
        using var folder = new FineTuneFolder();
        foreach (string name in new[] { "BRATS_001", "BRATS_002" })
        {
            folder.PutAt($"imagesTr/{name}_0000.nii.gz", $"labelsTr/{name}.nii.gz");
            folder.PutAt($"imagesTr/{name}_0001.nii.gz", $"labelsTr/{name}.nii.gz");
        }

        folder.PutJson("""
            {"channel_names": {"1": "T2", "0": "T1"}, "labels": {"background": 0, "a": 1, "b": 2}, "numTraining": 2,
             "file_ending": ".nii.gz", "regions_class_order": [1, 2]}
            """);
        SegmentationDataset data = SegmentationDataset.Open(folder.Root);
        Assert.That(data.Cases.Select(one => one.Name), Is.EqualTo((string[])["BRATS_001", "BRATS_002"]));
        Assert.That(data.Cases[1].ImagePaths.Select(path => Path.GetFileName(path)),
            Is.EqualTo((string[])["BRATS_002_0000.nii.gz", "BRATS_002_0001.nii.gz"]));
        Assert.That(data.ChannelNames, Is.EqualTo((string[])["T1", "T2"]));
    }

    [TestCase("""{"training": [{"image": "./imagesTr/c0.nii.gz", "label": "./labelsTr/c0.nii.gz"}]}""", "c0")]
    [TestCase("""{"training": [{"image": ["imagesTr/c0_0000.nii.gz", "imagesTr/c0_0001.nii.gz"], "label": "labelsTr/c0.nii.gz"}]}""", "c0")]
    [TestCase("""{"dataset": {"kid": {"images": ["imagesTr/c0_0000.nii.gz", "imagesTr/c0_0001.nii.gz"], "label": "labelsTr/c0.nii.gz"}}}""", "kid")]
    public void Channels_are_found_by_nnunets_names_and_by_lists(string json, string name)
    {
        using var folder = new FineTuneFolder();
        folder.PutAt("imagesTr/c0_0000.nii.gz", "labelsTr/c0.nii.gz");
        folder.PutAt("imagesTr/c0_0001.nii.gz", "labelsTr/c0.nii.gz");
        folder.PutJson(json);
        CaseFiles one = SegmentationDataset.Open(folder.Root).Cases.Single();
        Assert.That(one.Name, Is.EqualTo(name));
        Assert.That(one.ImagePaths.Select(path => Path.GetFileName(path)),
            Is.EqualTo((string[])["c0_0000.nii.gz", "c0_0001.nii.gz"]));
    }

    [Test]
    public void Cases_of_equal_file_names_are_told_apart_by_their_folders()
    {
        using var folder = new FineTuneFolder();
        string[] entries = [.. new[] { "sub-01", "sub-02" }.SelectMany(subject => new[] { "ses-1", "ses-2" }.Select(session =>
        {
            string at = $"{subject}/{session}/anat";
            folder.PutAt($"{at}/T1w.nii.gz", $"{at}/seg.nii.gz");
            return $$"""{"image": "{{at}}/T1w.nii.gz", "label": "{{at}}/seg.nii.gz"}""";
        }))];
        folder.PutJson($$"""{"training": [{{string.Join(", ", entries)}}]}""");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Select(one => one.Name), Is.EqualTo((string[])
            ["sub-01_ses-1_T1w", "sub-01_ses-2_T1w", "sub-02_ses-1_T1w", "sub-02_ses-2_T1w"]));
        folder.PutJson($$"""{"training": [{{string.Join(", ", entries[..2])}}]}""");
        Assert.That(SegmentationDataset.Open(folder.Root).Cases.Select(one => one.Name),
            Is.EqualTo((string[])["ses-1_T1w", "ses-2_T1w"]));
        folder.PutJson($$"""{"training": [{{entries[0]}}, {{entries[0]}}]}""");
        Complains(folder, "T1w.nii.gz' is there twice");
    }

    private static FineTuneFolder WithCase()
    {
        var folder = new FineTuneFolder();
        folder.PutAt("imagesTr/c0.nii.gz", "labelsTr/c0.nii.gz");
        return folder;
    }

    private static void Complains(FineTuneFolder folder, params string[] parts)
    {
        DatasetException? error = Assert.Throws<DatasetException>(() => SegmentationDataset.Open(folder.Root));
        foreach (string part in parts)
        {
            Assert.That(error!.Message, Does.Contain(part).And.EndsWith("."));
        }
    }
}
