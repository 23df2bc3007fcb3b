using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Gibbs: axis after axis, from image to image; where a sample's lines stay as they are, they are copied. 8 B/voxel and axis, the line of a voxel from
// the cache; a thread per voxel. Values: the same run to run on one device.

/// <summary>The ringing on a device.</summary>
internal sealed class GibbsDeviceStage(StepPlace place) : DeviceStage
{
    private static readonly string[] Acts = [nameof(Gibbs.Drawn.ActsZ), nameof(Gibbs.Drawn.ActsY), nameof(Gibbs.Drawn.ActsX)];
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, StageKernel<CirculantLines>>? kernel;

    /// <inheritdoc/>
    public override bool EndsInSecond => shape.Dimensions == 3;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2 * sizeof(float) * shape.Dimensions;

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => kernel = loader.Load<StageKernel<CirculantLines>>();

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        batch.Check(shape);
        (ArrayView<float> from, ArrayView<float> to) = (batch.First, batch.Second);
        int weights = place.Entry.Lists;
        for (int axis = 0; axis < 3; axis++)
        {
            if (axis >= 3 - shape.Dimensions)
            {
                int acts = SampleLayout.FieldOf<Gibbs.Drawn>(place.Entry, Acts[axis]);
                var math = new CirculantLines(shape, axis, batch.Layout.Stride, acts, weights);
                ArrayView<uint> measured = axis == 2 ? batch.Measured : ArrayView<uint>.Empty;
                kernel!(BatchGrid.Of(math.Voxels, batch.Samples), new(batch.Words, measured, from, to, math));
                (from, to) = (to, from);
            }

            weights += LineAxis.LengthOf(shape, axis);
        }
    }
}

/// <summary>What a launch over the lines along an axis does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CirculantLines(VolumeShape shape, int axis, int stride, int acts, int weights) : IStageMath
{
    private readonly LineAxis lines = new(shape, axis);
    private readonly int stride = stride;
    private readonly int acts = acts;
    private readonly int weights = weights;

    /// <inheritdoc/>
    public int Voxels => lines.Voxels;

    /// <inheritdoc/>
    public int Stride => stride;

    /// <inheritdoc/>
    public float At(ArrayView<uint> row, ArrayView<float> image, int voxel)
    {
        if (row[acts] == 0)
        {
            return image[voxel];
        }

        int place = voxel / lines.Step % lines.Length;
        int at = voxel - (place * lines.Step);
        float sum = 0f;
        for (int other = -place; other < lines.Length - place; other++)
        {
            sum += SampleLayout.Number(row, weights + KernelMath.Max(other, -other)) * image[at];
            at += lines.Step;
        }

        return sum;
    }
}
