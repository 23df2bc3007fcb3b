using GpuSynth.Kernels;

namespace GpuSynth.Tests.Statistics;

/// <summary>What is measured on one labelled volume: the statistics of the reference samples of the method's authors.</summary>
internal sealed record VolumeStatistics
{
    /// <summary>Quantiles of the intensity, linear between order statistics.</summary>
    public static readonly double[] Probabilities = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    /// <summary>A label that holds less of the volume does not count in <see cref="Within"/> and <see cref="Between"/>.</summary>
    private const double LeastShare = 0.005;

    /// <summary>Labels with at least one voxel.</summary>
    public required int Present { get; init; }

    /// <summary>Share of the largest label.</summary>
    public required double LargestShare { get; init; }

    /// <summary>Share of the smallest label.</summary>
    public required double SmallestShare { get; init; }

    /// <summary>Share of neighbouring pairs with different labels, mean over the axes.</summary>
    public required double Boundary { get; init; }

    /// <summary>6-connected components, summed over labels.</summary>
    public required int Components { get; init; }

    /// <summary>Mean intensity.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation of the intensity.</summary>
    public required double Std { get; init; }

    /// <summary>Intensity at <see cref="Probabilities"/>.</summary>
    public required double[] Quantiles { get; init; }

    /// <summary>Mean absolute difference of neighbouring voxels, mean over the axes.</summary>
    public required double AbsoluteGradient { get; init; }

    /// <summary>Standard deviation inside a label, mean over labels.</summary>
    public required double Within { get; init; }

    /// <summary>Standard deviation over labels of the mean inside a label.</summary>
    public required double Between { get; init; }

    /// <summary>Measures a volume. The image is used up: it is sorted.</summary>
    public static VolumeStatistics Of(VolumeShape shape, float[] imageDHW, byte[] labelsDHW, int labelCount)
    {
        int voxels = imageDHW.Length;
        var count = new long[labelCount];
        var sum = new double[labelCount];
        var squares = new double[labelCount];
        double total = 0;
        double totalSquares = 0;
        for (int voxel = 0; voxel < voxels; voxel++)
        {
            double value = imageDHW[voxel];
            int label = labelsDHW[voxel];
            count[label]++;
            sum[label] += value;
            squares[label] += value * value;
            total += value;
            totalSquares += value * value;
        }

        (double boundary, double gradient) = OverNeighbours(shape, imageDHW, labelsDHW);
        int[] large = [.. Enumerable.Range(0, labelCount).Where(label => count[label] > LeastShare * voxels)];
        double[] means = [.. large.Select(label => sum[label] / count[label])];
        Array.Sort(imageDHW);
        return new VolumeStatistics
        {
            Present = count.Count(voxelsOfLabel => voxelsOfLabel > 0),
            LargestShare = count.Max() / (double)voxels,
            SmallestShare = count.Min() / (double)voxels,
            Boundary = boundary,
            Components = CountComponents(shape, labelsDHW),
            Mean = total / voxels,
            Std = Deviation(voxels, total, totalSquares),
            Quantiles = [.. Probabilities.Select(p => Quantile(imageDHW, p))],
            AbsoluteGradient = gradient,
            Within = large.Average(label => Deviation(count[label], sum[label], squares[label])),
            Between = Deviation(means.Length, means.Sum(), means.Sum(mean => mean * mean)),
        };
    }

    /// <summary>Components of equal neighbours, by union of neighbours.</summary>
    public static int CountComponents(VolumeShape shape, byte[] labelsDHW)
    {
        var parent = new int[labelsDHW.Length];
        int components = labelsDHW.Length;
        int plane = shape.Height * shape.Width;
        int voxel = 0;
        for (int z = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++, voxel++)
                {
                    parent[voxel] = voxel;
                    components -= x > 0 && Joins(voxel, voxel - 1) ? 1 : 0;
                    components -= y > 0 && Joins(voxel, voxel - shape.Width) ? 1 : 0;
                    components -= z > 0 && Joins(voxel, voxel - plane) ? 1 : 0;
                }
            }
        }

        return components;

        bool Joins(int a, int b)
        {
            if (labelsDHW[a] != labelsDHW[b])
            {
                return false;
            }

            int rootA = Root(a);
            int rootB = Root(b);
            parent[Math.Max(rootA, rootB)] = Math.Min(rootA, rootB);
            return rootA != rootB;
        }

        int Root(int at)
        {
            while (parent[at] != at)
            {
                parent[at] = parent[parent[at]];
                at = parent[at];
            }

            return at;
        }
    }

    /// <summary>The quantile between the order statistics at floor and ceiling of p (n - 1), linearly.</summary>
    public static double Quantile(float[] sorted, double p)
    {
        double at = p * (sorted.Length - 1);
        int low = (int)at;
        double below = sorted[low];
        return below + ((sorted[Math.Min(low + 1, sorted.Length - 1)] - below) * (at - low));
    }

    private static (double Boundary, double Gradient) OverNeighbours(VolumeShape shape, float[] imageDHW, byte[] labelsDHW)
    {
        int[] strides = [shape.Height * shape.Width, shape.Width, 1];
        int[] lengths = [shape.Depth, shape.Height, shape.Width];
        double boundary = 0;
        double gradient = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            int stride = strides[axis];
            int run = stride * (lengths[axis] - 1);
            long different = 0;
            long pairs = 0;
            double change = 0;
            for (int start = 0; start < imageDHW.Length; start += stride * lengths[axis])
            {
                for (int voxel = start; voxel < start + run; voxel++)
                {
                    different += labelsDHW[voxel] != labelsDHW[voxel + stride] ? 1 : 0;
                    change += Math.Abs(imageDHW[voxel] - imageDHW[voxel + stride]);
                }

                pairs += run;
            }

            boundary += different / (3.0 * pairs);
            gradient += change / (3.0 * pairs);
        }

        return (boundary, gradient);
    }

    private static double Deviation(long n, double sum, double squares) =>
        Math.Sqrt(Math.Max(0, (squares / n) - (sum / n * (sum / n))));
}
