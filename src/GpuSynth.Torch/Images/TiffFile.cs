using System.Text.RegularExpressions;
using BitMiracle.LibTiff.Classic;
using GpuSynth.IO;

namespace GpuSynth.Torch.Images;

// One page is a picture. Several are a volume only where the file says so: ImageJ's "slices=N" in the description, or a shape
// [N, H, W] of one sample as tifffile writes it; they might as well be points of time, channels or smaller copies.
// Decoding (strips, tiles, byte order, LZW, deflate, PackBits, JPEG, predictors) is LibTiff's.

/// <summary>Reads TIFF files: grey values, colours and palettes of 1 to 32 bits, signed or not, and floats.</summary>
internal static partial class TiffFile
{
    /// <summary>What the tags say; no pixel is read.</summary>
    /// <exception cref="VolumeFileException">It is no TIFF file, damaged, or holds what is not read.</exception>
    public static PictureInfo ReadInfo(string path)
    {
        using Tiff file = Open(path);
        return InfoOf(path, file, out _);
    }

    /// <summary>Reads the picture, or the pages of a stack.</summary>
    /// <exception cref="VolumeFileException">It is no TIFF file, damaged, or holds what is not read.</exception>
    public static Picture Read(string path)
    {
        using Tiff file = Open(path);
        PictureInfo info = InfoOf(path, file, out TiffPage first);
        long pixels = (long)info.Width * info.Height * info.Slices;
        if (pixels * first.Samples > Array.MaxLength)
        {
            throw VolumeFileException.Reading(
                path, $"it has {info.Width} x {info.Height} x {info.Slices} pixels, more than fit into memory at once; cut it into tiles");
        }

        int kept = info.HasPalette ? 1 : info.Channels;
        double[] samples = new double[pixels * kept];
        int page = info.Width * info.Height * kept;
        for (int n = 0; n < info.Slices; n++)
        {
            file.SetDirectory((short)n);
            TiffPage.Of(path, file).ReadInto(samples.AsSpan(n * page, page), kept);
        }

        return new Picture(info, samples, first.Palette);
    }

    private static PictureInfo InfoOf(string path, Tiff file, out TiffPage first)
    {
        first = TiffPage.Of(path, file);
        int pages = file.NumberOfDirectories();
        file.SetDirectory(0);
        if (pages > 1)
        {
            CheckStack(path, file, first, pages);
        }

        int channels = first.Palette.Length > 0 ? Picture.ChannelsOf(first.Palette) : first.Samples - first.AlphaSamples;
        return new PictureInfo(first.Width, first.Height, pages, channels, first.Palette.Length > 0, first.AlphaSamples > 0);
    }

    private static void CheckStack(string path, Tiff file, TiffPage first, int pages)
    {
        string description = file.GetField(TiffTag.IMAGEDESCRIPTION) is [var text, ..] ? text.ToString() : string.Empty;
        bool isSaid = ImageJSlices().Match(description) is { Success: true } slices
            ? slices.Groups[1].Value == $"{pages}" && !ImageJOthers().IsMatch(description)
            : Shape().Match(description) is { Success: true } shape
                && shape.Groups[1].Value == $"{pages}"
                && shape.Groups[2].Value == $"{first.Height}"
                && shape.Groups[3].Value == $"{first.Width}";
        for (int n = 1; isSaid && n < pages; n++)
        {
            file.SetDirectory((short)n);
            isSaid = TiffPage.Of(path, file).IsLike(first);
        }

        file.SetDirectory(0);
        if (!isSaid || first.Samples > 1 || first.Palette.Length > 0)
        {
            throw VolumeFileException.Reading(
                path,
                $"it holds {pages} pages and does not say that they are the slices of one volume in grey (ImageJ's 'slices={pages}'); "
                + "save the volume as NIfTI, or every page as a file of its own");
        }
    }

    private static Tiff Open(string path)
    {
        try
        {
            // What the system says of a file that is not there is clearer.
            using (File.OpenRead(path))
            {
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(path, error);
        }

        TiffComplaints.Listen();
        return Tiff.Open(path, "r") ?? throw VolumeFileException.Reading(
            path, $"it is no TIFF file that is read ({TiffComplaints.Last}); convert it");
    }

    [GeneratedRegex(@"^slices=(\d+)\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ImageJSlices();

    [GeneratedRegex(@"^(channels|frames)=(?!1\s*$)\d+\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ImageJOthers();

    [GeneratedRegex(@"^\s*\{""shape"":\s*\[(\d+),\s*(\d+),\s*(\d+)\]", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}

/// <summary>What LibTiff complains about, instead of on the standard error.</summary>
internal sealed class TiffComplaints : TiffErrorHandler
{
    private static readonly TiffComplaints Instance = new();

    [ThreadStatic]
    private static string? last;

    /// <summary>The last complaint of this thread.</summary>
    public static string Last => last ?? "its header is not a TIFF file's";

    /// <summary>From now on; forgets what was said before.</summary>
    public static void Listen()
    {
        last = null;
        Tiff.SetErrorHandler(Instance);
    }

    public override void ErrorHandler(Tiff tif, string method, string format, params object[] args) =>
        last = Sentence(format, args);

    public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
    {
    }

    private static string Sentence(string format, object[] args)
    {
        try
        {
            return string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args ?? []).TrimEnd('.');
        }
        catch (FormatException)
        {
            return format;
        }
    }
}
