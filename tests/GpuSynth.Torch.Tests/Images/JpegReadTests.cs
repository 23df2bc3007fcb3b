using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Tests.IO;
using GpuSynth.Torch.Images;

namespace GpuSynth.Torch.Tests.Images;

/// <summary>Images as JPEG. The files, and what their own program makes of them, are by Pillow 9.4 with libjpeg-turbo.</summary>
public sealed class JpegReadTests
{
    private const string Progressive =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0o"
        + "MCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wgARCAAQABAD"
        + "AREAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABgMF/8QAFwEBAAMAAAAAAAAAAAAAAAAABgIEBf/aAAwDAQACEAMQAAABOtayHGQWgI2yiP8A"
        + "/8QAFRABAQAAAAAAAAAAAAAAAAAAAwD/2gAIAQEAAQUCAYChGEr/xAAWEQADAAAAAAAAAAAAAAAAAAAAAwT/2gAIAQMBAT8BmcTOJXErj//EABcR"
        + "AAMBAAAAAAAAAAAAAAAAAAAEEQP/2gAIAQIBAT8B3Yhu7BxiDjsP/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQAGPwIf/8QAFhAAAwAAAAAA"
        + "AAAAAAAAAAAAACEx/9oACAEBAAE/IYoiiKIo/9oADAMBAAIAAwAAABBtb//EABYRAQEBAAAAAAAAAAAAAAAAAAAxIf/aAAgBAwEBPxCOoI6g/8QA"
        + "FREBAQAAAAAAAAAAAAAAAAAAIQD/2gAIAQIBAT8QSyWazW//xAAVEAEBAAAAAAAAAAAAAAAAAAAAEf/aAAgBAQABPxCAiICI/9k=";

    private const string ProgressiveColours =
        "AQH/EAP/JAb+Mwn/QAz/UA7/ZRH/chT/fRr/jR39oR/5sCP9vSb/zSj/4iv/7y77AA3/DQ78IhL5MBX6PRf+Thv/YR38cCH5gST5jyb1oinysyzz"
        + "wC/20DL44zb08TfwABz9DB/4ICH1LiT0Oyj2TCv4YC7ybTDvgjHvkjTqpDjmtDrlwT3p0EHp5ETk80bgACj+Dir4IS/0MTHzPTTzTDjyYDvtbj3n"
        + "gT/nj0HipEXdtEjcwErcz07c41LV8lPRAjH/EDT8JTj3MzzzPz7yT0HwY0TocEfjgEvhjU7bolLVsVXSvVjSzFvN4F7I7mDCBD7/E0D9JUT2NUfx"
        + "QUrvUU3qY1HhclPcflnajVvUoV/Lr2PHu2bEy2nA32y57W6xA07/ElD7I1PxM1frP1rnTV7iYWHZcGTSgWjQj2rKo23BsXG7vHS2zHey4Hqp7X2h"
        + "AFn9Dlv1IWDtMWPmPWbiTGrcXm3SbHDLg3DJknPBpHe4tHuywH6uzoCn4YWe8IeWAWr/EGv6JG/vNXHpQnTjUXfaZXvRdX3IfYG+jIS3oIissYql"
        + "vYyfzZCX4pOO8ZaEAHT/Dnf2IXvtMn3jP4DcT4TUY4bKcojBgIu4j46uopGks5ScwJeVz5qM5JyD8596AIX7DYf0H4vmMY7ePZDWTZTMYZbAcJm3"
        + "gJmtkZukpJ+ZtKKOwKWH0ad95Kxz9K5pAJH+DZP0IpfnMZrcPZzSTqDGYaO7cKaygKemj6mco6yPs7CFv7J70LVw47lj8rxaA5r/EZz3JaHpNaTc"
        + "QabQUKrEZK22c7CrfrOfjbaWobmJsLx6vcBxzcNi4MZV78lMA6b/Eqn4JqzpNbDaQbPNUba+ZLqvc72mfsGYjcOPocaAsMpxvM1jy9FV39RG7tc7"
        + "Arb/ELn0JLzjM8DUP8PHUMa2Ysqncc2cgM+OjtGEodVzsdhjvdtVzN9H4OI27+UrAMP7D8TvIsjgMczQPdDATNKvX9aeb9iVg9iHkdt8pN9rtOJb"
        + "wORMzuk84uwr8e8g";

    private const string Subsampled =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0o"
        + "MCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAAQABAD"
        + "ASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABwQG/8QAGBAAAgMAAAAAAAAAAAAAAAAAAAUREiL/xAAVAQEBAAAAAAAAAAAAAAAAAAADBv/E"
        + "ABoRAAICAwAAAAAAAAAAAAAAAAYSAAUUISL/2gAMAwEAAhEDEQA/ADtGliuRCRqIrksTpYrk26dRFclaTlWK3UAZuWXc/9k=";

    private const string SubsampledColours =
        "AQH/Cwb/HAr/LA3+QA/3UBH1YRb3bRj3fBz6iR/7mCP9qSf5vSj0zSvu3zDt6DTtBAn/DQ3/HxL/LxX9QRf3Uxr1Yx71cCH2fyX5iyf5myv7rS73"
        + "wDDx0DTt4Tjr6jzrBRf/EBv/IR//MSL7RCT0VCjxZSvxcS7wgTH0jjT1njjzrjvwwT3p0kHk40Xi7EniBiT/Dyj+Ii37MjD2RDHvVDXrZTjqczrp"
        + "gT/rjUHpnkbqsEjlwEre0k7Y4lLW61bWBDL6Djb4ITr2MT7vQj/oUkLhY0bgcEjdfkzfjE7dnVPcrVbYv1jO0FrI4F/E6WPEBED4D0T2H0jyMUrs"
        + "QUziUk/cY1PYcFXWflrWjFzSm2HRrGTKvmXBz2i54Gy16XC1Bk74D1L4H1bxMFnpQlrgU13ZZGHWcWTQf2jQjWvKnW/Hr3LAv3O00Has4Xqp636o"
        + "BFj4DVz1HmHwL2ToQWXdUmjVYmzOb2/JfXTHjHbBnXq8rn20wH+p0IGg4YWa6omaCGj9EGr8IW/1MnLtRXTgVXbVZnrQdH3If4DBjYK8noe1r4qr"
        + "wIuf0Y6V4pOP7ZaNBHL9D3X7IHr0MH3pQ37cVIHSZIXKcojBf4u7jI+ynpKqr5WgwJeT0ZmI456B7KJ/BoD9EIT7H4jzMYzpQ4zZVJDPZZPFc5a8"
        + "f5myjpypoKCgsKKVwqWH0qd85Kt07a9yBo78DpL3IJbwMZjlQZrWVJ3IZKG+c6Szf6epjqqen62UsLGJwrF50rRs47ll7L1jBZz3DZ/yH6PrL6be"
        + "QKjPUqrAY660crGpfrSdi7eTnbuHrb54wMBq0MNd4cZT6spRBanxDq3vHrHlL7PZQLXJUbe5Y7utcr6gfsGVjcSKncl8rstuv81e0M9Q4NNH69ZF"
        + "B7fwELrtIL7jMsDWQsLFVMS2ZcipdMycgM6QjtGCntZ1sNhmwtlV0txI4uBA7OM8CsDwE8LtI8fjNcnXRcrFVsy0Z9CodtOag9aOkdqBod90s+Fl"
        + "xOFT1ORG5ec87us6";

    private const string Grey =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYU"
        + "GBIUFRT/wAALCAAFAAsBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABwj/xAAeEAABAwQDAAAAAAAAAAAAAAAEAAYhAQIDE0FRof/aAAgBAQAAPwCa"
        + "WO1xLdceJmDbgtBcccdL/9k=";

    private const string GreyValues =
        "HSMqMTY9REpSWF0lKjE4PkRLUVheZC0yOUBFTFNYX2VrNTpBR01TWl9mbHI7QEhOU1lgZWxyeA==";

    private const string Turned =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEj"
        + "JR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABcQAQAD"
        + "AAAAAAAAAAAAAAAAAAQAITH/2gAIAQEAAD8AGKTKn//Z";

    private const string FourInks =
        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdoZz5NcXlwZHhc"
        + "ZWdj/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABUAAQEAAAAAAAAAAAAAAAAAAAYH/8QAGRAAAwADAAAAAAAAAAAAAAAAAAMFEkJi/9oADgRDAE0A"
        + "WQBLAAA/ADcTUNql8jlzcCgH/9k=";

    // Programs differ in how they interpolate colours of half the resolution.
    [TestCase(Progressive, ProgressiveColours, 1)]
    [TestCase(Subsampled, SubsampledColours, 12)]
    public void Colours_AreWhatAnotherDecoderGives(string file, string expected, int most)
    {
        using TestFolder folder = new();
        File.WriteAllBytes(folder["a.JPG"], Convert.FromBase64String(file));
        NiftiImage image = VolumeFile.ReadImage(folder["a.JPG"]);
        byte[] colours = Convert.FromBase64String(expected);
        Assert.That((image.Shape, image.Channels, image.Remark), Is.EqualTo((VolumeShape.Image(16, 16), 3, (string?)null)));
        int[] differences = [.. Enumerable.Range(0, 768).Select(n => (int)image.Data[(n % 3 * 256) + (n / 3)] - colours[n])];
        Assert.That(differences.Max(Math.Abs), Is.AtMost(most));
        Assert.That(differences.Average(), Is.EqualTo(0).Within(0.5));
        NiftiInfo info = VolumeFile.ReadInfo(folder["a.JPG"]);
        Assert.That((info.Shape, info.Channels, VolumeFile.IsPicture(folder["a.JPG"])), Is.EqualTo((VolumeShape.Image(16, 16), 3, true)));
    }

    [Test]
    public void GreyOfOddSides_IsOneChannel()
    {
        using TestFolder folder = new();
        File.WriteAllBytes(folder["a.jpeg"], Convert.FromBase64String(Grey));
        NiftiImage image = VolumeFile.ReadImage(folder["a.jpeg"]);
        Assert.That((image.Shape, image.Channels), Is.EqualTo((VolumeShape.Image(5, 11), 1)));
        Assert.That(image.Data, Is.EqualTo(Convert.FromBase64String(GreyValues).Select(static value => (float)value)).Within(1));
    }

    [Test]
    public void AnOrientation_IsSaidAndNotFollowed()
    {
        using TestFolder folder = new();
        File.WriteAllBytes(folder["a.jpg"], Convert.FromBase64String(Turned));
        Assert.That(VolumeFile.ReadImage(folder["a.jpg"]).Remark, Does.Contain("EXIF orientation"));
        Assert.That(ExifOrientation.Of("Exif\0\0II*\0\xff\xff\0\0\0\0"u8), Is.EqualTo(1), "a directory that is not there");
        Assert.That(ExifOrientation.Of("http://ns.adobe.com/xap/1.0/"u8), Is.EqualTo(1));
    }

    // Whatever is cut off: a sentence, and never a picture with grey where nothing was.
    [Test]
    public void ADamagedFile_IsNeverAPicture()
    {
        using TestFolder folder = new();
        byte[] whole = Convert.FromBase64String(Progressive);
        for (int length = 0; length < whole.Length - 2; length++)
        {
            File.WriteAllBytes(folder["cut.jpg"], whole[..length]);
            Complains(() => _ = VolumeFile.ReadImage(folder["cut.jpg"]), "it is no JPEG file that is read, or damaged");
        }

        Complains(() => _ = VolumeFile.ReadImage(folder["none.jpg"]), "there is no such file");
        File.WriteAllText(folder["text.jpg"], "no picture at all");
        Complains(() => _ = VolumeFile.ReadInfo(folder["text.jpg"]), "it is no JPEG file");
    }

    [Test]
    public void LabelsAndInks_AreRefused()
    {
        using TestFolder folder = new();
        File.WriteAllBytes(folder["a.jpg"], Convert.FromBase64String(Grey));
        Complains(() => _ = VolumeFile.ReadLabels(folder["a.jpg"]), "save labels as PNG, TIFF or NIfTI");
        File.WriteAllBytes(folder["inks.jpg"], Convert.FromBase64String(FourInks));
        Complains(() => _ = VolumeFile.ReadImage(folder["inks.jpg"]), "neither grey nor red, green and blue");
    }

    private static void Complains(Action read, string part) =>
        Assert.That(read, Throws.TypeOf<VolumeFileException>().With.Message.Contains(part));
}
