using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>
/// A picture that shows what samples look like: a row per sample, the image beside its coloured labels. Of a volume the three
/// middle slices are shown, with up (z) and front (y) at the top; of an image all of it, its first row at the top. Only the
/// slices are kept, so that samples may share one buffer.
/// </summary>
public sealed class PreviewSheet
{
    private const int Margin = 16;
    private const int PairGap = 2; // Between an image and its labels.
    private const int SliceGap = 14; // Between one slice and the next.
    private const int HeadGap = 6; // Between the headings and the first row.
    private const int TextScale = 2; // Pixels per dot of a caption.
    private const int TitleScale = 3;
    private const int PleasantEdge = 256; // Pixels that the longest edge is enlarged to, as nearly as whole factors allow.
    private const int LargestEdge = 512; // Longer edges are thinned out.

    private static readonly (byte Red, byte Green, byte Blue) Background = (24, 25, 28);
    private static readonly (byte Red, byte Green, byte Blue) TitleColour = (236, 237, 240);
    private static readonly (byte Red, byte Green, byte Blue) CaptionColour = (168, 171, 180);

    private readonly VolumeShape shape;
    private readonly string title;
    private readonly bool isAllOfMaps;
    private readonly Slice[] slices;
    private readonly int enlargement;
    private readonly int step;
    private readonly List<byte[]> rows = [];

    /// <summary>An empty sheet for samples of one shape.</summary>
    /// <param name="shape">Shape of every sample.</param>
    /// <param name="title">Written on top.</param>
    /// <param name="isLabelZeroDark">
    /// Whether label 0 is a background, shown black; otherwise it has a colour of its own. A sample may say otherwise.
    /// </param>
    public PreviewSheet(VolumeShape shape, string title, bool isLabelZeroDark = false)
    {
        ArgumentNullException.ThrowIfNull(title);
        this.shape = shape;
        this.title = title;
        isAllOfMaps = isLabelZeroDark;
        int longest = Math.Max(shape.Depth, Math.Max(shape.Height, shape.Width));
        enlargement = Math.Max(1, (int)Math.Round((double)PleasantEdge / longest));
        step = (longest + LargestEdge - 1) / LargestEdge;
        long row = shape.Width;
        long plane = row * shape.Height;
        slices = shape.Dimensions == 2
            ? [new Slice("image and labels", shape.Width, shape.Height, 0, 1, row)]
            :
            [
                // Rows from the back to the front of the array: the front and the top of the body are at the top of the picture.
                new Slice("axial", shape.Width, shape.Height, (plane * (shape.Depth / 2)) + (row * (shape.Height - 1)), 1, -row),
                new Slice(
                    "coronal", shape.Width, shape.Depth, (row * (shape.Height / 2)) + (plane * (shape.Depth - 1)), 1, -plane),
                new Slice("sagittal", shape.Height, shape.Depth, (shape.Width / 2) + (plane * (shape.Depth - 1)), row, -plane),
            ];
        Width = (2 * Margin) + ((slices.Length - 1) * SliceGap) + slices.Sum(slice => (2 * Pixels(slice.Columns)) + PairGap);
    }

    /// <summary>Pixels from left to right.</summary>
    public int Width { get; }

    /// <summary>Pixels from top to bottom, with the samples added so far.</summary>
    public int Height => HeadHeight + (rows.Count * (RowHeight + SliceGap)) + Margin - (rows.Count > 0 ? SliceGap : 0);

    private static int CaptionHeight => (PixelFont.Height * TextScale) + 6;

    private static int HeadHeight => Margin + (PixelFont.Height * TitleScale) + 10 + CaptionHeight + HeadGap;

    private int RowHeight => CaptionHeight + slices.Max(slice => Pixels(slice.Rows));

    /// <summary>
    /// The colour of a label: hues a golden angle apart, so that neighbouring numbers differ most, in three lightnesses.
    /// </summary>
    public static (byte Red, byte Green, byte Blue) ColourOf(byte label, bool isLabelZeroDark)
    {
        if (label == 0 && isLabelZeroDark)
        {
            return (0, 0, 0);
        }

        double hue = (label * 137.50776405003785) % 360;
        double lightness = (label % 3) switch { 0 => 0.55, 1 => 0.70, _ => 0.42 };
        // HSL to RGB; a saturation of 0.65 is clear and does not glare.
        double amplitude = 0.65 * Math.Min(lightness, 1 - lightness);
        byte Channel(double offset)
        {
            double place = (offset + (hue / 30)) % 12;
            return (byte)Math.Round(255 * (lightness - (amplitude * Math.Max(-1, Math.Min(place - 3, Math.Min(9 - place, 1))))));
        }

        return (Channel(0), Channel(8), Channel(4));
    }

    /// <summary>Adds a sample as the next row.</summary>
    /// <param name="caption">Written above the row.</param>
    /// <param name="image">Values of 0 (black) to 1 (white), [D, H, W] or [H, W].</param>
    /// <param name="label">Labels [D, H, W] or [H, W].</param>
    /// <param name="isLabelZeroDark">Whether this sample's label 0 is a background; null: as on the whole sheet.</param>
    public void Add(string caption, ReadOnlySpan<float> image, ReadOnlySpan<byte> label, bool? isLabelZeroDark = null)
    {
        ArgumentNullException.ThrowIfNull(caption);
        if (image.Length != shape.VoxelCount || label.Length != shape.VoxelCount)
        {
            throw new ArgumentException(
                $"A sample of {shape} has {shape.VoxelCount} voxels; {image.Length} values, {label.Length} labels were given.");
        }

        Canvas canvas = new(Width, RowHeight);
        canvas.Text(Margin, 0, TextScale, caption, CaptionColour);
        int left = Margin;
        foreach (Slice slice in slices)
        {
            (int width, int height) = (Pixels(slice.Columns), Pixels(slice.Rows));
            int top = CaptionHeight + ((RowHeight - CaptionHeight - height) / 2);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    long voxel = slice.First + (slice.ColumnStride * Voxel(x)) + (slice.RowStride * Voxel(y));
                    // A NaN becomes black.
                    byte grey = (byte)((Math.Clamp(image[(int)voxel], 0f, 1f) * 255f) + 0.5f);
                    canvas.Put(left + x, top + y, (grey, grey, grey));
                    canvas.Put(left + width + PairGap + x, top + y, ColourOf(label[(int)voxel], isLabelZeroDark ?? isAllOfMaps));
                }
            }

            left += (2 * width) + PairGap + SliceGap;
        }

        rows.Add(canvas.Rgb);
    }

    /// <summary>Writes the sheet as a PNG file, which appears complete or not at all.</summary>
    /// <exception cref="VolumeFileException">The file cannot be written.</exception>
    public void Save(string path)
    {
        Canvas canvas = new(Width, Height);
        canvas.Text(Margin, Margin, TitleScale, title, TitleColour);
        int left = Margin;
        foreach (Slice slice in slices)
        {
            canvas.Text(left, HeadHeight - HeadGap - CaptionHeight, TextScale, slice.Name, TitleColour);
            left += (2 * Pixels(slice.Columns)) + PairGap + SliceGap;
        }

        int top = HeadHeight;
        foreach (byte[] row in rows)
        {
            row.CopyTo(canvas.Rgb, 3 * Width * top);
            top += RowHeight + SliceGap;
        }

        Png.WriteRgb(path, Width, Height, canvas.Rgb);
    }

    private int Pixels(int voxels) => enlargement * ((voxels + step - 1) / step);

    private int Voxel(int pixel) => pixel / enlargement * step;

    // A slice through the array: where its top left voxel is, and how far the next column's and the next row's are.
    private sealed record Slice(string Name, int Columns, int Rows, long First, long ColumnStride, long RowStride);

    private sealed class Canvas
    {
        private readonly int width;

        public Canvas(int width, int height)
        {
            this.width = width;
            Rgb = new byte[3 * width * height];
            for (int n = 0; n < Rgb.Length; n += 3)
            {
                (Rgb[n], Rgb[n + 1], Rgb[n + 2]) = Background;
            }
        }

        public byte[] Rgb { get; }

        public void Put(int x, int y, (byte Red, byte Green, byte Blue) colour)
        {
            int at = 3 * ((width * y) + x);
            (Rgb[at], Rgb[at + 1], Rgb[at + 2]) = colour;
        }

        // Text that is too long ends at the margin.
        public void Text(int left, int top, int scale, string text, (byte Red, byte Green, byte Blue) colour)
        {
            for (int y = 0; y < PixelFont.Height * scale; y++)
            {
                for (int x = 0; x < PixelFont.Advance * scale * text.Length && left + x < width - Margin; x++)
                {
                    int dot = x / scale;
                    if (PixelFont.HasDot(text[dot / PixelFont.Advance], dot % PixelFont.Advance, y / scale))
                    {
                        Put(left + x, top + y, colour);
                    }
                }
            }
        }
    }
}
