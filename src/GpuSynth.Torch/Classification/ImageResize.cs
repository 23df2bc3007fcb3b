using GpuSynth.Kernels;

namespace GpuSynth.Torch.Classification;

/// <summary>
/// Images brought to a common size, axis after axis: linear, with a triangle as wide as the shrinking factor where an axis shrinks
/// (antialiasing, as Pillow and torchvision do). Voxels are boxes; the image's edges stay its edges.
/// </summary>
internal static class ImageResize
{
    /// <summary>Values of the other size.</summary>
    /// <param name="values">[channels, (D,) H, W].</param>
    /// <param name="channels">Channels.</param>
    /// <param name="from">The shape that the values have.</param>
    /// <param name="to">The shape to have; of as many dimensions.</param>
    public static float[] Linear(float[] values, int channels, VolumeShape from, VolumeShape to)
    {
        float[] along = Axis(values, channels, from.Depth, to.Depth, from.Height * from.Width);
        along = Axis(along, channels * to.Depth, from.Height, to.Height, from.Width);
        return Axis(along, channels * to.Depth * to.Height, from.Width, to.Width, 1);
    }

    private static float[] Axis(float[] values, int outer, int from, int to, int inner)
    {
        if (from == to)
        {
            return values;
        }

        double scale = (double)from / to;
        double reach = Math.Max(1, scale);
        float[] result = new float[(long)outer * to * inner];
        for (int n = 0; n < to; n++)
        {
            double middle = ((n + 0.5) * scale) - 0.5;
            int first = Math.Max(0, (int)Math.Ceiling(middle - reach));
            int last = Math.Min(from - 1, (int)Math.Floor(middle + reach));
            double[] weights =
                [.. Enumerable.Range(first, last - first + 1).Select(m => Math.Max(0, 1 - (Math.Abs(m - middle) / reach)))];
            double sum = weights.Sum();
            for (int o = 0; o < outer; o++)
            {
                for (int i = 0; i < inner; i++)
                {
                    double value = 0;
                    for (int m = first; m <= last; m++)
                    {
                        value += weights[m - first] * values[(((o * from) + m) * inner) + i];
                    }

                    result[(((o * to) + n) * inner) + i] = (float)(value / sum);
                }
            }
        }

        return result;
    }
}
