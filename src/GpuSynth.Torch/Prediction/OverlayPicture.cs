using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Prediction;

/// <summary>A picture of a case: the image, and the image with the predicted labels laid over it in colour.</summary>
internal static class OverlayPicture
{
    /// <summary>The picture as a PNG file; the slices go through the middle of what was found.</summary>
    /// <param name="one">The prepared case.</param>
    /// <param name="labels">Classes in the file's grid.</param>
    public static byte[] Of(SegmentationCase one, byte[] labels)
    {
        byte[] prepared = one.ToPrepared(labels);
        float[] image = one.Image[..prepared.Length].ToArray(); // The first channel.
        GreyRange.Of(image).Stretch(image);
        return new SlicePicture(one.Shape, isLabelZeroDark: true, Middle(prepared, one.Shape)).Grey(image).Overlay(image, prepared).ToPng();
    }

    // Axis by axis the mean place of the labelled voxels, in whole voxels; null where there are none.
    private static (int Z, int Y, int X)? Middle(byte[] labels, VolumeShape shape)
    {
        (long z, long y, long x, long count) = (0, 0, 0, 0);
        for (int n = 0; n < labels.Length; n++)
        {
            if (labels[n] != 0)
            {
                (int row, int column) = Math.DivRem(n, shape.Width);
                (z, y, x, count) = (z + (row / shape.Height), y + (row % shape.Height), x + column, count + 1);
            }
        }

        return count == 0 ? null : ((int)(z / count), (int)(y / count), (int)(x / count));
    }
}
