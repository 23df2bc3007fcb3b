using BitMiracle.LibJpeg.Classic;
using GpuSynth.IO;

namespace GpuSynth.Torch.Images;

// Decoding (baseline and progressive, subsampled colours) is LibJpeg's.

/// <summary>Reads JPEG files: grey values and colours of 8 bits.</summary>
internal static class JpegFile
{
    private const int Application1 = 0xE1;
    private const int LongestMarker = 0xFFFF;

    /// <summary>What the header says; no pixel is read.</summary>
    /// <exception cref="VolumeFileException">It is no JPEG file, damaged, or holds what is not read.</exception>
    public static PictureInfo ReadInfo(string path) => Decode(path, static (file, info, _) => info);

    /// <summary>Reads the picture.</summary>
    /// <exception cref="VolumeFileException">It is no JPEG file, damaged, or holds what is not read.</exception>
    public static Picture Read(string path) => Decode(path, (file, info, complaints) =>
    {
        file.Out_color_space = info.Channels == 1 ? J_COLOR_SPACE.JCS_GRAYSCALE : J_COLOR_SPACE.JCS_RGB;
        file.jpeg_start_decompress();
        int rowLength = info.Width * info.Channels;
        if ((long)rowLength * info.Height > Array.MaxLength)
        {
            throw VolumeFileException.Reading(
                path, $"it has {info.Width} x {info.Height} pixels, more than fit into memory at once; cut it into tiles");
        }

        double[] samples = new double[rowLength * info.Height];
        byte[][] row = [new byte[rowLength]];
        for (int y = 0; y < info.Height; y++)
        {
            file.jpeg_read_scanlines(row, 1);
            for (int n = 0; n < rowLength; n++)
            {
                samples[(y * rowLength) + n] = row[0][n];
            }
        }

        file.jpeg_finish_decompress();
        // The decoder goes on over damage and makes grey of what is missing.
        return complaints.First is { } complaint ? throw Damaged(path, complaint) : new Picture(info, samples, []);
    });

    /// <summary>Refuses a label map.</summary>
    /// <exception cref="VolumeFileException">Always.</exception>
    public static NiftiLabels RefuseLabels(string path) => throw VolumeFileException.Reading(
        path, "JPEG does not keep the values that are saved, so that it holds no label numbers; save labels as PNG, TIFF or NIfTI");

    private static T Decode<T>(string path, Func<jpeg_decompress_struct, PictureInfo, JpegComplaints, T> read)
    {
        var complaints = new JpegComplaints();
        try
        {
            using FileStream stream = File.OpenRead(path);
            var file = new jpeg_decompress_struct(complaints);
            file.jpeg_stdio_src(stream);
            file.jpeg_save_markers(Application1, LongestMarker);
            file.jpeg_read_header(require_image: true);
            if (file.Jpeg_color_space is not (J_COLOR_SPACE.JCS_GRAYSCALE or J_COLOR_SPACE.JCS_YCbCr or J_COLOR_SPACE.JCS_RGB))
            {
                throw VolumeFileException.Reading(
                    path, $"it has {file.Num_components} channels of the kind {file.Jpeg_color_space}, neither grey nor red, green and blue; convert it");
            }

            int channels = file.Jpeg_color_space == J_COLOR_SPACE.JCS_GRAYSCALE ? 1 : 3;
            return read(file, new PictureInfo(file.Image_width, file.Image_height, 1, channels, HasPalette: false, HasAlpha: false)
            {
                IsTurned = file.Marker_list.Any(static marker => marker.Marker == Application1 && ExifOrientation.Of(marker.Data) != 1),
            }, complaints);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(path, error);
        }
        catch (Exception error) when (error is not VolumeFileException)
        {
            // The decoder's own errors have no type of theirs, and a damaged file can make it step outside its arrays.
            throw Damaged(path, error.Message, error);
        }
    }

    private static VolumeFileException Damaged(string path, string what, Exception? cause = null) =>
        VolumeFileException.Reading(path, $"it is no JPEG file that is read, or damaged ({what.TrimEnd('.')}); convert or copy it again", cause);

    // What the decoder complains about, instead of on the standard output.
    private sealed class JpegComplaints : jpeg_error_mgr
    {
        public string? First { get; private set; }

        public override void emit_message(int msg_level)
        {
            if (msg_level < 0)
            {
                First ??= format_message();
            }
        }

        public override void output_message()
        {
        }
    }
}
