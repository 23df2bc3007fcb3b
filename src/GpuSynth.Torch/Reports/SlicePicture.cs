using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// Pictures of volumes for reports: a row per sample, and in it the three middle slices (axial, coronal, sagittal; of an image
/// all of it), each with its panels side by side: image, labels, features, in the order in which they are added. Up (z) and front
/// (y) are at the top, as in <see cref="PreviewSheet"/>. Only the slices are kept.
/// </summary>
public sealed class SlicePicture
{
    private const int Margin = 8;
    private const int PanelGap = 2;
    private const int SliceGap = 10;
    private const int PleasantEdge = 144; // Pixels that the longest edge is enlarged to, as nearly as whole factors allow.

    private static readonly (byte Red, byte Green, byte Blue) Background = (24, 25, 28);

    private readonly VolumeShape shape;
    private readonly bool isLabelZeroDark;
    private readonly Slice[] slices;
    private readonly int enlargement;
    private readonly List<List<byte[][]>> rows = [];

    /// <summary>A picture with no rows yet.</summary>
    /// <param name="shape">The shape of every sample.</param>
    /// <param name="isLabelZeroDark">Whether label 0 is a background, shown black; otherwise it has a colour of its own.</param>
    /// <param name="at">The voxel (depth, height, width) through which the slices go; null: the middle.</param>
    public SlicePicture(VolumeShape shape, bool isLabelZeroDark = false, (int Z, int Y, int X)? at = null)
    {
        (int z, int y, int x) = at ?? (shape.Depth / 2, shape.Height / 2, shape.Width / 2);
        this.shape = shape;
        this.isLabelZeroDark = isLabelZeroDark;
        int longest = Math.Max(shape.Depth, Math.Max(shape.Height, shape.Width));
        enlargement = Math.Max(1, (int)Math.Round((double)PleasantEdge / longest));
        int row = shape.Width;
        int plane = row * shape.Height;
        slices = shape.Dimensions == 2
            ? [new Slice(shape.Width, shape.Height, 0, 1, row)]
            :
            [
                new Slice(shape.Width, shape.Height, (plane * z) + (row * (shape.Height - 1)), 1, -row),
                new Slice(shape.Width, shape.Depth, (row * y) + (plane * (shape.Depth - 1)), 1, -plane),
                new Slice(shape.Height, shape.Depth, x + (plane * (shape.Depth - 1)), row, -plane),
            ];
    }

    /// <summary>Begins the next sample's row; the first row is begun by itself.</summary>
    public SlicePicture NextRow()
    {
        rows.Add([]);
        return this;
    }

    /// <summary>Adds a grey panel.</summary>
    /// <param name="values">0 (black) to 1 (white), [D, H, W] or [H, W].</param>
    public SlicePicture Grey(ReadOnlySpan<float> values)
    {
        Check(values.Length, 1, nameof(values));
        byte[][] panel = NewPanel();
        foreach ((int n, Slice slice) in slices.Index())
        {
            for (int pixel = 0; pixel < slice.Pixels; pixel++)
            {
                panel[n].AsSpan(3 * pixel, 3).Fill(Byte(values[slice.Voxel(pixel)]));
            }
        }

        return Add(panel);
    }

    /// <summary>Adds a panel of labels in the colours of <see cref="PreviewSheet.ColourOf"/>.</summary>
    /// <param name="labels">[D, H, W] or [H, W].</param>
    public SlicePicture Labels(ReadOnlySpan<byte> labels)
    {
        Check(labels.Length, 1, nameof(labels));
        byte[][] panel = NewPanel();
        foreach ((int n, Slice slice) in slices.Index())
        {
            for (int pixel = 0; pixel < slice.Pixels; pixel++)
            {
                (byte red, byte green, byte blue) = PreviewSheet.ColourOf(labels[slice.Voxel(pixel)], isLabelZeroDark);
                (panel[n][3 * pixel], panel[n][(3 * pixel) + 1], panel[n][(3 * pixel) + 2]) = (red, green, blue);
            }
        }

        return Add(panel);
    }

    /// <summary>Adds a panel of an image in grey with every label but 0 laid over it in colour.</summary>
    /// <param name="values">0 (black) to 1 (white), [D, H, W] or [H, W].</param>
    /// <param name="labels">[D, H, W] or [H, W].</param>
    public SlicePicture Overlay(ReadOnlySpan<float> values, ReadOnlySpan<byte> labels)
    {
        Check(values.Length, 1, nameof(values));
        Check(labels.Length, 1, nameof(labels));
        byte[][] panel = NewPanel();
        foreach ((int n, Slice slice) in slices.Index())
        {
            for (int pixel = 0; pixel < slice.Pixels; pixel++)
            {
                byte grey = Byte(values[slice.Voxel(pixel)]);
                byte label = labels[slice.Voxel(pixel)];
                (byte red, byte green, byte blue) = label == 0 ? (grey, grey, grey) : PreviewSheet.ColourOf(label, true);
                panel[n][3 * pixel] = (byte)((grey + red) / 2);
                panel[n][(3 * pixel) + 1] = (byte)((grey + green) / 2);
                panel[n][(3 * pixel) + 2] = (byte)((grey + blue) / 2);
            }
        }

        return Add(panel);
    }

    /// <summary>Adds a panel in colour, such as <see cref="FeatureColours.Of"/> makes.</summary>
    /// <param name="rgb">Red, green and blue, 0 to 1: [3, D, H, W] or [3, H, W].</param>
    public SlicePicture Colours(ReadOnlySpan<float> rgb)
    {
        Check(rgb.Length, 3, nameof(rgb));
        byte[][] panel = NewPanel();
        foreach ((int n, Slice slice) in slices.Index())
        {
            for (int at = 0; at < 3 * slice.Pixels; at++)
            {
                panel[n][at] = Byte(rgb[(int)((at % 3 * shape.VoxelCount) + slice.Voxel(at / 3))]);
            }
        }

        return Add(panel);
    }

    /// <summary>The picture as the bytes of a PNG file.</summary>
    public byte[] ToPng()
    {
        int panels = rows.Count == 0 ? 0 : rows.Max(row => row.Count);
        int width = (2 * Margin) + ((slices.Length - 1) * SliceGap)
            + slices.Sum(slice => (panels * enlargement * slice.Columns) + (Math.Max(0, panels - 1) * PanelGap));
        int rowHeight = enlargement * slices.Max(slice => slice.Rows);
        int height = (2 * Margin) + (rows.Count * (rowHeight + SliceGap)) - (rows.Count > 0 ? SliceGap : 0);
        byte[] rgb = new byte[3 * width * height];
        for (int at = 0; at < rgb.Length; at += 3)
        {
            (rgb[at], rgb[at + 1], rgb[at + 2]) = Background;
        }

        int top = Margin;
        foreach (List<byte[][]> row in rows)
        {
            int left = Margin;
            foreach ((int n, Slice slice) in slices.Index())
            {
                int middle = top + ((rowHeight - (enlargement * slice.Rows)) / 2);
                for (int panel = 0; panel < panels; panel++)
                {
                    if (panel < row.Count)
                    {
                        Enlarge(row[panel][n], slice, rgb.AsSpan(3 * ((middle * width) + left)), width);
                    }

                    left += (enlargement * slice.Columns) + PanelGap;
                }

                left += SliceGap - PanelGap;
            }

            top += rowHeight + SliceGap;
        }

        using MemoryStream file = new();
        Png.WriteRgb(file, width, height, rgb);
        return file.ToArray();
    }

    // A NaN becomes black.
    private static byte Byte(float value) => (byte)((Math.Clamp(value, 0f, 1f) * 255f) + 0.5f);

    private void Enlarge(byte[] pixels, Slice slice, Span<byte> to, int width)
    {
        for (int y = 0; y < enlargement * slice.Rows; y++)
        {
            for (int x = 0; x < enlargement * slice.Columns; x++)
            {
                int from = 3 * ((y / enlargement * slice.Columns) + (x / enlargement));
                pixels.AsSpan(from, 3).CopyTo(to[(3 * ((y * width) + x))..]);
            }
        }
    }

    private byte[][] NewPanel() => [.. slices.Select(slice => new byte[3 * slice.Pixels])];

    private SlicePicture Add(byte[][] panel)
    {
        if (rows.Count == 0)
        {
            rows.Add([]);
        }

        rows[^1].Add(panel);
        return this;
    }

    private void Check(int length, int channels, string name)
    {
        if (length != channels * shape.VoxelCount)
        {
            throw new ArgumentException(
                $"A panel of {shape} has {channels * shape.VoxelCount} values; {length} were given.", name);
        }
    }

    // A slice through the array: where its top left voxel is, and how far the next column's and the next row's are.
    private sealed record Slice(int Columns, int Rows, int First, int ColumnStride, int RowStride)
    {
        public int Pixels => Columns * Rows;

        public int Voxel(int pixel) => First + (ColumnStride * (pixel % Columns)) + (RowStride * (pixel / Columns));
    }
}
