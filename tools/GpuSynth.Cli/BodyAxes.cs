using GpuSynth.Kernels;

namespace GpuSynth.Cli;

/// <summary>
/// Turns an array to the body's axes, for pictures: of the result x runs to the right, y to the front and z up. Whole axes only;
/// files keep the label map's own axes.
/// </summary>
internal sealed class BodyAxes
{
    private readonly int first;
    private readonly (int Count, int Stride)[] axes;

    /// <summary>A turn.</summary>
    /// <param name="shape">Shape of the arrays, [D, H, W].</param>
    /// <param name="orientation">Where W, H and D run, three letters: "RAS", "LIA".</param>
    public BodyAxes(VolumeShape shape, string orientation)
    {
        (int Count, int Stride)[] stored =
            [(shape.Width, 1), (shape.Height, shape.Width), (shape.Depth, shape.Width * shape.Height)];
        axes = new (int, int)[3];
        for (int axis = 0; axis < 3; axis++)
        {
            (int body, bool isBackward) = orientation[axis] switch
            {
                'R' => (0, false),
                'L' => (0, true),
                'A' => (1, false),
                'P' => (1, true),
                'S' => (2, false),
                _ => (2, true),
            };
            (int count, int stride) = stored[axis];
            axes[body] = (count, isBackward ? -stride : stride);
            first += isBackward ? (count - 1) * stride : 0;
        }

        Shape = VolumeShape.Volume(axes[2].Count, axes[1].Count, axes[0].Count);
    }

    /// <summary>Shape of the result.</summary>
    public VolumeShape Shape { get; }

    /// <summary>Turns an array.</summary>
    /// <param name="from">As stored.</param>
    /// <param name="to">As long; written.</param>
    public void Turn<T>(ReadOnlySpan<T> from, Span<T> to)
    {
        int place = 0;
        for (int z = 0; z < axes[2].Count; z++)
        {
            for (int y = 0; y < axes[1].Count; y++)
            {
                int source = first + (z * axes[2].Stride) + (y * axes[1].Stride);
                for (int x = 0; x < axes[0].Count; x++, source += axes[0].Stride)
                {
                    to[place++] = from[source];
                }
            }
        }
    }
}
